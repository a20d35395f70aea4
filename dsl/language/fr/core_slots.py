"""The slot types the language brings by itself."""

import re
from dataclasses import replace
from datetime import date

from dsl.language.fr import values
from relance.fold import fold
from relance.french import quoted
from relance.slot import SlotType, Unreadable
from relance.values import Duration, FieldName, Value

#: The type of slot in which an event phrase stands (`dsl.phrases.composed`).
FACT = "fait"


def _field(text: str) -> Value | Unreadable:
    name = " ".join(text.split())
    return FieldName(name) if name else Unreadable("le nom du champ manque", "ville")


def _moment(text: str) -> Value | Unreadable:
    """A date when it looks like one, else the name of a date field."""
    read = values.day(text)
    if isinstance(read, date) or any(c.isdigit() for c in text):
        return read
    return _field(text)


def _deadline(text: str) -> Value | Unreadable:
    """A day of the week, a time of day, a date, or the name of a date field."""
    for reader in (values.weekday, values.clock_time):
        read = reader(text)
        if not isinstance(read, Unreadable):
            return read
    return _moment(text)


#: « 9 h », « 17h30 »: a time of day as much as a length of time, where no word says which.
_TWO_WAYS = re.compile(r"(?:[01]?\d|2[0-3]) ?h ?(?:[0-5]?\d)?")


def _delay(text: str) -> Value | Unreadable:
    if _TWO_WAYS.fullmatch(fold(text)):
        shown = " ".join(text.split())
        return Unreadable(
            f"{quoted(shown)} peut être une durée comme une heure",
            f"{quoted(f'Attendre pendant {shown}')} ou {quoted(f'Attendre jusqu’à {shown}')}",
        )
    read = values.duration(text)
    # « 2 h 30 », proposed elsewhere, is what this slot refuses.
    return replace(read, instead="3 jours ou 1 semaine") if isinstance(read, Unreadable) else read


def _since(text: str) -> Value | Unreadable:
    as_duration = values.duration(text)
    if isinstance(as_duration, Duration):
        return as_duration
    as_date = values.day(text)
    if isinstance(as_date, date):
        return as_date
    if as_date.instead is None or "quatre chiffres" in as_date.reason:
        return as_date
    return Unreadable(
        f"« {text.strip()} » n’est ni une date ni une durée", "24 décembre 2026 ou 30 jours"
    )


CORE_SLOT_TYPES: tuple[SlotType, ...] = (
    SlotType("texte", "un texte libre", reference=False),
    SlotType("nombre", "un nombre : 3, 1 234,50", values.number, reference=False),
    SlotType("pourcentage", "un pourcentage : 50 %", values.percentage, reference=False),
    SlotType("montant", "un montant : 49,90 $", values.amount, reference=False),
    SlotType("durée", "une durée : 3 jours, 2 h 30", values.duration, reference=False),
    SlotType("date", "une date : 24 décembre 2026", values.day, reference=False),
    SlotType("heure", "une heure : 9 h 30", values.clock_time, reference=False),
    SlotType("jour", "un jour de la semaine : lundi", values.weekday, reference=False),
    SlotType("comparateur", "une comparaison : supérieur à", values.comparator, reference=False),
    SlotType("direction", "avant ou après", values.direction, reference=False),
    SlotType("changement", "un changement : +10, -5, =50", values.change, reference=False),
    SlotType("champ", "le nom d’un champ du lead", _field, closed=True),
    SlotType("moment", "une date, ou un champ qui en contient une", _moment, reference=False),
    SlotType(
        "échéance",
        "une date, un jour de la semaine (lundi), une heure (9 h 30), ou un champ qui contient une date",
        _deadline,
        reference=False,
    ),
    SlotType("délai", "une durée qui ne se lit pas comme une heure", _delay, reference=False),
    SlotType("mots", "un texte, parenthèses ou non", reference=False),
    SlotType("depuis", "une date, ou une durée à rebours", _since, reference=False),
    SlotType(
        FACT, "la phrase d’un événement : Courriel (Tarifs) lu, Panier payé…", reference=False
    ),
)
