"""Phrases on what was bought."""

from datetime import date
from decimal import Decimal

from plugins.commerce.happenings import CATEGORY, INFO, ITEM, SKU
from relance.events import PURCHASE_CORRECTED, PURCHASED, REFUNDED, EventPattern
from relance.facts import (
    Anchor,
    Compare,
    Condition,
    Count,
    Events,
    Happened,
    Literal,
    Not,
    SinceAgo,
    SinceDate,
    Total,
    longer_than,
)
from relance.phrase import Kind, Phrase
from relance.values import Amount, Comparator, Duration

#: What adds up to what the lead spent: refunds are negative, corrections either way.
_SPENT = (PURCHASED, REFUNDED, PURCHASE_CORRECTED)


def category(category: str) -> EventPattern:
    """An item of that category."""
    return EventPattern(CATEGORY, category)


def item(item: str) -> EventPattern:
    """An item of that name."""
    return EventPattern(ITEM, item)


def sku(sku: str) -> EventPattern:
    """An item of that code."""
    return EventPattern(SKU, sku)


def info(info: str) -> EventPattern:
    """That key, or that key with that value."""
    key, equals, value = (part.strip() for part in info.partition("="))
    if not key or (equals and not value):
        raise ValueError("écrivez une clé, ou « clé=valeur »")
    return EventPattern(INFO, key, value or None)


def purchase() -> EventPattern:
    """Whatever was bought."""
    return EventPattern(PURCHASED)


def refund() -> EventPattern:
    """Whatever was given back."""
    return EventPattern(REFUNDED)


def spent(comparator: Comparator, amount: Amount) -> Condition:
    """All the lead ever spent, less what was given back."""
    return _spent(comparator, amount, None)


def spent_since(since: date | Duration, comparator: Comparator, amount: Amount) -> Condition:
    """The same, since a date or that long ago."""
    return _spent(comparator, amount, _anchor(since))


def _spent(comparator: Comparator, amount: Amount, since: Anchor | None) -> Condition:
    of = tuple(Events(EventPattern(type_), since) for type_ in _SPENT)
    return Compare(Total(of, amount.currency), comparator, Literal(amount.value))


def count(comparator: Comparator, number: Decimal) -> Condition:
    """How many transactions, ever."""
    return _count(comparator, number, None)


def count_since(since: date | Duration, comparator: Comparator, number: Decimal) -> Condition:
    """How many since a date or that long ago."""
    return _count(comparator, number, _anchor(since))


def _count(comparator: Comparator, number: Decimal, since: Anchor | None) -> Condition:
    return Compare(Count(Events(EventPattern(PURCHASED), since)), comparator, Literal(number))


def _anchor(since: date | Duration) -> Anchor:
    return SinceAgo(since) if isinstance(since, Duration) else SinceDate(since)


def since_purchase(delay: Duration) -> Condition:
    """More time than that since the last transaction; false if there was none."""
    return longer_than(delay, Events(EventPattern(PURCHASED)))


def no_purchase_since(since: date | Duration) -> Condition:
    """Not one, those who never bought included."""
    return Not(Happened(Events(EventPattern(PURCHASED), _anchor(since))))


PHRASES = (
    Phrase(
        id="commerce.category",
        kind=Kind.EVENT,
        pattern="Item avec catégorie {category:catégorie} acheté",
        means=category,
        help="Une transaction du lead contient un article de cette catégorie ; * vaut n’importe "
        "quelle suite de caractères. « où (prix) supérieur à (50) », « où (quantité) … » et "
        "« où (montant) … » précisent l’article. Un remboursement n’efface pas l’achat.",
        example="Item avec catégorie (Vélos) acheté",
        english="Item with category {category:catégorie} bought",
    ),
    Phrase(
        id="commerce.item",
        kind=Kind.EVENT,
        pattern="Item avec nom {item:article} acheté",
        aliases=("(Produit|Article|Item) {item:article} acheté",),
        means=item,
        help="Une transaction du lead contient un article de ce nom ; * vaut n’importe quelle suite "
        "de caractères. Un remboursement n’efface pas l’achat.",
        example="Item avec nom (Casque) acheté",
        english="Item with name {item:article} bought",
    ),
    Phrase(
        id="commerce.sku",
        kind=Kind.EVENT,
        pattern="Item avec SKU {sku:SKU} acheté",
        means=sku,
        help="Une transaction du lead contient un article de ce code (SKU) ; * vaut n’importe quelle "
        "suite de caractères. Un remboursement n’efface pas l’achat.",
        example="Item avec SKU (VLO-*) acheté",
        english="Item with SKU {sku:SKU} bought",
    ),
    Phrase(
        id="commerce.info",
        kind=Kind.EVENT,
        pattern="Transaction avec info {info:info} effectuée",
        means=info,
        help="Une transaction du lead porte cette information : sa clé (« canal »), ou sa clé et sa "
        "valeur (« canal=boutique »). * vaut n’importe quelle suite de caractères.",
        example="Transaction avec info (canal=boutique) effectuée",
        english="Transaction with info {info:info} made",
    ),
    Phrase(
        id="commerce.purchase",
        kind=Kind.EVENT,
        pattern="Achat effectué",
        aliases=(
            "Transaction effectuée",
            "Commande (effectuée|passée)",
            "Le (lead|client|contact) a [déjà] acheté",
        ),
        means=purchase,
        help="Le lead a fait un achat : une transaction entière, quels que soient ses articles. "
        "« où (montant) supérieur à (100) » regarde le total de cette transaction-là.",
        example="Achat effectué",
        english="Purchase made",
    ),
    Phrase(
        id="commerce.refund",
        kind=Kind.EVENT,
        pattern="Remboursement effectué",
        means=refund,
        help="Un achat du lead a été remboursé, en tout ou en partie ; « où (montant) … » regarde "
        "ce qui a été rendu.",
        example="Remboursement effectué",
        english="Refund made",
    ),
    Phrase(
        id="commerce.spent",
        kind=Kind.STATE,
        pattern="Montant dépensé est {comparator:comparateur} {amount:montant}",
        aliases=("Montant [total] dépensé {comparator:comparateur} {amount:montant}",),
        means=spent,
        help="Compare au montant donné la somme de tous les achats du lead, remboursements "
        "soustraits et corrections comprises. Une seule monnaie est comptée : celle du montant "
        "écrit (« 100 $ » : dollars canadiens ; « 100 € », « 100 USD »…), sinon celle du serveur. Qui n’a rien "
        "acheté a dépensé zéro.",
        example="Montant dépensé est (supérieur à) (100 $)",
        english="Amount spent is {comparator:comparateur} {amount:montant}",
    ),
    Phrase(
        id="commerce.spent_since",
        kind=Kind.STATE,
        pattern="Montant dépensé depuis {since:depuis} est {comparator:comparateur} {amount:montant}",
        means=spent_since,
        help="La même somme, sur les seuls achats, remboursements et corrections datés d’après le "
        "début de ce jour, ou d’il y a moins que cette durée (un jour vaut ici 24 heures).",
        example="Montant dépensé depuis (30 jours) est (au moins) (100 $)",
        english="Amount spent since {since:depuis} is {comparator:comparateur} {amount:montant}",
    ),
    Phrase(
        id="commerce.count",
        kind=Kind.STATE,
        pattern="Nombre de transaction est {comparator:comparateur} {number:nombre}",
        aliases=(
            "Nombre (de transactions|d’achats) [est] {comparator:comparateur} {number:nombre}",
        ),
        means=count,
        help="Compare le nombre d’achats du lead depuis toujours. Un remboursement n’est pas une "
        "transaction, et n’en ôte pas.",
        example="Nombre de transaction est (au moins) (3)",
        english="Number of transactions is {comparator:comparateur} {number:nombre}",
    ),
    Phrase(
        id="commerce.count_since",
        kind=Kind.STATE,
        pattern="Nombre de transaction depuis {since:depuis} est {comparator:comparateur} "
        "{number:nombre}",
        means=count_since,
        help="Compare le nombre d’achats datés d’après le début de ce jour, ou d’il y a moins que "
        "cette durée (un jour vaut ici 24 heures).",
        example="Nombre de transaction depuis (30 jours) est (au moins) (2)",
        english="Number of transactions since {since:depuis} is {comparator:comparateur} "
        "{number:nombre}",
    ),
    Phrase(
        id="commerce.since_purchase",
        kind=Kind.STATE,
        pattern="Plus de {delay:durée} se sont écoulées depuis [le dernier] achat",
        means=since_purchase,
        help="Vrai si plus de temps que cela s’est écoulé depuis le dernier achat du lead. S’il "
        "n’a rien acheté, la réponse est non.",
        example="Plus de (90 jours) se sont écoulés depuis le dernier achat",
        english="More than {delay:durée} have passed since the last purchase",
    ),
    Phrase(
        id="commerce.no_purchase",
        kind=Kind.STATE,
        pattern="Aucun achat depuis {since:depuis}",
        aliases=("(Pas d’achat|Pas acheté|N’a rien acheté) depuis {since:depuis}",),
        means=no_purchase_since,
        help="Vrai si le lead n’a fait aucun achat depuis cette date, ou dans cette durée avant "
        "maintenant (un jour vaut ici 24 heures). Qui n’a jamais rien acheté n’a rien acheté depuis.",
        example="Aucun achat depuis 180 jours",
        english="No purchase since {since:depuis}",
    ),
)
