"""An operation: where it is asked, by whom, with what, and what it answers, said once."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

from starlette.requests import Request
from starlette.responses import Response

from server.web.page import Access, Page

#: A JSON Schema (2020-12, that of OpenAPI 3.1).
Schema: TypeAlias = Mapping[str, Any]

PATH = "/api/v1"


@dataclass(frozen=True, slots=True)
class Parameter:
    """A value of the address. `place`: « path », « query » or « header »."""

    name: str
    place: str
    schema: Schema
    meaning: str


#: Of a list that is given in parts.
LIMIT = Parameter("limit", "query", {"type": "integer", "minimum": 1, "maximum": 200}, "Combien.")
CURSOR = Parameter(
    "cursor",
    "query",
    {"type": "string"},
    "Ce que disait «\u00a0next\u00a0» de la partie d’avant.",
)


@dataclass(frozen=True, slots=True)
class ApiOperation:
    """`name` is its own for ever. `problems`: the refusals it may answer beside those of all."""

    name: str
    method: str
    path: str
    access: Access
    summary: str
    respond: Callable[[Request], Awaitable[Response]]
    answer: Schema
    parameters: tuple[Parameter, ...] = ()
    body: Schema | None = None
    problems: tuple[str, ...] = ()
    #: The bytes its body may have; 0: as the form of any page.
    most: int = 0
    #: Whether its body is a file, which may come as slowly as it wants.
    takes_file: bool = False
    #: Whether the password must have been given not long ago, by whoever asks by a session.
    recent: bool = False
    #: Whether it answers as many lines as there are, each a JSON value that `answer` says.
    streams: bool = False
    #: Whether it may have to wait for scenarios to be played.
    plays: bool = False
    #: What it answers (202) of what it will do, and where that is looked at; None: it has done it.
    accepted: Schema | None = None

    @property
    def page(self) -> Page:
        """Where the site answers it."""
        where = (PATH + self.path, self.access, self.respond, (self.method,))
        in_time = not (self.takes_file or self.streams or self.plays)
        return Page(*where, programs=True, recent=self.recent, most=self.most, in_time=in_time)
