"""The instants at which time alone may change an answer: written with each look, claimed when due.

A look at a lead replaces its next instant; no other lead is touched, and none is polled.
"""

from collections.abc import Iterable, Sequence
from functools import cache, cached_property
from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Date,
    Integer,
    Select,
    Text,
    and_,
    bindparam,
    case,
    cast,
    delete,
    exists,
    func,
    insert,
    literal,
    null,
    or_,
    select,
    text,
)

from relance import facts
from server.engine.batch import beside_leads, foreseen, insert_new, looked, turning
from server.engine.conditions.flips import guarded_flip
from server.engine.conditions.scope import Scope
from server.engine.dividing import shared_tests
from server.engine.owner import RULES, Key
from server.engine.parameters import LIMIT, NOW, QUARANTINE, RULES_QUARANTINED, Zoned
from server.engine.parts import AFTER, UPTO
from server.engine.quarantine import Quarantine
from server.engine.tick import Prepared, Tick
from server.store.calendar import zone_named
from server.store.instants import Micros, local, midnight
from server.store.schema.campaigns import flips
from server.store.schema.events import inbox
from server.store.schema.trust import moving

_WINDOW = bindparam("p_window", type_=Integer)
#: How many times more are looked at than may be claimed.
_WIDE = 4
#: Of what is set apart the flips are left: they are due the day it is back.
_followed = (
    flips.c.owner.not_in(QUARANTINE),
    or_(flips.c.owner != RULES, flips.c.number.not_in(RULES_QUARANTINED)),
)
# The partial indexes answer for these very texts only.
_AT, _DAY = text("flips.at IS NOT NULL"), text("flips.day IS NOT NULL")


class Watch:
    """The flips of one condition. `owner` and `number` as the table says."""

    def __init__(self, owner: int, number: int, condition: facts.Condition, scope: Scope) -> None:
        self._mine = and_(flips.c.owner == owner, flips.c.number == number)
        self._place = {"owner": literal(owner, BigInteger), "number": literal(number, BigInteger)}
        self._condition, self._scope = condition, scope
        forget = delete(flips).where(self._mine, flips.c.lead_id.in_(select(looked.c.lead_id)))
        self._forget = Prepared(forget)
        here = scope.of(lead_id=looked.c.lead_id, horizon=looked.c.horizon, enrolment=None)
        leads = scope.fields.table
        joined = beside_leads(looked, leads)
        self._note = Prepared(self._noting(here, select(looked.c.lead_id).select_from(joined)))

    def _noting(self, here: Scope, rows: Select[Any]) -> Any:
        """Write the next flips of the leads of `rows`."""
        flip = guarded_flip(self._condition, here)
        at = cast(null(), BigInteger) if flip.at is None else flip.at
        day = cast(null(), Date) if flip.day is None else flip.day
        asked = rows.where(here.fields.table.c.merged_into.is_(None))
        if flip.guard is not None:
            asked = asked.where(flip.guard)
        # Computed once: left to itself, SQLite writes the expressions out wherever they are used.
        found = asked.add_columns(at.label("at"), day.label("day")).cte("found")
        found = found.prefix_with("MATERIALIZED")
        return self._insertion(found.c[0], found.c["at"], found.c["day"])

    def _insertion(self, lead: Any, at: Any, day: Any) -> Any:
        """Write those that are to come."""
        zone = literal(str(self._scope.zone), Text)
        values = {
            "lead_id": lead,
            **self._place,
            "at": at,
            "zone": case((day.is_not(None), zone)),
            "day": day,
        }
        to_come = or_(at.is_not(None), day.is_not(None))
        rows = select(*values.values()).where(to_come)
        return insert(flips).from_select(list(values), rows, include_defaults=False)

    async def look(self, tick: Tick, whose: Zoned) -> None:
        """Know when to look next at the leads looked at."""
        await tick.run(self._forget, whose)
        await tick.run(self._note, whose)

    @cached_property
    def _clearing(self) -> Prepared:
        """Forgetting the leads of a part."""
        part = and_(flips.c.lead_id > AFTER, flips.c.lead_id <= UPTO)
        return Prepared(delete(flips).where(self._mine, part))

    @cached_property
    def _beginning(self) -> Prepared:
        """Noting the leads of a part; built once for all parts."""
        leads = self._scope.fields.table
        here = self._scope.of(lead_id=leads.c.id, horizon=literal(0, BigInteger), enrolment=None)
        rows = select(leads.c.id).where(leads.c.id > AFTER, leads.c.id <= UPTO)
        return Prepared(self._noting(here, rows))

    @cached_property
    def _taking(self) -> Prepared:
        """Noting those of `foreseen`."""
        found = foreseen.c
        return Prepared(self._insertion(found.lead_id, found["at"], found.day))

    async def begin(self, tick: Tick, whose: Zoned, after: int = 0, upto: int = 2**62) -> None:
        """The same for all leads, or those numbered so."""
        for statement in (self._clearing, self._beginning):
            await tick.run(statement, whose, p_after=after, p_upto=upto)

    async def take(self, tick: Tick, whose: Zoned, after: int, upto: int) -> None:
        """The same for those numbered so, as `foreseen` says it already."""
        for statement in (self._clearing, self._taking):
            await tick.run(statement, whose, p_after=after, p_upto=upto)


class Flips:
    """What is due, and when there will be more."""

    def __init__(self, dialect: str, zones: Iterable[str] = ()) -> None:
        self._dialect, self._zones = dialect, sorted(set(zones))
        self._whose = Prepared(select(turning.c.owner, turning.c.number).distinct())

    def nexts(self) -> list[Any]:
        """When something is next due, as SQL: at an instant, then on a day of each zone."""
        first = select(func.min(flips.c.at)).where(_AT, *_followed)
        days = [
            select(func.min(flips.c.day)).where(_DAY, flips.c.zone == zone, *_followed)
            for zone in self._zones
        ]
        return [each.scalar_subquery() for each in (first, *days)]

    def first_of(self, nexts: Sequence[Any]) -> Micros | None:
        """The first instant those give."""
        at, *days = nexts
        begins = [
            midnight(day, found)
            for zone, day in zip(self._zones, days, strict=True)
            if day is not None and (found := zone_named(zone))
        ]
        return min((each for each in (at, *begins) if each is not None), default=None)

    async def claim(self, tick: Tick, limit: int, quarantine: Quarantine) -> list[Key]:
        """Note whose time has come, the longest due first; the watches they are of."""
        await tick.conn.execute(delete(turning))
        holes = {"p_limit": limit, "p_window": _WIDE * limit, **quarantine.holes}
        by_instant, by_day = _claims(self._dialect, divided=tick.shards is not None)
        count = await tick.do(by_instant, **holes)
        for name in self._zones:
            zone = zone_named(name)
            if zone is not None:
                today = local(tick.now, zone).date()
                count += await tick.do(by_day, p_zone=name, p_day=today, **holes)
        if not count:
            return []
        return [(row.owner, row.number) for row in await tick.ask(self._whose)]


@cache
def _claims(dialect: str, *, divided: bool) -> tuple[Prepared, Prepared]:
    """Noting who is due, at an instant and on a day; `divided`: of the leads the tick has to itself."""
    mine = shared_tests(flips.c.lead_id) if divided else ()
    zone, today = bindparam("p_zone", type_=Text), bindparam("p_day", type_=Date)
    begun = (_DAY, flips.c.zone == zone, flips.c.day <= today)
    by_instant = _claiming(dialect, flips.c["at"], _AT, flips.c["at"] <= NOW, *mine)
    return Prepared(by_instant), Prepared(_claiming(dialect, flips.c.day, *begun, *mine))


def _claiming(dialect: str, first: Any, *due: Any) -> Any:
    """Note those who are `due`, except leads with events to handle: those come before the clock.

    That is asked of the first ones due only: a million may be, and a million events pending.
    """
    window = select(flips.c.owner, flips.c.number, flips.c.lead_id)
    window = window.where(*due, *_followed, whole(flips.c.lead_id))
    window = window.order_by(first).limit(_WINDOW)
    if dialect == "postgresql":
        # A lead being merged into another is left to what follows.
        window = window.with_for_update(skip_locked=True)
    found = window.subquery("due")
    waiting = exists(select(1).where(inbox.c.lead_id == found.c.lead_id))
    rows = select(found.c.lead_id).where(~waiting).limit(LIMIT)
    values = {name: found.c[name] for name in ("owner", "number", "lead_id")}
    return insert_new(dialect, turning, values, rows)


def whole(lead_id: ColumnElement[int]) -> ColumnElement[bool]:
    """Whether all of a lead's history is there: nothing is decided while another's comes to it."""
    return lead_id.not_in(select(moving.c.target))


async def forget_due(tick: Tick, owner: int, number: int) -> None:
    """Nobody watches that now: what has come due of it is let go, which may be one of a million."""
    mine = (turning.c.owner == owner, turning.c.number == number)
    these = flips.c.lead_id.in_(select(turning.c.lead_id).where(*mine))
    gone = delete(flips).where(flips.c.owner == owner, flips.c.number == number, these)
    await tick.conn.execute(gone)


async def forget(tick: Tick, owner: int, number: int) -> None:
    """Nobody watches that any more."""
    await tick.conn.execute(delete(flips).where(flips.c.owner == owner, flips.c.number == number))
