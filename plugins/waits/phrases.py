"""Phrases that wait. A moment already past lets the lead go on at once."""

from datetime import date, time

from relance.facts import Field
from relance.phrase import Kind, Phrase
from relance.values import Duration, FieldName, Weekday, days_of
from relance.waits import Wait, WaitFor, WaitForHours, WaitForWeekday, WaitUntil, WaitUpTo


def moment(day: date | FieldName) -> date | Field:
    """A written date, or the field that holds it."""
    return Field(day.name) if isinstance(day, FieldName) else day


def wait_for(delay: Duration) -> Wait:
    """A delay."""
    return WaitFor(delay)


def wait_up_to(delay: Duration) -> Wait:
    """A delay drawn between nothing and that."""
    return WaitUpTo(delay)


def wait_until(day: date | FieldName) -> Wait:
    """A date, at midnight."""
    return WaitUntil(moment(day))


def wait_until_at(day: date | FieldName, at: time) -> Wait:
    """A date and a time."""
    return WaitUntil(moment(day), at)


def wait_in(first: Weekday | time, last: Weekday | time) -> Wait:
    """A window of the week, or of each working day."""
    if isinstance(first, Weekday) and isinstance(last, Weekday):
        return WaitForWeekday(first, last)
    if isinstance(first, time) and isinstance(last, time):
        if first == last:
            raise ValueError("les deux heures sont les mêmes, la plage est vide")
        return WaitForHours(first, last)
    raise ValueError("il faut deux jours (lundi à vendredi) ou deux heures (9 h à 17 h)")


def wait_after(delay: Duration, day: date | FieldName) -> Wait:
    """Some days after a date."""
    return WaitUntil(moment(day), days=days_of(delay))


def wait_before(delay: Duration, day: date | FieldName) -> Wait:
    """Some days before a date."""
    return WaitUntil(moment(day), days=-days_of(delay))


PHRASES = (
    Phrase(
        id="waits.for",
        kind=Kind.WAIT,
        pattern="Attendre pendant {delay:durée}",
        means=wait_for,
        help="Attend ce temps. Un jour est un jour du calendrier : même heure, tant de jours "
        "plus tard ; une heure ou une minute est du temps écoulé.",
        example="Attendre pendant 3 jours",
        english="Wait for {delay:durée}",
    ),
    Phrase(
        id="waits.up_to",
        kind=Kind.WAIT,
        pattern="Attendre entre zéro et {delay:durée}",
        means=wait_up_to,
        help="Attend un temps tiré au sort entre rien et cette durée, le même pour un lead donné "
        "à cet endroit du script : les envois s’étalent.",
        example="Attendre entre zéro et 2 jours",
        english="Wait between zero and {delay:durée}",
    ),
    Phrase(
        id="waits.until",
        kind=Kind.WAIT,
        pattern="Attendre jusqu’au {day:moment}",
        means=wait_until,
        help="Attend cette date, écrite ou tenue par un champ du lead, à minuit. Sans date, "
        "ou si elle est passée, le lead continue aussitôt.",
        example="Attendre jusqu’au (24 décembre 2026)",
        english="Wait until {day:moment}",
    ),
    Phrase(
        id="waits.until_at",
        kind=Kind.WAIT,
        pattern="Attendre jusqu’au {day:moment} à {at:heure}",
        means=wait_until_at,
        help="Attend cette date, écrite ou tenue par un champ du lead, à cette heure. Sans date, "
        "ou si le moment est passé, le lead continue aussitôt.",
        example="Attendre jusqu’au (24 décembre 2026) à (9 h 30)",
        english="Wait until {day:moment} at {at:heure}",
    ),
    Phrase(
        id="waits.window",
        kind=Kind.WAIT,
        pattern="Attendre un jour de la semaine de {first:jour ou heure} à {last:jour ou heure}",
        means=wait_in,
        help="Entre deux jours : attend le prochain de ces jours, les deux compris. Entre deux "
        "heures : attend le prochain moment, du lundi au vendredi, dans cette plage.",
        example="Attendre un jour de la semaine de (lundi) à (vendredi)",
        english="Wait for a day of the week from {first:jour ou heure} to {last:jour ou heure}",
    ),
    Phrase(
        id="waits.after",
        kind=Kind.WAIT,
        pattern="Attendre {delay:durée} après {day:moment}",
        means=wait_after,
        help="Attend ce nombre de jours après la date, écrite ou tenue par un champ du lead.",
        example="Attendre (2 jours) après (date d’achat)",
        english="Wait {delay:durée} after {day:moment}",
    ),
    Phrase(
        id="waits.before",
        kind=Kind.WAIT,
        pattern="Exécuter {delay:durée} avant {day:moment}",
        means=wait_before,
        help="Attend d’être à ce nombre de jours avant la date, puis continue ; si ce moment est "
        "passé, le lead continue aussitôt.",
        example="Exécuter (3 jours) avant (fin d’abonnement)",
        english="Run {delay:durée} before {day:moment}",
    ),
)
