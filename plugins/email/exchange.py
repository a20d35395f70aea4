"""What is said on a connection to an SMTP server that is ready for messages, and what it answers.

The library that connects, greets and signs in says one thing at a time, each behind a lock and a
timer of its own. Here several commands may be said at once, as servers allow that offer PIPELINING
(RFC 2920), and their answers come in order.
"""

import asyncio
from collections import deque
from typing import NamedTuple

from aiosmtplib.errors import SMTPResponseException, SMTPServerDisconnected

#: What one answer may take, in bytes: a server that never ends one fills no memory.
_MOST = 32_768
#: As the library says of what is no answer.
_NO_ANSWER = -1


class Reply(NamedTuple):
    """A code of three figures, and the words beside it."""

    code: int
    text: str

    @property
    def refuses(self) -> bool:
        """Whether it says no, for now or for ever."""
        return self.code >= 400


class Exchange(asyncio.Protocol):
    """Takes a connection over; what the library was told of it, it is told no more."""

    def __init__(self, transport: asyncio.WriteTransport) -> None:
        self._transport = transport
        self._due = 0
        self._answers = deque[Reply]()
        self._loop = asyncio.get_running_loop()
        self._until = 0.0
        self._watch: asyncio.TimerHandle | None = None
        self._came: asyncio.Future[None] | None = None
        self._over: Exception | None = None
        self._rest, self._lines, self._length = b"", list[bytes](), 0
        transport.set_protocol(self)

    @property
    def owed(self) -> int:
        """How many answers nobody has read yet."""
        return self._due + len(self._answers)

    def wait_until(self, instant: float) -> None:
        """Answers that are not there at that instant of the loop's do not come: TimeoutError.

        One timer serves message after message: to set one for each would cost more than to read.
        """
        self._until = instant
        if self._watch is not None and self._watch.when() > instant:
            self._watch.cancel()
            self._watch = None
        if self._watch is None:
            self._watch = self._loop.call_at(instant, self._look)

    def say(self, *commands: bytes) -> None:
        """Say those commands at once; ConnectionError when nobody is there any more."""
        self.write(b"\r\n".join((*commands, b"")), len(commands))

    def write(self, data: bytes, answers: int = 1) -> None:
        """Write bytes that so many answers are due to; ConnectionError when nobody is there."""
        if self._over is not None or self._transport.is_closing():
            raise self._over or SMTPServerDisconnected("Connection lost")
        self._due += answers
        self._transport.write(data)

    async def answer(self) -> Reply:
        """The next answer; what is wrong with the connection, when it will not come.

        Those that are due are waited for together, unless one of them refuses.
        """
        while not self._answers:
            if self._over is not None:
                raise self._over
            self._came = self._loop.create_future()
            if self._watch is None:  # it rang while nobody waited
                self.wait_until(self._until)
            await self._came
        return self._answers.popleft()

    def close(self) -> None:
        """Let the connection go."""
        if self._watch is not None:
            self._watch.cancel()
        self._transport.close()

    # --- What the loop says -------------------------------------------------------------------

    def data_received(self, data: bytes) -> None:
        """Read the answers that are whole."""
        *lines, self._rest = (self._rest + data).split(b"\n")
        self._length += len(data)
        for line in lines:
            self._lines.append(line[4:].strip())
            if line[3:4] != b"-":
                self._answered(line[:3])
        if self._length > _MOST:
            self._end(SMTPResponseException(_NO_ANSWER, "Response too long"))
        elif not self._due or any(one.refuses for one in self._answers):
            self._wake()

    def _answered(self, code: bytes) -> None:
        text = b" ".join(self._lines).decode("utf-8", "surrogateescape")
        self._lines.clear()
        self._length = len(self._rest)
        if not self._due:
            return  # nobody asked: a server that says good-bye is about to go
        self._due -= 1
        try:
            self._answers.append(Reply(int(code), text))
        except ValueError:
            said = code.decode("utf-8", "replace")
            self._end(SMTPResponseException(_NO_ANSWER, f"Malformed SMTP response line: {said}"))

    def connection_lost(self, exc: Exception | None) -> None:
        """Nothing more will come."""
        lost = SMTPServerDisconnected("Connection lost")
        lost.__cause__ = exc
        self._end(lost)

    def _look(self) -> None:
        self._watch = None
        if self._came is None or self._came.done():
            return  # nobody waits
        if self._loop.time() < self._until:
            self._watch = self._loop.call_at(self._until, self._look)
        else:
            self._end(TimeoutError())

    def _end(self, why: Exception) -> None:
        self._over = self._over or why
        self._wake()

    def _wake(self) -> None:
        if self._came is not None and not self._came.done():
            self._came.set_result(None)
