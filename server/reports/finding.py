"""Leads by what is known of them: a page at a time, the latest first, at a cost that no crowd raises.

An e-mail, a telephone or a number are found by key, wherever they are, an e-mail also by its
beginning. A name is looked for among so many of the latest; the search goes on from there when asked.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, func, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from relance.legible import legible
from server.reports.people import find_lead
from server.store.schema.leads import identities, leads
from server.store.search import bears, search_key

#: A page; how many leads a name is looked for among at a time; a count is exact below that.
PAGE, SPAN, COUNTED = 50, 25_000, 10_000
_PREFIX = 3
_AFTER = "\U0010ffff"


@dataclass(frozen=True, slots=True)
class FoundLeads:
    """`rows`: of `leads`. `then`: the number before which the rest is, None at the end.

    `looked`: how many leads a name was looked for among, where more are left to look at.
    """

    rows: Sequence[Any]
    then: int | None = None
    looked: int | None = None


async def find_leads(conn: AsyncConnection, sought: str, before: int | None = None) -> FoundLeads:
    """Those that answer to `sought`, all of them when it is empty; `before`: where a page begins."""
    sought = legible(sought).strip()
    top = (
        before if before is not None else (await conn.scalar(select(func.max(leads.c.id))) or 0) + 1
    )
    if not sought:
        rows = await _rows(conn, _listed().where(leads.c.id < top))
        return _page(rows)
    if before is None and (known := await _by_key(conn, sought)):
        rows = await _rows(conn, _listed().where(leads.c.id.in_(known)))
        return FoundLeads(rows[:PAGE])
    if "@" in sought:
        return FoundLeads(())
    low = max(0, top - SPAN)
    named = _listed().where(leads.c.id < top, leads.c.id >= low, *_names(sought, conn.dialect.name))
    page = _page(await _rows(conn, named))
    if page.then is not None or low <= 1:
        return page
    return FoundLeads(page.rows, low, SPAN)


async def counted(conn: AsyncConnection) -> int | None:
    """How many leads there are; None for more than `COUNTED`."""
    some = select(leads.c.id).where(leads.c.merged_into.is_(None)).limit(COUNTED + 1).subquery()
    found = await conn.scalar(select(func.count()).select_from(some)) or 0
    return found if found <= COUNTED else None


async def _by_key(conn: AsyncConnection, sought: str) -> Sequence[int]:
    """By an e-mail or its beginning, a telephone, a number."""
    exact = await find_lead(conn, sought)
    found = [] if exact is None else [exact]
    start = sought.lower()
    if len(start) >= _PREFIX and " " not in start:
        value = identities.c.value
        query = (
            select(identities.c.lead_id)
            .where(identities.c.kind == "email", value >= start, value < start + _AFTER)
            .order_by(value)
            .limit(PAGE)
        )
        found += await conn.scalars(query)
    return list(dict.fromkeys(found))


async def lines_of(conn: AsyncConnection, wanted: Sequence[int]) -> Sequence[Any]:
    """Those of these numbers, the latest first; a page of them at most."""
    return await _rows(conn, _listed().where(leads.c.id.in_(wanted))) if wanted else []


def _names(sought: str, dialect: str) -> Sequence[Any]:
    """Each word begins the first name, or stands in the last."""
    return [
        or_(
            bears(leads.c.f_prenom, word, dialect, inside=False),
            bears(leads.c.f_nom, word, dialect, inside=True),
        )
        for word in search_key(sought).split()[:5]
    ]


def _listed() -> Select[Any]:
    return (
        select(
            leads.c.id,
            leads.c.f_prenom,
            leads.c.f_nom,
            leads.c.f_courriel,
            leads.c.f_cellulaire,
            leads.c.f_telephone,
            leads.c.f_ville,
            leads.c.score,
            leads.c.created_at,
        )
        .where(leads.c.merged_into.is_(None))
        .order_by(leads.c.id.desc())
        .limit(PAGE + 1)
    )


async def _rows(conn: AsyncConnection, query: Select[Any]) -> Sequence[Any]:
    return list((await conn.execute(query)).mappings())


def _page(rows: Sequence[Any]) -> FoundLeads:
    more = len(rows) > PAGE
    return FoundLeads(rows[:PAGE], rows[PAGE - 1]["id"] if more else None)
