"""What found no place on a lead, in French: what came, from where, why it was left, what to do."""

from collections.abc import Mapping, Sequence
from typing import Any

from relance.french import quoted
from relance.report import CellType, Column, Columns, Report, To, report
from server.reports.glossary import Glossary
from server.store.instants import from_micros
from server.store.leftovers import FORMS, MESSAGES, NOBODY, Group, Reason

_WHY: Mapping[str, str] = {
    Reason.NUMBER: "ce n’est pas un nombre (écrivez 1234,50)",
    Reason.DATE: "ce n’est pas une date (écrivez 2026-12-24 ou 24/12/2026)",
    Reason.YES_NO: "ce n’est ni oui ni non",
    Reason.CHOICE: "ce n’est pas un des choix du champ : ajoutez-le à ses choix, ou corrigez la page",
    Reason.PHONE: "ce n’est pas un numéro de téléphone",
    Reason.LANGUAGE: "ce n’est pas une langue (écrivez fr, en ou fr-CA)",
    Reason.ZONE: "ce n’est pas un fuseau (écrivez America/Montreal)",
    Reason.TEXT: "ce n’est pas un texte",
    Reason.SEVERAL: "plusieurs valeurs sont venues : la dernière seule est dans la fiche",
    Reason.UNKNOWN: "aucun champ ne porte ce nom : déclarez-le (« champs »), ou corrigez le nom",
    Reason.ANONYMOUS: (
        "c’est une adresse, mais rien ne dit que c’est celle de la personne, que l’on ne connaît "
        'pas : dans la page, donnez à ce champ le nom « courriel » (name="courriel")'
    ),
    Reason.UNHEARD: (
        "aucune règle n’entend ce formulaire : écrivez « quand formulaire (son nom) rempli », ou "
        "corrigez son nom dans la page ; le lead et l’événement sont gardés"
    ),
    Reason.NO_ADDRESS: "le lead n’a pas d’adresse pour ce message, qui n’est pas parti",
    Reason.FORGOTTEN: (
        "cette personne a demandé à être oubliée : rien n’a été gardé. Si elle veut revenir, "
        f"{quoted('relance retablir son-adresse --malgre-refus --raison …')}"
    ),
}
_DOORS: Mapping[str, str] = {
    "events": "événements reçus",
    "transactions": "achats reçus",
    MESSAGES: "messages",
    FORMS: "formulaires",
}


def why(reason: str) -> str:
    """Why it was left, and what to do."""
    return _WHY.get(reason, reason)


def door(source: str, glossary: Glossary) -> str:
    """Where it came from; a channel by its label."""
    if source.startswith("form:"):
        return f"formulaire {quoted(source.removeprefix('form:'))}"
    return _DOORS.get(source) or glossary.channel(source)


def what(row: Any) -> str:
    """What was left, named."""
    if row.reason == Reason.NO_ADDRESS:
        return f"{quoted(row.value)}, campagne {quoted(row.field)}"
    if row.reason == Reason.UNHEARD:
        return f"formulaire {quoted(row.value)}"
    if row.reason == Reason.FORGOTTEN:
        return "une personne oubliée"
    return f"{quoted(row.value)}, champ {quoted(row.field)}"


def _columns(glossary: Glossary) -> Columns[Group]:
    return {
        Column("Fois", "fois", CellType.COUNT): lambda one: one.times,
        Column("D’où"): lambda one: door(one.source, glossary),
        Column("", "d_ou"): lambda one: one.source,
        Column("La dernière", to=To.SCREEN): what,
        Column("Champ", "champ", to=To.SHEET): lambda one: one.field,
        Column("Dernière valeur", "derniere_valeur", to=To.SHEET): lambda one: one.value,
        Column("Leads", "leads", CellType.COUNT, To.SHEET): lambda one: (
            0 if one.lead_id == NOBODY else one.leads
        ),
        Column("Lead", to=To.SCREEN): lambda one: (
            "" if one.lead_id == NOBODY else f"n° {one.lead_id}"
        ),
        Column("Dernier lead", "dernier_lead", CellType.NUMBER, To.SHEET): lambda one: (
            one.lead_id or None
        ),
        Column("Quand", "derniere_fois", CellType.INSTANT): lambda one: from_micros(one.at),
        Column("Pourquoi", "raison"): lambda one: why(one.reason),
    }


def leftovers_report(found: Sequence[Group], glossary: Glossary) -> Report:
    """Those that came most, first."""
    return report(
        "Reçu, et resté sans place",
        _columns(glossary),
        found,
        empty="Rien n’a été refusé : tout ce qui est venu a trouvé sa place.",
    )
