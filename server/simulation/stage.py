"""The stage a scenario is played on: one store, one clock, the engine between them."""

from collections.abc import Sequence
from datetime import datetime
from types import TracebackType
from zoneinfo import ZoneInfo

from relance.host import Identities, Incoming
from relance.testing import FakeChannel, VirtualClock
from server.engine.dispatch import Dispatch
from server.engine.engine import Engine
from server.engine.intake import Intake
from server.engine.publication import Published
from server.store.store import Store

#: Ticks that one instant may take before the campaign is held to go round in circles.
MOST_TICKS = 1_000

FieldRow = tuple[str, str, tuple[str, ...]]


class Stuck(Exception):
    """The scenario cannot go on; the message says why, in French."""


ROUND = "À cet instant, une campagne tourne en rond sans jamais attendre."


class Stage:
    """Opened with `async with`; holds the whole of a running server, its outside replaced."""

    def __init__(self, start: datetime, zone: ZoneInfo) -> None:
        self.clock = VirtualClock(start)
        self.zone = zone

    async def __aenter__(self) -> "Stage":
        self.store = await Store.open("sqlite://", self.clock)
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.store.close()

    async def set_up(
        self,
        fields: Sequence[FieldRow],
        programs: Sequence[Published],
        channels: Sequence[FakeChannel],
    ) -> None:
        """Declare the project's fields and publish its campaigns."""
        await self.store.declare_fields(fields)
        self.intake = Intake(self.store, self.clock)
        self.engine = Engine(self.store, self.clock, self.zone)
        self.dispatch = Dispatch(self.store, self.clock, channels, self.intake)
        await self.engine.publish(programs)

    async def record(self, incoming: Incoming) -> int:
        """Let a fact in by the real door; the lead it is about."""
        (receipt,) = await self.intake.record([incoming])
        return receipt.lead_id

    async def reach(self, instant: datetime) -> None:
        """Let time pass until `instant`, stopping at each moment something is due."""
        await self.settle()
        while (due := await self._next_due()) is not None and due <= instant:
            if due <= self.clock.now():
                raise Stuck(ROUND)
            self.clock.set(due)
            await self.settle()
        self.clock.set(max(instant, self.clock.now()))
        await self.settle()

    async def settle(self) -> None:
        """Do all there is to do at this instant."""
        for _ in range(MOST_TICKS):
            worked = await self.engine.tick()
            sent = await self.dispatch.drain()
            for reason in self.engine.quarantine.values():
                raise Stuck(f"Une campagne ne peut pas tourner ({reason}).")
            if not worked and not sent:
                return
        raise Stuck(ROUND)

    async def _next_due(self) -> datetime | None:
        wakes = [self.engine.next_wake(), await self.dispatch.next_due()]
        return min((wake for wake in wakes if wake is not None), default=None)


def about(lead_id: int) -> Identities:
    """A lead already known."""
    return Identities(lead_id=lead_id)
