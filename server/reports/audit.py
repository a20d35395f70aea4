"""The audit log in words, and as a report."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from relance.report import CellType, Column, Columns, Layout, Report, report
from server.access.actions import OUTCOME, asked_in_words, in_words
from server.access.audit import AuditEntry
from server.store.instants import from_micros

_COLUMNS: Columns[AuditEntry] = {
    Column("N°", "numero", CellType.NUMBER): lambda deed: deed.number,
    Column("Quand", "quand", CellType.EXACT_INSTANT): lambda deed: _at(deed),
    Column("Qui", "qui"): lambda deed: deed.who,
    Column("D’où", "origine"): lambda deed: deed.origin,
    Column("Quoi", ""): lambda deed: deed_in_words(deed),
    Column("", "acte"): lambda deed: deed.action,
    Column("", "objet"): lambda deed: deed.object,
    Column("Avant et après", "", CellType.LINES): lambda deed: changes(deed),
    Column("", "avant", CellType.NAMED): lambda deed: dict(deed.before),
    Column("", "apres", CellType.NAMED): lambda deed: dict(deed.after),
    Column("", "empreinte"): lambda deed: deed.mark,
}


def _at(deed: AuditEntry) -> datetime:
    return from_micros(deed.at)


def deed_in_words(deed: AuditEntry) -> str:
    """« a invité Camille »; of what was not done, « a demandé de créer la liste Infolettre : refusé »."""
    about = "" if deed.object == deed.who else deed.object
    outcome = deed.after.get(OUTCOME)
    if outcome is None:
        return f"{in_words(deed.action)} {about}".strip()
    return f"{asked_in_words(deed.action)} {about}".strip() + f" : {outcome}"


def changes(deed: AuditEntry) -> Sequence[str]:
    """What it was before and is after, a line a thing."""
    names = dict.fromkeys(name for name in (*deed.before, *deed.after) if name != OUTCOME)
    return [_line(name, deed) for name in names]


def _line(name: str, deed: AuditEntry) -> str:
    after = deed.after.get(name, "rien")
    return (
        f"{name}\u00a0: {deed.before[name]} → {after}"
        if name in deed.before
        else f"{name}\u00a0: {after}"
    )


def audit_report(deeds: Iterable[AuditEntry], most: int, notes: Iterable[str] = ()) -> Report:
    """The last deeds, the last first."""
    return report(
        "Journal d’audit",
        _COLUMNS,
        deeds,
        empty="Rien n’a encore été fait qui se note.",
        notes=notes,
        most=most,
        layout=Layout.FOLDING,
        cut="Il y en a d’autres avant\u00a0: «\u00a0--sortie\u00a0» les écrit tous dans un fichier.",
    )
