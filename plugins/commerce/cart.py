"""What a lead left in its cart, as messages say it: « {{ panier.produit.nom }} ».

The cart is what was put in since it was last paid for. The site tells each product by its name and
whatever else it knows of it; what it does not say, the project's own list of products does.
"""

from collections.abc import Mapping, Sequence
from decimal import Decimal, InvalidOperation

from plugins.commerce.cart_phrases import PAYING
from plugins.commerce.happenings import CART_ADDED
from plugins.kit.shelf import PRODUCT, goods_of, product_values
from relance.channel import Message
from relance.events import NewEvent
from relance.fold import fold
from relance.goods import Product
from relance.host import Host
from relance.variable import DETAILS, PLAIN, Named, Shape, Variable, name_key, parts

#: More than anybody leaves in a cart.
_MOST = 100
_ITEM = Shape({**PRODUCT.parts, "date": PLAIN, "quantité": PLAIN, "détails": DETAILS})
_SHAPE = parts("nombre", "date", produit=_ITEM, produits=Shape(each=_ITEM))
_NUMBERS = ("prix", "quantité")


async def _read(host: Host, message: Message) -> object:
    history = await host.history(message, (CART_ADDED, *PAYING), _MOST)
    return cart(history, goods_of(host.files).products.value.records)


CART = Variable(
    ("panier",),
    "Ce que le lead a laissé dans son panier depuis qu’il l’a payé, ou jamais.",
    _read,
    _SHAPE,
)


def cart(history: Sequence[NewEvent], products: Mapping[str, Product]) -> Named | None:
    """The cart that these events make, in order; None when nothing is left in it."""
    left: dict[str, Named] = {}
    for event in history:
        if event.type != CART_ADDED:
            left.clear()
        elif event.subject:
            left.pop(fold(event.subject), None)  # put in again, it is the last one
            left[fold(event.subject)] = _item(event, products)
    if not left:
        return None
    items = list(left.values())
    last = items[-1]
    date = last.get("date")
    return Named({"produit": last, "produits": items, "nombre": len(items), "date": date})


def _item(event: NewEvent, products: Mapping[str, Product]) -> Named:
    """A product as the site told it, completed by what the project says of it."""
    details = Named(event.properties)
    code = details.get("sku")
    known = products.get(fold(str(code))) if code else None
    known = known or _by_name(event.subject or "", products)
    named = {name: details[name] for name in PRODUCT.parts if name_key(name) in details}
    named |= {name: _number(details[name]) for name in _NUMBERS if name_key(name) in details}
    return Named(
        {
            **(product_values(known) if known is not None else {}),
            **{name_key(name): one for name, one in named.items()},
            "nom": event.subject,
            **({"adresse": event.address} if event.address else {}),
            "date": event.occurred_at,
            "détails": details,
        }
    )


def _by_name(name: str, products: Mapping[str, Product]) -> Product | None:
    found = products.get(fold(name))
    return found or next((one for one in products.values() if fold(one.name) == fold(name)), None)


def _number(value: object) -> object:
    """A number as templates reckon with it; else as it was told."""
    try:
        return Decimal(str(value)) if not isinstance(value, bool) else value
    except InvalidOperation:
        return value
