"""The messages of which nobody can tell whether they left."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Row, select
from sqlalchemy.ext.asyncio import AsyncConnection

from relance.report import CellType, Column, Columns, Report, To, report
from server.reports import french, words
from server.reports.glossary import Glossary
from server.store.instants import from_micros
from server.store.schema.campaigns import campaigns
from server.store.schema.leads import leads
from server.store.schema.messages import outbox


async def uncertain(conn: AsyncConnection) -> Sequence[Row[Any]]:
    """Each of them, the last first."""
    joined = outbox.join(campaigns, campaigns.c.id == outbox.c.campaign_id).outerjoin(
        leads, leads.c.id == outbox.c.lead_id
    )
    query = (
        select(outbox, campaigns.c.name.label("campaign"), leads.c.f_courriel.label("email"))
        .select_from(joined)
        .where(outbox.c.doubted_at.is_not(None))
        .order_by(outbox.c.doubted_at.desc())
    )
    return (await conn.execute(query)).all()


def _columns(glossary: Glossary) -> Columns[Any]:
    return {
        Column("Depuis", "douteux_depuis", CellType.INSTANT): lambda row: from_micros(
            row.doubted_at
        ),
        Column("Lead", to=To.SCREEN): lambda row: row.email or str(row.lead_id),
        Column("N° du lead", "lead", CellType.NUMBER, To.SHEET): lambda row: row.lead_id,
        Column("Courriel", "courriel", to=To.SHEET): lambda row: row.email,
        Column("Campagne", "campagne"): lambda row: row.campaign,
        Column("Canal", to=To.SHEET): lambda row: glossary.channel(row.channel),
        Column("", "canal"): lambda row: row.channel,
        Column("Message", "message"): lambda row: row.message,
        Column("Ce qu’il est devenu"): lambda row: words.outbox_state(row.state),
        Column("", "etat"): lambda row: row.state,
        Column("Essais", "essais", CellType.COUNT, To.SHEET): lambda row: row.attempts,
        Column("Raison", "raison"): lambda row: row.reason,
    }


def uncertain_report(rows: Sequence[Row[Any]], glossary: Glossary) -> Report:
    """Each, and what it became."""
    return report(
        "Envois incertains",
        _columns(glossary),
        rows,
        empty="Aucun envoi incertain.",
        notes=[french.count(len(rows), "envoi incertain", "envois incertains") + "."],
    )
