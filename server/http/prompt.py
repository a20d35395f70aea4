"""Requests answered by no task of their own: their body is there already, and nothing is awaited.

A task, its timers and the messages of ASGI cost a form half of what it is for. What comes whole
with its head, as forms nearly always do, is handed over as it is, and its answer taken as it is
made; all else goes through ASGI.
"""

from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import NamedTuple, TypeAlias

from starlette.types import Receive, Scope, Send
from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware

HeaderLine: TypeAlias = tuple[bytes, bytes]


class WholeAnswer(NamedTuple):
    """An answer ready to leave; an ASGI application too, for where it cannot leave at once."""

    status: int
    headers: tuple[HeaderLine, ...]
    body: bytes

    async def __call__(self, _scope: Scope, _receive: Receive, send: Send) -> None:
        """Send it by ASGI."""
        start = {"type": "http.response.start", "status": self.status, "headers": self.headers}
        await send(start)
        await send({"type": "http.response.body", "body": self.body})


PromptAnswer: TypeAlias = Callable[[WholeAnswer], None]
#: Asked of a request and its whole body: whether it answers it, by calling what it is given once.
Prompt: TypeAlias = Callable[[Scope, bytes, PromptAnswer], bool]


def behind(proxies: Sequence[str], prompt: Prompt) -> Prompt:
    """The same where visitors come through these proxies, which say who they are."""

    async def read(_scope: Scope, _receive: Receive, _send: Send) -> None:
        """Nothing more is to be read."""

    naming = ProxyHeadersMiddleware(read, list(proxies))  # type: ignore[arg-type]

    def named(scope: Scope, body: bytes, answer: PromptAnswer) -> bool:
        steps = naming(scope, _nothing, _nothing)  # type: ignore[arg-type]
        with suppress(StopIteration):
            steps.send(None)  # it awaits nothing but `read`
        return prompt(scope, body, answer)

    return named


async def _nothing(*_given: object) -> None:
    """Nobody asks."""
