"""All the sinks of a server, each with its lane."""

import asyncio
from collections.abc import Mapping, Sequence

from relance.host import Clock
from relance.sink import Sink
from server.deliveries.lane import DeliveryLane, Keyed
from server.store.store import Store

#: How long the calls under way may take to end when the server stops.
_GRACE = 4.0


class Deliveries:
    """Hands over what is noted for the sinks. `key`: as the receiver tells copies by it."""

    def __init__(self, store: Store, clock: Clock, sinks: Sequence[Sink], key: Keyed) -> None:
        self._lanes = [DeliveryLane(store, clock, sink, key) for sink in sinks]

    def wake(self) -> None:
        """Look now: something was noted, or is to be tried anew."""
        for lane in self._lanes:
            lane.wake()

    def cut(self) -> Mapping[str, str]:
        """The sinks that are left in peace for a while, by name, and why."""
        return {lane.sink.name: reason for lane in self._lanes if (reason := lane.cut)}

    async def drain(self) -> int:
        """Hand over all that is due now; how many. Not beside `run`."""
        count = 0
        for lane in self._lanes:
            while found := await lane.turn():
                count += found
        return count

    async def run(self) -> None:
        """Hand over until cancelled; then let the calls under way end."""
        running = [asyncio.create_task(lane.run()) for lane in self._lanes]
        try:
            await asyncio.Event().wait()
        finally:
            for lane in self._lanes:
                lane.stop()
            if running:
                _, late = await asyncio.wait(running, timeout=_GRACE)
                for task in late:
                    task.cancel()

    async def close(self) -> None:
        """Let go of the sinks' connections."""
        for lane in self._lanes:
            await lane.sink.close()
