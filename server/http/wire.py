"""HTTP on the wire, with the bounds uvicorn leaves to a proxy: a request's head must be short and prompt.

Without them one stranger could hold a connection for ever, or fill the memory with headers.
"""

import asyncio
import json
from typing import Any

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

#: A head not whole by then is given up; one larger than that is refused.
HEAD_SECONDS = 15.0
MAX_HEAD = 65_536

_REASONS = {
    400: (b"Bad Request", "Cette demande n’est pas du HTTP bien formé."),
    408: (b"Request Timeout", "La demande n’est pas arrivée à temps."),
    431: (b"Request Header Fields Too Large", "L’adresse ou les en-têtes sont trop longs."),
}


class Wire(HttpToolsProtocol):
    """One connection."""

    def __init__(self, *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        self._in_head = False
        self._head_size = 0
        self._patience: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Somebody is there: they have something to ask, soon."""
        super().connection_made(transport)
        self._wait()

    def connection_lost(self, exc: Exception | None) -> None:
        """They went."""
        self._stop_waiting()
        super().connection_lost(exc)

    def on_message_begin(self) -> None:
        """A request begins."""
        self._in_head = True
        super().on_message_begin()

    def on_headers_complete(self) -> None:
        """Its head is whole: what follows is bounded by who reads it."""
        self._in_head = False
        self._head_size = 0
        self._stop_waiting()
        super().on_headers_complete()

    def data_received(self, data: bytes) -> None:
        """Bytes came. Nearly always they hold a whole head, and nothing here has a cost."""
        super().data_received(data)
        if self._in_head and not self.transport.is_closing():
            self._head_size += len(data)
            if self._head_size > MAX_HEAD:
                self._refuse(431)
            elif self._patience is None:
                self._wait()

    def send_400_response(self, msg: str) -> None:
        """What is no HTTP is told so, in the words of our other refusals."""
        self._refuse(400)

    def _wait(self) -> None:
        self._patience = self.loop.call_later(HEAD_SECONDS, self._late)

    def _stop_waiting(self) -> None:
        if self._patience is not None:
            self._patience.cancel()
            self._patience = None

    def _late(self) -> None:
        self._patience = None
        if not self.transport.is_closing():
            self._refuse(408)

    def _refuse(self, status: int) -> None:
        self._stop_waiting()
        reason, title = _REASONS[status]
        told = {"type": "about:blank", "title": title, "status": status}
        body = json.dumps(told, ensure_ascii=False).encode()
        self.transport.write(
            b"HTTP/1.1 %d %s\r\ncontent-type: application/problem+json; charset=utf-8\r\n"
            b"content-length: %d\r\nconnection: close\r\n\r\n%s" % (status, reason, len(body), body)
        )
        self.transport.close()
