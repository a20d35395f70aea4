"""What campaigns came to for one lead: each stay, and the messages it brought."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from relance.report import CellType, Column, Columns, Report, report
from server.reports import words
from server.store.instants import from_micros
from server.store.schema.campaigns import campaigns, enrolments
from server.store.schema.messages import outbox


async def stays(conn: AsyncConnection, lead: int) -> Sequence[Any]:
    """Each entry of that lead in a campaign, the last first, with how many messages it brought."""
    sent = (
        select(func.count())
        .where(
            outbox.c.lead_id == enrolments.c.lead_id,
            outbox.c.campaign_id == enrolments.c.campaign_id,
            outbox.c.entry == enrolments.c.entry,
            outbox.c.state == "sent",
        )
        .correlate(enrolments)
        .scalar_subquery()
    )
    query = (
        select(enrolments, campaigns.c.name, sent.label("sent"))
        .join_from(enrolments, campaigns, campaigns.c.id == enrolments.c.campaign_id)
        .where(enrolments.c.lead_id == lead)
        .order_by(enrolments.c.entered_at.desc())
    )
    return (await conn.execute(query)).all()


_STAYS: Columns[Any] = {
    Column("Campagne", "campagne"): lambda row: row.name,
    Column("Entré le", "entre_le", CellType.INSTANT): lambda row: from_micros(row.entered_at),
    Column("Étape", "etape"): lambda row: row.step,
    Column("Sorti le", "sorti_le", CellType.INSTANT): lambda row: (
        None if row.left_at is None else from_micros(row.left_at)
    ),
    Column("Issue", "issue_dite"): lambda row: None if row.active else words.outcome(row.outcome),
    Column("", "issue"): lambda row: row.outcome,
    Column("Messages envoyés", "envoyes", CellType.COUNT): lambda row: row.sent,
}


def stays_report(lead: int, rows: Sequence[Any]) -> Report:
    """Each stay of a lead."""
    return report(
        f"Lead n° {lead}", _STAYS, rows, empty="Ce lead n’est entré dans aucune campagne."
    )
