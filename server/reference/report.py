"""The phrases of the reference as a report: one a row, with its part and who brings it."""

from collections.abc import Iterable

from relance.report import CellType, Column, Columns, Report, report
from server.reference.entries import ReferenceEntry, ReferenceSection

_COLUMNS: Columns[tuple[ReferenceSection, ReferenceEntry]] = {
    Column("Partie", "partie"): lambda one: one[0].title,
    Column("", "extension"): lambda one: one[1].plugin,
    Column("", "id"): lambda one: one[1].phrase.id,
    Column("Genre", "genre"): lambda one: one[1].phrase.kind.value,
    Column("Phrase", "phrase"): lambda one: one[1].shown,
    Column("Se dit aussi", "aussi", CellType.LINES): lambda one: list(one[1].also),
    Column("Emplacements", "emplacements", CellType.NAMED): lambda one: {
        slot.name: slot.help for slot in one[1].slots
    },
    Column("", "change_apres", CellType.LINES): lambda one: list(one[1].woken),
    Column("Avec le temps", "avec_le_temps", CellType.FLAG): lambda one: one[1].timed,
    Column("Ce qu’elle dit", "aide"): lambda one: one[1].phrase.help,
    Column("Exemple", "exemple"): lambda one: one[1].phrase.example,
}


def phrases_report(found: Iterable[ReferenceSection]) -> Report:
    """Every phrase of those parts."""
    rows = [(section, entry) for section in found for entry in section.entries]
    return report("Phrases", _COLUMNS, rows)
