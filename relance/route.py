"""Routes: the addresses a plugin answers, free of any web framework."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from enum import Enum


@dataclass(frozen=True, slots=True)
class Request:
    """A request, its body already read within the route's limit. Header names are lower-case."""

    method: str
    path: str
    parameters: Mapping[str, str]
    query: Mapping[str, str]
    headers: Mapping[str, str]
    cookies: Mapping[str, str]
    body: bytes
    client: str | None


@dataclass(frozen=True, slots=True)
class Response:
    """An answer. `content_type` is whole, charset included; a redirect sets `location`."""

    body: str | bytes = ""
    status: int = 200
    content_type: str = "text/html; charset=utf-8"
    headers: Mapping[str, str] = field(default_factory=dict)
    location: str | None = None


class Guard(Enum):
    """Who may call a route. There is no default: a route open by omission is a hole."""

    PUBLIC = "public"  # anyone; the handler answers for what it accepts
    TOKEN = "token"  # noqa: S105 — the `{token}` of the path must be one `Host.sign` made for `purpose`
    SIGNED = "signed"  # Standard Webhooks signature under the plugin's `secret` setting
    TELLER = "teller"  # who may tell events: the signature or the token set in [evenements]


@dataclass(frozen=True, slots=True)
class Route:
    """A path of the server answered by a plugin.

    For `Guard.TOKEN` the host refuses any other token with the same 404 as for no page at all,
    and hands the parts to the handler as `parameters["0"]`, `["1"]`…
    """

    path: str
    methods: tuple[str, ...]
    guard: Guard
    handler: Callable[[Request], Awaitable[Response]]
    purpose: str | None = None
    max_body: int = 65_536
    #: Whether what comes by a public route counts in what each address may have kept in a day;
    #: not where the handler itself makes sure of who calls, by a provider's signature.
    counted: bool = True
