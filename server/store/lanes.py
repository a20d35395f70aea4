"""What the lanes of one channel have in common, where several processes of a database send.

The row of a channel is locked by each turn that takes messages of it, until the turn is committed: what
is counted there, and all that is counted of what was sent, is then counted as one process counts it.
Instants are the database's, for the clocks of processes differ.
"""

from collections.abc import Collection, Mapping, Sequence
from typing import NamedTuple

from sqlalchemy import delete, func, insert, select, text, update
from sqlalchemy.dialects.postgresql import insert as insert_or
from sqlalchemy.ext.asyncio import AsyncConnection

from server.store.bulk import insert_rows
from server.store.hourly import key_of
from server.store.instants import DAY, Micros
from server.store.schema.messages import OWNED, domain_turns, lanes, outbox
from server.store.schema.rules import publications
from server.store.tenure import process_of

_NOW = text("CAST(extract(epoch FROM clock_timestamp()) * 1000000 AS BIGINT)")
#: Who is paused while it holds a channel loses it.
_LET_GO = text("set_config('idle_in_transaction_session_timeout', '15s', true)")
_TURN = (
    "ON CONFLICT (key) DO UPDATE SET tokens = excluded.tokens, filled_at = excluded.filled_at, "
    "last = excluded.last"
)


class LaneRow(NamedTuple):
    """How a channel is doing: `tokens` may leave at once, as of `filled_at`; it is cut `until` then."""

    tokens: float
    filled_at: Micros | None
    failures: int
    pause: Micros
    until: Micros | None
    probing_until: Micros | None
    reason: str | None


class HeldLane(NamedTuple):
    """A channel that one has to oneself: what time it is, how many messages are under way of all."""

    row: LaneRow
    now: Micros
    under_way: int


class DomainTurn(NamedTuple):
    """How one domain is doing: `last` of those that wait for it leaves then."""

    tokens: float
    filled_at: Micros
    last: Micros | None


class SendingRow(NamedTuple):
    """Messages of a channel that a process is sending: how many, and when the first lease of them ends."""

    process: int
    channel: str
    messages: int
    until: Micros | None


async def clock(conn: AsyncConnection) -> Micros:
    """What the database's clock shows."""
    return int(await conn.scalar(select(_NOW)))


async def hold(conn: AsyncConnection, channel: str, new: LaneRow) -> HeldLane:
    """Have a channel to oneself until this transaction ends; `new`: one nobody has sent on yet."""
    columns = (lanes.c[name] for name in LaneRow._fields)
    query = select(*columns).where(lanes.c.channel == channel).with_for_update()
    row = (await conn.execute(query)).one_or_none()
    if row is None:
        values = {"channel": channel, **_values(new)}
        await conn.execute(insert_or(lanes).values(values).on_conflict_do_nothing())
        row = (await conn.execute(query)).one()
    # Asked apart: what is told with the row is from before one waited for it.
    theirs = select(func.count()).where(outbox.c.channel == channel, text(OWNED))
    asked = select(theirs.scalar_subquery(), _NOW, _LET_GO)
    count, now, _ = (await conn.execute(asked)).one()
    return HeldLane(LaneRow(*row), int(now), int(count))


async def save(conn: AsyncConnection, channel: str, row: LaneRow) -> None:
    """Say how a channel that one holds is doing."""
    await conn.execute(update(lanes).where(lanes.c.channel == channel).values(_values(row)))


def _values(row: LaneRow) -> dict[str, object]:
    return dict(zip(LaneRow._fields, row, strict=True))


async def note_cut(conn: AsyncConnection, channel: str, row: LaneRow) -> None:
    """Say until when a channel that no other process sends on is cut, and why; nothing: no longer.

    Whoever asks the base knows it then, as where several send.
    """
    said = row if row.until is not None else row._replace(failures=0, reason=None)
    put = update(lanes).where(lanes.c.channel == channel).values(_values(said))
    if not (await conn.execute(put)).rowcount and row.until is not None:
        await conn.execute(insert(lanes).values({"channel": channel, **_values(said)}))


async def sending(conn: AsyncConnection) -> Sequence[SendingRow]:
    """The messages under way, by process and by channel; through their index."""
    query = (
        select(outbox.c.owner, outbox.c.channel, func.count(), func.min(outbox.c.due_at))
        .where(text(OWNED))
        .group_by(outbox.c.owner, outbox.c.channel)
    )
    rows = await conn.execute(query)
    return [SendingRow(process_of(owner), *rest) for owner, *rest in rows]


async def every(conn: AsyncConnection) -> Mapping[str, LaneRow]:
    """How each channel is doing that several processes sent on, or that was cut."""
    columns = (lanes.c[name] for name in LaneRow._fields)
    rows = await conn.execute(select(lanes.c.channel, *columns))
    return {channel: LaneRow(*row) for channel, *row in rows}


async def last_publication(conn: AsyncConnection) -> int:
    """The number of what is published; 0: nothing is."""
    query = select(publications.c.number).order_by(publications.c.number.desc()).limit(1)
    return await conn.scalar(query) or 0


async def domains(
    conn: AsyncConnection, channel: str, names: Collection[str]
) -> Mapping[str, DomainTurn]:
    """How those of these domains are doing that were written to lately."""
    keys = {key_of(channel, "domain", name): name for name in names}
    found = await conn.execute(select(domain_turns).where(domain_turns.c.key.in_(sorted(keys))))
    return {keys[row.key]: DomainTurn(row.tokens, row.filled_at, row.last) for row in found}


async def save_domains(
    conn: AsyncConnection, channel: str, turns: Mapping[str, DomainTurn]
) -> None:
    """Say how domains are doing, of a channel that one holds."""
    rows = sorted((key_of(channel, "domain", name), *turn) for name, turn in turns.items())
    await insert_rows(conn, "domain_turns", ("key", "tokens", "filled_at", "last"), rows, _TURN)


async def forget(conn: AsyncConnection, now: Micros, at_once: int) -> int:
    """Forget some of the domains that nobody wrote to for a day; how many."""
    old = (
        select(domain_turns.c.key)
        .where(domain_turns.c.filled_at < now - DAY, func.coalesce(domain_turns.c.last, 0) < now)
        .order_by(domain_turns.c.filled_at)
        .limit(at_once)
    )
    return (await conn.execute(delete(domain_turns).where(domain_turns.c.key.in_(old)))).rowcount
