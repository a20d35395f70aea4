"""An honest form while somebody does his worst: `python -m bench.hostile [trial…]`.

Each trial keeps the server busy with one way to hold connections, memory or time, from this machine,
for a few seconds, then stops by itself. Beside it a visitor sends a form every 50 ms, on a
new connection each. The server is then asked to stop, the trial still going on. The goal of
each: the slowest of a hundred forms answered within 300 ms, the server gone within 10 s.
"""

import asyncio
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress
from pathlib import Path

from bench.latency import project
from bench.load import centile
from bench.ports import free_port
from bench.processes import relance

SECONDS = 12.0
EVERY = 0.05
#: Below what the machine lets this process open.
MANY = 900

Trial = Callable[[int], Awaitable[None]]

_GET = b"GET /merci HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"


def _post(body: bytes, length: int | None = None, kind: bytes = b"") -> bytes:
    kind = kind or b"application/x-www-form-urlencoded"
    return (
        b"POST /webhooks/forms/Demande%20de%20tarif HTTP/1.1\r\nHost: 127.0.0.1\r\n"
        b"Content-Type: " + kind + b"\r\n"
        b"Content-Length: %d\r\n\r\n%s" % (len(body) if length is None else length, body)
    )


async def _connect(port: int) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    """A connection from another address than the visitor's: what one may send is counted by it."""
    return await asyncio.open_connection("127.0.0.1", port, local_addr=("127.0.0.2", 0))


async def _hold(port: int, said: bytes, again: bytes = b"") -> None:
    """Say something on a connection, never read, keep it; another one when it is closed."""
    while True:
        with suppress(OSError):
            _, writer = await _connect(port)
            writer.transport.pause_reading()  # type: ignore[attr-defined]
            writer.write(said)
            await asyncio.sleep(0.5)
            if again:
                writer.write(again)
            while not writer.transport.is_closing():
                await asyncio.sleep(0.5)
                writer.write(b"")
                if writer.transport.get_write_buffer_size() == 0 and not again:
                    writer.transport.resume_reading()  # type: ignore[attr-defined]
        await asyncio.sleep(0.2)


async def _ask(port: int, said: bytes) -> None:
    """Ask, read the answer, ask again: as fast as the server lets us."""
    while True:
        with suppress(OSError):
            reader, writer = await _connect(port)
            writer.write(said)
            with suppress(ConnectionError):
                await reader.read(4096)
            writer.close()
        await asyncio.sleep(0)


async def _many(number: int, one: Callable[[], Awaitable[None]]) -> None:
    await asyncio.gather(*(one() for _ in range(number)))


async def pipelined(port: int) -> None:
    """A hundred connections of 60 kB of requests whose answers nobody reads."""
    await _many(100, lambda: _hold(port, _GET * (60_000 // len(_GET))))


async def bodiless(port: int) -> None:
    """Whole heads, bodies that never begin."""
    await _many(MANY, lambda: _hold(port, _post(b"", 1_000)))


async def stray(port: int) -> None:
    """A byte after each answer."""
    await _many(MANY, lambda: _hold(port, _GET, b"G"))


async def silent(port: int) -> None:
    """Connections that say nothing."""
    await _many(MANY, lambda: _hold(port, b""))


async def headers(port: int) -> None:
    """Heads of 12,500 lines, four at a time."""
    lines = b"".join(b"a%d: 1\r\n" % n for n in range(12_500))
    await _many(4, lambda: _ask(port, _GET[:-2] + lines + b"\r\n"))


async def bodies(port: int) -> None:
    """Forms of 64 KiB in four thousand fields, four at a time."""
    fields = b"&".join(b"champ%d=%%E9%%E9%%E9" % n for n in range(3_200))[:64_000]
    await _many(4, lambda: _ask(port, _post(fields)))


async def parts(port: int) -> None:
    """Multipart forms of a thousand parts, four at a time."""
    part = b'--x\r\nContent-Disposition: form-data; name="a"\r\n\r\n1\r\n'
    body = part * (62_000 // len(part)) + b"--x--\r\n"
    said = _post(body, kind=b"multipart/form-data; boundary=x")
    await _many(4, lambda: _ask(port, said))


async def crowd(port: int) -> None:
    """Forms like any other, sixteen at a time, as fast as they are answered."""
    number = iter(range(10**9))
    await _many(
        16,
        lambda: _each(port, lambda: _post(b"courriel=a%d%%40exemple.example" % next(number))),
    )


async def _each(port: int, said: Callable[[], bytes]) -> None:
    while True:
        with suppress(OSError, asyncio.TimeoutError):
            async with asyncio.timeout(2):
                reader, writer = await _connect(port)
                writer.write(said())
                await reader.read(4096)
                writer.close()
        await asyncio.sleep(0)


async def quiet(_port: int) -> None:
    """Nobody: what the others compare with."""
    await asyncio.sleep(SECONDS)


TRIALS: tuple[Trial, ...] = (
    quiet, pipelined, bodiless, stray, silent, headers, bodies, parts, crowd,
)  # fmt: skip


async def _honest(port: int, seconds: float) -> list[float]:
    """How long each form of a visitor took, in seconds; a refused one counts as a minute."""
    took: list[float] = []

    async def one(number: int) -> None:
        body = b"courriel=honnete%d%%40exemple%d.example" % (number, number % 997)
        began = time.monotonic()
        try:
            async with asyncio.timeout(30):
                # Each visitor from an address of his own, as on the web.
                mine = (f"127.0.{1 + number // 250}.{1 + number % 250}", 0)
                reader, writer = await asyncio.open_connection("127.0.0.1", port, local_addr=mine)
                writer.write(_post(body))
                status = await reader.readline()
                writer.close()
            took.append(time.monotonic() - began if b" 201 " in status else 60.0)
        except (OSError, TimeoutError):
            took.append(60.0)

    sending = []
    for number in range(int(seconds / EVERY)):
        sending.append(asyncio.create_task(one(number)))
        await asyncio.sleep(EVERY)
    await asyncio.gather(*sending)
    return took


async def _attack(trial: Trial, port: int, seconds: float) -> None:
    with suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            await trial(port)


def measure(trial: Trial, seconds: float = SECONDS - 2) -> tuple[float, float, float]:
    """The median and the 99th centile of honest forms, and how long the server took to stop."""
    with tempfile.TemporaryDirectory() as folder:
        port = free_port()
        made = project(Path(folder), port, free_port())
        settings = made / "relance.toml"
        # What is measured is a server as it is set by default, one address sending too much.
        settings.write_text(settings.read_text("utf-8").replace("debit = 0\n", ""), "utf-8")
        with relance(made, port) as server:
            command = [sys.executable, "-m", "bench.hostile", "--attack", trial.__name__, str(port)]
            attacker = subprocess.Popen(command)
            try:
                time.sleep(1.5)
                took = asyncio.run(_honest(port, seconds))
                began = time.monotonic()
                server.stop()
                stopped = time.monotonic() - began
            finally:
                attacker.send_signal(signal.SIGKILL)
                attacker.wait()
    return centile(took, 0.5), centile(took, 0.99), stopped


def main(asked: list[str]) -> int:
    """Print each trial's figures; 1 if a goal is not reached."""
    if asked[:1] == ["--attack"]:
        chosen = next(one for one in TRIALS if one.__name__ == asked[1])
        asyncio.run(_attack(chosen, int(asked[2]), 3 * SECONDS))
        return 0
    reached = True
    for trial in TRIALS:
        if asked and trial.__name__ not in asked:
            continue
        median, slow, stopped = measure(trial)
        reached &= slow < 0.3 and stopped < 10
        print(
            f"{trial.__name__:10} p50 {1000 * median:5.0f} ms  p99 {1000 * slow:5.0f} ms  "
            f"stop {stopped:4.1f} s  {trial.__doc__}",
            flush=True,
        )
    return 0 if reached else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
