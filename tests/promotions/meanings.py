"""What the phrases on promotions mean, outside any project: the name stands for itself."""

from datetime import date

from relance.events import EventPattern
from relance.facts import All, AnyOf, Compare, DaysUntil, Events, Happened, Literal, SinceDate
from relance.values import Comparator

_START, _END = date(2026, 1, 1), date(2026, 12, 31)

MEANINGS = {
    "promotions.running": [
        (
            "Promotion (Noël) en cours",
            AnyOf(
                (
                    All(
                        (
                            Compare(DaysUntil(_START), Comparator.AT_MOST, Literal(0)),
                            Compare(DaysUntil(_END), Comparator.AT_LEAST, Literal(0)),
                        )
                    ),
                )
            ),
        ),
    ],
    "promotions.bought": [
        (
            "Produit de la promotion (Noël) acheté",
            AnyOf((Happened(Events(EventPattern("sku_purchased", "Noël"), SinceDate(_START))),)),
        ),
    ],
}
