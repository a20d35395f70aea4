"""A port for a server that starts later, in a process of its own."""

import itertools
import os
import socket

#: Below those the system gives by itself: between the choice and the start, nobody is given one.
_FIRST, _COUNT = 10_000, 20_000
_numbers = itertools.count(os.getpid() * 101)


def free_port() -> int:
    """A port nobody listens on, another at every call; two processes begin far apart."""
    while True:
        port = _FIRST + next(_numbers) % _COUNT
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
        return port
