"""HTTP on the wire, with the bounds uvicorn leaves to a proxy.

One stranger could hold a connection for ever, or fill the memory: with headers, with requests sent
one after the other without reading their answers, with bodies that never come. Here a head is
short, sound and prompt, few requests wait behind one another, and each state of a connection that
waits for its client ends by itself (`Connections`). How long a body may take is for who reads it
(`read_body`), how long an answer may take to be made for the application.
"""

import asyncio
import json
import re
from functools import lru_cache, partial
from itertools import chain
from typing import Any, ClassVar, NoReturn

from uvicorn.protocols.http.httptools_impl import (
    STATUS_LINE,
    HttpToolsProtocol,
    RequestResponseCycle,
)

from server.http.connections import Connections
from server.http.head import sound
from server.http.prompt import HeaderLine, Prompt, WholeAnswer

#: What a head may hold, in bytes and in lines.
MAX_HEAD = 65_536
MAX_HEADERS = 100
#: Requests that may wait behind the one being answered; browsers send one at a time.
MAX_QUEUED = 8
#: What a client has left to finish in, once the server stops.
_STOP_SECONDS = 1.5

_REASONS = {
    400: (b"Bad Request", "Cette demande n’est pas du HTTP bien formé."),
    408: (b"Request Timeout", "La demande n’est pas arrivée à temps."),
    431: (b"Request Header Fields Too Large", "L’adresse ou les en-têtes sont trop longs."),
    503: (b"Service Unavailable", "Trop de connexions sont ouvertes pour le moment."),
}

#: What no line of a head may hold: the sender of an answer would say where it ends.
_UNFIT = re.compile(rb"[\x00-\x08\x0a-\x1f\x7f]")


@lru_cache(maxsize=32)
def _head(status: int, headers: tuple[HeaderLine, ...]) -> bytes | None:
    """Those lines as they are sent, for nearly all answers are the same; None: they are not to be."""
    if any(map(_UNFIT.search, chain(*headers))):
        return None
    return b"".join([STATUS_LINE[status], *(b"%s: %s\r\n" % line for line in headers)])


class _Enough(Exception):
    """Nothing more of this connection is worth reading."""


class Wire(HttpToolsProtocol):
    """One connection."""

    room: ClassVar[Connections]
    prompt: ClassVar[Prompt]

    def __init__(self, *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        self.address = ""
        #: Since when it is the client's turn, in the loop's seconds.
        self._since = 0.0
        self._unread_since: float | None = None
        self._in_head = False
        #: What came of a head that is not whole, and what its whole lines hold.
        self._head_size = self._lines_size = 0
        self._body_left = False
        #: What is to be answered once all that came together is read.
        self._next: tuple[RequestResponseCycle, Any] | None = None
        #: Whether what comes is no longer read, and what is then answered.
        self._deaf = False
        self._refusal = 400
        #: Whether that is of a request that others were asked before.
        self._refused_in_turn = False

    # --- What the transport tells -----------------------------------------------------------

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Somebody is there: they have something to ask, soon."""
        super().connection_made(transport)
        self.address = self.client[0] if self.client else ""
        self._since = self.loop.time()
        if not self.room.come(self):
            self._say(503)

    def connection_lost(self, exc: Exception | None) -> None:
        """They went."""
        self.room.go(self)
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Bytes came. Nearly always they hold a whole head, and nothing here has a cost."""
        if self._deaf:
            return
        super().data_received(data)
        self._answer_that()
        if self._in_head and not self._deaf:
            self._head_size += len(data)
            if self._head_size > MAX_HEAD:
                self._refusal = 431
                self.send_400_response("")

    def pause_writing(self) -> None:
        """Our answers pile up: it is their turn to read."""
        super().pause_writing()
        self.room.waits(self)

    def resume_writing(self) -> None:
        """They read."""
        super().resume_writing()
        if self._answering and not self._body_left:
            self.room.works(self)

    # --- What the parser tells --------------------------------------------------------------

    def on_message_begin(self) -> None:
        """A request begins."""
        if len(self.pipeline) >= MAX_QUEUED:
            raise _Enough
        self._in_head = True
        self._head_size = self._lines_size = 0
        if not self._answering:
            self._since = self.loop.time()
        super().on_message_begin()

    def on_url(self, url: bytes) -> None:
        """A piece of its target."""
        super().on_url(url)
        if len(self.url) > MAX_HEAD:
            self._stop(431)

    def on_header(self, name: bytes, value: bytes) -> None:
        """A line of its head; those that follow a body are not read: nobody could check them."""
        if not self._in_head:
            return
        self._lines_size += len(name) + len(value)
        if len(self.headers) >= MAX_HEADERS or self._lines_size > MAX_HEAD:
            self._stop(431)
        super().on_header(name, value)

    def on_headers_complete(self) -> None:
        """Its head is whole: what follows is bounded by who reads it."""
        version, method = self.parser.get_http_version(), self.parser.get_method()
        if not sound(version, method, self.url, self.headers):
            self._stop(400)
        self._in_head = False
        self._body_left = True
        super().on_headers_complete()

    def on_message_complete(self) -> None:
        """It is whole: our turn."""
        self._body_left = False
        if self._answering:
            self.room.works(self)
        super().on_message_complete()

    def on_response_complete(self) -> None:
        """It is answered: their turn, unless they asked more meanwhile."""
        self.server_state.total_requests += 1
        if self.transport.is_closing():
            return
        self.room.waits(self)
        if self.pipeline:
            self.room.in_turn(self._answer_next)
        elif self._refused_in_turn:
            self._say(self._refusal)
        else:
            self.flow.resume_reading()
            self._since = self.loop.time()

    def _answer_next(self) -> None:
        if self.pipeline and not self.transport.is_closing():
            self.flow.resume_reading()
            if not self._body_left:
                self.room.works(self)
            self._start_asgi_task(*self.pipeline.pop())
            self._answer_that()

    # --- Answering --------------------------------------------------------------------------

    def _start_asgi_task(self, cycle: RequestResponseCycle, app: Any) -> None:
        """Its head is whole: it is answered once what came with it is read too."""
        self._next = cycle, app

    def _answer_that(self) -> None:
        if self._next is None:
            return
        (cycle, app), self._next = self._next, None
        scope: Any = cycle.scope
        if cycle.more_body or not type(self).prompt(
            scope, bytes(cycle.body), partial(self._answer, cycle)
        ):
            super()._start_asgi_task(cycle, app)

    def _answer(self, cycle: RequestResponseCycle, answer: WholeAnswer) -> None:
        """Send an answer that is whole, in one piece; by a task when it is to be waited for."""
        if cycle.disconnected:
            return
        head = _head(answer.status, answer.headers)
        if head is None or self.flow.write_paused:
            super()._start_asgi_task(cycle, answer)  # type: ignore[arg-type]
            return
        own = b"".join([b"%s: %s\r\n" % line for line in self.server_state.default_headers])
        if (b"connection", b"close") in answer.headers:
            cycle.keep_alive = False
        elif not cycle.keep_alive:
            own += b"connection: close\r\n"
        cycle.response_started = cycle.response_complete = True
        self.transport.write(b"".join((head, own, b"\r\n", answer.body)))
        if not cycle.keep_alive:
            self.transport.close()
        self.on_response_complete()

    def send_400_response(self, msg: str) -> None:
        """No more is read. What was asked before is answered first; else say why, and close."""
        self._deaf = True
        if self.pipeline and self._body_left:
            self.pipeline.popleft()  # refused in its turn, after those it waits behind
            self._refused_in_turn = True
        elif self._answering and not self._body_left:
            self.cycle.keep_alive = False  # the last one asked: its answer closes
        elif self._answering and self.cycle.response_started:
            self.transport.close()
        else:
            self._say(self._refusal)

    def _unsupported_upgrade_warning(self) -> None:
        """They want to go on in another protocol: answered in this one, for the last time."""
        self._deaf = True
        if self._answering:
            self.cycle.keep_alive = False

    # --- What the server and the room ask -----------------------------------------------------------------

    def shutdown(self) -> None:
        """The server stops: who still asks, or does not read, is not waited for."""
        super().shutdown()
        self.loop.call_later(_STOP_SECONDS, self._leave_unless_working)

    def _leave_unless_working(self) -> None:
        if self._body_left or not self._answering or self.flow.write_paused:
            self.leave()

    def look(self, now: float) -> None:
        """End this connection if its client has kept us waiting too long."""
        patience = self.room.patience
        if not self.transport.get_write_buffer_size():
            self._unread_since = None
        elif self._unread_since is None:
            self._unread_since = now
        elif now - self._unread_since > patience.answer:
            self.leave()
            return
        if self.transport.is_closing() or self._answering:
            return
        waited = now - self._since
        if self._in_head or self.cycle is None:
            if waited > patience.head:
                self._say(408)
        elif waited > (patience.rest if self._body_left else patience.idle):
            self.transport.close()

    def leave(self) -> None:
        """End it now: what was not read never will be."""
        self.transport.abort()

    @property
    def _answering(self) -> bool:
        """Whether the last request whose head is whole is still to be answered."""
        return self.cycle is not None and not self.cycle.response_complete

    def _stop(self, status: int) -> NoReturn:
        """Tell the parser to go no further; `send_400_response` follows."""
        self._refusal = status
        raise _Enough

    def _say(self, status: int) -> None:
        self._deaf = True
        if self.transport.is_closing():
            return
        reason, title = _REASONS[status]
        problem = {"type": "about:blank", "title": title, "status": status}
        body = json.dumps(problem, ensure_ascii=False).encode()
        self.transport.write(
            b"HTTP/1.1 %d %s\r\ncontent-type: application/problem+json; charset=utf-8\r\n"
            b"content-length: %d\r\nconnection: close\r\n\r\n%s" % (status, reason, len(body), body)
        )
        self.transport.close()


def wires(connections: Connections, prompt: Prompt) -> type[Wire]:
    """The protocol of a server: each of its connections counts among these."""
    return type("Wire", (Wire,), {"room": connections, "prompt": staticmethod(prompt)})
