"""Open pages from a process of their own: each holds its stream, and asks again when it is told to.

`python -m bench.watchers PORT SESSION COUNT SECONDS` prints one JSON line: how many words came, how
many parts were asked for, and the median and 99th centile of what these took, in milliseconds.
"""

import asyncio
import json
import sys
import time
from statistics import median, quantiles

import httpx

STREAM, PART = "/vif", "/tableau"


class Watchers:
    """Pages of the dashboard, as browsers keep them."""

    def __init__(self, client: httpx.AsyncClient) -> None:
        self._client = client
        self.words = 0
        self.latencies: list[float] = []

    async def watch(self) -> None:
        """One page, until cancelled."""
        async with self._client.stream("GET", STREAM) as stream:
            stream.raise_for_status()
            async for line in stream.aiter_lines():
                if line.startswith("event: change"):
                    self.words += 1
                    began = time.perf_counter()
                    (await self._client.get(PART)).raise_for_status()
                    self.latencies.append((time.perf_counter() - began) * 1_000)


async def watched(port: int, session: str, pages: int, seconds: float) -> Watchers:
    """That many pages, so long."""
    limits = httpx.Limits(max_connections=None, max_keepalive_connections=None)
    async with httpx.AsyncClient(
        base_url=f"http://127.0.0.1:{port}",
        cookies={"relance_session": session},
        limits=limits,
        timeout=30,
    ) as client:
        found = Watchers(client)
        tasks = [asyncio.create_task(found.watch()) for _ in range(pages)]
        await asyncio.sleep(seconds)
        for task in tasks:
            task.cancel()
        ended = await asyncio.gather(*tasks, return_exceptions=True)
        for one in ended:
            if isinstance(one, Exception):
                raise one
        return found


def main() -> None:
    """The line."""
    port, session, pages, seconds = sys.argv[1:]
    found = asyncio.run(watched(int(port), session, int(pages), float(seconds)))
    times = found.latencies or [0.0, 0.0]
    said = {
        "words": found.words,
        "parts": len(found.latencies),
        "median": median(times),
        "p99": quantiles(times, n=100)[-1] if len(times) > 1 else times[0],
    }
    print(json.dumps(said))


if __name__ == "__main__":
    main()
