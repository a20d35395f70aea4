"""Variables: what messages may say beside the lead's own fields: « {{ panier.produit.nom }} »."""

import re
from collections.abc import Awaitable, Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Optional

from relance.channel import Message
from relance.fold import fold, identifier_of

if TYPE_CHECKING:
    from relance.host import Host


@dataclass(frozen=True, slots=True)
class Shape:
    """What may follow a variable's name, for whoever checks messages.

    `parts` are the names it has, and their own shapes. `each` is the shape of what it holds
    several of, by number, or by name when `by_name`. `open`: it has whatever names the outside
    gave it. `remedy`: how to give it a name it lacks, « {} » standing for the name.
    """

    parts: Mapping[str, "Shape"] = field(default_factory=dict)
    each: Optional["Shape"] = None
    by_name: bool = False
    open: bool = False
    remedy: str = ""


#: A text, a number, a date: nothing follows it.
PLAIN = Shape()
#: Details as somebody else named them.
DETAILS = Shape(open=True)


@dataclass(frozen=True, slots=True)
class Variable:
    """Something every message of the project may speak of.

    `names`: how it is written, accents and all, and otherwise; a field of the project with such a
    name hides it. `read` answers what it is for one message, from facts as they stood when the
    message was decided (`Host.history`), so that every attempt says the same; None when there is
    nothing to say. It is called only for messages whose words hold the name. `addressed`: it is
    about the address of the lead that the message goes to, and says nothing in a message to the
    team, or to a browser.
    """

    names: tuple[str, ...]
    help: str
    read: Callable[["Host", Message], Awaitable[object]]
    shape: Shape = PLAIN
    addressed: bool = False


def variable(name: str) -> str:
    """The name of a field as a variable, accents kept: « date_de_naissance »."""
    return re.sub(r"[^\w]+", "_", name.strip().lower())


def bare(name: str) -> str:
    """The same without accents."""
    return fold(variable(name))


class Named(Mapping[str, object]):
    """What is known of something, by name: capitals, accents and « _ » or « - » aside."""

    def __init__(self, values: Mapping[str, object]) -> None:
        self._values = {
            name_key(name): one for name, one in values.items() if one not in (None, "")
        }

    def __getitem__(self, name: str) -> object:
        return self._values[name_key(name)]

    def __iter__(self) -> Iterator[str]:
        return iter(self._values)

    def __len__(self) -> int:
        return len(self._values)


def name_key(name: object) -> str:
    """The key of a name under a variable."""
    return identifier_of(str(name)).replace("-", "_").replace(" ", "_")


def parts(*names: str, **shapes: Shape) -> Shape:
    """The shape of what has these parts."""
    return Shape(dict.fromkeys(names, PLAIN) | shapes)
