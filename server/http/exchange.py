"""Reading a request and writing an answer, straight on ASGI: the least a form post can cost."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, MutableMapping
from dataclasses import dataclass
from typing import Any, TypeAlias

Scope: TypeAlias = MutableMapping[str, Any]
Receive: TypeAlias = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send: TypeAlias = Callable[[MutableMapping[str, Any]], Awaitable[None]]
Header: TypeAlias = tuple[bytes, bytes]

#: A body that has not come whole by then is given up.
BODY_SECONDS = 20.0
#: A body is read on to this many times its limit before the connection is cut.
_PATIENCE = 16

JSON = "application/json; charset=utf-8"
HTML = "text/html; charset=utf-8"
TEXT = "text/plain; charset=utf-8"


@dataclass(frozen=True, slots=True)
class Answer:
    """What goes back. `headers` are added to those every answer has."""

    status: int = 200
    body: bytes = b""
    content_type: str = JSON
    headers: tuple[Header, ...] = ()

    def with_headers(self, headers: Iterable[Header]) -> "Answer":
        """The same answer with more headers."""
        return Answer(self.status, self.body, self.content_type, (*self.headers, *headers))


class TooLarge(Exception):
    """The body is over the limit."""


class TooSlow(Exception):
    """The body did not come in time."""


class Gone(Exception):
    """The client left before its request was whole."""


def header(scope: Scope, name: bytes) -> str:
    """The first header of that (lower-case) name; empty when there is none."""
    for key, value in scope["headers"]:
        if key == name:
            return str(value, "latin-1")
    return ""


def headers(scope: Scope) -> dict[str, str]:
    """All headers by lower-case name; repeated ones joined as RFC 9110 has it."""
    found: dict[str, str] = {}
    for key, value in scope["headers"]:
        name, text = str(key, "latin-1"), str(value, "latin-1")
        found[name] = f"{found[name]}, {text}" if name in found else text
    return found


async def read_body(scope: Scope, receive: Receive, limit: int) -> bytes:
    """The whole body, its bytes counted as they come whatever its headers announce."""
    announced = header(scope, b"content-length")
    if announced.isdigit() and int(announced[:20]) > limit * _PATIENCE:
        raise TooLarge
    message = await receive()
    if not message.get("more_body") and message["type"] == "http.request":
        body: bytes = message.get("body", b"")
        if len(body) > limit:
            raise TooLarge
        return body
    try:
        async with asyncio.timeout(BODY_SECONDS):
            return await _read_on(message, receive, limit)
    except TimeoutError as error:
        raise TooSlow from error


async def _read_on(message: MutableMapping[str, Any], receive: Receive, limit: int) -> bytes:
    body = bytearray()
    while True:
        if message["type"] == "http.disconnect":
            raise Gone
        body += message.get("body", b"")
        if len(body) > limit:
            await _let_pass(message, receive, len(body), limit * _PATIENCE)
            raise TooLarge
        if not message.get("more_body"):
            return bytes(body)
        message = await receive()


async def _let_pass(
    message: MutableMapping[str, Any], receive: Receive, size: int, limit: int
) -> None:
    """Read the rest without keeping it: a client still sending when we close never sees why."""
    while message.get("more_body") and size <= limit:
        message = await receive()
        size += len(message.get("body", b""))


async def answer(scope: Scope, send: Send, reply: Answer, common: Iterable[Header]) -> None:
    """Send an answer; a HEAD gets everything but the body.

    What the answer says of itself takes the place of what is said of all.
    """
    own = {name for name, _ in reply.headers}
    lines = [
        (b"content-length", str(len(reply.body)).encode()),
        *(line for line in common if line[0] not in own),
        *reply.headers,
    ]
    if reply.body:
        lines.append((b"content-type", reply.content_type.encode("latin-1")))
    await send({"type": "http.response.start", "status": reply.status, "headers": lines})
    body = b"" if scope["method"] == "HEAD" else reply.body
    await send({"type": "http.response.body", "body": body})
