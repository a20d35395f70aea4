"""What each phrase on visits means, for the test that asks it of every phrase."""

from datetime import date
from decimal import Decimal

from relance.events import EventPattern
from relance.facts import (
    Compare,
    Count,
    Events,
    LastDay,
    LastVisitLength,
    Literal,
    MinutesSince,
    PagesPerVisit,
    SinceAgo,
    VisitPages,
    Visits,
)
from relance.values import Comparator, Duration

PAGES = EventPattern("page_visited")
AT_LEAST, GREATER, LESS = Comparator.AT_LEAST, Comparator.GREATER, Comparator.LESS

MEANINGS = {
    "web.last_visit": [
        (
            "Dernière visite (il y a plus de)(30 jours)",
            Compare(MinutesSince(Events(PAGES)), GREATER, Literal(30 * 24 * 60)),
        ),
        (
            "Dernière visite (il y a moins de)(2 heures)",
            Compare(MinutesSince(Events(PAGES)), LESS, Literal(120)),
        ),
        (
            "Dernière visite (avant)(2026-12-01)",
            Compare(LastDay(Events(PAGES)), LESS, Literal(date(2026, 12, 1))),
        ),
        (
            "Dernière visite (inférieur à)(1er décembre 2026)",
            Compare(LastDay(Events(PAGES)), LESS, Literal(date(2026, 12, 1))),
        ),
        (
            "Dernière visite (le)(2026-12-01)",
            Compare(LastDay(Events(PAGES)), Comparator.EQUAL, Literal(date(2026, 12, 1))),
        ),
    ],
    "web.last_visit_length": [
        (
            "Durée dernière visite (supérieure à)(5 minutes)",
            Compare(LastVisitLength(), GREATER, Literal(300)),
        ),
        (
            "Durée de la dernière visite (au moins)(1 h 30)",
            Compare(LastVisitLength(), AT_LEAST, Literal(5400)),
        ),
    ],
    "web.pages_of_the_week": [
        (
            "Nombre de pages visitées dans les 7 derniers jours (au moins)(5)",
            Compare(Count(Events(PAGES, SinceAgo(Duration(days=7)))), AT_LEAST, Literal(5)),
        ),
    ],
    "web.pages_of_the_last_visits": [
        (
            "Nombre de pages visitées dans les dernières visites (supérieur à)(10)",
            Compare(VisitPages(3), GREATER, Literal(10)),
        ),
    ],
    "web.pages": [
        (
            "Nombre de pages visitées (au moins)(20)",
            Compare(VisitPages(), AT_LEAST, Literal(20)),
        ),
    ],
    "web.pages_per_visit": [
        (
            "Nombre de pages visitées moyen (supérieur à)(2,5)",
            Compare(PagesPerVisit(), GREATER, Literal(Decimal("2.5"))),
        ),
        (
            "Nombre moyen de pages visitées (supérieur à)(3)",
            Compare(PagesPerVisit(), GREATER, Literal(Decimal(3))),
        ),
    ],
    "web.visits": [
        ("Nombre de visites (au moins)(3)", Compare(Visits(), AT_LEAST, Literal(3))),
    ],
}
