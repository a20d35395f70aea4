"""The saved reports as a report: what a terminal and a program are told of them."""

from collections.abc import Sequence
from dataclasses import dataclass

from relance.report import CellType, Column, Columns, Report, report
from server.reports.performance.offered import OfferedReport
from server.reports.saved import in_words, offered_of
from server.store.instants import from_micros
from server.store.saved_reports import SavedReport


@dataclass(frozen=True, slots=True)
class SavedRow:
    """One of them; when it is mailed, in words, and to how many."""

    saved: SavedReport
    owner: str
    mailed: str
    readers: int


def saved_list(rows: Sequence[SavedRow], added: Sequence[OfferedReport]) -> Report:
    """All of them, by name."""

    def asked(one: SavedRow) -> str:
        return in_words(one.saved.asked, offered_of(one.saved.asked, added))

    columns: Columns[SavedRow] = {
        Column("Rapport", "nom"): lambda one: one.saved.name,
        Column("Ce qu’il dit", "demande"): asked,
        Column("Par", "par"): lambda one: one.owner,
        Column("Envoyé", "envoye"): lambda one: one.mailed or None,
        Column("À combien", "destinataires", CellType.COUNT): lambda one: one.readers,
        Column("Prochain envoi", "prochain", CellType.INSTANT): lambda one: (
            None if one.saved.due_at is None else from_micros(one.saved.due_at)
        ),
        Column("Faute", "faute"): lambda one: one.saved.fault,
    }
    return report(
        "Rapports enregistrés",
        columns,
        rows,
        empty="Aucun rapport n’est enregistré : cela se fait sur la page d’un rapport.",
    )
