"""Putting back, part by part, those whom a transfer moved and who have not moved since."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Text,
    and_,
    case,
    cast,
    delete,
    func,
    literal,
    null,
    or_,
    select,
    tuple_,
)

from dsl.program import Await, Statement
from dsl.program_codec import from_json
from server.engine.batch import insert_from
from server.engine.conditions.flips import soonest
from server.engine.tick import Tick
from server.engine.transfer.fate import Fate
from server.engine.transfer.landing import follows, topics
from server.engine.transfer.positions import KEY, movers, prepare
from server.engine.transfer.transfers import Transfer
from server.engine.transfer.writing import write_enrolments, write_journal, write_waits
from server.store.schema.campaigns import enrolments, journal, same, versions
from server.store.schema.transfers import carried, transferred

PUT_BACK = "put_back"


async def put_back(tick: Tick, one: Transfer, these: Sequence[Any]) -> Transfer:
    """Put back the people of a part; `these`: the tests that tell their enrolments."""
    await prepare(tick.conn, one)
    count = await _gather(tick, one, these)
    if not count:
        return one
    back, at = movers.c.version_id, movers.c.statement
    await write_journal(tick, back, at, literal(0))
    statements = await _statements(tick)
    await write_waits(tick, _resting(statements))
    ways = (literal(one.version_id, BigInteger), back)
    await write_enrolments(
        tick, ways, at, wake_at=_wake(tick, statements), overdue_at=cast(null(), BigInteger)
    )
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
        **{
            name: enrolments.c[name]
            for name in ("lead_id", "campaign_id", "entry", "step", "moves")
        },
        **{name: transferred.c[name] for name in ("version_id", "statement", "arriving")},
        "stood": enrolments.c.statement,
        "fate": literal(Fate.KEEP.value, Text),
        "deadline": transferred.c.deadline + shift,
        "expires_at": transferred.c.expires_at + shift,
    }
    there = enrolments.join(transferred, was).join(last, moved)
    rows = select(enrolments.c.lead_id).select_from(there)
    mine = (*these, enrolments.c.version_id == one.version_id)
    return int((await tick.conn.execute(insert_from(movers, values, rows.where(*mine)))).rowcount)


async def _statements(tick: Tick) -> Sequence[tuple[ColumnElement[bool], Statement]]:
    """Those of the versions they were in, each with the test of who is put back there."""
    seen = select(movers.c.version_id).distinct()
    query = select(versions.c.id, versions.c.program).where(versions.c.id.in_(seen))
    return [
        (and_(movers.c.version_id == row.id, movers.c.statement == index), statement)
        for row in (await tick.conn.execute(query)).all()
        for index, statement in enumerate(from_json(row.program).statements)
    ]


def _resting(
    statements: Sequence[tuple[ColumnElement[bool], Statement]],
) -> Mapping[str, ColumnElement[bool]]:
    """By topic, who hears of it where he is put back."""
    found: dict[str, list[ColumnElement[bool]]] = {}
    for there, statement in statements:
        for topic in topics(statement):
            found.setdefault(topic, []).append(there)
    return {topic: or_(*tests) for topic, tests in found.items()}


def _wake(tick: Tick, statements: Sequence[tuple[ColumnElement[bool], Statement]]) -> Any:
    looked = [there for there, one in statements if isinstance(one, Await) or follows(one)]
    dialect, bounds = tick.store.dialect, (movers.c.deadline, movers.c.expires_at)
    at_once = soonest(dialect, *bounds, literal(tick.now, BigInteger))
    return case((or_(movers.c.arriving, *looked), at_once), else_=soonest(dialect, *bounds))


async def _forget(tick: Tick, one: Transfer) -> None:
    """What they had taken along is of no use where they were."""
    leads, these = select(movers.c.lead_id), select(*KEY)
    for table, column, number in (
        (carried, carried.c.version_id, one.version_id),
        (transferred, transferred.c.transfer_id, one.id),
    ):
        key = tuple_(table.c.lead_id, table.c.campaign_id, table.c.entry)
        mine = (table.c.lead_id.in_(leads), key.in_(these), column == number)
        await tick.conn.execute(delete(table).where(*mine))
