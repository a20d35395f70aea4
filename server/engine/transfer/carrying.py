"""What of their history those who pass to another version take along: what was counted, and done.

The journal numbers statements as their version does. How often a jump or a loop went back, and when a
step was passed that a condition asks about, is counted anew by statement of the new version; and, of
those who return to a step, what they did since and are not to do again.
"""

from typing import Any

from sqlalchemy import (
    BigInteger,
    Select,
    and_,
    cast,
    func,
    literal,
    null,
    or_,
    select,
    union_all,
)

from server.engine.batch import insert_from
from server.engine.moves import Move
from server.engine.tick import Tick
from server.engine.transfer.landing import Use
from server.engine.transfer.positions import PASSING, crossed, movers, of_mover, places
from server.engine.transfer.transfers import Transfer
from server.engine.version import Version
from server.store.schema.campaigns import journal
from server.store.schema.transfers import carried


async def carry(tick: Tick, one: Transfer, version: Version, *, returned: bool) -> None:
    """Have them take it along. `returned`: whether some of them return to a step."""
    asked = [_done()] if returned else []
    if any(each.use is Use.COUNTS for each in one.landings):
        asked.append(_counted())
    if await tick.conn.scalar(select(carried.c.lead_id).where(carried.c.lead_id > 0).limit(1)):
        asked.append(_kept())
    if one.crossings:
        asked += [_crossed(), _crossed_by_return()] if returned else [_crossed()]
    if not asked:
        return
    found = union_all(*asked).subquery("found")
    key = (found.c.lead_id, found.c.campaign_id, found.c.entry, found.c["at"])
    values: dict[str, Any] = {
        **{name: found.c[name] for name in ("lead_id", "campaign_id", "entry")},
        "version_id": literal(version.id, BigInteger),
        "statement": found.c["at"],
        "times": func.sum(found.c.times),
        "at": func.max(found.c.last),
    }
    rows = select(found.c.lead_id).group_by(*key)
    await tick.conn.execute(insert_from(carried, values, rows))


def _columns(times: Any, last: Any) -> tuple[Any, ...]:
    return (
        *(movers.c.lead_id, movers.c.campaign_id, movers.c.entry, places.c["at"].label("at")),
        times.label("times"),
        last.label("last"),
    )


def _kept() -> Select[Any]:
    """What they had already taken along to the version they leave."""
    there = and_(
        places.c.version_id == carried.c.version_id,
        places.c.statement == carried.c.statement,
        places.c.use.in_([Use.COUNTS.value, Use.DONE.value]),
    )
    mine = and_(of_mover(carried), carried.c.version_id == movers.c.version_id)
    begun = _begun_again(carried.c.version_id)
    return (
        select(*_columns(carried.c.times, carried.c["at"]))
        .select_from(movers.join(carried, mine).join(places, there))
        .where(PASSING, or_(places.c.start.is_(None), ~begun))
    )


def _counted() -> Select[Any]:
    """What is counted of their moves in the version they leave."""
    there = and_(
        places.c.version_id == journal.c.version_id,
        places.c.statement == journal.c.statement,
        places.c.use == Use.COUNTS.value,
        places.c.move == journal.c.kind,
        or_(places.c.branch.is_(None), places.c.branch == journal.c.branch),
    )
    mine = and_(of_mover(journal), journal.c.version_id == movers.c.version_id)
    return (
        select(*_columns(func.count(), func.max(journal.c["at"])))
        .select_from(movers.join(journal, mine).join(places, there))
        .where(
            PASSING,
            or_(
                places.c.start.is_(None),
                journal.c.move > func.coalesce(_door(journal.c.version_id), 0),
            ),
        )
        .group_by(movers.c.lead_id, movers.c.campaign_id, movers.c.entry, places.c["at"])
    )


def _done() -> Select[Any]:
    """What those who return to a step did since, in whichever version."""
    there = and_(
        places.c.version_id == journal.c.version_id,
        places.c.statement == journal.c.statement,
        places.c.use == Use.DONE.value,
    )
    did = (Move.ACTED.value, Move.SKIPPED.value)
    mine = and_(of_mover(journal), journal.c.kind.in_(did), journal.c.move > movers.c.back)
    nothing = cast(null(), BigInteger)
    return (
        select(*_columns(func.count(), nothing))
        .select_from(movers.join(journal, mine).join(places, there))
        .where(PASSING, movers.c.back.is_not(None))
        .group_by(movers.c.lead_id, movers.c.campaign_id, movers.c.entry, places.c["at"])
    )


def _crossed() -> Select[Any]:
    """What those who stay at their place did before it, and would come to again."""
    here = and_(
        crossed.c.version_id == movers.c.version_id, crossed.c.statement == movers.c.statement
    )
    return _crossing(movers.join(crossed, here), movers.c.back.is_(None))


def _crossed_by_return() -> Select[Any]:
    """What those who return to a step did before it, and would come to behind it."""
    step = journal.alias("step")
    passed = and_(of_mover(step), step.c.move == movers.c.back)
    here = and_(crossed.c.version_id == step.c.version_id, crossed.c.statement == step.c.statement)
    before = journal.c.move < movers.c.back
    return _crossing(movers.join(step, passed).join(crossed, here), before)


def _crossing(source: Any, *tests: Any) -> Select[Any]:
    did = and_(
        of_mover(journal),
        journal.c.version_id == crossed.c.done_in,
        journal.c.statement == crossed.c.done,
        journal.c.kind.in_([Move.ACTED.value, Move.SKIPPED.value]),
    )
    key = (movers.c.lead_id, movers.c.campaign_id, movers.c.entry, crossed.c["at"])
    times, never = func.count(crossed.c.target.distinct()), cast(null(), BigInteger)
    return (
        select(*key[:3], key[3].label("at"), times.label("times"), never.label("last"))
        .select_from(source.join(journal, did))
        .where(PASSING, *tests)
        .group_by(*key)
    )


def _door(version_id: Any) -> Any:
    """When the loop of that place was begun last, in that version."""
    begun = journal.alias("begun")
    query = select(func.max(begun.c.move)).where(
        of_mover(begun),
        begun.c.version_id == version_id,
        begun.c.kind == Move.LOOP_BEGUN.value,
        begun.c.statement == places.c.start,
    )
    return query.correlate(movers, places, journal, carried).scalar_subquery()


def _begun_again(version_id: Any) -> Any:
    return _door(version_id).is_not(None)
