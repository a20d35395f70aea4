"""A real SMTP server that keeps count of what it was given, copy by copy."""

from collections import Counter
from email import message_from_bytes
from typing import Any

from aiosmtpd.controller import Controller

from bench.ports import free_port


class Sink:
    """Accepts every message; `copies` counts them by (recipient, Message-ID)."""

    def __init__(self) -> None:
        self.copies: Counter[tuple[str, str]] = Counter()
        self._controller = Controller(self, hostname="127.0.0.1", port=free_port())

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802
        """Count the message, then take responsibility for it."""
        key = message_from_bytes(envelope.content)["Message-ID"]
        for recipient in envelope.rcpt_tos:
            self.copies[recipient, key] += 1
        return "250 OK"

    @property
    def port(self) -> int:
        """Where it listens."""
        assert self._controller.server is not None
        port: int = self._controller.server.sockets[0].getsockname()[1]
        return port

    def __enter__(self) -> "Sink":
        self._controller.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._controller.stop()
