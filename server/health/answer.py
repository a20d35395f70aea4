"""A health as data: what `/sante` and `relance sante` answer, in the same words."""

from collections.abc import Mapping, Sequence
from typing import Any

from relance.concern import Concern, Gravity
from relance.report import CellType, Column, Columns, Layout, Report, To, report
from server.health.health import WELL, Health

GRAVITIES = {
    Gravity.NOTICE: "avis",
    Gravity.IMPAIRED: "manque",
    Gravity.STOPPED: "arret",
    Gravity.DOWN: "panne",
}


def health_answer(health: Health, *, full: bool) -> Mapping[str, Any]:
    """What is wrong may name people and machines of ours: it is told when `full`, else its code."""
    return {
        "ok": health.ok,
        "base_inscriptible": not health.has("base"),
        "regles_publiees": not health.has("regles"),
        "evenements_en_attente": health.backlog,
        "echeances_en_retard": health.overdue,
        "constats": [_concern(one, full=full) for one in health.concerns],
    }


_COLUMNS: Columns[Mapping[str, Any]] = {
    Column("Constat"): lambda one: one["constat"],
    Column("Remède"): lambda one: one["remede"],
    Column("Détails", kind=CellType.LINES): lambda one: one.get("details", ()),
    Column("Gravité", to=To.SHEET): lambda one: one["gravite"],
}


def concerns_report(concerns: Sequence[Mapping[str, Any]]) -> Report:
    """What is wrong, as it was told in full, the worst first."""
    return report("Ce qui ne va pas", _COLUMNS, concerns, empty=WELL, layout=Layout.CARDS)


def _concern(concern: Concern, *, full: bool) -> Mapping[str, Any]:
    short = {"code": concern.code, "gravite": GRAVITIES[concern.gravity]}
    if not full:
        return short
    details = {"details": list(concern.details)} if concern.details else {}
    return {**short, "constat": concern.fact, "remede": concern.remedy, **details}
