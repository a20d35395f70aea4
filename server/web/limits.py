"""What a page may cost: its body read within a bound and a time, its answer made before a deadline."""

import asyncio
from collections.abc import Awaitable, Callable

from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from server.http.deadline import in_time
from server.http.exchange import BODY_SECONDS, TooLarge, TooSlow, read_body, replayed

#: What a page's form may hold, in bytes.
MAX_BODY = 65_536
#: The most that is held whole in memory; what may be larger is read by its page as it comes.
WHOLE = 2_000_000
#: These bring nothing; what they send all the same is never read.
BARE = frozenset({"GET", "HEAD"})


class Bounded:
    """Middleware: the body is whole, and short enough, before anything else is done.

    `most`: the bytes a request may bring; 0: as the form of any page.
    """

    def __init__(self, app: ASGIApp, most: Callable[[Scope], int]) -> None:
        self._app, self._most = app, most

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Raises as `read_body` does; `TooLarge` too where the body is read as it comes."""
        if scope["method"] in BARE:
            await self._app(scope, replayed(b"", receive), send)
            return
        most = self._most(scope) or MAX_BODY
        if most > WHOLE:
            await self._app(scope, _counted(receive, most), send)
            return
        body = await read_body(scope, receive, most)
        await self._app(scope, replayed(body, receive), send)


def _counted(receive: Receive, most: int) -> Receive:
    """The parts of a body as they come, no more than so many bytes of it."""
    came = 0

    async def next_part() -> Message:
        nonlocal came
        try:
            message = await asyncio.wait_for(receive(), BODY_SECONDS)
        except TimeoutError as error:
            raise TooSlow from error
        came += len(message.get("body", b""))
        if came > most:
            raise TooLarge
        return message

    return next_part


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
