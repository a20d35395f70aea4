"""Load from a process of its own: raw keep-alive sockets, so that the client is not the brake.

`python -m bench.load PORT SECONDS CONNECTIONS FIRST` prints one JSON line: how many answers
were 2xx, how many were not, and the latencies' median and 99th centile in milliseconds.
"""

import asyncio
import json
import sys
import time
from collections.abc import Iterator
from itertools import count

FORM = "Demande%20de%20tarif"
BODY_SIZE = 413


def body(number: int) -> bytes:
    """A form of 413 bytes about a new lead."""
    # Too many newcomers of one domain would be held.
    domain = f"exemple{number % 997:03d}.example"
    start = (
        f"courriel=visiteur{number:09d}%40{domain}&pr%C3%A9nom=Aline&nom=Tremblay"
        f"&ville=Montr%C3%A9al&t%C3%A9l%C3%A9phone=%2B1+514+2{number % 100:02d}+{number // 100 % 10000:04d}"
        "&langue=fr&source=infolettre+d%27automne&consentement=oui&message="
    )
    return (start + "Bonjour%2C+quel+est+le+prix+%3F+" * 20)[:BODY_SIZE].encode()


def request(port: int, number: int, path: str = f"/webhooks/forms/{FORM}") -> bytes:
    """The whole request."""
    content = body(number)
    head = (
        f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n"
        "Content-Type: application/x-www-form-urlencoded\r\n"
        f"Content-Length: {len(content)}\r\n\r\n"
    )
    return head.encode() + content


class Poster(asyncio.Protocol):
    """One connection: posts, waits for the answer, posts again until the time is up."""

    def __init__(self, port: int, numbers: Iterator[int], until: float) -> None:
        self.done = asyncio.get_running_loop().create_future()
        self.latencies: list[float] = []
        self.failures = 0
        self._port = port
        self._numbers = numbers
        self._until = until
        self._received = b""
        self._sent_at = 0.0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        self._post()

    def _post(self) -> None:
        if time.perf_counter() >= self._until:
            self._transport.close()
            return
        self._sent_at = time.perf_counter()
        self._transport.write(request(self._port, next(self._numbers)))

    def data_received(self, data: bytes) -> None:
        self._received += data
        head, found, rest = self._received.partition(b"\r\n\r\n")
        if not found or len(rest) < _length(head):
            return
        self._received = b""
        if head[9:10] == b"2":
            self.latencies.append(time.perf_counter() - self._sent_at)
        else:
            self.failures += 1
        self._post()

    def connection_lost(self, _error: Exception | None) -> None:
        if not self.done.done():
            self.done.set_result(None)


def _length(head: bytes) -> int:
    for line in head.split(b"\r\n"):
        name, _, value = line.partition(b":")
        if name.lower() == b"content-length":
            return int(value)
    return 0


def centile(values: list[float], share: float) -> float:
    """The value below which `share` of them stand."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))]


async def load(port: int, seconds: float, connections: int, first: int) -> dict[str, float]:
    """Post for that long; what came of it."""
    numbers = count(first)
    began = time.perf_counter()
    posters: list[Poster] = []
    for _ in range(connections):
        posters.append(Poster(port, numbers, began + seconds))
        loop = asyncio.get_running_loop()
        await loop.create_connection(lambda: posters[-1], "127.0.0.1", port)
    await asyncio.gather(*(poster.done for poster in posters))
    took = time.perf_counter() - began
    latencies = [value for poster in posters for value in poster.latencies]
    return {
        "accepted": len(latencies),
        "failed": sum(poster.failures for poster in posters),
        "per_second": len(latencies) / took,
        "p50_ms": 1000 * centile(latencies, 0.5) if latencies else 0.0,
        "p99_ms": 1000 * centile(latencies, 0.99) if latencies else 0.0,
    }


def main() -> None:
    """Load as the arguments say."""
    port, seconds, connections, first = sys.argv[1:]
    print(json.dumps(asyncio.run(load(int(port), float(seconds), int(connections), int(first)))))


if __name__ == "__main__":
    main()
