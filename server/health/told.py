"""A health as data: what `/sante` and `relance sante` answer, in the same words."""

from collections.abc import Mapping
from typing import Any

from relance.concern import Concern, Gravity
from server.health.health import Health

_GRAVITIES = {
    Gravity.NOTICE: "avis",
    Gravity.IMPAIRED: "manque",
    Gravity.STOPPED: "arret",
    Gravity.DOWN: "panne",
}


def told(health: Health, *, full: bool) -> Mapping[str, Any]:
    """What is wrong may name people and machines of ours: it is told when `full`, else its code."""
    return {
        "ok": health.ok,
        "base_inscriptible": not health.has("base"),
        "regles_publiees": not health.has("regles"),
        "evenements_en_attente": health.backlog,
        "echeances_en_retard": health.overdue,
        "constats": [_concern(one, full=full) for one in health.concerns],
    }


def _concern(concern: Concern, *, full: bool) -> Mapping[str, Any]:
    short = {"code": concern.code, "gravite": _GRAVITIES[concern.gravity]}
    if not full:
        return short
    details = {"details": list(concern.details)} if concern.details else {}
    return {**short, "constat": concern.fact, "remede": concern.remedy, **details}
