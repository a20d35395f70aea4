"""Phrases on visits to the site: how many, how long, how long ago, how many pages."""

from datetime import date
from decimal import Decimal

from plugins.web.recency import LESS_THAN
from relance.events import PAGE_VISITED, EventPattern
from relance.facts import (
    Compare,
    Condition,
    Count,
    Events,
    LastDay,
    LastVisitLength,
    Literal,
    MinutesSince,
    Operand,
    PagesPerVisit,
    SinceAgo,
    VisitPages,
    Visits,
)
from relance.phrase import Kind, Phrase
from relance.values import Comparator, Duration, Value, minutes_of, whole

PAGES = EventPattern(PAGE_VISITED)
_ANY = Events(PAGES)
_RECENT = 3


def last_visit(how: Value, when: Value) -> Condition:
    """The day of the last page, against a date; or how long ago it was, against a duration."""
    if isinstance(how, Comparator):
        if not isinstance(when, date):
            raise ValueError("avec une durée, écrivez «\u00a0(il y a plus de)(30 jours)\u00a0»")
        return Compare(LastDay(_ANY), how, Literal(when))
    if not isinstance(when, Duration):
        raise ValueError("avec une date, écrivez «\u00a0(avant)(2026-12-01)\u00a0»")
    order = Comparator.LESS if how == LESS_THAN else Comparator.GREATER
    return Compare(MinutesSince(_ANY), order, Literal(minutes_of(when)))


def last_visit_length(comparator: Comparator, length: Duration) -> Condition:
    """From the first to the last page of the last visit that is over, in whole seconds."""
    if length.months:
        raise ValueError("la durée d’une visite se compte en secondes, en minutes ou en heures")
    seconds = length.days * 86_400 + length.seconds
    return Compare(LastVisitLength(), comparator, Literal(seconds))


def pages_of_the_week(comparator: Comparator, count: Decimal) -> Condition:
    """Over seven times 24 hours."""
    return _counted(Count(Events(PAGES, SinceAgo(Duration(days=7)))), comparator, count)


def pages_of_the_last_visits(comparator: Comparator, count: Decimal) -> Condition:
    """Over the last three."""
    return _counted(VisitPages(_RECENT), comparator, count)


def pages(comparator: Comparator, count: Decimal) -> Condition:
    """Since ever."""
    return _counted(VisitPages(), comparator, count)


def pages_per_visit(comparator: Comparator, count: Decimal) -> Condition:
    """On the average; the only one of these counts that may have decimals."""
    return Compare(PagesPerVisit(), comparator, Literal(count))


def visits(comparator: Comparator, count: Decimal) -> Condition:
    """Since ever."""
    return _counted(Visits(), comparator, count)


def _counted(what: Operand, comparator: Comparator, count: Decimal) -> Condition:
    return Compare(what, comparator, Literal(whole(count)))


VISIT_PHRASES = (
    Phrase(
        id="web.last_visit",
        kind=Kind.STATE,
        pattern="Dernière visite {how:recul} {when:depuis}",
        means=last_visit,
        help="Compare la dernière visite du site, datée de sa dernière page, à une date — "
        "(avant), (après) ou (le) ce jour-là, dans le fuseau de la campagne — ou à une durée : "
        "(il y a plus de)(30 jours), (il y a moins de)(2 heures), un jour comptant pour "
        "24 heures. Sans aucune visite, la réponse est non.",
        example="Dernière visite (il y a plus de)(30 jours)",
        english="Last visit {how:recul} {when:depuis}",
    ),
    Phrase(
        id="web.last_visit_length",
        kind=Kind.STATE,
        pattern="Durée [de la] dernière visite {comparator:comparateur} {length:durée}",
        means=last_visit_length,
        help="Compare la durée de la dernière visite terminée, de sa première à sa dernière page, "
        "en secondes entières. Une visite est terminée après 30 minutes sans page : celle en "
        "cours ne compte pas encore, et une visite d’une seule page dure 0 seconde. Sans visite "
        "terminée, la réponse est non.",
        example="Durée dernière visite (supérieure à)(5 minutes)",
        english="Last visit length {comparator:comparateur} {length:durée}",
    ),
    Phrase(
        id="web.pages_of_the_week",
        kind=Kind.STATE,
        pattern="Nombre de pages visitées dans les 7 derniers jours "
        "{comparator:comparateur} {count:nombre}",
        means=pages_of_the_week,
        help="Compare le nombre de pages vues dans les 7 derniers jours, soit 7 fois 24 heures "
        "avant maintenant. Une même page vue deux fois compte pour deux.",
        example="Nombre de pages visitées dans les 7 derniers jours (au moins)(5)",
        english="Number of pages visited in the last 7 days {comparator:comparateur} {count:nombre}",
    ),
    Phrase(
        id="web.pages_of_the_last_visits",
        kind=Kind.STATE,
        pattern="Nombre de pages visitées dans les dernières visites "
        "{comparator:comparateur} {count:nombre}",
        means=pages_of_the_last_visits,
        help="Compare le nombre de pages vues au cours des 3 dernières visites, celle en cours "
        "comprise ; s’il y en a eu moins de 3, au cours de toutes.",
        example="Nombre de pages visitées dans les dernières visites (supérieur à)(10)",
        english="Number of pages visited in the last visits {comparator:comparateur} {count:nombre}",
    ),
    Phrase(
        id="web.pages",
        kind=Kind.STATE,
        pattern="Nombre de pages visitées {comparator:comparateur} {count:nombre}",
        means=pages,
        help="Compare le nombre de pages vues depuis toujours. Une même page vue deux fois compte "
        "pour deux ; sans visite, ce nombre est 0.",
        example="Nombre de pages visitées (au moins)(20)",
        english="Number of pages visited {comparator:comparateur} {count:nombre}",
    ),
    Phrase(
        id="web.pages_per_visit",
        kind=Kind.STATE,
        pattern="Nombre de pages visitées moyen {comparator:comparateur} {count:nombre}",
        aliases=("Nombre moyen de pages visitées {comparator:comparateur} {count:nombre}",),
        means=pages_per_visit,
        help="Compare le nombre moyen de pages par visite, celle en cours comprise. Sans aucune "
        "visite, la réponse est non.",
        example="Nombre de pages visitées moyen (supérieur à)(2,5)",
        english="Average number of pages visited {comparator:comparateur} {count:nombre}",
    ),
    Phrase(
        id="web.visits",
        kind=Kind.STATE,
        pattern="Nombre de visites {comparator:comparateur} {count:nombre}",
        means=visits,
        help="Compare le nombre de visites du site, celle en cours comprise. Une page vue 30 "
        "minutes ou plus après la précédente commence une autre visite ; sans visite, ce "
        "nombre est 0.",
        example="Nombre de visites (au moins)(3)",
        english="Number of visits {comparator:comparateur} {count:nombre}",
    ),
)
