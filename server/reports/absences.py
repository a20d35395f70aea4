"""The absences of the team that are not over, as a report."""

from collections.abc import Sequence
from datetime import date

from relance.report import CellType, Column, Columns, Report, report
from server.store.absences import Absence
from server.store.instants import Micros


def absences_report(found: Sequence[Absence], now: Micros) -> Report:
    """Each, the first to begin first."""
    columns: Columns[Absence] = {
        Column("N°", "numero", CellType.NUMBER): lambda one: one.id,
        Column("Personne", "personne"): lambda one: one.name,
        Column("Du", "du", CellType.DAY): lambda one: date.fromisoformat(one.first_day),
        Column("Au", "au", CellType.DAY): lambda one: date.fromisoformat(one.last_day),
        Column("Raison", "raison"): lambda one: one.reason or None,
        Column("En cours", "en_cours", CellType.FLAG): lambda one: one.begins_at <= now,
    }
    return report(
        "Absences",
        columns,
        found,
        empty="Personne n’est en absence, ni ne doit l’être.",
    )
