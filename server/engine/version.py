"""A published program as the engine runs it: its place in the store, its zone, what it is compiled to."""

from dataclasses import dataclass, field
from datetime import time, timedelta
from functools import cached_property
from zoneinfo import ZoneInfo

from dsl.program import HOLDOUT, Program, Reentry, Step
from relance.events import FORM_SUBMITTED
from relance.fold import key_of
from server.engine.contents import parts, subjects
from server.engine.parameters import holes_of
from server.engine.wake import at_local
from server.store.calendar import earlier, later
from server.store.instants import DAY, HOUR, MINUTE, Micros, midnight


@dataclass(eq=False)
class Version:
    """One immutable version. `open_` says whether new leads may enter by it."""

    id: int
    campaign_id: int
    key: str
    program: Program
    zone: ZoneInfo
    open_: bool
    #: Who comes first in its exclusive group: the smallest. 0 in none.
    place: int = 0
    steps: dict[str, int] = field(init=False)

    def __post_init__(self) -> None:
        self.steps = {
            key_of(statement.name): index
            for index, statement in enumerate(self.program.statements)
            if isinstance(statement, Step)
        }

    @cached_property
    def group(self) -> str | None:
        """The key of its exclusive group, if leads may enter by it."""
        found = self.program.group
        return key_of(found) if found is not None and self.open_ else None

    @cached_property
    def period_start(self) -> Micros | None:
        """The first instant of the campaign's period."""
        starts, at = self.program.starts, self.program.starts_at
        return at_local(starts, at or time.min, 0, self.zone) if starts else None

    @cached_property
    def period_end(self) -> Micros | None:
        """The first instant after the campaign's period."""
        ends, at = self.program.ends, self.program.ends_at
        if ends is None:
            return None
        if at is None:
            return midnight(ends + timedelta(days=1), self.zone)
        return at_local(ends, at, 0, self.zone) + MINUTE

    @property
    def bounded(self) -> bool:
        """Whether those inside must leave at some time whatever they do."""
        return self.program.timeout is not None

    @cached_property
    def holds_out(self) -> bool:
        """Whether some of those who enter get nothing, to be compared with the others."""
        return any(one.key == HOLDOUT for one in self.program.statements[:1])

    @property
    def hourly(self) -> bool:
        """Whether it is looked at on the hour alone."""
        return self.program.hourly

    def counted_from(self, now: Micros) -> Micros:
        """The instant its waits count from: that of the look, however long a look takes."""
        return now - now % HOUR if self.hourly else now

    def looked_from(self, now: Micros) -> Micros:
        """When it is next looked at, from that instant on."""
        return -(-now // HOUR) * HOUR if self.hourly else now

    def in_period(self, now: Micros) -> bool:
        """Whether that instant is in the campaign's period."""
        return (self.period_start or 0) <= now and (
            self.period_end is None or now < self.period_end
        )

    def expiry(self, now: Micros) -> Micros | None:
        """When a lead that enters now must leave whatever it does."""
        timeout = self.program.timeout
        return later(self.counted_from(now), timeout, self.zone) if timeout else None

    def reentry_cutoff(self, now: Micros) -> Micros:
        """A last entry after this instant is too recent."""
        if self.program.reentry is not Reentry.AFTER_DELAY or not self.program.reentry_delay:
            return now + 100 * 365 * DAY
        return earlier(now, self.program.reentry_delay, self.zone)

    @cached_property
    def forms(self) -> frozenset[str]:
        """The forms it hears or asks about, as its script writes them."""
        return subjects(self.program, FORM_SUBMITTED)

    @cached_property
    def holes(self) -> frozenset[str]:
        """The names of the holes its facts leave to fill."""
        return holes_of(parts(self.program))


@dataclass(frozen=True, slots=True)
class RecordedProgram:
    """Where a published program is kept; whether its version is new, or only open again.

    `former`: the version its campaign ran until now, if it did.
    """

    campaign_id: int
    version_id: int
    new: bool
    reopened: bool = False
    former: int | None = None
