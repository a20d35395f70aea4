"""Until when those who pass to another version wait there: from the start of their wait, not from now.

Those whose wait is the same keep its end as it is. The others' starts are as many as they are: each is
computed once, a group of those who share it, their zone and their date at a time.
"""

from collections.abc import Mapping
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    FromClause,
    and_,
    bindparam,
    case,
    func,
    insert,
    literal,
    select,
    update,
)

from dsl.program import Await, Pause, Program
from dsl.program_codec import from_json
from relance import facts
from relance.waits import Wait, WaitUntil, WaitUpTo
from server.engine.conditions.flips import soonest
from server.engine.draw import RANGE, draw_sql
from server.engine.moves import Move
from server.engine.statements.rests import at_most, until
from server.engine.tick import Tick
from server.engine.transfer.positions import PASSING, ends, movers, of_mover, places
from server.engine.version import Version
from server.engine.wake import Works
from server.store.calendar import later, zone_named
from server.store.instants import Micros
from server.store.schema.campaigns import enrolments, journal, same, versions

_SAME = (
    movers.c.lead_id == bindparam("m_lead", type_=BigInteger),
    movers.c.campaign_id == bindparam("m_campaign", type_=BigInteger),
    movers.c.entry == bindparam("m_entry", type_=BigInteger),
)
#: Those whose wait has become another.
_OTHERS = and_(PASSING, ~movers.c.same, movers.c.back.is_(None))


async def compute(tick: Tick, version: Version, works: Works) -> None:
    """Write the ends of those whose wait has become another."""
    if await _start(tick):
        await _end_all(tick, version, works)
    await _limits(tick, version)


def beside(tick: Tick, people: FromClause) -> FromClause:
    """Those whose wait becomes another, each with his zone and with the journal of its beginning.

    `people`: enrolments, each with its place. Nearly all have made no move since they began to wait.
    """
    leads, row = tick.store.fields.table, journal.c
    changes = ~places.c.same
    began = and_(
        *(changes, same(journal, enrolments)),
        *(row.move == enrolments.c.moves, row.kind == Move.WAITED.value),
    )
    whose = and_(changes, leads.c.id == enrolments.c.lead_id)
    return people.outerjoin(journal, began).outerjoin(leads, whose)


def known(tick: Tick) -> Mapping[str, Any]:
    """The columns of movers that `beside` tells: since when they wait, in which zone, until when.

    A resume that shifted all waits shifted this one: its start is as much later as its end is than
    the journal has it.
    """
    deadline = enrolments.c.deadline
    return {
        "start": journal.c["at"] + func.coalesce(deadline - journal.c.until, 0),
        "zone": func.coalesce(tick.store.fields.table.c.f_fuseau, ""),
        "deadline": deadline,
    }


async def _start(tick: Tick) -> int:
    """Since when those wait who have made moves since; how many there are in all."""
    shift = func.coalesce(movers.c.deadline - _until_known(), 0)
    start = func.coalesce(_began(), literal(tick.now, BigInteger))
    left = update(movers).where(_OTHERS, movers.c.start.is_(None))
    await tick.conn.execute(left.values(start=start + shift))
    return await tick.conn.scalar(select(func.count()).select_from(movers).where(_OTHERS)) or 0


def _last(*kinds: Move) -> Any:
    """The last such move of a mover."""
    row = journal.alias()
    of = select(func.max(row.c.move)).where(
        of_mover(row), row.c.kind.in_([kind.value for kind in kinds])
    )
    return of.correlate(movers).scalar_subquery()


def _began() -> Any:
    row = journal.alias()
    query = select(row.c["at"]).where(of_mover(row), row.c.move == _last(Move.WAITED))
    return query.correlate(movers).scalar_subquery()


def _until_known() -> Any:
    """Until when it was to wait, as the journal has it."""
    row = journal.alias()
    last = _last(Move.WAITED, Move.TRANSFERRED)
    query = select(row.c.until).where(of_mover(row), row.c.move == last)
    return query.correlate(movers).scalar_subquery()


async def _end_all(tick: Tick, version: Version, works: Works) -> None:
    alike = (movers.c["at"], movers.c.start, movers.c.zone)
    rows = []
    for at, start, name in (
        await tick.conn.execute(select(*alike).where(_OTHERS).distinct())
    ).all():
        wait = _wait(version.program, at)
        end = _end(wait, start, zone_named(name) or version.zone, works)
        if end is not None:
            rows.append({"at": at, "start": start, "zone": name, "end": end})
    if rows:
        await tick.conn.execute(insert(ends), rows)
    mine = [ends.c[one.name] == one for one in alike]
    end_of = select(_drawn(version.program)).where(*mine).correlate(movers).scalar_subquery()
    await tick.conn.execute(update(movers).where(_OTHERS).values(deadline=end_of))


def _drawn(program: Program) -> ColumnElement[int]:
    """The end of each; of those who draw how long they wait, as far as they drew."""
    whens = []
    for at, statement in enumerate(program.statements):
        if isinstance(statement, Pause) and isinstance(statement.wait, WaitUpTo):
            share = draw_sql(movers.c.lead_id, statement.wait.salt)
            span = (ends.c.end - ends.c.start) * share // literal(RANGE, BigInteger)
            whens.append((movers.c["at"] == at, ends.c.start + span))
    return case(*whens, else_=ends.c.end) if whens else ends.c.end


def _wait(program: Program, at: int) -> Wait | None:
    statement = program.statements[at]
    if isinstance(statement, Await):
        return at_most(statement.limit)
    return statement.wait if isinstance(statement, Pause) else None


def _end(wait: Wait | None, start: Micros, zone: ZoneInfo, works: Works) -> Micros | None:
    """When a wait that began then ends; None: it has no end, or the day of a field says it."""
    if wait is None or (isinstance(wait, WaitUntil) and isinstance(wait.day, facts.Field)):
        return None
    return until(wait, start, zone, works)


async def _limits(tick: Tick, version: Version) -> None:
    """Where those inside may stay longer than before, or less long: counted from their entry."""
    seen = select(movers.c.version_id).where(PASSING).distinct()
    query = select(versions.c.id, versions.c.program).where(versions.c.id.in_(seen))
    before = {row.id: from_json(row.program) for row in (await tick.conn.execute(query)).all()}
    limit = version.program.timeout
    others = {key: old for key, old in before.items() if old.timeout != limit}
    if not others:
        return
    concerned = (PASSING, movers.c.version_id.in_(others))
    rows = select(
        *(movers.c.lead_id, movers.c.campaign_id, movers.c.entry, movers.c.version_id),
        *(movers.c.expires_at, enrolments.c.entered_at),
    ).join_from(movers, enrolments, of_mover(enrolments))
    changes = []
    for row in (await tick.conn.execute(rows.where(*concerned))).all():
        old, shift = others[row.version_id], 0
        if old.timeout is not None and row.expires_at is not None:
            zone = zone_named(old.zone) or version.zone
            shift = row.expires_at - later(row.entered_at, old.timeout, zone)
        end = later(row.entered_at, limit, version.zone) + shift if limit is not None else None
        key = {"m_lead": row.lead_id, "m_campaign": row.campaign_id, "m_entry": row.entry}
        changes.append({**key, "m_end": end})
    if changes:
        bound = bindparam("m_end", type_=BigInteger)
        await tick.conn.execute(update(movers).where(*_SAME).values(expires_at=bound), changes)
    # Whoever goes on waiting for the same is woken by then; who waits for something to hold, to look.
    awaits = [at for at, one in enumerate(version.program.statements) if isinstance(one, Await)]
    sooner = (tick.store.dialect, movers.c.deadline, movers.c.expires_at)
    look = soonest(*sooner, literal(tick.now, BigInteger))
    wake = case((movers.c["at"].in_(awaits), look), else_=soonest(*sooner))
    resting = (movers.c.same, ~movers.c.arriving, movers.c.overdue_at.is_(None))
    await tick.conn.execute(update(movers).where(*concerned, *resting).values(wake_at=wake))
