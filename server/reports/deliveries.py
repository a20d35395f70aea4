"""What other programs were told: by receiver, and call by call."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import case, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from server.reports.glossary import Glossary
from server.reports.report import CellType, Column, Columns, Report, report
from server.store.instants import Micros, from_micros
from server.store.schema.messages import deliveries, stopped_sinks

_STATES = {
    "pending": "en attente",
    "delivered": "remis",
    "failed": "abandonné",
    "cancelled": "retenu (destinataire arrêté)",
}


async def by_sink(conn: AsyncConnection) -> Sequence[Any]:
    """Each receiver that something was noted for, with its counts."""

    def counted(state: str) -> Any:
        return func.sum(case((deliveries.c.state == state, 1), else_=0)).label(state)

    query = (
        select(
            deliveries.c.sink,
            *(counted(state) for state in _STATES),
            func.max(deliveries.c.settled_at).label("last"),
            func.max(stopped_sinks.c.at).label("stopped_at"),
            func.max(stopped_sinks.c.reason).label("why"),
        )
        .join_from(
            deliveries, stopped_sinks, stopped_sinks.c.sink == deliveries.c.sink, isouter=True
        )
        .group_by(deliveries.c.sink)
        .order_by(deliveries.c.sink)
    )
    return (await conn.execute(query)).all()


async def latest(conn: AsyncConnection, sink: str, most: int) -> Sequence[Any]:
    """The last calls to a receiver, the last first."""
    query = (
        select(deliveries)
        .where(deliveries.c.sink == sink)
        .order_by(deliveries.c.id.desc())
        .limit(most)
    )
    return (await conn.execute(query)).all()


def _at(value: Micros | None) -> Any:
    return None if value is None else from_micros(value)


_SINKS: Columns[Any] = {
    Column("Destinataire", "nom"): lambda row: row.sink,
    Column("En attente", "en_attente", CellType.COUNT): lambda row: row.pending,
    Column("Remis", "remis", CellType.COUNT): lambda row: row.delivered,
    Column("Abandonnés", "abandonnes", CellType.COUNT): lambda row: row.failed,
    Column("Retenus", "retenus", CellType.COUNT): lambda row: row.cancelled,
    Column("Dernière fin", "dernier", CellType.INSTANT): lambda row: _at(row.last),
    Column("Arrêté depuis", "arrete_depuis", CellType.INSTANT): lambda row: _at(row.stopped_at),
    Column("Pourquoi", "raison"): lambda row: row.why,
}


def sinks_report(rows: Sequence[Any]) -> Report:
    """The receivers, and how calls to each go."""
    return report("Appels à d’autres programmes", _SINKS, rows, empty="Aucun appel.")


def _calls(glossary: Glossary) -> Columns[Any]:
    return {
        Column("N°", "numero", CellType.NUMBER): lambda row: row.id,
        Column("Reçu", "recu", CellType.EXACT_INSTANT): lambda row: from_micros(row.received_at),
        Column("Événement"): lambda row: glossary.event_label(row.type),
        Column("", "type"): lambda row: row.type,
        Column("Objet", "objet"): lambda row: row.subject,
        Column("Lead", "lead", CellType.NUMBER): lambda row: row.lead_id,
        Column("État"): lambda row: _STATES[row.state],
        Column("", "etat"): lambda row: row.state,
        Column("Essais", "essais", CellType.COUNT): lambda row: row.attempts,
        Column("Prochain essai", "prochain", CellType.INSTANT): lambda row: _at(row.due_at),
        Column("Réponse", "raison"): lambda row: row.reason,
    }


def calls_report(name: str, rows: Sequence[Any], glossary: Glossary, most: int) -> Report:
    """The last calls to a receiver."""
    return report(
        f"Appels à {name}",
        _calls(glossary),
        rows,
        empty="Aucun appel.",
        most=most,
        cut=f"Les {most} derniers.",
    )
