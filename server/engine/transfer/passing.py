"""One part of a transfer: people pass to the new version, where they stand at the same statement.

Who stands where nothing is left returns to the last step passed that is, and does again nothing of
what was done since. A wait keeps its start: its end is computed anew (`ends`). All is done set by
set; a mover changes in the transaction that notes how far it got, so that a stop anywhere goes on
from there.
"""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Integer,
    Text,
    and_,
    case,
    cast,
    false,
    func,
    literal,
    null,
    or_,
    select,
    true,
    update,
)

from dsl.program import Await, Exit
from server.engine.batch import LEFT, batch, insert_from, insert_new, insert_or, of_enrolment
from server.engine.conditions.flips import soonest
from server.engine.moves import Cause, Move
from server.engine.running import Running
from server.engine.tick import Tick
from server.engine.transfer import carrying, ends
from server.engine.transfer.fate import Fate
from server.engine.transfer.landing import Use, follows, topics
from server.engine.transfer.leaving import tell_exits
from server.engine.transfer.positions import KEY, PASSING, movers, of_mover, places, prepare
from server.engine.transfer.transfers import Transfer
from server.engine.transfer.writing import write_enrolments, write_journal, write_waits
from server.engine.version import Version
from server.store.schema.campaigns import enrolments, journal
from server.store.schema.transfers import transferred

#: What is counted, by the fate of each; and, of those who migrate, those who return to a step.
MIGRATED, LEFT_FOR_GOOD, RETURNED = "migrated", "left", "returned"


async def move(
    tick: Tick, one: Transfer, these: Sequence[Any], version: Version, running: Running
) -> Transfer:
    """Move the people of a part; `these`: the tests that tell their enrolments."""
    await prepare(tick.conn, one)
    count = await _gather(tick, one, these)
    if not count:
        return one
    await _remember(tick, one)
    returned = await _return(tick, version)
    await ends.compute(tick, version, running.works)
    await carrying.carry(tick, one, version, returned=bool(returned))
    await _journal(tick, version)
    await _hear(tick, version)
    await tell_exits(tick, version, running, count)
    await _write(tick, version)
    left = await _leave(tick) if one.plan.lets_go else 0
    for name, number in ((MIGRATED, count - left), (RETURNED, returned), (LEFT_FOR_GOOD, left)):
        if number:
            one = one.counting(name, number)
    return one


async def _gather(tick: Tick, one: Transfer, these: Sequence[Any]) -> int:
    """Those of the part who are to go somewhere, and where that is."""
    fate = _fate(one)
    row = enrolments.c
    lands = and_(
        places.c.version_id == row.version_id,
        places.c.statement == row.statement,
        places.c.use == Use.STANDS.value,
    )
    names = ("lead_id", "campaign_id", "entry", "version_id", "statement", "moves", "arriving")
    values: dict[str, Any] = {name: row[name] for name in names}
    values |= {
        "stood": row.statement,
        "fate": fate,
        "at": places.c["at"],
        "same": places.c.same,
        "hears": places.c.hears,
        **{name: row[name] for name in ("step", "expires_at", "wake_at", "overdue_at")},
        **ends.known(tick),
    }
    others = (*these, row.version_id != one.version_id, fate != Fate.KEEP.value)
    found = ends.beside(tick, enrolments.outerjoin(places, lands))
    rows = select(row.lead_id).select_from(found).where(*others)
    return int((await tick.conn.execute(insert_from(movers, values, rows))).rowcount)


def _fate(one: Transfer) -> ColumnElement[str]:
    """What is decided of an enrolment, by the step it is in."""
    otherwise: ColumnElement[str] = literal(one.plan.fate.value, Text)
    step = enrolments.c.step
    whens = [
        (step.in_(one.named.get(key, ())) if key else step.is_(None), literal(fate.value, Text))
        for key, fate in one.plan.steps.items()
    ]
    return case(*whens, else_=otherwise) if whens else otherwise


async def _return(tick: Tick, version: Version) -> int:
    """Those whose statement is gone return to the last step they passed that is not, or to the start.

    How many they are.
    """
    gone = and_(movers.c["at"].is_(None), PASSING)
    passed = (
        of_mover(journal),
        journal.c.kind == Move.STEPPED.value,
        places.c.version_id == journal.c.version_id,
        places.c.statement == journal.c.statement,
        places.c.use == Use.RETURNS.value,
    )
    last = (select(func.max(journal.c.move)).select_from(journal, places).where(*passed)).correlate(
        movers
    )
    back = update(movers).where(gone).values(back=func.coalesce(last.scalar_subquery(), 0))
    count = int((await tick.conn.execute(back)).rowcount)
    if not count:
        return 0
    there = select(places.c["at"]).select_from(journal, places)
    there = there.where(*passed, journal.c.move == movers.c.back).correlate(movers)
    first = literal(version.program.first, Integer)
    values = {"at": func.coalesce(there.scalar_subquery(), first), "arriving": true()}
    nowhere = {"same": false(), "hears": false(), "deadline": cast(null(), BigInteger)}
    await tick.conn.execute(update(movers).where(gone).values({**values, **nowhere}))
    return count


async def _remember(tick: Tick, one: Transfer) -> None:
    """Where each is now, so that it may be put back: as it was gathered, before anything is changed."""
    kept = ("version_id", "statement", "deadline", "expires_at", "arriving")
    values: dict[str, Any] = {key.name: key for key in KEY}
    values |= {"transfer_id": literal(one.id, BigInteger), "move": movers.c.moves + 1}
    values |= {name: movers.c[name] for name in kept}
    rows = select(movers.c.lead_id).where(PASSING)
    put = insert_or(tick.store.dialect, transferred, values, rows)
    again = {name: put.excluded[name] for name in ("transfer_id", "move", *kept)}
    key = [each.name for each in KEY]
    await tick.conn.execute(put.on_conflict_do_update(index_elements=key, set_=again))


async def _journal(tick: Tick, version: Version) -> None:
    # Those who return to a step are told apart from those who stay where they are.
    branch = case((movers.c.back.is_not(None), 1), else_=0)
    to = literal(version.id, BigInteger)
    await write_journal(tick, to, movers.c["at"], branch, PASSING)


async def _hear(tick: Tick, version: Version) -> None:
    """Those who wait for something else hear of that from now on, and no more of the rest."""
    by_topic: dict[str, list[int]] = {}
    for index, statement in enumerate(version.program.statements):
        for topic in topics(statement):
            by_topic.setdefault(topic, []).append(index)
    resting = {topic: movers.c["at"].in_(indexes) for topic, indexes in by_topic.items()}
    await write_waits(tick, resting, PASSING, ~movers.c.hears)


async def _write(tick: Tick, version: Version) -> None:
    now = literal(tick.now, BigInteger)
    statements = version.program.statements
    looked = [at for at, one in enumerate(statements) if isinstance(one, Await) or follows(one)]
    due = soonest(tick.store.dialect, movers.c.deadline, movers.c.expires_at)
    at_once = soonest(tick.store.dialect, movers.c.deadline, movers.c.expires_at, now)
    wake = case(
        (movers.c.same, movers.c.wake_at),
        (or_(movers.c.arriving, movers.c["at"].in_(looked)), at_once),
        else_=due,
    )
    overdue = case((movers.c.same, movers.c.overdue_at))
    ways, at = (movers.c.version_id, literal(version.id, BigInteger)), movers.c["at"]
    await write_enrolments(tick, ways, at, PASSING, wake_at=wake, overdue_at=overdue)


async def _leave(tick: Tick) -> int:
    """Those who are to leave do so with the tick, which says goodbye; how many."""
    values = of_enrolment(
        mode=literal(LEFT, Integer),
        outcome=literal(Exit.REMOVED.value, Text),
        cause=literal(Cause.OPERATOR.value, Text),
    )
    out = movers.join(enrolments, of_mover(enrolments))
    rows = select(movers.c.lead_id).select_from(out).where(movers.c.fate == Fate.LEAVE.value)
    put = insert_new(tick.store.dialect, batch, values, rows)
    return int((await tick.conn.execute(put)).rowcount)
