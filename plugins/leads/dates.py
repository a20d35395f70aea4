"""Decisions on a lead's dates: how old, how long ago, how soon."""

from datetime import date
from decimal import Decimal

from relance.facts import (
    Age,
    All,
    Birthday,
    Compare,
    Condition,
    DaysUntil,
    Events,
    Field,
    Literal,
    longer_than,
)
from relance.phrase import Kind, Phrase
from relance.values import Comparator, Direction, Duration, FieldName, days_of

BIRTH = Field("date de naissance")


def operand(day: date | FieldName) -> Field | Literal:
    """A date written in the script, or the field that holds it."""
    return Field(day.name) if isinstance(day, FieldName) else Literal(day)


def days_from_today(delay: Duration, side: Direction) -> int:
    """Days to a date on that side of today: negative before."""
    return days_of(delay) if side is Direction.AFTER else -days_of(delay)


def within_days(field: FieldName, delay: Duration, side: Direction) -> Condition:
    """The date lies between that day and today, both in."""
    low, high = sorted((0, days_from_today(delay, side)))
    days = DaysUntil(Field(field.name))
    return All(
        (
            Compare(days, Comparator.AT_LEAST, Literal(low)),
            Compare(days, Comparator.AT_MOST, Literal(high)),
        )
    )


def exactly_days(field: FieldName, delay: Duration, side: Direction) -> Condition:
    """The date is that very day."""
    days = days_from_today(delay, side)
    return Compare(DaysUntil(Field(field.name)), Comparator.EQUAL, Literal(days))


def days_before(delay: Duration, day: date | FieldName) -> Condition:
    """Today is that many days before the date."""
    to = Field(day.name) if isinstance(day, FieldName) else day
    return Compare(DaysUntil(to), Comparator.EQUAL, Literal(days_of(delay)))


def age_is(comparator: Comparator, years: Decimal) -> Condition:
    """Whole years since birth, compared."""
    return Compare(Age(BIRTH), comparator, Literal(years))


def compare_dates(first: FieldName, order: Comparator, second: FieldName) -> Condition:
    """Two date fields."""
    return Compare(Field(first.name), order, Field(second.name))


def date_is(field: FieldName, order: Comparator, day: date | FieldName) -> Condition:
    """A date field and a date."""
    return Compare(Field(field.name), order, operand(day))


def birthday(field: FieldName) -> Condition:
    """Today, whatever the year."""
    return Birthday(Field(field.name))


def birthday_in(field: FieldName, delay: Duration) -> Condition:
    """That many days from today, whatever the year."""
    return Birthday(Field(field.name), -days_of(delay))


def elapsed(delay: Duration, since: FieldName | Events) -> Condition:
    """More time than that has passed since a date, or since the last of some events."""
    return longer_than(delay, Field(since.name) if isinstance(since, FieldName) else since)


PHRASES = (
    Phrase(
        id="leads.date_within",
        kind=Kind.STATE,
        pattern="Champ {field:champ} est entre {delay:durée} {side:direction} et aujourd’hui",
        means=within_days,
        help="Vrai si la date du champ tombe entre ce nombre de jours avant (ou après) "
        "aujourd’hui et aujourd’hui, les deux bouts compris. Un jour est un jour du calendrier, "
        "dans le fuseau de la campagne.",
        example="Champ (date d’achat) est entre (7 jours) (avant) et aujourd’hui",
        english="Field {field:champ} is between {delay:durée} {side:direction} and today",
    ),
    Phrase(
        id="leads.date_exactly",
        kind=Kind.STATE,
        pattern="Champ {field:champ} est {delay:durée} {side:direction} aujourd’hui",
        means=exactly_days,
        help="Vrai si la date du champ est exactement ce nombre de jours avant (ou après) "
        "aujourd’hui.",
        example="Champ (date d’achat) est (30 jours) (avant) aujourd’hui",
        english="Field {field:champ} is {delay:durée} {side:direction} today",
    ),
    Phrase(
        id="leads.days_before",
        kind=Kind.STATE,
        pattern="Être {delay:durée} avant date {day:moment}",
        aliases=("Être {delay:durée} avant [la date] {day:moment}",),
        means=days_before,
        help="Vrai si nous sommes exactement ce nombre de jours avant la date, écrite ou tenue "
        "par un champ du lead.",
        example="Être (3 jours) avant date (fin d’abonnement)",
        english="Being {delay:durée} before date {day:moment}",
    ),
    Phrase(
        id="leads.age",
        kind=Kind.STATE,
        pattern="Âge est {comparator:comparateur} {years:nombre}",
        aliases=("Âge [est] [de] {comparator:comparateur} {years:nombre} [ans]",),
        means=age_is,
        help="Compare l’âge du lead, en années entières, calculé de sa date de naissance. Il "
        "change le jour de l’anniversaire : le 1er mars des années ordinaires pour qui est né un "
        "29 février. Sans date de naissance, la réponse est non.",
        example="Âge est (au moins) (18)",
        english="Age is {comparator:comparateur} {years:nombre}",
    ),
    Phrase(
        id="leads.compare_dates",
        kind=Kind.STATE,
        pattern="Comparaison entre 2 dates {first:champ} {order:ordre} {second:champ}",
        aliases=("Comparaison entre 2 dates ({first:champ} {order:ordre} {second:champ})",),
        means=compare_dates,
        help="Compare deux champs de date : la première est avant, après ou égale à la seconde. "
        "Si l’une des deux manque, la réponse est non.",
        example="Comparaison entre 2 dates (date d’achat) (avant) (fin d’abonnement)",
        english="Comparison of 2 dates {first:champ} {order:ordre} {second:champ}",
    ),
    Phrase(
        id="leads.date_order",
        kind=Kind.STATE,
        # Without parentheses, « plus grande que » is read whole; « avant » takes no « que ».
        pattern="Date {field:champ} est {order:ordre} [que] {day:moment}",
        means=date_is,
        help="Compare un champ de date à une date, écrite ou tenue par un autre champ : plus "
        "grande veut dire plus tard.",
        example="Date (date d’achat) est (plus grande) que (2026-01-01)",
        english="Date {field:champ} is {order:ordre} than {day:moment}",
    ),
    Phrase(
        id="leads.birthday",
        kind=Kind.STATE,
        pattern="Anniversaire de {field:champ} aujourd’hui",
        means=birthday,
        help="Vrai si c’est aujourd’hui l’anniversaire de la date du champ. Les années "
        "ordinaires, qui est né un 29 février se fête le 1er mars, le jour où son âge change.",
        example="Anniversaire de (date de naissance) aujourd’hui",
        english="Anniversary of {field:champ} today",
    ),
    Phrase(
        id="leads.birthday_in",
        kind=Kind.STATE,
        pattern="Anniversaire de {field:champ} dans {delay:durée}",
        means=birthday_in,
        help="Vrai si l’anniversaire de la date du champ est dans exactement ce nombre de jours.",
        example="Anniversaire de (date de naissance) dans (7 jours)",
        english="Anniversary of {field:champ} in {delay:durée}",
    ),
    Phrase(
        id="leads.elapsed",
        kind=Kind.STATE,
        pattern="Plus de {delay:durée} se sont écoulées depuis {since:champ}",
        aliases=("Plus de {delay:durée} se sont écoulées depuis {since:fait}",),
        means=elapsed,
        help="Vrai si plus de temps que cela s’est écoulé depuis la date du champ, prise à "
        "minuit ; ou depuis la dernière fois d’un événement, dit par sa phrase, entre parenthèses "
        "ou non : «\u00a0depuis (Courriel (Tarifs) lu)\u00a0», «\u00a0depuis Panier payé où montant > 100\u00a0». Ce "
        "qui n’est jamais arrivé laisse la réponse à non. Un jour compte ici pour 24 heures.",
        example="Plus de (90 minutes) se sont écoulées depuis (date d’achat)",
        english="More than {delay:durée} have passed since {since:champ}",
    ),
)
