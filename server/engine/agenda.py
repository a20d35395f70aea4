"""Whether there is work, and when there will be: one statement, answered by indexes alone.

It is asked at both ends of every tick, so that the tick then skips what has nothing due.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import BigInteger, bindparam, exists, func, select

from server.engine.parameters import QUARANTINE
from server.engine.quarantine import Quarantine
from server.engine.tick import Prepared, Tick
from server.engine.triggers.hourly import Hourly
from server.engine.watches import Flips
from server.store.instants import Micros
from server.store.schema.campaigns import enrolments, missed, schedules, takings
from server.store.schema.events import inbox
from server.store.schema.transfers import carried
from server.store.schema.trust import moving

_pending = exists(select(inbox.c.id))
#: Whether the history of a lead is on its way to another's.
_moving = exists(select(moving.c.source))
#: Whether some who passed from another version have taken along what they did there: by its key, of
#: which the first answers.
_carried = select(carried.c.lead_id).where(carried.c.lead_id > 0).limit(1).scalar_subquery()
#: The versions in which nobody moves. Those of them whose time comes are set apart by a tick.
_STILL = bindparam("p_still", type_=BigInteger, expanding=True)
_wakes = select(func.min(enrolments.c.wake_at)).where(
    enrolments.c.wake_at.is_not(None), enrolments.c.version_id.not_in(QUARANTINE)
)
_RESTING = bindparam("p_resting", type_=BigInteger, expanding=True)
_recurs = select(func.min(schedules.c.due_at)).where(schedules.c.version_id.not_in(_RESTING))
#: Whether something waits for the hour.
_HOURLY = bindparam("p_hourly", type_=BigInteger, expanding=True)
_kept = exists(select(missed.c.lead_id).where(missed.c.version_id.in_(_HOURLY)))
_takes = select(func.min(takings.c.due_at)).where(takings.c.version_id.not_in(_STILL))


@dataclass(frozen=True, slots=True)
class Upcoming:
    """What lies ahead: events that wait, and the first instant of each thing time brings."""

    pending: bool
    moving: bool
    carries: bool
    wakes: Micros | None
    recurs: Micros | None
    takes: Micros | None
    looks: Micros | None
    flips: Micros | None

    @property
    def first(self) -> Micros | None:
        """When time next brings anything."""
        found = (self.wakes, self.recurs, self.takes, self.looks, self.flips)
        return min((at for at in found if at is not None), default=None)


class Agenda:
    """Looks. `flips`: the zones where days begin, and the columns that tell when; `hourly`: the
    versions looked at on the hour.
    """

    def __init__(self, flips: Flips, hourly: Hourly) -> None:
        self._flips, self._hourly = flips, hourly
        parts = [each.scalar_subquery() for each in (_wakes, _recurs, _takes)]
        self._asked = Prepared(
            select(_pending, _moving, _carried.is_not(None), _kept, *parts, *flips.nexts())
        )

    async def look(self, tick: Tick, quarantine: Quarantine, resting: Sequence[int]) -> Upcoming:
        """What lies ahead as things are now, what is set apart left out."""
        still = [*quarantine.versions, *resting]
        holes = {**quarantine.holes, "p_still": still, "p_resting": resting}
        holes["p_hourly"] = list(self._hourly.versions)
        ((pending, under_way, carries, kept, *found),) = await tick.ask(self._asked, **holes)
        looks = self._hourly.next(tick.now, kept=kept)
        wakes, recurs, takes, *nexts = found
        return Upcoming(
            *(pending, under_way, carries, wakes, recurs, takes, looks),
            self._flips.first_of(nexts),
        )


def due(at: Micros | None, now: Micros) -> bool:
    """Whether that instant, if there is one, has come."""
    return at is not None and at <= now
