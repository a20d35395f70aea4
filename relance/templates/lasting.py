"""Large values that messages speak of, handed to the process that fills them in once, not with each.

Such a value travels by its key; a process that does not hold it says so, and is given what it is made
of. A catalogue of a hundred thousand products is read once in each process, a publication at a time:
one takes an eighth of the memory there is, so that what no message speaks of any more makes room.
"""

import hashlib
import pickle
from collections import OrderedDict
from collections.abc import Callable
from functools import cached_property
from typing import Any, Generic, TypeVar, cast
from weakref import WeakValueDictionary

T = TypeVar("T")

#: How many of a kind a process holds: that of a publication, and of the one before.
_MOST = 2


class Lasting(Generic[T]):
    """What `make` answers of what it is given, always the same: made when it is first asked for.

    `make` is a function of a module, one a kind of values: a message speaks of two of a kind at most.
    What it is given can be pickled.
    """

    def __init__(self, make: Callable[..., T], *given: object) -> None:
        self.make, self._given = make, given

    @cached_property
    def value(self) -> T:
        """The thing itself, made at the first asking; what making it raises is raised."""
        return self.make(*self._given)

    @cached_property
    def key(self) -> str:
        """Its name: that of all that is made of the same."""
        return hashlib.sha256(self.recipe).hexdigest()

    @property
    def recipe(self) -> bytes:
        """What another process makes it of."""
        return pickle.dumps((self.make, self._given))

    def __reduce__(self) -> tuple[Callable[[str], "Lasting[Any]"], tuple[str]]:
        _TRAVELLING[self.key] = self
        return held, (self.key,)


class Lacking(Exception):
    """This process does not hold the value of that key."""

    def __init__(self, key: str) -> None:
        super().__init__(key)
        self.key = key


#: Those that were written down, by key, for whoever is asked what one is made of.
_TRAVELLING: "WeakValueDictionary[str, Lasting[Any]]" = WeakValueDictionary()
#: Those this process was given.
_HELD: "OrderedDict[str, Lasting[Any]]" = OrderedDict()


def held(key: str) -> Lasting[Any]:
    """The one of that key: given to this process, or come back to it; Lacking when it is neither."""
    found = _HELD.get(key) or _TRAVELLING.get(key)
    if found is None:
        raise Lacking(key)
    if key in _HELD:
        _HELD.move_to_end(key)
    return found


def recipe_of(key: str) -> bytes | None:
    """What the one of that key is made of; None when nobody here has it any more."""
    found = _TRAVELLING.get(key)
    return None if found is None else found.recipe


def hold(key: str, recipe: bytes) -> None:
    """Make the one of that recipe, and hold it."""
    make, given = pickle.loads(recipe)  # noqa: S301 — written by the server itself
    _make_room(make)
    made = Lasting(cast(Callable[..., object], make))
    # Now, while nobody waits for a message; what it was made of is not kept.
    made.key, made.value = key, make(*given)
    _HELD[key] = made


def _make_room(make: object) -> None:
    """Let go of the oldest of a kind, so that the next is not made beside them all."""
    alike = [key for key, one in _HELD.items() if one.make == make]
    for key in alike[: len(alike) + 1 - _MOST]:
        del _HELD[key]
