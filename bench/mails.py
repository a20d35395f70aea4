"""Mails written and handed over in a second, beside bytes made beforehand that a library hands over.

Both speak to the same sink, in a process of its own, over eight connections, and hand over about as
many bytes: what is between them is what it costs to write each mail for its reader, its links
followed. The sink lets several commands be said at once, as nearly all servers do, or it does not.

`python -m bench.mails [MAILS]` takes another number.
"""

import asyncio
import multiprocessing
import sys
import time
from collections.abc import Awaitable, Callable
from functools import partial
from pathlib import Path

import aiosmtplib

from bench.figures import Figure, Goal, interleaved, table
from bench.ports import free_port
from bench.stage import START
from plugins import email
from plugins.email import compose, headers
from plugins.email.messages import MESSAGES
from relance.channel import Message, Sent
from relance.testing import FakeHost
from server.egress.guard import Egress
from server.publication.on_disk import on_disk

RULES = Path(__file__).parents[1] / "rules"
CONNECTIONS = 8
PIPELINING, ALONE = b"PIPELINING", b"8BITMIME"
#: What an address that is followed takes.
ADDRESS = "https://relance.exemple.ca/c/" + "x" * 120


async def _answer(offer: bytes, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Accept all that is said: the shortest of mail servers."""
    writer.write(b"220 puits\r\n")
    while line := await reader.readline():
        word = line[:4].upper()
        if word == b"EHLO":
            writer.write(b"250-puits\r\n250 %s\r\n" % offer)
            continue
        if word == b"DATA":
            writer.write(b"354 allez\r\n")
            await reader.readuntil(b"\r\n.\r\n")
        writer.write(b"250 puits\r\n" if word != b"QUIT" else b"221 adieu\r\n")
        if word == b"QUIT":
            break
    writer.close()


def _sink(port: int, offer: bytes = PIPELINING) -> None:
    async def serve() -> None:
        answer = partial(_answer, offer)
        server = await asyncio.start_server(answer, "127.0.0.1", port, limit=2**22)
        await server.serve_forever()

    asyncio.run(serve())


def _message(number: int) -> Message:
    fields = {"courriel": f"lead{number}@exemple.example", "prénom": "Aline", "ville": "Laval"}
    address = fields["courriel"]
    return Message(f"m{number}", "Bienvenue", number, address, fields, "Bienvenue", 1, START)


def _mail() -> bytes:
    """One of them, as the channel writes it."""
    found = MESSAGES.of(on_disk(RULES)).find("Bienvenue")
    if found is None or found.template is None:
        raise AssertionError("the library's own mail")
    template, message = found.template, _message(0)
    sender, recipient = template.sender, headers.address(message.address)
    if sender is None or recipient is None:
        raise AssertionError("the library's own mail")
    envelope = compose.Envelope(sender, recipient, f"<{'x' * 90}@a.ca>", ADDRESS, None, START)
    given = ("lien_0", "lien_desabonnement", "image_0", "_piege", "_pixel")
    return compose.write_all(template, message, {}, envelope, dict.fromkeys(given, ADDRESS))


async def _all(mails: int, send: Callable[[int], Awaitable[None]]) -> float:
    """Mails a second, so many at once."""
    numbers = iter(range(mails))

    async def one() -> None:
        for number in numbers:
            await send(number)

    began = time.perf_counter()
    await asyncio.gather(*(one() for _ in range(CONNECTIONS)))
    return mails / (time.perf_counter() - began)


async def _written(port: int, mails: int) -> float:
    """By the channel, each for its reader."""
    section = {"serveur": "127.0.0.1", "port": port, "connexions": CONNECTIONS}
    host = FakeHost({"email": section}, network=Egress(mail=["127.0.0.1"]), files=on_disk(RULES))
    channel, _alerts = email.relance_channels(host)

    async def send(number: int) -> None:
        outcome = await channel.send(_message(number))
        if not isinstance(outcome, Sent):
            raise AssertionError(outcome)

    await send(mails)  # the template is read, and the process that fills is there
    rate = await _all(mails, send)
    await channel.close()
    return rate


async def _made(port: int, mails: int, mail: bytes) -> float:
    """By a library, the same bytes each time."""
    clients = asyncio.Queue[aiosmtplib.SMTP]()
    for _ in range(CONNECTIONS):
        client = aiosmtplib.SMTP(hostname="127.0.0.1", port=port, start_tls=False)
        await client.connect()
        clients.put_nowait(client)

    async def send(number: int) -> None:
        client = await clients.get()
        await client.sendmail("a@exemple.example", [f"lead{number}@exemple.example"], mail)
        clients.put_nowait(client)

    return await _all(mails, send)


def measure(runs: int = 5, mails: int = 2_000) -> list[Figure]:
    """Mails a second."""
    return [
        _figure("Courriels écrits et remis", PIPELINING, runs, mails),
        _figure("Les mêmes, à un serveur sans PIPELINING", ALONE, runs, mails),
    ]


def _figure(what: str, offer: bytes, runs: int, mails: int) -> Figure:
    port, mail = free_port(), _mail()
    sink = multiprocessing.get_context("spawn").Process(
        target=_sink, args=(port, offer), daemon=True
    )
    sink.start()
    try:
        asyncio.run(_reached(port))
        left, right = interleaved(
            runs,
            lambda: asyncio.run(_written(port, mails)),
            lambda: asyncio.run(_made(port, mails, mail)),
        )
    finally:
        sink.terminate()
        sink.join()
    beside = "aiosmtplib, les mêmes octets chaque fois"
    return Figure(what, "/s", left, beside, right, Goal.AT_LEAST, 0.8)


async def _reached(port: int) -> None:
    async with asyncio.timeout(30):
        while True:
            try:
                _, writer = await asyncio.open_connection("127.0.0.1", port)
            except ConnectionError:
                await asyncio.sleep(0.05)
                continue
            writer.close()
            return


if __name__ == "__main__":
    print(table(measure(mails=int(sys.argv[1]) if len(sys.argv) > 1 else 2_000)))
