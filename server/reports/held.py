"""The messages held until somebody decides, those alike together."""

from collections.abc import Sequence
from typing import Any

from relance.report import CellType, Column, Columns, Report, report
from server.reports.glossary import Glossary
from server.store.instants import from_micros

_WHY: Columns[Any] = {
    Column("Pourquoi"): lambda row: (row.reason or "").removeprefix("retenu : "),
}


def _columns(glossary: Glossary) -> Columns[Any]:
    return {
        Column("Nombre", "nombre", CellType.COUNT): lambda row: row.count,
        Column("Leads", "leads", CellType.COUNT): lambda row: row.leads,
        Column("Canal"): lambda row: glossary.channel(row.channel),
        Column("", "canal"): lambda row: row.channel,
        Column("Message", "message"): lambda row: row.message,
        Column("Campagne", "campagne"): lambda row: row.campaign,
        Column("Le plus ancien", "depuis", CellType.INSTANT): lambda row: from_micros(row.first),
        Column("", "raison"): lambda row: row.reason,
    }


def held_report(rows: Sequence[Any], glossary: Glossary, *, why: bool) -> Report:
    """Rows (campaign, channel, message, reason, count, leads, first); `why` each is held, or not."""
    return report(
        "Envois retenus",
        {**_columns(glossary), **(_WHY if why else {})},
        rows,
        empty="Aucun envoi retenu.",
        notes=["«\u00a0--envoyer\u00a0» les envoie, «\u00a0--abandonner\u00a0» y renonce."],
    )
