"""Leads shared among processes: each tick takes some shards of them, and no other tick has those.

PostgreSQL alone: on SQLite one process moves everybody. A lock that transactions hold together, or
one alone, stands before the shards, so that whoever is to have all leads (a publication, a schedule)
asks for nothing but that. Both end with the transaction, hence with its session: a process that dies
holds nothing.

What is numbered by several clocks is put in order here. A shard keeps the last event that something
decided of its leads is beyond, and what came in numbered no higher is given a new number as it is
handled (`server.engine.dividing`): no event comes behind what was decided before it came.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import delete, func, insert, select, text, update
from sqlalchemy.dialects.postgresql import insert as insert_or
from sqlalchemy.ext.asyncio import AsyncConnection

from server.store.schema.events import inbox
from server.store.schema.server import division, shard_raises, shards

#: How many there are: a lead is of that of its number modulo this one.
COUNT = 64
ALL = tuple(range(COUNT))
_LOCK = 7_236_530
#: A process that is paused within a tick loses its shards after so long.
_PATIENCE = "15s"
_ENTER = (
    f"SELECT pg_try_advisory_xact_lock_shared({_LOCK}) "  # noqa: S608 — names of ours
    f"FROM set_config('idle_in_transaction_session_timeout', '{_PATIENCE}', true)"
)


@dataclass(frozen=True, slots=True)
class TakenShards:
    """What a tick has to itself: `last_id` is the last event that its leads are beyond."""

    shards: Sequence[int]
    epoch: int
    last_id: int
    turn: int
    #: Whether merges had a part in that.
    raised: bool


async def divided(conn: AsyncConnection) -> bool:
    """Whether several processes ever numbered the events of this database."""
    return (await conn.execute(select(division))).first() is not None


async def divide(conn: AsyncConnection) -> None:
    """Note that they do."""
    none = {"number": 1, "shared": False, "processes": 1, "epoch": 0}
    await conn.execute(insert_or(division).values(none).on_conflict_do_nothing())


async def shut(conn: AsyncConnection) -> int:
    """Share nothing until `open_to`; nobody's tick is under way any more. The last id they gave."""
    await conn.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_LOCK})")
    await conn.execute(update(division).values(shared=False))
    last = await conn.scalar(select(func.max(shards.c.last_id))) or 0
    return max(last, await conn.scalar(select(func.max(shard_raises.c.last_id))) or 0)


async def stop(conn: AsyncConnection) -> None:
    """Ask whoever shuts to do so: what is under way goes on, nothing begins."""
    await conn.execute(update(division).values(shared=False))


async def know_again(conn: AsyncConnection) -> None:
    """Have helpers read again what they know: something of it is no more."""
    mine = update(division).where(division.c.number == 1)
    await conn.execute(mine.values(epoch=division.c.epoch + 1))


async def open_to(conn: AsyncConnection, processes: int, last_id: int, *, anew: bool) -> None:
    """Share among so many. `last_id`: the last one given; `anew`: they have all to read again."""
    await conn.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_LOCK})")
    here = {"number": 1, "shared": True, "processes": processes}
    put = insert_or(division).values(**here, epoch=1)
    epoch = division.c.epoch + 1 if anew else division.c.epoch
    await conn.execute(
        put.on_conflict_do_update(index_elements=["number"], set_={**here, "epoch": epoch})
    )
    await conn.execute(delete(shards))
    await conn.execute(delete(shard_raises))
    rows = [{"shard": one, "turn": 0, "last_id": last_id} for one in ALL]
    await conn.execute(insert(shards), rows)


async def take(conn: AsyncConnection) -> TakenShards | None:
    """Have some of them until this transaction ends: those whose turn it is. None: nothing is shared."""
    entered = await conn.exec_driver_sql(_ENTER)
    if not entered.scalar_one():
        return None
    row = (await conn.execute(select(division))).one_or_none()
    if row is None or not row.shared:
        return None
    most = -(-COUNT // max(row.processes, 1))
    first = select(shards).order_by(shards.c.turn, shards.c.shard).limit(most)
    rows = (await conn.execute(first.with_for_update(skip_locked=True))).all()
    mine = sorted(one.shard for one in rows)
    raised = select(func.max(shard_raises.c.last_id)).where(shard_raises.c.shard.in_(mine))
    merged: int | None = await conn.scalar(raised)
    last = max([one.last_id for one in rows], default=0)
    turn = max([one.turn for one in rows], default=0) + 1
    return TakenShards(mine, row.epoch, max(last, merged or 0), turn, merged is not None)


async def give_back(conn: AsyncConnection, taken: TakenShards, last_id: int) -> None:
    """Let others have them once this is committed; `last_id`: the last one given."""
    mine = shards.c.shard.in_(taken.shards)
    await conn.execute(update(shards).where(mine).values(turn=taken.turn, last_id=last_id))
    if taken.raised:
        mine = shard_raises.c.shard.in_(taken.shards)
        await conn.execute(
            delete(shard_raises).where(mine, shard_raises.c.last_id <= taken.last_id)
        )


async def newest_waiting(conn: AsyncConnection) -> int:
    """The highest number of an event that waits."""
    return await conn.scalar(select(func.max(inbox.c.id))) or 0


async def raise_targets(conn: AsyncConnection, pairs: str, bound: str) -> None:
    """Leads of these (source, target) are one: what the first were beyond, the others are.

    `pairs`: a subquery over `:pairs`, which are `bound`. Once their rows are held: what was written
    of the sources is committed by then.
    """
    await conn.execute(
        text(
            "INSERT INTO shard_raises (shard, last_id) "  # noqa: S608 — names of ours
            f"SELECT p.target % {COUNT}, max(s.last_id) FROM {pairs} "
            f"JOIN shards s ON s.shard = p.source % {COUNT} "
            f"WHERE p.source % {COUNT} <> p.target % {COUNT} "
            "GROUP BY 1 ON CONFLICT DO NOTHING"
        ),
        {"pairs": bound},
    )
