"""Asking a mail server to report deliveries (RFC 3461), and what counts when it cannot."""

import asyncio
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field

import pytest

from plugins.email.channel import EmailChannel
from relance.channel import Message, Sent
from tests.email.sink import Sink


@dataclass
class Notifier:
    """A mail server that offers DSN and keeps the commands it was given."""

    commands: list[str] = field(default_factory=list)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"220 puits\r\n")
        while line := (await reader.readline()).decode().strip():
            self.commands.append(line)
            verb = line.split()[0].upper()
            if verb == "EHLO":
                writer.write(b"250-puits\r\n250 DSN\r\n")
            elif verb == "DATA":
                writer.write(b"354 allez\r\n")
                await reader.readuntil(b"\r\n.\r\n")
                writer.write(b"250 2.0.0 accepte\r\n")
            elif verb == "QUIT":
                writer.write(b"221 au revoir\r\n")
                break
            else:
                writer.write(b"250 OK\r\n")
        writer.close()


@pytest.fixture
async def notifier() -> AsyncIterator[tuple[Notifier, int]]:
    made = Notifier()
    server = await asyncio.start_server(made.serve, "127.0.0.1", 0)
    yield made, server.sockets[0].getsockname()[1]
    server.close()


async def test_a_server_that_can_is_asked_to_report_and_only_its_reports_count(
    make: Callable[..., EmailChannel],
    message: Callable[..., Message],
    notifier: tuple[Notifier, int],
) -> None:
    server, port = notifier
    channel = make(port=port, rapports="dsn")
    for key in ("k1", "k2"):
        outcome = await channel.send(message(key=key))
        assert isinstance(outcome, Sent)
        assert [event.type for event in outcome.events] == ["email_sent"]
    mails = [line for line in server.commands if line.startswith("MAIL")]
    recipients = [line for line in server.commands if line.startswith("RCPT")]
    assert mails == ["MAIL FROM:<bonjour@lapetiteroue.example> RET=HDRS"] * 2
    assert recipients == ["RCPT TO:<aline@exemple.ca> NOTIFY=SUCCESS,FAILURE"] * 2


async def test_nothing_is_asked_of_it_otherwise(
    make: Callable[..., EmailChannel],
    message: Callable[..., Message],
    notifier: tuple[Notifier, int],
) -> None:
    server, port = notifier
    await make(port=port).send(message())
    assert not any("NOTIFY" in line or "RET" in line for line in server.commands)


async def test_what_a_server_without_reports_accepts_counts_as_delivered(
    make: Callable[..., EmailChannel], message: Callable[..., Message], sink: Sink
) -> None:
    outcome = await make(rapports="dsn").send(message())
    assert isinstance(outcome, Sent)
    assert [event.type for event in outcome.events] == ["email_sent", "email_delivered"]
