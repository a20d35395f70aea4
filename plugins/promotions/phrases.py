"""Phrases on promotions; what they mean is made of facts the engine knows already.

The promotion itself is handed to them, as the project's file says it: when that file changes, the
rules are published anew.
"""

from datetime import date

from relance.events import EventPattern
from relance.facts import (
    All,
    AnyOf,
    Compare,
    Condition,
    DaysUntil,
    Events,
    Happened,
    Literal,
    SinceDate,
)
from relance.goods import Promotion
from relance.phrase import Kind, Phrase
from relance.values import Comparator

#: Codes a decision looks for one by one; a promotion of more is told by categories.
MOST_PRODUCTS = 200
_YEAR = date(2026, 1, 1), date(2026, 12, 31)
_SKU, _CATEGORY = "sku_purchased", "category_purchased"


def running(promotion: Promotion | str) -> Condition:
    """Today is one of its days, both ends included."""
    promotion = _said(promotion)
    tests: list[Condition] = []
    if promotion.starts is not None:
        tests.append(_days(promotion.starts, Comparator.AT_MOST))
    if promotion.ends is not None:
        tests.append(_days(promotion.ends, Comparator.AT_LEAST))
    # One alternative of one: what « entre » compares is shown in the journal, two ends are not.
    return AnyOf((All(tuple(tests)),))


def _said(promotion: Promotion | str) -> Promotion:
    """The promotion; one made of the name alone where no project is at hand (the reference)."""
    if isinstance(promotion, Promotion):
        return promotion
    return Promotion(promotion, starts=_YEAR[0], ends=_YEAR[1], products=(promotion,))


def _days(day: date, comparator: Comparator) -> Condition:
    return Compare(DaysUntil(day), comparator, Literal(0))


def bought(promotion: Promotion | str) -> Condition:
    """One of its products, or of its categories, since its first day."""
    promotion = _said(promotion)
    if len(promotion.products) + len(promotion.categories) > MOST_PRODUCTS:
        raise ValueError(
            f"cette promotion nomme plus de {MOST_PRODUCTS} produits ; dites-la par catégories"
        )
    if not promotion.products and not promotion.categories:
        raise ValueError("cette promotion ne nomme ni produit ni catégorie")
    since = None if promotion.starts is None else SinceDate(promotion.starts)
    wanted = [EventPattern(_SKU, sku) for sku in promotion.products]
    wanted += [EventPattern(_CATEGORY, category) for category in promotion.categories]
    return AnyOf(tuple(Happened(Events(pattern, since)) for pattern in wanted))


PHRASES = (
    Phrase(
        id="promotions.running",
        kind=Kind.STATE,
        pattern="Promotion {promotion:promotion} en cours",
        means=running,
        help="Vrai du premier au dernier jour de la promotion, les deux compris, dans le fuseau "
        "de la campagne. Une promotion sans date de début a toujours commencé ; sans date de fin, "
        "elle ne finit pas.",
        example="Promotion (Noël) en cours",
        english="Promotion {promotion:promotion} running",
    ),
    Phrase(
        id="promotions.bought",
        kind=Kind.STATE,
        pattern="Produit de la promotion {promotion:promotion} acheté",
        means=bought,
        help="Vrai si le lead a acheté un des produits de la promotion, ou un produit d’une de "
        "ses catégories, depuis le premier jour de la promotion (ou jamais encore, si elle n’a "
        "pas de date de début).",
        example="Produit de la promotion (Noël) acheté",
        english="Product of promotion {promotion:promotion} purchased",
    ),
)
