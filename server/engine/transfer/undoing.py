"""Putting back, part by part, those whom a transfer moved and who have not moved since."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import (
    BigInteger,
    Text,
    and_,
    case,
    delete,
    func,
    literal,
    or_,
    select,
    tuple_,
    update,
)

from dsl.program import Await
from dsl.program_codec import from_json
from server.engine.batch import insert_from, insert_new
from server.engine.conditions.flips import soonest
from server.engine.moved import counted_together
from server.engine.moves import Cause, Move
from server.engine.tick import Tick
from server.engine.transfer.fate import Fate
from server.engine.transfer.landing import follows, topics
from server.engine.transfer.positions import movers, of_mover, prepare
from server.engine.transfer.transfers import Transfer
from server.store.schema.campaigns import enrolments, journal, same, versions, waits
from server.store.schema.transfers import carried, transferred

PUT_BACK = "put_back"
_KEY = (movers.c.lead_id, movers.c.campaign_id, movers.c.entry)


async def put_back(tick: Tick, one: Transfer, these: Sequence[Any]) -> Transfer:
    """Put back the people of a part; `these`: the tests that tell their enrolments."""
    await prepare(tick.conn, one)
    count = await _gather(tick, one, these)
    if not count:
        return one
    await tick.conn.execute(_journal(tick.now))
    await _hear(tick)
    await _write(tick)
    await _forget(tick, one)
    return one.counting(PUT_BACK, count)


async def _gather(tick: Tick, one: Transfer, these: Sequence[Any]) -> int:
    """Who is to be put back: where each was, and until when it waited."""
    last = journal.alias("last")
    moved = and_(same(last, enrolments), last.c.move == enrolments.c.moves)
    was = and_(
        same(transferred, enrolments),
        transferred.c.transfer_id == one.id,
        transferred.c.move == enrolments.c.moves,
    )
    # A resume that shifted all waits since has shifted this one too.
    shift = func.coalesce(enrolments.c.deadline - last.c.until, 0)
    values: dict[str, Any] = {
        **{name: enrolments.c[name] for name in ("lead_id", "campaign_id", "entry", "moves")},
        **{name: transferred.c[name] for name in ("version_id", "statement", "arriving")},
        "fate": literal(Fate.KEEP.value, Text),
        "deadline": transferred.c.deadline + shift,
        "expires_at": transferred.c.expires_at + shift,
    }
    there = enrolments.join(transferred, was).join(last, moved)
    rows = select(enrolments.c.lead_id).select_from(there)
    mine = (*these, enrolments.c.version_id == one.version_id)
    return int((await tick.conn.execute(insert_from(movers, values, rows.where(*mine)))).rowcount)


def _journal(now: int) -> Any:
    values: dict[str, Any] = {each.name: each for each in _KEY}
    values |= {
        "move": movers.c.moves + 1,
        "version_id": movers.c.version_id,
        "at": literal(now, BigInteger),
        "kind": literal(Move.TRANSFERRED.value, Text),
        "statement": case((movers.c.statement >= 0, movers.c.statement)),
        "cause": literal(Cause.OPERATOR.value, Text),
        "branch": literal(0),
        "until": movers.c.deadline,
    }
    return insert_from(journal, values, select(movers.c.lead_id))


async def _hear(tick: Tick) -> None:
    """Each hears again of what it waited for."""
    leads, these = select(movers.c.lead_id), select(*_KEY)
    key = tuple_(waits.c.lead_id, waits.c.campaign_id, waits.c.entry)
    await tick.conn.execute(delete(waits).where(waits.c.lead_id.in_(leads), key.in_(these)))
    for topic, resting in (await _resting(tick)).items():
        values: dict[str, Any] = {each.name: each for each in _KEY}
        values |= {"topic": literal(topic, Text)}
        rows = select(movers.c.lead_id).where(~movers.c.arriving, or_(*resting))
        await tick.conn.execute(insert_new(tick.store.dialect, waits, values, rows))


async def _resting(tick: Tick) -> dict[str, list[Any]]:
    """By topic, the tests of those who hear of it where they are put back."""
    found: dict[str, list[Any]] = {}
    for version, index, statement in await _statements(tick):
        for topic in topics(statement):
            found.setdefault(topic, []).append(_at(version, index))
    return found


def _at(version: int, index: int) -> Any:
    return and_(movers.c.version_id == version, movers.c.statement == index)


async def _statements(tick: Tick) -> list[tuple[int, int, Any]]:
    """Those of the versions they were in, each with its version and its number."""
    seen = select(movers.c.version_id).distinct()
    query = select(versions.c.id, versions.c.program).where(versions.c.id.in_(seen))
    return [
        (row.id, index, statement)
        for row in (await tick.conn.execute(query)).all()
        for index, statement in enumerate(from_json(row.program).statements)
    ]


async def _write(tick: Tick) -> None:
    looked = [
        _at(version, index)
        for version, index, one in await _statements(tick)
        if isinstance(one, Await) or follows(one)
    ]
    dialect, bounds = tick.store.dialect, (movers.c.deadline, movers.c.expires_at)
    at_once = soonest(dialect, *bounds, literal(tick.now, BigInteger))
    again = case((or_(movers.c.arriving, *looked), at_once), else_=soonest(dialect, *bounds))
    change = (
        update(enrolments)
        .where(of_mover(enrolments))
        .values(
            version_id=movers.c.version_id,
            statement=movers.c.statement,
            moves=movers.c.moves + 1,
            arriving=movers.c.arriving,
            deadline=movers.c.deadline,
            expires_at=movers.c.expires_at,
            wake_at=again,
            overdue_at=None,
        )
    )
    async with counted_together(tick, movers.join(enrolments, of_mover(enrolments))):
        await tick.conn.execute(change)


async def _forget(tick: Tick, one: Transfer) -> None:
    """What they had taken along is of no use where they were."""
    leads, these = select(movers.c.lead_id), select(*_KEY)
    for table, column, number in (
        (carried, carried.c.version_id, one.version_id),
        (transferred, transferred.c.transfer_id, one.id),
    ):
        key = tuple_(table.c.lead_id, table.c.campaign_id, table.c.entry)
        mine = (table.c.lead_id.in_(leads), key.in_(these), column == number)
        await tick.conn.execute(delete(table).where(*mine))
