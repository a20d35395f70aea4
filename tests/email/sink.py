"""A real SMTP server on loopback, polite or not, that keeps what it accepts."""

import asyncio
import email
import email.policy
import ssl
from collections.abc import Callable
from dataclasses import dataclass, field
from email.message import EmailMessage
from typing import Any

from aiosmtpd.smtp import SMTP, Envelope, Session


@dataclass
class Sink:
    """`answer_to[stage]` is said instead of 250; `drop_at` closes the connection there."""

    envelopes: list[Envelope] = field(default_factory=list)
    answer_to: dict[str, str | Callable[[str], str]] = field(default_factory=dict)
    drop_at: str | None = None
    delay: float = 0.0
    connections: int = 0
    port: int = 0
    host: str = "127.0.0.1"
    options: dict[str, Any] = field(default_factory=dict)
    tls: ssl.SSLContext | None = None
    pipelining: bool = False
    _server: asyncio.Server | None = None
    _protocols: list[Any] = field(default_factory=list)

    async def start(self) -> "Sink":
        def made() -> SMTP:
            self.connections += 1
            protocol = SMTP(self, **({"enable_SMTPUTF8": False, "ident": "puits"} | self.options))
            self._protocols.append(protocol)
            return protocol

        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(made, self.host, self.port, ssl=self.tls)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    def hang_up(self) -> None:
        for protocol in self._protocols:
            if protocol.transport is not None:
                protocol.transport.abort()

    async def stop(self) -> None:
        self.hang_up()
        if self._server is not None:
            self._server.close()
        await asyncio.sleep(0)

    @property
    def environment(self) -> dict[str, str]:
        """What a whole server is told so as to send here."""
        return {
            "RELANCE_PORT": "0",
            "RELANCE_EMAIL_SERVEUR": self.host,
            "RELANCE_EMAIL_PORT": str(self.port),
        }

    @property
    def raw(self) -> list[bytes]:
        return [bytes(envelope.content or b"") for envelope in self.envelopes]

    @property
    def messages(self) -> list[EmailMessage]:
        return [
            email.message_from_bytes(data, policy=email.policy.default)  # type: ignore[misc]
            for data in self.raw
        ]

    def _said(self, stage: str, address: str = "") -> str | None:
        answer = self.answer_to.get(stage)
        return answer(address) if callable(answer) else answer

    # --- aiosmtpd's handler ---------------------------------------------------------------

    async def handle_EHLO(  # noqa: N802
        self,
        server: SMTP,
        session: Session,
        envelope: Envelope,
        hostname: str,
        responses: list[str],
    ) -> list[str]:
        session.host_name = hostname
        return [*(["250-PIPELINING"] if self.pipelining else []), *responses]

    async def handle_MAIL(  # noqa: N802
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if self.drop_at == "MAIL":
            server.transport.abort()
        said = self._said("MAIL", address)
        if said is None:
            envelope.mail_from = address
            envelope.mail_options.extend(options)
        return said or "250 OK"

    async def handle_RCPT(  # noqa: N802
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if self.drop_at == "RCPT":
            server.transport.abort()
        said = self._said("RCPT", address)
        if said is None:
            envelope.rcpt_tos.append(address)
        return said or "250 OK"

    async def handle_DATA(  # noqa: N802
        self, server: SMTP, session: Session, envelope: Envelope
    ) -> str:
        await asyncio.sleep(self.delay)
        if self.drop_at == "DATA":
            self.envelopes.append(envelope)
            server.transport.abort()
        said = self._said("DATA")
        if said is None and self.drop_at is None:
            self.envelopes.append(envelope)
        return said or "250 2.0.0 accepte"
