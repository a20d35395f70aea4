"""Listening for requests: a socket of our own, and uvicorn less its own ideas about signals."""

import contextlib
import socket
from collections.abc import Callable, Iterator

import uvicorn

#: Connections that may wait to be taken, where the system lets us open as many.
BACKLOG = 2_048


def listen(host: str, port: int, backlog: int = BACKLOG) -> socket.socket:
    """A socket that listens there (port 0: any free one); OSError when it cannot."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # The protocol is named: asyncio sends at once only on sockets that say TCP. On others the body
    # of each answer but a connection's first waited 40 ms for the visitor's word that the head came.
    listening = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((host, port))
    except OSError:
        listening.close()
        raise
    listening.listen(backlog)
    listening.setblocking(False)
    return listening


def url_of(listening: socket.socket) -> str:
    """Where a socket listens, as an address."""
    host, port = listening.getsockname()[:2]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


class Server(uvicorn.Server):
    """uvicorn, stopped by whoever runs it; `started` is called once requests are answered."""

    def __init__(self, config: uvicorn.Config, started: Callable[[], None] | None = None) -> None:
        super().__init__(config)
        self._on_started = started

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Begin to answer, and say so."""
        await super().startup(sockets=sockets)
        if self._on_started is not None:
            self._on_started()

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Leave signals alone: the runtime, or the demonstration, has its own way to stop."""
        yield
