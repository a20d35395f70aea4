"""What was said of leads by who could not prove it: kept beside, bounded, proven or decided later.

Also `pledges`: the browsers in which a lead's address was stated, so that a link sent there since
and followed in one of them proves that one is hers.
"""

import hashlib
import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from sqlalchemy import bindparam, text
from sqlalchemy.ext.asyncio import AsyncConnection

from server.store.bulk import insert_rows
from server.store.instants import Micros
from server.store.leads import among

PENDING, PROVEN, ACCEPTED, REFUSED = "pending", "proven", "accepted", "refused"
#: The « field » of what says that two leads are one.
MERGE = "merge"
#: Declarations a lead may have waiting, and of those how many may come in a day. Beyond, the events
#: still hold what was said.
MOST, MOST_A_DAY = 50, 20
#: Browsers a lead may have waiting: the latest.
MOST_BROWSERS = 20
_DAY = 86_400 * 1_000_000

#: A lead and a browser's mark.
Pair = tuple[int, str]


class Declaration(NamedTuple):
    """Something said. `value` is plain JSON."""

    lead_id: int
    field: str
    value: object
    proof: int
    source: str
    visitor: str
    at: Micros


class Promise(NamedTuple):
    """A declaration that its person proves."""

    id: int
    field: str
    value: object
    at: Micros


async def keep(conn: AsyncConnection, said: Sequence[Declaration], now: Micros) -> None:
    """Keep what was said, as far as there is room; what the team refused stays refused."""
    if not said:
        return
    room = await _room(conn, {one.lead_id for one in said}, now)
    rows: dict[tuple[object, ...], tuple[object, ...]] = {}
    for one in said:
        value = json.dumps(one.value, ensure_ascii=False, default=str)
        key = (one.lead_id, one.field, hashlib.sha256(value.encode()).hexdigest(), one.visitor)
        if key not in rows:
            if room[one.lead_id] <= 0:
                continue
            room[one.lead_id] -= 1
        rows[key] = (*key, value, one.proof, one.source, one.at, now, PENDING)
    columns = ("lead_id", "field", "hash", "visitor", "value", "proof", "source", "at")
    again = (
        "ON CONFLICT (lead_id, field, hash, visitor) DO UPDATE SET at = excluded.at, "
        "received_at = excluded.received_at, state = CASE WHEN declarations.state = 'refused' "
        "THEN 'refused' ELSE 'pending' END"
    )
    await insert_rows(
        conn, "declarations", (*columns, "received_at", "state"), list(rows.values()), again
    )


async def _room(conn: AsyncConnection, leads: Collection[int], now: Micros) -> dict[int, int]:
    """How many more each lead may have."""
    room = dict.fromkeys(leads, min(MOST, MOST_A_DAY))
    query = text(
        "SELECT lead_id, count(*), sum(CASE WHEN received_at > :since THEN 1 ELSE 0 END) "  # noqa: S608
        f"FROM declarations WHERE lead_id IN {among(conn.dialect.name, 'ids')} "
        "AND state = 'pending' GROUP BY lead_id"
    )
    values = {"ids": json.dumps(list(leads)), "since": now - _DAY}
    for lead, count, lately in await conn.execute(query, values):
        room[lead] = min(MOST - count, MOST_A_DAY - lately)
    return room


async def pledge(conn: AsyncConnection, pairs: Iterable[Pair], now: Micros) -> None:
    """Remember in which browsers those leads' addresses were stated; the first time counts."""
    rows = [(*pair, now) for pair in dict.fromkeys(pairs)]
    if not rows:
        return
    await insert_rows(conn, "pledges", ("lead_id", "visitor", "at"), rows, "ON CONFLICT DO NOTHING")
    inside = among(conn.dialect.name, "ids")
    older = text(
        "DELETE FROM pledges WHERE (lead_id, visitor) IN (SELECT lead_id, visitor FROM ("  # noqa: S608
        "SELECT lead_id, visitor, row_number() OVER (PARTITION BY lead_id ORDER BY at DESC, visitor) "
        f"AS place FROM pledges WHERE lead_id IN {inside}) AS placed WHERE place > :most)"
    )
    ids = json.dumps(sorted({lead for lead, *_ in rows}))
    await conn.execute(older, {"ids": ids, "most": MOST_BROWSERS})


async def pledged(conn: AsyncConnection, asked: Mapping[Pair, Micros]) -> frozenset[Pair]:
    """Of those pairs, the ones pledged by that instant."""
    if not asked:
        return frozenset()
    query = text(
        "SELECT lead_id, visitor, at FROM pledges "  # noqa: S608
        f"WHERE lead_id IN {among(conn.dialect.name, 'ids')}"
    )
    rows = await conn.execute(query, {"ids": json.dumps(sorted({lead for lead, _ in asked}))})
    return frozenset(
        (row.lead_id, row.visitor)
        for row in rows
        if row.at <= asked.get((row.lead_id, row.visitor), -1)
    )


async def promised(conn: AsyncConnection, pairs: Collection[Pair]) -> dict[Pair, list[Promise]]:
    """What was said of those leads in those browsers, and waits."""
    found: dict[Pair, list[Promise]] = {}
    if not pairs:
        return found
    query = text(
        "SELECT id, lead_id, visitor, field, value, at FROM declarations "  # noqa: S608
        f"WHERE lead_id IN {among(conn.dialect.name, 'ids')} AND state = 'pending' ORDER BY id"
    )
    rows = await conn.execute(query, {"ids": json.dumps(sorted({lead for lead, _ in pairs}))})
    for row in rows:
        if (pair := (row.lead_id, row.visitor)) in pairs and row.field != MERGE:
            promise = Promise(row.id, row.field, json.loads(row.value), row.at)
            found.setdefault(pair, []).append(promise)
    return found


async def settle(conn: AsyncConnection, ids: Sequence[int], state: str, now: Micros) -> int:
    """Say what became of declarations that wait; how many there were."""
    statement = text(
        "UPDATE declarations SET state = :state, settled_at = :now "
        "WHERE id IN :ids AND state = 'pending'"
    ).bindparams(bindparam("ids", expanding=True))
    if not ids:
        return 0
    done = await conn.execute(statement, {"ids": list(ids), "state": state, "now": now})
    return int(done.rowcount)


async def unpledge(conn: AsyncConnection, pairs: Iterable[Pair]) -> None:
    """Forget pledges that were kept."""
    rows = [{"lead": lead, "visitor": visitor} for lead, visitor in pairs]
    if rows:
        gone = text("DELETE FROM pledges WHERE lead_id = :lead AND visitor = :visitor")
        await conn.execute(gone, rows)


async def waiting(conn: AsyncConnection, most: int) -> Sequence[Any]:
    """The declarations that wait for the team, the oldest first."""
    query = text(
        "SELECT d.*, l.f_courriel AS email FROM declarations d JOIN leads l ON l.id = d.lead_id "
        "WHERE d.state = 'pending' ORDER BY d.received_at LIMIT :most"
    )
    return (await conn.execute(query, {"most": most})).all()


async def find(conn: AsyncConnection, number: int) -> Any:
    """The declaration of that number; None when there is none."""
    query = text("SELECT * FROM declarations WHERE id = :number")
    return (await conn.execute(query, {"number": number})).one_or_none()


async def decide(conn: AsyncConnection, number: int, state: str, now: Micros) -> None:
    """Keep what the team decided."""
    statement = text("UPDATE declarations SET state = :state, settled_at = :now WHERE id = :number")
    await conn.execute(statement, {"number": number, "state": state, "now": now})


async def count(conn: AsyncConnection, most: int) -> int:
    """How many wait for the team, up to `most`."""
    query = text(
        "SELECT count(*) FROM (SELECT 1 FROM declarations WHERE state = 'pending' LIMIT :most) w"
    )
    return int((await conn.execute(query, {"most": most})).scalar_one())


async def of_lead(conn: AsyncConnection, lead: int) -> Sequence[Any]:
    """All that was said of a lead without proof, and what became of it, the oldest first."""
    query = text(
        "SELECT * FROM declarations WHERE lead_id = :lead ORDER BY received_at, id LIMIT 200"
    )
    return (await conn.execute(query, {"lead": lead})).all()
