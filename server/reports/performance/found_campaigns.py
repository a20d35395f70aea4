"""The campaigns that a page of the list shows: searched, filtered, in an order, from a place on.

Keys alone are gone through; what each line says is read of those it shows.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    and_,
    case,
    cast,
    func,
    literal,
    or_,
    select,
    union_all,
)
from sqlalchemy.ext.asyncio import AsyncConnection

from relance.fold import key_of
from server.reports.performance.listing import LEFT, SUCCEEDED, CampaignSummary, crowded, summaries
from server.reports.performance.reading import last_day, tables_of
from server.store.schema.campaigns import campaign_binders as binders
from server.store.schema.campaigns import campaign_labels as labels
from server.store.schema.campaigns import campaigns, versions
from server.store.search import bears, search_key

#: So many lines a page.
LINES = 100
_MILLION = 1_000_000


@dataclass(frozen=True, slots=True)
class CampaignsAsked:
    """What is looked for. `after`: the place of the last line of the page before; `order`: a key of
    `ORDERS`; `binder`, `label`: by their names."""

    sought: str = ""
    binder: str = ""
    label: str = ""
    order: str = "nom"
    after: str = ""


@dataclass(frozen=True, slots=True)
class CampaignsFound:
    """A part of the list, how many there are in all, and the place of its last line; empty at the end."""

    lines: Sequence[CampaignSummary]
    count: int
    next: str


#: By what they may be sorted, and how each is called; the first is the usual one.
ORDERS: Mapping[str, str] = {
    "nom": "Campagne",
    "classeur": "Classeur",
    "version": "Version",
    "dedans": "À l’intérieur",
    "reussite": "Réussite",
    "envoi": "Dernier envoi",
}


async def found_campaigns(
    conn: AsyncConnection, asked: CampaignsAsked, most: int = LINES
) -> CampaignsFound:
    """Those that answer, `most` at once."""
    kept = and_(literal(True), *_filters(asked, conn.dialect.name))
    value, joined = _value(asked.order, conn.dialect.name)
    query = select(campaigns.c.id, campaigns.c.key, value.label("value")).where(kept)
    if joined is not None:
        query = query.join(joined, joined.c.campaign_id == campaigns.c.id, isouter=True)
    if asked.order == "classeur":
        query = query.join(binders, binders.c.campaign_key == campaigns.c.key, isouter=True)
    numbered = asked.order not in ("nom", "classeur")
    query = query.order_by(value.desc() if numbered else value, campaigns.c.key)
    beyond = _beyond(asked.after, value, numbered=numbered)
    if beyond is not None:
        query = query.where(beyond)
    rows = (await conn.execute(query.limit(most + 1))).all()
    count = await conn.scalar(select(func.count()).select_from(campaigns).where(kept)) or 0
    shown = rows[:most]
    by_id = {one.id: one for one in await summaries(conn, among=[row.id for row in shown])}
    last = f"{shown[-1].value}\n{shown[-1].key}" if len(rows) > most else ""
    return CampaignsFound([by_id[row.id] for row in shown], count, last)


def _filters(asked: CampaignsAsked, dialect: str) -> list[ColumnElement[bool]]:
    kept: list[ColumnElement[bool]] = []
    if asked.binder:
        kept.append(_in(binders, binders.c.binder_key == key_of(asked.binder)))
    if asked.label:
        kept.append(_in(labels, labels.c.label_key == key_of(asked.label)))
    for word in search_key(asked.sought).split():
        held = [
            bears(campaigns.c.name, word, dialect, inside=True),
            _in(binders, bears(binders.c.name, word, dialect, inside=True)),
            _in(labels, bears(labels.c.name, word, dialect, inside=True)),
        ]
        kept.append(or_(*held))
    return kept


def _in(table: Any, which: ColumnElement[bool]) -> ColumnElement[bool]:
    return campaigns.c.key.in_(select(table.c.campaign_key).where(which))


def _beyond(after: str, value: ColumnElement[Any], *, numbered: bool) -> ColumnElement[bool] | None:
    """That a line comes after that place; None where it names none."""
    said, _, key = after.partition("\n")
    if not key:
        return None
    if not numbered:
        return or_(value > said, and_(value == said, campaigns.c.key > key))
    if not said.lstrip("-").isdecimal() or len(said) > 18:
        return None
    return or_(value < int(said), and_(value == int(said), campaigns.c.key > key))


def _value(order: str, dialect: str) -> tuple[ColumnElement[Any], Any]:
    """What lines are sorted by, and what is joined to know it."""
    if order == "classeur":  # those in none come last
        return case((binders.c.binder_key.is_(None), "2"), else_="1" + binders.c.binder_key), None
    if order == "version":
        each = select(versions.c.campaign_id, func.count().label("n")).group_by(
            versions.c.campaign_id
        )
        made = each.subquery("made")
        return func.coalesce(made.c.n, 0), made
    if order == "dedans":
        inside = crowded(dialect)
        return func.coalesce(inside.c.n, 0), inside
    if order == "envoi":
        return last_day(dialect, "message sent"), None
    if order == "reussite":
        ends = _ended(dialect)
        rate = cast(ends.c.won * _MILLION, BigInteger) // ends.c.gone
        return case((ends.c.gone > 0, rate), else_=-1), ends
    return literal(""), None


def _counted(dialect: str, *kinds: str) -> Any:
    """Counters of these kinds, of now or of all time, which have no day: a row or a few a campaign."""
    each = [
        select(one.c.campaign_id, one.c.kind, one.c.n).where(
            one.c.campaign_id.in_(select(campaigns.c.id)), one.c.kind.in_(kinds), one.c.day == 0
        )
        for one in tables_of(dialect)
    ]
    return union_all(*each).subquery("each")


def _ended(dialect: str) -> Any:
    """By campaign, how many left, and of them how many succeeded."""
    each = _counted(dialect, LEFT, SUCCEEDED).c
    gone, won = (func.sum(case((each.kind == one, each.n), else_=0)) for one in (LEFT, SUCCEEDED))
    columns = (cast(gone, BigInteger).label("gone"), cast(won, BigInteger).label("won"))
    return select(each.campaign_id, *columns).group_by(each.campaign_id).subquery("ended")
