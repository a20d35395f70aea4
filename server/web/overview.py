"""What the status page shows beside the server's health: campaigns, messages, the latest events."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import func, select, text
from sqlalchemy.ext.asyncio import AsyncConnection

from relance.report import CellType, Column, Columns, Report, report
from server.reports.glossary import Glossary
from server.reports.leftovers import leftovers_report
from server.reports.outbox_states import outbox_report
from server.reports.performance.inside import crowds
from server.reports.rolls import noting_lines, noting_report, unsettled_lines, unsettled_report
from server.reports.states import CampaignState, state_of, states_query
from server.store.instants import DAY, MINUTE, Micros, from_micros
from server.store.leftovers import groups
from server.store.schema.campaigns import campaigns, set_aside, versions
from server.store.schema.events import events

#: How many events are shown, and how far back they are looked for, in spans that grow.
_LATEST = 20
#: So many campaigns are listed.
_MOST = 200
#: « relance refus » lists them all.
_MOST_LEFTOVERS = 10
_SPANS = (MINUTE, 60 * MINUTE, DAY, 30 * DAY)


@dataclass(frozen=True, slots=True)
class CampaignLine:
    """A campaign and how many people are in it."""

    name: str
    life: CampaignState
    inside: int
    #: Why some of its leads do not move: a version of it failed.
    quarantined: str | None = None

    @property
    def state(self) -> str:
        """In a few words."""
        if self.quarantined is not None:
            return f"mise de côté, son script ayant échoué ({self.quarantined})"
        return self.life.label


_CAMPAIGNS: Columns[CampaignLine] = {
    Column("Campagne"): lambda line: line.name,
    Column("État"): lambda line: line.state,
    Column("À l’intérieur", kind=CellType.COUNT): lambda line: line.inside,
}


async def tables(conn: AsyncConnection, now: Micros, glossary: Glossary) -> Sequence[Report]:
    """Every table of the page, those left out that would say that all is well."""
    lines, nothing = await campaign_lines(conn), "Aucune campagne n’est publiée."
    found = (
        report("Campagnes", _CAMPAIGNS, lines, empty=nothing),
        unsettled_report(await unsettled_lines(conn)),
        noting_report(await noting_lines(conn, glossary)),
        await outbox_report(conn, glossary),
        await leftovers_table(conn, glossary),
        await events_table(conn, now, glossary),
    )
    return [one for one in found if one.rows or one.empty]


async def leftovers_table(conn: AsyncConnection, glossary: Glossary) -> Report:
    """What found no place, that which came most."""
    note = (
        "Ceci a été accepté sans pouvoir servir. «\u00a0relance refus\u00a0» le dit en entier, "
        "«\u00a0relance explain\u00a0» pour un lead."
    )
    found = leftovers_report((await groups(conn))[:_MOST_LEFTOVERS], glossary)
    return replace(found, notes=(note,), empty="")


async def campaign_lines(conn: AsyncConnection) -> Sequence[CampaignLine]:
    """The campaigns, those that take people in first."""
    order = (campaigns.c.present.desc(), campaigns.c.name)
    first = (await conn.scalars(select(campaigns.c.id).order_by(*order).limit(_MOST))).all()
    failed = (
        select(func.max(set_aside.c.reason))
        .join(versions, versions.c.id == set_aside.c.version_id)
        .where(versions.c.campaign_id == campaigns.c.id)
        .correlate(campaigns)
        .scalar_subquery()
    )
    query = states_query().add_columns(failed.label("quarantined")).order_by(*order)
    found = (await conn.execute(query.where(campaigns.c.id.in_(first)))).all()
    inside = await crowds(conn, [row.id for row in found])
    return [
        CampaignLine(row.name, state_of(row), inside.get(row.id, 0), row.quarantined)
        for row in found
    ]


async def events_table(conn: AsyncConnection, now: Micros, glossary: Glossary) -> Report:
    """The last events received, the newest first."""
    columns: Columns[Any] = {
        Column("Quand", kind=CellType.EXACT_INSTANT): lambda row: from_micros(row.received_at),
        Column("Lead", kind=CellType.NUMBER): lambda row: row.lead_id,
        Column("Événement"): lambda row: _signed(glossary, row.type),
        Column("Sujet"): lambda row: row.subject,
    }
    rows = await _latest(conn, now)
    return report("Derniers événements", columns, rows, empty="Rien n’est encore arrivé.")


def _signed(glossary: Glossary, type_: str) -> str:
    return f"{glossary.event_icon(type_)} {glossary.event_label(type_)}"


async def _latest(conn: AsyncConnection, now: Micros) -> Sequence[Any]:
    """By the order in which they came, which each store can follow without reading them all."""
    columns = (events.c.lead_id, events.c.type, events.c.subject, events.c.received_at)
    if conn.dialect.name == "sqlite":
        query = select(*columns).order_by(text("events.rowid DESC")).limit(_LATEST)
        return (await conn.execute(query)).all()
    rows: Sequence[Any] = ()
    for span in _SPANS:
        since = events.c.received_at > now - span
        query = (
            select(*columns).where(since).order_by(events.c.received_at.desc(), events.c.id.desc())
        )
        rows = (await conn.execute(query.limit(_LATEST))).all()
        if len(rows) == _LATEST:
            break
    return rows
