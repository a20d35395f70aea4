"""The addresses not written to, since when and why; and those that are again, by the team's word."""

from collections.abc import Sequence
from typing import Any

from relance.report import CellType, Column, Columns, Report, To, report
from server.reports.french import number
from server.store.instants import from_micros
from server.store.suppressions import Suppression

_SILENT: Columns[Suppression] = {
    Column("Depuis", "depuis", CellType.INSTANT): lambda one: from_micros(one.at),
    Column("Canal", "canal"): lambda one: one.channel,
    Column("Adresse", "adresse"): lambda one: one.address,
    Column("Par", "par"): lambda one: "la personne" if one.asked else "un serveur",
    Column("Raison", "raison"): lambda one: one.reason,
}
_LIFTED: Columns[Any] = {
    Column("Rétablie", "retablie", CellType.INSTANT): lambda row: from_micros(row.lifted_at),
    Column("Canal", "canal"): lambda row: row.channel,
    Column("Adresse", "adresse"): lambda row: row.address_key,
    Column("Pourquoi", "raison"): lambda row: row.why,
    Column("Elle était écartée", "ecartee.raison"): lambda row: row.reason,
    Column("Elle l’était depuis", "ecartee.depuis", CellType.INSTANT, To.SHEET): lambda row: (
        from_micros(row.at)
    ),
}


def suppressed(rows: Sequence[Suppression], most: int) -> Report:
    """Those left alone, at most that many of them."""
    empty = "Aucune adresse écartée."
    return report("Adresses écartées", _SILENT, rows, empty=empty, most=most, cut=_cut(most))


def lifted(rows: Sequence[Any], most: int) -> Report:
    """Those written to again: rows of the log, at most that many."""
    empty = "Aucune adresse rétablie."
    return report("Adresses rétablies", _LIFTED, rows, empty=empty, most=most, cut=_cut(most))


def _cut(most: int) -> str:
    return f"Les {number(most)} dernières ; «\u00a0--canal\u00a0» en montre d’autres."
