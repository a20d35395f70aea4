"""The lists of a project as a page shows them: counted up to a bound, their members a part at a time.

`rolls` counts all there is, at the price of every member; no crowd raises the price of what is here.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, func, literal, select, union_all
from sqlalchemy.ext.asyncio import AsyncConnection

from server.engine.parts import share
from server.store.schema.leads import leads, list_members, lists
from server.store.schema.rules import dynamic_lists

#: A count is exact up to this; a page of members; the lists that one page shows.
COUNTED, PAGE, MOST = 10_000, 50, 500
_CODE = re.compile(r"([sd])([0-9]{1,18})")


@dataclass(frozen=True, slots=True)
class Roster:
    """A list. `members`: None beyond `COUNTED`; `built`: in hundredths, None once it is whole.

    `quiet`: what it finds while it is built is no event. `reason`: why it stands still.
    """

    code: str
    key: str
    name: str
    dynamic: bool
    members: int | None = 0
    built: int | None = None
    quiet: bool = False
    reason: str | None = None


async def rosters(conn: AsyncConnection) -> Sequence[Roster]:
    """All lists, by name."""
    return await _read(conn, _all().order_by("key").limit(MOST))


async def roster(conn: AsyncConnection, code: str) -> Roster | None:
    """The list that an address names; None for none."""
    read = _CODE.fullmatch(code)
    if read is None:
        return None
    every = _all().subquery()
    which = (every.c.dynamic == (read[1] == "d"), every.c.number == int(read[2]))
    found = await _read(conn, select(every).where(*which))
    return found[0] if found else None


async def roster_named(conn: AsyncConnection, key: str) -> Roster | None:
    """The list of that key."""
    every = _all().subquery()
    found = await _read(conn, select(every).where(every.c.key == key))
    return found[0] if found else None


def _all() -> Select[Any]:
    own = dynamic_lists.c
    dynamic = select(
        own.number, own.key, own.name, literal(True).label("dynamic"), own.built_to, own["told"].label("heard"),
        own.reason,
    )  # fmt: skip
    static = select(
        lists.c.id, lists.c.key, lists.c.name, literal(False),
        literal(None, own.built_to.type), literal(True), literal(None, own.reason.type),
    ).where(lists.c.key.not_in(select(own.key)))  # fmt: skip
    return select(union_all(dynamic, static).subquery("every"))


async def _read(conn: AsyncConnection, query: Select[Any]) -> Sequence[Roster]:
    rows = (await conn.execute(query)).all()
    building = any(row.built_to is not None for row in rows)
    last = (await conn.scalar(select(func.max(leads.c.id))) or 0) if building else 0
    return [
        Roster(
            f"{'d' if row.dynamic else 's'}{row.number}",
            row.key,
            row.name,
            bool(row.dynamic),
            await _members(conn, row.key),
            None if row.built_to is None else share(row.built_to, last),
            not row.heard,
            row.reason,
        )
        for row in rows
    ]


async def _members(conn: AsyncConnection, key: str) -> int | None:
    some = select(list_members.c.lead_id).where(list_members.c.list_key == key)
    count = select(func.count()).select_from(some.limit(COUNTED + 1).subquery())
    found = await conn.scalar(count) or 0
    return found if found <= COUNTED else None


@dataclass(frozen=True, slots=True)
class MembersPage:
    """Some members of a list, the latest created first; `then`: where the rest begins."""

    rows: Sequence[Any]
    then: int | None = None


async def members_of(
    conn: AsyncConnection, key: str, before: int | None = None, most: int = PAGE
) -> MembersPage:
    """The members of a list, by the number of their lead."""
    mine = [list_members.c.list_key == key]
    if before is not None:
        mine.append(list_members.c.lead_id < before)
    query = (
        select(
            leads.c.id, leads.c.f_prenom, leads.c.f_nom, leads.c.f_courriel, leads.c.f_cellulaire,
            leads.c.f_telephone, leads.c.f_ville, list_members.c.since,
        )
        .join_from(list_members, leads, leads.c.id == list_members.c.lead_id)
        .where(*mine)
        .order_by(list_members.c.lead_id.desc())
        .limit(most + 1)
    )  # fmt: skip
    rows = list((await conn.execute(query)).mappings())
    return MembersPage(rows[:most], rows[most - 1]["id"] if len(rows) > most else None)


async def latest_members(conn: AsyncConnection, key: str, most: int) -> Sequence[Any]:
    """Who joined last; asked of a list of `COUNTED` members at most, for all are looked at."""
    query = (
        select(
            leads.c.id, leads.c.f_prenom, leads.c.f_nom, leads.c.f_courriel, list_members.c.since
        )
        .join_from(list_members, leads, leads.c.id == list_members.c.lead_id)
        .where(list_members.c.list_key == key)
        .order_by(list_members.c.since.desc(), list_members.c.lead_id.desc())
        .limit(most)
    )
    return list((await conn.execute(query)).mappings())
