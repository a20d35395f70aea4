"""What other programs were told: by receiver, and call by call."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import case, func, literal, select
from sqlalchemy.ext.asyncio import AsyncConnection

from relance.report import CellType, Column, Columns, Report, To, report
from server.reports import french
from server.reports.glossary import Glossary
from server.store.instants import Micros, from_micros
from server.store.schema.messages import deliveries, stopped_sinks

_STATES = {
    "pending": "en attente",
    "delivered": "remis",
    "failed": "abandonné",
    "cancelled": "retenu (destinataire arrêté)",
}


def state_label(code: str) -> str:
    """What became of a call, in a table."""
    return _STATES.get(code, code)


async def of_sink(conn: AsyncConnection, sink: str) -> Any:
    """What became of all that was noted for a receiver."""

    def counted(state: str) -> Any:
        one = case((deliveries.c.state == state, 1), else_=0)
        return func.coalesce(func.sum(one), 0).label(state)

    stop = select(stopped_sinks).where(stopped_sinks.c.sink == sink).subquery()
    query = select(
        literal(sink).label("sink"),
        *(counted(state) for state in _STATES),
        func.max(deliveries.c.settled_at).label("last"),
        select(stop.c.at).scalar_subquery().label("stopped_at"),
        select(stop.c.reason).scalar_subquery().label("why"),
    ).where(deliveries.c.sink == sink)
    return (await conn.execute(query)).one()


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
    Column("Destinataire", "nom", CellType.ADDRESS): lambda row: row.sink,
    Column("En attente", "en_attente", CellType.COUNT): lambda row: row.pending,
    Column("Remis", "remis", CellType.COUNT): lambda row: row.delivered,
    Column("Abandonnés", "abandonnes", CellType.COUNT): lambda row: row.failed,
    Column("Retenus", "retenus", CellType.COUNT): lambda row: row.cancelled,
    Column("Dernière fin", "dernier", CellType.INSTANT): lambda row: _at(row.last),
    Column("Arrêté depuis", "arrete_depuis", CellType.INSTANT, To.SHEET): lambda row: _at(
        row.stopped_at
    ),
    Column("Pourquoi", "raison", to=To.SHEET): lambda row: row.why,
}


def sinks_report(rows: Sequence[Any]) -> Report:
    """The receivers, and how calls to each go."""
    stopped = [f"{row.sink} est arrêté\u00a0: {row.why}." for row in rows if row.why]
    title = "Appels à d’autres programmes"
    return report(title, _SINKS, rows, empty="Aucun appel.", notes=stopped)


def _calls(glossary: Glossary) -> Columns[Any]:
    return {
        Column("N°", "numero", CellType.NUMBER): lambda row: row.id,
        Column("Reçu", "recu", CellType.EXACT_INSTANT): lambda row: from_micros(row.received_at),
        Column("Événement", to=To.SCREEN): lambda row: glossary.event(row.type, row.subject),
        Column("Événement", to=To.SHEET): lambda row: glossary.event_label(row.type),
        Column("", "type"): lambda row: row.type,
        Column("Objet", "objet", to=To.SHEET): lambda row: row.subject,
        Column("Lead", "lead", CellType.NUMBER): lambda row: row.lead_id,
        Column("Ce qu’il est devenu", to=To.SCREEN): _became,
        Column("État", to=To.SHEET): lambda row: _STATES[row.state],
        Column("", "etat"): lambda row: row.state,
        Column("Essais", "essais", CellType.COUNT, To.SHEET): lambda row: row.attempts,
        Column("Prochain essai", "prochain", CellType.INSTANT, To.SHEET): lambda row: _at(
            row.due_at
        ),
        Column("Réponse", "raison", to=To.SHEET): lambda row: row.reason,
    }


def _became(row: Any) -> str:
    """« en attente après 3 essais : il a répondu 500 »."""
    tried = f" après {french.count(row.attempts, 'essai')}" if row.attempts else ""
    why = f"\u00a0: {row.reason}" if row.reason else ""
    return f"{_STATES[row.state]}{tried}{why}"


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
