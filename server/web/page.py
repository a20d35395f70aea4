"""A page: its address, who may ask for it, and what answers."""

import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from enum import Enum

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from relance.access_role import AccessRole

_NUMBER = re.compile(r"[0-9]{1,19}")
#: The largest that an integer of the stores can be.
_MOST = 2**63 - 1


class Access(Enum):
    """Who may ask. There is no default: a page open by omission is a hole.

    Each but the first two is a role of the team's, which may be combined: none holds another, so
    that who writes messages does not read what is known of people, and who publishes manages no
    account. `SIGNED_IN` is anybody of the team, whatever their roles, and no program.
    """

    ANYBODY = "tout le monde"
    SIGNED_IN = "toute personne connectée"
    READ = AccessRole.READ.value
    WRITE = AccessRole.WRITE.value
    PUBLISH = AccessRole.PUBLISH.value
    PERSONAL = AccessRole.PERSONAL.value
    ADMINISTER = AccessRole.ADMINISTER.value

    @property
    def role(self) -> AccessRole | None:
        """The role it asks for, if it is one."""
        return AccessRole.__members__.get(self.name)


@dataclass(frozen=True, slots=True)
class Page:
    """`path` as Starlette writes it: « /parcours/{lead} ». HEAD comes with GET.

    A number is asked for as text, and read by `number`: Starlette's own `int` fails on a long one
    before anything is asked of who sent it. `writing`: who may ask by the methods that change
    something, where that is not who may look.
    """

    path: str
    access: Access
    answer: Callable[[Request], Awaitable[Response]]
    methods: tuple[str, ...] = ("GET",)
    #: Whether the deadline of all is its own; no, for one that has a shorter, and something to say.
    in_time: bool = True
    writing: Access | None = None
    #: Whether the password must have been given not long ago.
    recent: bool = False
    #: Whether a program may ask, by its token: no, for what is a page, which asks its password of
    #: whoever does what matters most, and of a token could not.
    programs: bool = False
    #: Where the form stands that posts there, by the same numbers and names: whoever has to sign in
    #: first is led back to it. The browser does not say (Referrer-Policy: strict-origin).
    form_at: str = ""
    #: The bytes that what is sent there may have, where that is more than a usual form; the page
    #: reads by itself a body of more than `WHOLE`, as it comes.
    most: int = 0

    def __post_init__(self) -> None:
        if not isinstance(self.access, Access):
            raise TypeError(f"{self.path} does not say who may ask for it")

    def asked(self, method: str) -> Access:
        """Who may ask by that method."""
        return self.access if method in ("GET", "HEAD") else self.writing or self.access


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
