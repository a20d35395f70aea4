"""The stage scenarios are played on: a whole server whose outside is replaced.

Opening a store and compiling a project's statements costs more than playing a scenario, so one
stage serves them all: between two it is emptied of everything but the published campaigns.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from types import TracebackType
from zoneinfo import ZoneInfo

from dsl.phrases.words import BARE, Words
from relance.host import Identities, Incoming
from relance.testing import FakeChannel, VirtualClock
from server.dispatch.dispatch import Dispatch
from server.dispatch.terms import USUAL, Terms
from server.engine.engine import Engine
from server.engine.publication.project import Project
from server.engine.wake import Works, weekdays
from server.intake.intake import Intake
from server.store.contacts import DEFAULT_REGION
from server.store.ids import EventIds
from server.store.schema.metadata import metadata
from server.store.store import Store

#: Ticks that one instant may take before a campaign is held to go round in circles.
MOST_TICKS = 300
ROUND = "À cet instant, une campagne tourne en rond sans jamais attendre."

#: What outlives a scenario: what the project declares and publishes.
_KEPT = frozenset(
    {
        "campaigns",
        "campaign_objectives",
        "dynamic_lists",
        "goals",
        "versions",
        "lead_fields",
        "server_settings",
        "standing_rules",
        "team",
        "tenure",
    }
)
_EMPTIED = tuple(table for table in metadata.sorted_tables if table.name not in _KEPT)

FieldRow = tuple[str, str, tuple[str, ...]]


class Stuck(Exception):
    """The scenario cannot go on; the message says why, in French."""


class StageClock:
    """The clock everybody on the stage is handed: a virtual one, a new one for each scenario."""

    def __init__(self) -> None:
        self.shown = VirtualClock()

    def now(self) -> datetime:
        """The instant of the scenario being played."""
        return self.shown.now()


class Stage:
    """Opened with `async with`, set up once, then begun anew for each scenario."""

    def __init__(
        self,
        zone: ZoneInfo,
        region: str = DEFAULT_REGION,
        works: Works = weekdays,
        words: Words = BARE,
        terms: Terms = USUAL,
    ) -> None:
        self.clock = StageClock()
        self._region, self._works, self._words = region, works, words
        self._terms = terms
        self.zone = zone
        #: When anything is due next, and when a message is.
        self._due: datetime | None = None
        self._sending: datetime | None = None
        self._mailed = False

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
        project: Project,
        rewriters: Mapping[str, Callable[[str], str]] | None = None,
    ) -> None:
        """Declare the project's fields and publish the project."""
        await self.store.declare_fields(fields)
        self.engine = Engine(
            self.store, self.clock, self.zone, works=self._works, words=self._words
        )
        self.engine.on_outbox = self._mail
        self.engine.rewriters = rewriters or {}
        await self.engine.publish(project)

    async def begin(self, start: datetime, channels: Sequence[FakeChannel]) -> None:
        """Empty the stage and set its clock: nothing of an earlier scenario is left."""
        self.clock.shown = VirtualClock(start)
        self.store.ids = EventIds(self.clock)
        async with self.store.write() as conn:
            for table in _EMPTIED:
                await conn.execute(table.delete())
        self.channels = tuple(channels)
        self.intake = Intake(self.store, self.clock, self._region)
        self.intake.hears = self.engine.hears
        self.dispatch = Dispatch(self.store, self.clock, channels, self.intake, self._terms)
        self._due, self._sending, self._mailed = None, None, False
        await self.engine.begin_again()
        await self.settle()

    def _mail(self) -> None:
        self._mailed = True

    async def record(self, incoming: Incoming) -> int:
        """Let a fact in by the real door; the lead it is about."""
        (receipt,) = await self.intake.record([incoming])
        return receipt.lead_id

    async def reach(self, instant: datetime) -> None:
        """Let time pass until `instant`, stopping at each moment something is due."""
        while self._due is not None and self._due <= instant:
            if self._due <= self.clock.now():
                raise Stuck(ROUND)
            self.clock.shown.set(self._due)
            await self.settle()
        self.clock.shown.set(max(instant, self.clock.now()))

    async def settle(self) -> None:
        """Do all there is to do at this instant, and note when there is more."""
        for _ in range(MOST_TICKS):
            worked = await self.engine.tick()
            for reason in self.engine.quarantine.values():
                raise Stuck(f"Une campagne ne peut pas tourner ({reason}).")
            if not await self._send() and not (worked and self.engine.behind):
                self._due = self._next_due()
                return
        raise Stuck(ROUND)

    async def _send(self) -> bool:
        """Hand over what was just written, or what a channel put off until now."""
        due = self._sending
        if not self._mailed and (due is None or due > self.clock.now()):
            return False
        self._mailed = False
        sent = await self.dispatch.drain()
        self._sending = await self.dispatch.next_due()
        return sent

    def _next_due(self) -> datetime | None:
        wakes = (self.engine.next_wake(), self._sending)
        return min((wake for wake in wakes if wake is not None), default=None)


def about(lead_id: int) -> Identities:
    """A lead already known."""
    return Identities(lead_id=lead_id)
