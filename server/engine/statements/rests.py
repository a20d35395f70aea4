"""Until when: the wake times of those who just began to wait, computed once a group, not once a lead.

Leads that share a time zone (and, for a wait on a date field, the date) share the answer.
"""

from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Date,
    Text,
    and_,
    bindparam,
    func,
    literal,
    select,
    update,
)

from relance.values import Duration
from relance.waits import (
    Wait,
    WaitFor,
    WaitForHours,
    WaitForWeekday,
    WaitForWorkingDays,
    WaitUntil,
    WaitUntilNext,
    WaitUpTo,
)
from server.engine.batch import batch
from server.engine.conditions.flips import soonest
from server.engine.conditions.scope import Scope
from server.engine.draw import RANGE, draw_sql
from server.engine.parameters import NOW, VISIT
from server.engine.tick import Prepared, Tick
from server.engine.version import Version
from server.engine.wake import (
    Works,
    at_local,
    next_hours,
    next_such_time,
    next_weekday,
    working_days_later,
)
from server.store.calendar import later, zone_named
from server.store.instants import Micros

_UNTIL = bindparam("p_until", type_=BigInteger)
_SPAN = bindparam("p_span", type_=BigInteger)
_ZONE = bindparam("p_zone", type_=Text)
_DAY = bindparam("p_day", type_=Date)
_SHARED = bindparam("p_deadline", type_=BigInteger)


def resting(scope: Scope) -> dict[str, Any]:
    """What those are given who come to rest until the end that `p_deadline` holds."""
    wake = soonest(scope.dialect, _SHARED, batch.c.expires_at)
    return {"deadline": _SHARED, "wake_at": wake}


class Deadline:
    """When a rest ends: asked of `shared` where all who come to it share that, else written row by row."""

    def __init__(
        self, wait: Wait | None, version: Version, scope: Scope, coming: ColumnElement[bool]
    ) -> None:
        """`coming`: the rows of those who are about to rest."""
        self._wait = wait
        self._version = version
        self._works = scope.works
        leads = scope.fields.table
        self._spread = wait.salt if isinstance(wait, WaitUpTo) else None
        day: ColumnElement[Any] | None = None
        if isinstance(wait, WaitUntil) and not isinstance(wait.day, date):
            field = scope.fields.get(wait.day.name)
            if field is None:
                raise LookupError(f"no such field: {wait.day.name}")
            day = field.column
        self._by_day = day is not None
        visited = and_(batch.c.version_id == version.id, batch.c.visit == VISIT)
        joined = and_(visited, leads.c.id == batch.c.lead_id)
        zone = func.coalesce(leads.c.f_fuseau, "")
        groups = [zone, day] if day is not None else [zone]
        self._groups = Prepared(select(*groups).where(joined).distinct())
        whose = leads.c.id == batch.c.lead_id
        self._zones = Prepared(select(zone).where(coming, whose).distinct())
        here = joined & (zone == _ZONE)
        if day is not None:
            here = here & (day == _DAY)
        end: Any = _UNTIL
        if self._spread is not None:
            share = draw_sql(batch.c.lead_id, self._spread)
            end = NOW + _SPAN * share // literal(RANGE, BigInteger)
        rest = {"deadline": end, "wake_at": soonest(scope.dialect, end, batch.c.expires_at)}
        self._write = Prepared(update(batch).where(here).values(rest))
        self._write_all = Prepared(update(batch).where(visited).values(rest))

    async def shared(self, tick: Tick) -> Micros | None:
        """The end of those who are about to rest; None where it is not one for all, or there is none."""
        if self._wait is None or self._by_day or self._spread is not None:
            return None
        begun = self._version.counted_from(tick.now)
        if isinstance(self._wait, WaitFor) and not (
            self._wait.duration.months or self._wait.duration.days
        ):
            return later(begun, self._wait.duration, self._version.zone)
        zones = await tick.rows(self._zones, self._version)
        return self._until(begun, zones[0][0]) if len(zones) == 1 else None

    @property
    def by_day(self) -> bool:
        """Whether it rests on a date that a field of the lead holds."""
        return self._by_day

    async def write(self, tick: Tick, visit: int) -> None:
        """Compute and write those of a visit that were not told; who has no date keeps what there is."""
        if self._wait is None:
            return
        begun = self._version.counted_from(tick.now)
        groups = await tick.rows(self._groups, self._version, p_visit=visit)
        # Mostly all share one: whose lead has which zone need not be asked again.
        write = self._write_all if len(groups) == 1 else self._write
        for name, *rest in groups:
            day = rest[0] if rest else None
            if self._by_day and day is None:
                continue
            end = self._until(begun, name, day)
            holes: dict[str, Any] = {"p_until": end, "p_span": end - begun}
            if write is self._write:
                holes |= {"p_zone": name, "p_day": day}
            await tick.at(begun).run(write, self._version, p_visit=visit, **holes)

    def _until(self, begun: Micros, zone: str, day: date | None = None) -> Micros:
        return until(self._wait, begun, zone_named(zone) or self._version.zone, self._works, day)


def until(
    wait: Wait | None, start: Micros, zone: ZoneInfo, works: Works, day: date | None = None
) -> Micros:
    """When a wait that begins at `start` ends, at the latest; `day`: what the field holds that it asks."""
    if isinstance(wait, WaitFor | WaitUpTo):
        return later(start, wait.duration, zone)
    if isinstance(wait, WaitUntil):
        chosen = wait.day if isinstance(wait.day, date) else day
        if chosen is None:
            return start
        return at_local(chosen, wait.at, wait.days, zone)
    if isinstance(wait, WaitForWeekday):
        return next_weekday(start, wait, zone)
    if isinstance(wait, WaitForHours):
        return next_hours(start, wait, zone)
    if isinstance(wait, WaitUntilNext):
        return next_such_time(start, wait, zone)
    if isinstance(wait, WaitForWorkingDays):
        return working_days_later(start, wait, zone, works)
    raise TypeError(f"no such wait: {wait!r}")


def at_most(limit: Duration | None) -> WaitFor | None:
    """The wait that a wait's limit amounts to."""
    return None if limit is None else WaitFor(limit)
