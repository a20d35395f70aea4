"""The demonstration's mailbox is a real SMTP server."""

from datetime import timedelta
from email.message import EmailMessage

import aiosmtplib

from server.demo.clock import DemoClock
from server.demo.mailbox import DemoMailbox


def letter() -> EmailMessage:
    message = EmailMessage()
    message["From"] = "La Petite Roue <bonjour@lapetiteroue.example>"
    message["To"] = "aline@example.com"
    message["Subject"] = "Bienvenue, Aline : déjà là !"
    message.set_content("Bonjour Aline")
    message.add_alternative("<p>Bonjour <b>Aline</b></p>", subtype="html")
    return message


async def test_a_message_sent_over_smtp_is_read_as_its_reader_would() -> None:
    clock = DemoClock()
    box = DemoMailbox(clock)
    async with box.listening("127.0.0.1") as port:
        await aiosmtplib.send(letter(), hostname="127.0.0.1", port=port, start_tls=False)
    (received,) = box.messages
    assert received.subject == "Bienvenue, Aline : déjà là !"
    assert received.recipient == "aline@example.com"
    assert "<b>Aline</b>" in received.html
    assert received.text.strip() == "Bonjour Aline"
    assert box.get(received.number) == received
    assert box.get(99) is None


def test_the_demo_clock_only_goes_forward() -> None:
    clock = DemoClock()
    start = clock.now()
    clock.skip_to(start + timedelta(days=2))
    assert clock.now() >= start + timedelta(days=2)
    clock.skip_to(start)
    assert clock.now() >= start + timedelta(days=2)
