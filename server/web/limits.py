"""What a page may cost: its body read within a bound and a time, its answer made before a deadline."""

from collections.abc import Awaitable, Callable

from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from server.http.deadline import in_time
from server.http.exchange import read_body, replayed

#: What a page's form may hold, in bytes.
MAX_BODY = 65_536
#: These bring nothing; what they send all the same is never read.
_BARE = frozenset({"GET", "HEAD"})


class Bounded:
    """Middleware: the body is whole, and short enough, before anything else is done."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Raises as `read_body` does."""
        body = b"" if scope["method"] in _BARE else await read_body(scope, receive, MAX_BODY)
        await self._app(scope, replayed(body, receive), send)


class Prompt:
    """A page as an ASGI application; raises `TooLong` when it is not made in time.

    How fast the answer is read is for the wire to bound.
    """

    def __init__(self, answer: Callable[[Request], Awaitable[Response]]) -> None:
        self._answer = answer

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request."""

        async def answered() -> Response:
            return await self._answer(Request(scope, receive))

        await (await in_time(answered()))(scope, receive, send)
