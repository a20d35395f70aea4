"""A page: its address, who may ask for it, and what answers."""

import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from enum import Enum

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

_NUMBER = re.compile(r"[0-9]{1,19}")
#: The largest that an integer of the stores can be.
_MOST = 2**63 - 1


class Access(Enum):
    """Who may ask. There is no default: a page open by omission is a hole.

    Each but the first is a role of the team's, which may be combined: none holds another, so that
    who writes messages does not read what is known of people, and who publishes manages no account.
    """

    ANYBODY = "tout le monde"
    READ = "lecture"
    WRITE = "rédaction"
    PUBLISH = "publication"
    PERSONAL = "données personnelles"
    ADMINISTER = "administration"


@dataclass(frozen=True, slots=True)
class Page:
    """`path` as Starlette writes it: « /parcours/{lead} ». HEAD comes with GET.

    A number is asked for as text, and read by `number`: Starlette's own `int` fails on a long one
    before anything is asked of who sent it.
    """

    path: str
    access: Access
    answer: Callable[[Request], Awaitable[Response]]
    methods: tuple[str, ...] = ("GET",)
    #: Whether the deadline of all is its own; no, for one that has a shorter, and something to say.
    in_time: bool = True


def number(request: Request, name: str) -> int | None:
    """The number of a row that the address holds by that name, if it has the place for one.

    Not found (404), for anything else than a number that the store can hold.
    """
    text: str | None = request.path_params.get(name)
    if text is None:
        return None
    if not _NUMBER.fullmatch(text) or int(text) > _MOST:
        raise HTTPException(404)
    return int(text)
