"""Routes: the addresses a plugin answers, by Starlette's own `Request` and `Response`.

Only the types are named here: who answers nothing loads no web framework.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response


class Guard(Enum):
    """Who may call a route. There is no default: a route open by omission is a hole."""

    PUBLIC = "public"  # anyone; the handler answers for what it accepts
    TOKEN = "token"  # noqa: S105 — the `{token}` of the path must be one `Host.sign` made for `purpose`
    SIGNED = "signed"  # Standard Webhooks signature under the plugin's `secret` setting
    EVENTS = "events"  # a program of the project: the signature or the token set in [evenements]


@dataclass(frozen=True, slots=True)
class Route:
    """A path of the server answered by a plugin.

    The handler is given a `starlette.requests.Request` whose body was read within `max_body` bytes
    and in time, and whose `path_params` are those of the path; it answers with any
    `starlette.responses.Response`. An answer 404 without a body is told as a page that is not there.

    For `Guard.TOKEN` the host refuses any other token with the same 404 as for no page at all,
    and hands the parts to the handler as `path_params["0"]`, `["1"]`…
    """

    path: str
    methods: tuple[str, ...]
    guard: Guard
    handler: "Callable[[Request], Awaitable[Response]]"
    purpose: str | None = None
    max_body: int = 65_536
    #: Whether what comes by a public route counts in what each address may have kept in a day;
    #: not where the handler itself makes sure of who calls, by a provider's signature.
    counted: bool = True
