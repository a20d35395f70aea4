"""Reading a request straight on ASGI, the least a form post can cost, and handing it on to Starlette."""

import asyncio

from starlette.types import Message, Receive, Scope

#: A body that has not come whole by then is given up; a large one, when it comes slower than that.
BODY_SECONDS = 20.0
BODY_PACE = 32_768  # bytes a second
#: What bodies may hold of the memory at once, beyond the first part of each: those of forms are
#: never refused for the large ones of somebody else.
LARGE_BODIES = 64 * 1024 * 1024
_SMALL = 65_536
#: A body is read on to this many times its limit before the connection is cut.
_PATIENCE = 16

JSON = "application/json; charset=utf-8"


class TooLarge(Exception):
    """The body is over the limit."""


class TooSlow(Exception):
    """The body did not come in time."""


class TooMany(Exception):
    """Too many large bodies are being read at once."""


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


def bearer(authorization: str) -> str:
    """The token that a program shows; empty when it shows none."""
    scheme, _, token = authorization.partition(" ")
    return token.strip() if scheme.lower() == "bearer" else ""


def signed(scope: Scope) -> bool:
    """Whether a request says who signed it: without that, its body is not worth reading."""
    return bool(header(scope, b"webhook-id") and header(scope, b"webhook-signature"))


async def read_body(scope: Scope, receive: Receive, limit: int) -> bytes:
    """The whole body, its bytes counted as they come whatever its headers announce."""
    announced = header(scope, b"content-length")
    if announced.isdigit() and int(announced[:20]) > limit * _PATIENCE:
        raise TooLarge
    loop = asyncio.get_running_loop()
    began = loop.time()
    body = bytearray()
    try:
        async with asyncio.timeout_at(began + BODY_SECONDS) as patience:
            while True:
                message = await receive()
                if message["type"] == "http.disconnect":
                    raise Gone
                body += message.get("body", b"")
                if len(body) > limit:
                    await _let_pass(message, receive, len(body), limit * _PATIENCE)
                    raise TooLarge
                _large.hold(body)
                if not message.get("more_body"):
                    return bytes(body)
                patience.reschedule(began + BODY_SECONDS + len(body) / BODY_PACE)
    except TimeoutError as error:
        raise TooSlow from error
    finally:
        _large.free(body)


class _Large:
    """What the bodies being read hold of the memory, beyond the first part of each."""

    def __init__(self) -> None:
        self._held: dict[int, int] = {}
        self._all = 0

    def hold(self, body: bytearray) -> None:
        """Count that body as it is now; `TooMany` when there is no room for it."""
        size = len(body) - _SMALL
        if size <= 0:
            return
        self._all += size - self._held.get(id(body), 0)
        self._held[id(body)] = size
        if self._all > LARGE_BODIES:
            raise TooMany

    def free(self, body: bytearray) -> None:
        """It is read, or given up."""
        self._all -= self._held.pop(id(body), 0)


#: One process has one memory.
_large = _Large()


async def _let_pass(message: Message, receive: Receive, size: int, limit: int) -> None:
    """Read the rest without keeping it: a client still sending when we close never sees why."""
    while message.get("more_body") and size <= limit:
        message = await receive()
        size += len(message.get("body", b""))


def replayed(body: bytes, then: Receive) -> Receive:
    """A body that was read, once more; `then` tells that whoever sent it has gone."""
    whole: list[Message] = [{"type": "http.request", "body": body, "more_body": False}]

    async def receive() -> Message:
        return whole.pop() if whole else await then()

    return receive
