"""When members of the team are away: from a day to another, after which turns come to them again."""

from collections.abc import Sequence
from typing import NamedTuple

from sqlalchemy import delete, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from relance.fold import key_of
from server.store.instants import Micros
from server.store.schema.rules import team_absences

_T = team_absences.c


class Absence(NamedTuple):
    """One of them. The days as they were said; `begins_at` and `ends_at`: the instants between which."""

    id: int
    key: str
    name: str
    first_day: str
    last_day: str
    begins_at: Micros
    ends_at: Micros
    reason: str


_ALL = select(*(_T[name] for name in Absence._fields))


async def since(conn: AsyncConnection, now: Micros) -> Sequence[Absence]:
    """Those that are not over, the first to begin first."""
    found = await conn.execute(_ALL.where(_T.ends_at > now).order_by(_T.begins_at, _T.id))
    return [Absence(*row) for row in found]


async def of(conn: AsyncConnection, name: str) -> Sequence[Absence]:
    """All those of somebody."""
    found = await conn.execute(_ALL.where(_T.key == key_of(name)).order_by(_T.begins_at))
    return [Absence(*row) for row in found]


async def by_id(conn: AsyncConnection, number: int) -> Absence | None:
    """The one that bears it."""
    row = (await conn.execute(_ALL.where(_T.id == number))).first()
    return None if row is None else Absence(*row)


async def away(conn: AsyncConnection, now: Micros) -> frozenset[str]:
    """Who is away at that instant, by key."""
    query = select(_T.key).where(_T.begins_at <= now, _T.ends_at > now)
    # The engine asks it too, whose connection answers rows alone.
    return frozenset(row.key for row in (await conn.execute(query)).all())


async def add(
    conn: AsyncConnection,
    name: str,
    days: tuple[str, str],
    span: tuple[Micros, Micros],
    reason: str,
) -> None:
    """Note one more."""
    row: dict[str, object] = {
        "key": key_of(name),
        "name": name,
        "first_day": days[0],
        "last_day": days[1],
    }
    row |= {"begins_at": span[0], "ends_at": span[1], "reason": reason}
    await conn.execute(insert(team_absences), row)


async def remove(conn: AsyncConnection, number: int) -> None:
    """Take it back."""
    await conn.execute(delete(team_absences).where(_T.id == number))
