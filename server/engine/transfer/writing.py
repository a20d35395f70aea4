"""What moving people writes, there or back: the move in the journal, what they hear of, where they stand."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import BigInteger, Text, case, delete, func, literal, select, tuple_, update

from server.engine.batch import insert_from, insert_new
from server.engine.moves import Cause, Move
from server.engine.tick import Tick
from server.engine.transfer.positions import KEY, movers, of_mover
from server.store.counters.changes import CounterKey, by_sets
from server.store.schema.campaigns import enrolments, journal, waits


async def write_journal(tick: Tick, version_id: Any, at: Any, branch: Any, *tests: Any) -> None:
    """That they came to that statement of that version; `tests`: which of the movers."""
    values: dict[str, Any] = {each.name: each for each in KEY}
    values |= {
        "move": movers.c.moves + 1,
        "version_id": version_id,
        "at": literal(tick.now, BigInteger),
        "kind": literal(Move.TRANSFERRED.value, Text),
        "statement": case((at >= 0, at)),
        "cause": literal(Cause.OPERATOR.value, Text),
        "branch": branch,
        "until": movers.c.deadline,
    }
    await tick.conn.execute(insert_from(journal, values, select(movers.c.lead_id).where(*tests)))


async def write_waits(tick: Tick, resting: Mapping[str, Any], *tests: Any) -> None:
    """Each hears of what is waited for where he stands, and no more of the rest.

    `resting`: by topic, which movers hear of it, unless they are yet to arrive.
    """
    leads, these = select(movers.c.lead_id).where(*tests), select(*KEY).where(*tests)
    key = tuple_(waits.c.lead_id, waits.c.campaign_id, waits.c.entry)
    await tick.conn.execute(delete(waits).where(waits.c.lead_id.in_(leads), key.in_(these)))
    for topic, there in resting.items():
        values: dict[str, Any] = {each.name: each for each in KEY}
        values |= {"topic": literal(topic, Text)}
        rows = select(movers.c.lead_id).where(*tests, ~movers.c.arriving, there)
        await tick.conn.execute(insert_new(tick.store.dialect, waits, values, rows))


async def write_enrolments(
    tick: Tick, ways: tuple[Any, Any], at: Any, *tests: Any, wake_at: Any, overdue_at: Any
) -> None:
    """They stand at that statement of a version, and are looked at again at `wake_at`.

    `ways`: the version they leave, and that one.
    """
    left, version_id = ways
    change = (
        update(enrolments)
        .where(of_mover(enrolments), *tests)
        .values(
            version_id=version_id,
            statement=at,
            moves=movers.c.moves + 1,
            arriving=movers.c.arriving,
            deadline=movers.c.deadline,
            expires_at=movers.c.expires_at,
            wake_at=wake_at,
            overdue_at=overdue_at,
        )
    )
    if tick.counted is None:
        await tick.conn.execute(change)
        return
    # They are inside before and after, and may be a million: counted together, not one by one.
    stood = movers.c.stood
    here = (movers.c.campaign_id, movers.c.version_id, movers.c.step, stood, at)
    query = select(movers.c.campaign_id, movers.c.step, left, stood, version_id, at, func.count())
    query = query.where(*tests).group_by(*here)
    for campaign, step, *stands, n in (await tick.conn.execute(query)).all():
        for version, place, sign in ((*stands[:2], -1), (*stands[2:], 1)):
            key = CounterKey(campaign, "inside", None, version, place, step or "")
            tick.counted.add(key, sign * n)
    async with by_sets(tick.conn):
        await tick.conn.execute(change)
