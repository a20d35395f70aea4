"""Phrases that wait. A moment already past lets the lead go on at once."""

from datetime import date, time
from decimal import Decimal

from relance.facts import Field
from relance.phrase import Kind, Phrase
from relance.values import Duration, FieldName, Weekday, days_of, whole
from relance.waits import (
    Wait,
    WaitFor,
    WaitForHours,
    WaitForWeekday,
    WaitForWorkingDays,
    WaitUntil,
    WaitUntilNext,
    WaitUpTo,
)


def date_or_field(day: date | FieldName) -> date | Field:
    """A written date, or the field that holds it."""
    return Field(day.name) if isinstance(day, FieldName) else day


def wait_for(delay: Duration) -> Wait:
    """Stay for that long, from the instant the lead comes there."""
    return WaitFor(delay)


def wait_up_to(delay: Duration) -> Wait:
    """A delay drawn between nothing and that."""
    return WaitUpTo(delay)


def wait_until(day: date | FieldName | Weekday | time) -> Wait:
    """A date, at midnight; a day of the week; a time of day."""
    if isinstance(day, Weekday):
        return WaitForWeekday(day, day)
    if isinstance(day, time):
        return WaitUntilNext(day)
    return WaitUntil(date_or_field(day))


def wait_until_at(day: date | FieldName | Weekday | time, at: time) -> Wait:
    """A date and a time, or a day of the week and a time."""
    if isinstance(day, Weekday):
        return WaitUntilNext(at, day)
    if isinstance(day, time):
        raise ValueError("il faut un jour ou une date, puis une seule heure")
    return WaitUntil(date_or_field(day), at)


def wait_tomorrow() -> Wait:
    """The next day, at midnight."""
    return WaitUntilNext(time(0), days=1)


def wait_tomorrow_at(at: time) -> Wait:
    """The next day, at a time."""
    return WaitUntilNext(at, days=1)


def wait_working_days(days: Decimal) -> Wait:
    """Some working days, to the same time of day."""
    return WaitForWorkingDays(_working(days))


def wait_working_days_at(days: Decimal, at: time) -> Wait:
    """Some working days, to a time of day."""
    return WaitForWorkingDays(_working(days), at)


def wait_next_working_day_at(at: time) -> Wait:
    """The next working day, today left out, at a time."""
    return WaitForWorkingDays(1, at)


def _working(days: Decimal) -> int:
    count = whole(days)
    if not 1 <= count <= MOST_WORKING_DAYS:
        raise ValueError(f"le nombre de jours ouvrables va de 1 à {MOST_WORKING_DAYS}")
    return count


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
    """Until the midnight that begins the day so many days after."""
    return WaitUntil(date_or_field(day), days=days_of(delay))


def wait_after_at(delay: Duration, day: date | FieldName, at: time) -> Wait:
    """Some days after a date, at a time."""
    return WaitUntil(date_or_field(day), at, days_of(delay))


def wait_before_at(delay: Duration, day: date | FieldName, at: time) -> Wait:
    """Some days before a date, at a time."""
    return WaitUntil(date_or_field(day), at, -days_of(delay))


def wait_before(delay: Duration, day: date | FieldName) -> Wait:
    """Until the midnight that begins the day so many days before."""
    return WaitUntil(date_or_field(day), days=-days_of(delay))


MOST_WORKING_DAYS = 1_000
_FOLLOWS = "Si le champ qui tient la date change pendant l’attente, elle le suit."
_WORKING = (
    "Un jour ouvrable, ou ouvré, est du lundi au vendredi, moins les jours fériés du projet "
    "([calendrier] feries)."
)

PHRASES = (
    Phrase(
        id="waits.for",
        kind=Kind.WAIT,
        pattern="Attendre pendant {delay:durée}",
        aliases=(
            "Attendre {delay:délai}",
            "Attendre durant {delay:durée}",
        ),
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
        pattern="Attendre jusqu’au {day:échéance}",
        means=wait_until,
        help="Attend cette date, écrite ou tenue par un champ du lead, à minuit ; ou ce jour de la "
        "semaine, s’il n’est pas aujourd’hui ; ou la prochaine fois qu’il sera cette heure. Sans date, "
        "ou si elle est passée, le lead continue aussitôt. " + _FOLLOWS,
        example="Attendre jusqu’au (24 décembre 2026)",
        english="Wait until {day:échéance}",
    ),
    Phrase(
        id="waits.until_at",
        kind=Kind.WAIT,
        pattern="Attendre jusqu’au {day:échéance} à {at:heure}",
        aliases=(
            "Attendre jusqu’au {day:échéance} {at:heure}",
            "Attendre {day:jour} [à] {at:heure}",
        ),
        means=wait_until_at,
        help="Attend cette date, écrite ou tenue par un champ du lead, à cette heure ; ou la prochaine "
        "fois qu’il sera cette heure ce jour de la semaine, aujourd’hui compris. Sans date, ou si le "
        "moment est passé, le lead continue aussitôt. " + _FOLLOWS,
        example="Attendre jusqu’au (24 décembre 2026) à (9 h 30)",
        english="Wait until {day:échéance} at {at:heure}",
    ),
    Phrase(
        id="waits.window",
        kind=Kind.WAIT,
        pattern="Attendre un jour de la semaine de {first:jour ou heure} à {last:jour ou heure}",
        means=wait_in,
        help="Entre deux jours : attend le prochain de ces jours, les deux compris. Entre deux "
        "heures : attend le prochain moment, du lundi au vendredi, dans cette plage ; de (22 h) à "
        "(6 h), avant 6 h ou à partir de 22 h, l’un de ces cinq jours : ni le samedi, ni le dimanche.",
        example="Attendre un jour de la semaine de (lundi) à (vendredi)",
        english="Wait for a day of the week from {first:jour ou heure} to {last:jour ou heure}",
    ),
    Phrase(
        id="waits.after",
        kind=Kind.WAIT,
        pattern="Attendre {delay:durée} après {day:moment}",
        aliases=("{delay:durée} après {day:moment}",),
        means=wait_after,
        help="Attend ce nombre de jours après la date, écrite ou tenue par un champ du lead. "
        + _FOLLOWS,
        example="Attendre (2 jours) après (date d’achat)",
        english="Wait {delay:durée} after {day:moment}",
    ),
    Phrase(
        id="waits.before",
        kind=Kind.WAIT,
        pattern="Exécuter {delay:durée} avant {day:moment}",
        aliases=(
            "Attendre [jusqu’à] {delay:durée} avant {day:moment}",
            "{delay:durée} avant {day:moment}",
        ),
        means=wait_before,
        help="Attend d’être à ce nombre de jours avant la date, puis continue ; si ce moment est "
        "passé, le lead continue aussitôt. " + _FOLLOWS,
        example="Exécuter (3 jours) avant (fin d’abonnement)",
        english="Run {delay:durée} before {day:moment}",
    ),
    Phrase(
        id="waits.after_at",
        kind=Kind.WAIT,
        pattern="Attendre {delay:durée} après {day:moment} à {at:heure}",
        aliases=("{delay:durée} après {day:moment} à {at:heure}",),
        means=wait_after_at,
        help="Attend ce nombre de jours après la date, écrite ou tenue par un champ du lead, à cette "
        "heure. " + _FOLLOWS,
        example="Attendre (2 jours) après (date d’achat) à (9 h)",
        english="Wait {delay:durée} after {day:moment} at {at:heure}",
    ),
    Phrase(
        id="waits.before_at",
        kind=Kind.WAIT,
        pattern="Exécuter {delay:durée} avant {day:moment} à {at:heure}",
        aliases=(
            "Attendre [jusqu’à] {delay:durée} avant {day:moment} à {at:heure}",
            "{delay:durée} avant {day:moment} à {at:heure}",
        ),
        means=wait_before_at,
        help="Attend d’être à ce nombre de jours avant la date, à cette heure, puis continue ; si ce "
        "moment est passé, le lead continue aussitôt. " + _FOLLOWS,
        example="Exécuter (7 jours) avant (fin d’abonnement) à (9 h)",
        english="Run {delay:durée} before {day:moment} at {at:heure}",
    ),
    Phrase(
        id="waits.tomorrow",
        kind=Kind.WAIT,
        pattern="Attendre jusqu’à demain",
        aliases=("Attendre jusqu’au lendemain", "Attendre (demain|le lendemain)"),
        means=wait_tomorrow,
        help="Attend le lendemain, à minuit.",
        example="Attendre jusqu’à demain",
        english="Wait until tomorrow",
    ),
    Phrase(
        id="waits.tomorrow_at",
        kind=Kind.WAIT,
        pattern="Attendre jusqu’à demain à {at:heure}",
        aliases=(
            "Attendre jusqu’à (demain|lendemain) [à] {at:heure}",
            "Attendre (demain|le lendemain) [à] {at:heure}",
        ),
        means=wait_tomorrow_at,
        help="Attend le lendemain, à cette heure.",
        example="Attendre jusqu’à demain à (9 h)",
        english="Wait until tomorrow at {at:heure}",
    ),
    Phrase(
        id="waits.working_days",
        kind=Kind.WAIT,
        pattern="Attendre pendant {days:nombre} jours ouvrables",
        aliases=(
            "Attendre {days:nombre} jours ouvrables",
            "Attendre [pendant] {days:nombre} jours ouvrés",
        ),
        means=wait_working_days,
        help="Attend ce nombre de jours ouvrables, jusqu’à la même heure. " + _WORKING,
        example="Attendre pendant (3) jours ouvrables",
        english="Wait for {days:nombre} working days",
    ),
    Phrase(
        id="waits.working_days_at",
        kind=Kind.WAIT,
        pattern="Attendre pendant {days:nombre} jours ouvrables jusqu’à {at:heure}",
        aliases=(
            "Attendre [pendant] {days:nombre} jours (ouvrables|ouvrés) [jusque] à {at:heure}",
        ),
        means=wait_working_days_at,
        help="Attend ce nombre de jours ouvrables, puis cette heure. " + _WORKING,
        example="Attendre pendant (3) jours ouvrables jusqu’à (9 h)",
        english="Wait for {days:nombre} working days until {at:heure}",
    ),
    Phrase(
        id="waits.next_working_day",
        kind=Kind.WAIT,
        pattern="Attendre jusqu’au prochain jour ouvrable à {at:heure}",
        aliases=("Attendre [jusqu’au] [le] prochain jour (ouvrable|ouvré) [à] {at:heure}",),
        means=wait_next_working_day_at,
        help="Attend le premier jour ouvrable après aujourd’hui, à cette heure. " + _WORKING,
        example="Attendre jusqu’au prochain jour ouvrable à (9 h)",
        english="Wait until the next working day at {at:heure}",
    ),
)
