"""A long history that becomes another lead's, handed over part by part.

Two leads are one from the commit that says so on: what comes then is the target's. But to hand over
sixty thousand events at once stops all forms meanwhile. So what is more than one part is moved by
the engine, a part a transaction, and the target's own events wait until all is there: nothing is
decided on half a history. `moving` says whose is under way, so that a server that was killed goes on.
"""

import json
from collections.abc import Sequence

from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncConnection

from server.store import leads, separation, tallies
from server.store.schema.trust import moving

#: Rows handed over in a transaction, of all the leads that it joins.
PART = 1_000
#: The tables whose rows are moved so, and what tells a lead's rows apart in each.
_LONG = {"events": ("type", "id"), "points": ("id",)}

Pair = tuple[int, int]

#: Pairs of (source, target) bound as `:pairs`, as a subquery.
PAIRS = {
    "sqlite": (
        "(SELECT json_extract(value, '$[0]') AS source, json_extract(value, '$[1]') AS target "
        "FROM json_each(:pairs))"
    ),
    "postgresql": (
        "(SELECT CAST(value->>0 AS BIGINT) AS source, CAST(value->>1 AS BIGINT) AS target "
        "FROM json_array_elements(CAST(:pairs AS JSON)))"
    ),
}


async def too_long(conn: AsyncConnection, pairs: str, bound: str) -> list[Pair]:
    """Those whose history is not to be moved in this transaction. `pairs`: a subquery over `:pairs`."""
    counted = " + ".join(
        f"(SELECT count(*) FROM (SELECT 1 FROM {table} WHERE lead_id = p.source LIMIT :most) n)"  # noqa: S608
        for table in _LONG
    )
    query = text(f"SELECT p.source, p.target, {counted} FROM {pairs}")  # noqa: S608 — names of ours
    room, found = PART, []
    rows = await conn.execute(query, {"pairs": bound, "most": PART + 1})
    for source, target, count in rows.all():
        if count <= room:
            room -= count
        else:
            found.append((source, target))
    return found


async def begin(conn: AsyncConnection, pairs: str, bound: str, long: Sequence[Pair]) -> None:
    """Note whose history is to be moved; what was under way to a source goes to its target.

    `pairs`: a subquery over `:pairs`, which are `bound`; `long`: those of them.
    """
    await conn.execute(
        text(f"UPDATE moving SET target = p.target FROM {pairs} WHERE moving.target = p.source"),  # noqa: S608
        {"pairs": bound},
    )
    if not long:
        return
    for statement in (
        # What waits for the engine waits as the target's.
        "UPDATE events SET lead_id = p.target, origin = coalesce(events.origin, p.source) "  # noqa: S608
        f"FROM {pairs} WHERE events.lead_id = p.source AND (events.lead_id, events.type, events.id) IN "
        f"(SELECT i.lead_id, i.type, i.id FROM inbox i WHERE i.lead_id IN (SELECT p.source FROM {pairs}))",
        f"DELETE FROM moving WHERE source IN (SELECT p.source FROM {pairs})",  # noqa: S608
        f"INSERT INTO moving SELECT p.source, p.target FROM {pairs}",  # noqa: S608
    ):
        await conn.execute(text(statement), {"pairs": json.dumps(long)})


async def go_on(conn: AsyncConnection) -> bool:
    """Move one part more; whether there was one."""
    # Nothing is told of either meanwhile: a day on which pages were seen goes by the one before it.
    postgresql = conn.dialect.name == "postgresql"
    if postgresql:
        await leads.share_intake(conn)
    query = select(moving).order_by(moving.c.source).limit(1).with_for_update()
    row = (await conn.execute(query)).one_or_none()
    if row is None:
        return False
    pair = {"source": row.source, "target": row.target}
    if postgresql:
        await leads.hold(conn, pair.values())
    if postgresql:
        await leads.hold(conn, pair.values())
    bound = json.dumps([[row.source, row.target]])
    room = PART
    await tallies.forget_moving(conn, f"{PAIRS[conn.dialect.name]} AS p", bound)
    for table, key in _LONG.items():
        room -= await _part(conn, table, key, room, pair)
    if room > 0:
        await conn.execute(text("DELETE FROM moving WHERE source = :source"), pair)
    return True


async def _part(
    conn: AsyncConnection, table: str, key: Sequence[str], room: int, pair: dict[str, int]
) -> int:
    names = ", ".join(key)
    part = f"SELECT {names} FROM {table} WHERE lead_id = :source ORDER BY {names} LIMIT :room"  # noqa: S608
    values = {**pair, "room": room}
    origin = ", origin = coalesce(origin, :source)" if table == "events" else ""
    if table == "points":
        await separation.remember_points(conn, part, values)
    done = await conn.execute(
        text(
            f"UPDATE {table} SET lead_id = :target{origin} "  # noqa: S608
            f"WHERE lead_id = :source AND ({names}) IN ({part})"
        ),
        values,
    )
    return int(done.rowcount)
