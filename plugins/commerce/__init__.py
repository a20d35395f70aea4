"""What a lead buys: transactions, what they hold, what they come to; carts and invoices."""

from collections.abc import Sequence

from plugins.commerce.cart import CART
from plugins.commerce.cart_phrases import CART_PHRASES
from plugins.commerce.happenings import TYPES
from plugins.commerce.phrases import PHRASES
from plugins.commerce.transactions import PATH, Transactions
from relance.event_type import EventType
from relance.hookspecs import hookimpl
from relance.host import Host, Setup
from relance.phrase import Phrase
from relance.route import Guard, Route
from relance.slot import SlotType
from relance.variable import Variable

relance_contract = 1

_MAX_BODY = 1_048_576


@hookimpl
def relance_phrases() -> Sequence[Phrase]:
    """What was bought and for how much; what waits in a cart."""
    return (*PHRASES, *CART_PHRASES)


@hookimpl
def relance_slot_types() -> Sequence[SlotType]:
    """References are all open: the shop makes them."""
    return (
        SlotType("article", "Le nom d’un article, tel que la boutique l’envoie."),
        SlotType("catégorie", "Une catégorie d’articles, telle que la boutique l’envoie."),
        SlotType(
            "SKU", "Le code d’un article (SKU) ; * vaut n’importe quelle suite de caractères."
        ),
        SlotType("info", "Une information d’une transaction : sa clé, ou « clé=valeur »."),
    )


@hookimpl
def relance_event_types() -> Sequence[EventType]:
    """Purchases come by their own door only; the shop tells the rest as any event."""
    return TYPES


@hookimpl
def relance_variables(host: Setup) -> Sequence[Variable]:
    """What was left in the cart."""
    return (CART,)


@hookimpl
def relance_routes(host: Host) -> Sequence[Route]:
    """Where the shop posts its transactions."""
    return (Route(PATH, ("POST",), Guard.EVENTS, Transactions(host).answer, max_body=_MAX_BODY),)
