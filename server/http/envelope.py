"""What every answer has around it: the headers that protect who reads it, and a problem told as one."""

import logging
import secrets
from collections.abc import Iterable

from starlette.datastructures import Headers
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from server.http.problems import INCIDENT, Problems, for_people
from server.http.prompt import HeaderLine
from server.http.refusals import REFUSED, refusal

#: Where the guard of pages leaves who looks; whoever puts nothing there lets strangers in.
VIEWER = "relance.viewer"
log = logging.getLogger("relance.http")

_COMMON = (
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"strict-origin"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"cache-control", b"no-store"),
    # What an answer may load: its style sheet and its pictures from here, nothing else.
    (
        b"content-security-policy",
        b"default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; "
        b"frame-ancestors 'none'; base-uri 'none'",
    ),
)
#: These send nothing.
_BARE = frozenset({"GET", "HEAD"})
_HSTS = (b"strict-transport-security", b"max-age=31536000")


class Protecting:
    """Middleware: what an answer does not say of itself is said of it as of all."""

    def __init__(self, app: ASGIApp, *, secure: bool) -> None:
        self._app = app
        self._common = (*_COMMON, _HSTS) if secure else _COMMON

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request."""

        async def protected(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = self.around(message["headers"])
            await send(message)

        await self._app(scope, receive, protected)

    def around(self, headers: Iterable[HeaderLine]) -> tuple[HeaderLine, ...]:
        """These headers, and those common to all that they do not say otherwise."""
        found = tuple(headers)
        own = {name for name, _ in found}
        return found + tuple([line for line in self._common if line[0] not in own])


class Answering:
    """Middleware: what goes wrong inside is answered as a problem, and nothing of it told outside."""

    def __init__(self, app: ASGIApp, problems: Problems) -> None:
        self._app = app
        self._problems = problems

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request."""
        begun = False

        async def noted(message: Message) -> None:
            nonlocal begun
            begun = True
            await send(message)

        try:
            await self._app(scope, receive, noted)
        except Exception as error:
            reply = refused(self._problems, scope, error)
            if not begun:
                await reply(scope, receive, send)


def refused(problems: Problems, scope: Scope, error: Exception) -> Response:
    """The answer to a request in which that went wrong; what nobody expected is in the log."""
    if isinstance(error, REFUSED):
        reply = refusal(problems, error)
    else:
        incident = secrets.token_hex(8)
        log.error("erreur imprévue %s sur %s", incident, _shown(scope), exc_info=error)
        reply = problems.answer("interne", instance=f"{INCIDENT}{incident}")
    people = "text/html" in Headers(scope=scope).get("accept", "")
    reading = scope["method"] in _BARE
    return for_people(reply, reading=reading, signed_in=VIEWER in scope) if people else reply


def _shown(scope: Scope) -> str:
    """The request, for the log: its path may hold a token, so only where it begins."""
    first = scope["path"].lstrip("/").partition("/")[0][:40]
    return f"{scope['method']} /{first if first.isprintable() else '…'}"
