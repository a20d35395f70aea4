"""Phrases on carts and invoices: what was put in, what was paid."""

from plugins.commerce.happenings import CART_ADDED, CART_PAID, INVOICE
from relance.events import PURCHASED, EventPattern
from relance.facts import (
    All,
    AnyOf,
    Compare,
    Condition,
    Events,
    Happened,
    MinutesSince,
    Not,
    longer_than,
)
from relance.phrase import Kind, Phrase
from relance.values import Comparator, Duration

#: What pays for what was put in the cart, as a site may tell it.
PAYING = (CART_PAID, PURCHASED)


def added(product: str | None = None) -> EventPattern:
    """That product put in the cart, whichever for None."""
    return EventPattern(CART_ADDED, product)


def paid() -> EventPattern:
    """Whatever was in it."""
    return EventPattern(CART_PAID)


def invoiced() -> EventPattern:
    """Whatever it was for."""
    return EventPattern(INVOICE)


def since_added(delay: Duration) -> Condition:
    """More time than that since something was last put in the cart; false if nothing was."""
    return longer_than(delay, Events(EventPattern(CART_ADDED)))


def abandoned(delay: Duration) -> Condition:
    """More time than that since something was last put in the cart, and nothing paid after."""
    added = Events(EventPattern(CART_ADDED))
    return All((longer_than(delay, added), *(_not_since(added, one) for one in PAYING)))


def _not_since(added: Events, paying: str) -> Condition:
    """That never came, or came before: more minutes have passed since."""
    paid = Events(EventPattern(paying))
    before = Compare(MinutesSince(paid), Comparator.GREATER, MinutesSince(added))
    return AnyOf((Not(Happened(paid)), before))


CART_PHRASES = (
    Phrase(
        id="commerce.cart_added",
        kind=Kind.EVENT,
        pattern="Produit [{product:article}] ajouté au panier",
        means=added,
        help="Le lead a mis ce produit dans son panier, ou un produit quel qu’il soit si aucun n’est "
        "nommé : le premier, qui ouvre le panier, comme les suivants.",
        example="Produit (Casque) ajouté au panier",
        english="Product [{product:article}] added to cart",
    ),
    Phrase(
        id="commerce.cart_paid",
        kind=Kind.EVENT,
        pattern="Panier payé",
        means=paid,
        help="Le lead a payé son panier. Un panier abandonné se dit avec « Plus de (2 heures) se sont "
        "écoulées depuis produit ajouté au panier et non Panier payé depuis l’entrée ».",
        example="Panier payé",
        english="Cart paid",
    ),
    Phrase(
        id="commerce.invoice",
        kind=Kind.EVENT,
        pattern="Facture créée",
        means=invoiced,
        help="Une facture a été faite au nom du lead ; « où (montant) … » regarde ses détails.",
        example="Facture créée",
        english="Invoice created",
    ),
    Phrase(
        id="commerce.since_added",
        kind=Kind.STATE,
        pattern="Plus de {delay:durée} se sont écoulées depuis produit ajouté au panier",
        means=since_added,
        help="Vrai si plus de temps que cela s’est écoulé depuis que le lead a mis un produit dans "
        "son panier pour la dernière fois. S’il n’y a rien mis, la réponse est non.",
        example="Plus de (2 heures) se sont écoulées depuis produit ajouté au panier",
        english="More than {delay:durée} have passed since product added to cart",
    ),
    Phrase(
        id="commerce.cart_abandoned",
        kind=Kind.STATE,
        pattern="Panier abandonné depuis {delay:durée}",
        aliases=("Panier abandonné depuis plus de {delay:durée}",),
        means=abandoned,
        help="Vrai si plus de temps que cela s’est écoulé depuis que le lead a mis un produit dans son "
        "panier pour la dernière fois, sans qu’il ait payé un panier ni fait d’achat après. S’il n’y "
        "a rien mis, la réponse est non.",
        example="Panier abandonné depuis 2 heures",
        english="Cart abandoned for {delay:durée}",
    ),
)
