"""The mailbox of the demonstration: a real SMTP server that keeps what it receives."""

import asyncio
from collections.abc import Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import TYPE_CHECKING, Any

from relance.errors import ConfigurationError
from relance.host import Clock

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

#: What is kept: a demonstration left running must not fill the memory.
_KEPT = 500


@dataclass(frozen=True, slots=True)
class Received:
    """One e-mail as its reader sees it."""

    number: int
    at: datetime
    sender: str
    recipient: str
    subject: str
    html: str
    text: str
    raw: bytes


class DemoMailbox:
    """Takes every message; the newest is last."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._messages: list[Received] = []
        self._count = 0

    @property
    def messages(self) -> Sequence[Received]:
        """What was received, oldest first."""
        return tuple(self._messages)

    def get(self, number: int) -> Received | None:
        """The message of that number."""
        return next((m for m in self._messages if m.number == number), None)

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802
        """What aiosmtpd calls for each message."""
        self._count += 1
        self._messages.append(self._read(envelope.content, envelope.rcpt_tos))
        del self._messages[:-_KEPT]
        return "250 2.0.0 Message recu"

    def _read(self, content: bytes, recipients: Sequence[str]) -> Received:
        message = message_from_bytes(content, EmailMessage, policy=policy.default)
        return Received(
            number=self._count,
            at=self._clock.now(),
            sender=str(message["From"] or ""),
            recipient=str(message["To"] or ", ".join(recipients)),
            subject=str(message["Subject"] or "(sans objet)"),
            html=_part(message, "html"),
            text=_part(message, "plain"),
            raw=content,
        )

    @asynccontextmanager
    async def listening(self, host: str, port: int = 0) -> "AsyncIterator[int]":
        """Receive mail on that port while inside; gives the port (0: any free one)."""
        try:
            from aiosmtpd.smtp import SMTP
        except ImportError as error:
            raise ConfigurationError(
                "La démonstration a besoin d’un paquet de plus : "
                "installez « relance[demo] », ou lancez « make demo »."
            ) from error
        loop = asyncio.get_running_loop()
        server = await loop.create_server(
            lambda: SMTP(self, hostname="demo.relance", loop=loop, enable_SMTPUTF8=True),
            host,
            port,
        )
        try:
            yield server.sockets[0].getsockname()[1]
        finally:
            server.close()


def _part(message: EmailMessage, kind: str) -> str:
    body = message.get_body((kind,))
    if body is None:
        return ""
    try:
        return str(body.get_content())
    except (LookupError, UnicodeError):
        return "(ce contenu ne peut pas être lu)"
