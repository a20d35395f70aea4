"""Plugins' routes on ASGI: each behind its guard, which the host enforces and no plugin can forget.

A path is matched on `scope["path"]` alone; a bad token gets the very answer of an unknown page.
"""

import logging
import re
from collections.abc import Sequence
from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope

from relance.errors import ConfigurationError, StoreUnavailable, Unacceptable
from relance.host import Clock, Host
from relance.route import Guard, Route
from relance.webhook_signature import SignatureVerdict, secret_bytes, verify
from server.http.deadline import TooLong, in_time
from server.http.event_authentication import AuthenticatedPost, EventAuthentication
from server.http.exchange import headers, read_body, replayed, signed
from server.http.problems import Problems
from server.http.quota import Quota
from server.http.refusals import REFUSED, refusal

log = logging.getLogger("relance.http")

_PLACE = re.compile(r"\{([A-Za-z_][A-Za-z0-9_]*)\}")
#: What a plugin's page may load unless it says otherwise: nothing but its own styles and pictures.
_PAGE_POLICY = (
    "default-src 'none'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; "
    "form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
)
#: What is for the wire to say.
_WIRE = frozenset({b"content-length", b"transfer-encoding", b"connection"})
_BODILESS = frozenset({204, 304})
#: What could end a header, or begin another.
_CONTROLS = bytes([*range(32), 127])


@dataclass(frozen=True, slots=True)
class _Entry:
    """A route ready to match."""

    pattern: re.Pattern[str]
    route: Route
    secret: bytes | None


class PluginRoutes:
    """Answers the paths of plugins."""

    def __init__(
        self,
        routes: Sequence[tuple[str, Route]],
        host: Host,
        clock: Clock,
        problems: Problems,
        authentication: EventAuthentication,
        quota: Quota,
    ) -> None:
        self._authentication = authentication
        self._quota = quota
        self._host = host
        self._clock = clock
        self._problems = problems
        self._entries = [
            _Entry(_pattern(route.path), route, _secret(plugin, route, host))
            for plugin, route in routes
        ]

    async def __call__(self, scope: Scope, receive: Receive) -> Response | None:
        """The answer; None when no plugin has that path."""
        path, method = scope["path"], scope["method"]
        allowed: set[str] = set()
        for entry in self._entries:
            found = entry.pattern.fullmatch(path)
            if found is None:
                continue
            parameters = self._opened(entry.route, found.groupdict())
            if parameters is None:
                return None
            if method in entry.route.methods:
                return await self._answer(entry, scope, receive, parameters)
            allowed.update(entry.route.methods)
        if not allowed:
            return None
        return self._problems.answer("methode", headers={"allow": ", ".join(sorted(allowed))})

    def _opened(self, route: Route, parameters: dict[str, str]) -> dict[str, str] | None:
        """The parameters, those a token holds included; None for a token that is not ours."""
        if route.guard is not Guard.TOKEN:
            return parameters
        parts = self._host.unsign(route.purpose or "", parameters.get("token", ""))
        if parts is None:
            return None
        return parameters | {str(place): part for place, part in enumerate(parts)}

    async def _answer(
        self, entry: _Entry, scope: Scope, receive: Receive, parameters: dict[str, str]
    ) -> Response | None:
        if entry.route.guard is Guard.SIGNED and (entry.secret is None or not signed(scope)):
            return self._problems.answer("signature" if entry.secret else "sans-secret")
        try:
            body = await self._body(entry.route, scope, receive)
        except REFUSED as error:
            return refusal(self._problems, error)
        if isinstance(body, Response):
            return body
        if entry.route.guard is Guard.SIGNED and (
            verify(entry.secret or b"", headers(scope), body, self._clock.now())
            is not SignatureVerdict.VALID
        ):
            return self._problems.answer("signature")
        request = Request({**scope, "path_params": parameters}, replayed(body, receive))
        try:
            response = await in_time(_handled(entry.route, request))
        except (StoreUnavailable, TooLong, Unacceptable) as error:
            return refusal(self._problems, error)
        if response.status_code == 404 and not getattr(response, "body", b""):
            return None  # told as for any page that is not there
        return _harmless(response)

    async def _body(self, route: Route, scope: Scope, receive: Receive) -> bytes | Response:
        if route.guard is not Guard.EVENTS:
            body = await read_body(scope, receive, route.max_body)
            if route.guard is Guard.PUBLIC and route.counted:
                # A question asked by its address alone may be kept too, a page visited for one.
                size = len(body) + len(scope["query_string"])
                self._quota.charge((scope.get("client") or (None,))[0], size)
            return body
        message = await self._authentication.read(scope, receive, route.max_body)
        return message.body if isinstance(message, AuthenticatedPost) else message


async def _handled(route: Route, request: Request) -> Response:
    return await route.handler(request)


def _pattern(path: str) -> re.Pattern[str]:
    """A route's path as an expression: each `{name}` is one stretch without a slash."""
    pieces, end = [], 0
    for place in _PLACE.finditer(path):
        pieces.append(re.escape(path[end : place.start()]))
        pieces.append(f"(?P<{place[1]}>[^/]{{1,2048}}?)")
        end = place.end()
    return re.compile("".join(pieces) + re.escape(path[end:]))


def _secret(plugin: str, route: Route, host: Host) -> bytes | None:
    if route.guard is Guard.TOKEN and not (route.purpose and "{token}" in route.path):
        raise ConfigurationError(
            f"Extension « {plugin} » : le chemin « {route.path} » veut un jeton "
            "mais ne dit pas où il se trouve, ou à quoi il sert."
        )
    if route.guard is not Guard.SIGNED:
        return None
    secret = host.settings(plugin).get("secret")
    if secret is None:
        return None  # closed: every request is refused
    try:
        return secret_bytes(str(secret))
    except ValueError as error:
        raise ConfigurationError(
            f"« secret », dans [{plugin}], doit être un secret « whsec_… » d’au moins 24 octets."
        ) from error


def _harmless(response: Response) -> Response:
    """An answer whose headers end no other, behind the policy of pages when it is one."""
    if "content-security-policy" not in response.headers and response.headers.get(
        "content-type", ""
    ).startswith("text/html"):
        response.headers["content-security-policy"] = _PAGE_POLICY
    lines = [
        (name.translate(None, _CONTROLS), value.translate(None, _CONTROLS))
        for name, value in response.raw_headers
        if name not in _WIRE
    ]
    body = getattr(response, "body", None)
    if body is not None and response.status_code not in _BODILESS:
        lines.append((b"content-length", str(len(body)).encode()))
    response.raw_headers = lines
    return response
