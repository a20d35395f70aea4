"""The events of commerce, each asked by subject alone.

A purchase is told once as a whole, and once for each thing a rule may ask of it: each item by its
name, its code and its categories, each info by its key. A rule then finds it by the lead, the type
and the subject, as any other event, and never opens a document.
"""

from relance.event_type import EventType
from relance.events import PURCHASE_CORRECTED, PURCHASED, REFUNDED

ITEM = "item_purchased"  # subject: the item's name
SKU = "sku_purchased"  # subject: the item's code
CATEGORY = "category_purchased"  # subject: one of the item's categories
INFO = "purchase_info"  # subject: the key; context: the value

CART_ADDED = "cart_added"  # subject: the product
CART_PAID = "cart_paid"
INVOICE = "invoice_created"  # subject: the invoice's number

TYPES = (
    EventType(
        PURCHASED,
        "achat",
        "Une transaction, par l’adresse des transactions.",
        worth=1,
        sentence="Achat effectué[ ({subject})]",
        icon="¤",
        implies=24,
    ),
    EventType(
        REFUNDED,
        "remboursement",
        "Ce qui a été rendu d’une transaction.",
        worth=-1,
        sentence="Remboursement effectué[ ({subject})]",
        icon="¤",
    ),
    EventType(
        PURCHASE_CORRECTED,
        "correction d’achat",
        "Le montant corrigé d’un achat.",
        worth=1,
        sentence="Achat corrigé[ ({subject})]",
        icon="¤",
    ),
    EventType(
        ITEM,
        "article acheté",
        "Un article d’une transaction, par son nom.",
        sentence="Item avec nom[ ({subject})] acheté",
        icon="¤",
    ),
    EventType(
        SKU,
        "code acheté",
        "Un article d’une transaction, par son code.",
        sentence="Item avec SKU[ ({subject})] acheté",
        icon="¤",
    ),
    EventType(
        CATEGORY,
        "catégorie achetée",
        "Un article d’une transaction, par sa catégorie.",
        sentence="Item avec catégorie[ ({subject})] acheté",
        icon="¤",
    ),
    EventType(
        INFO,
        "info de transaction",
        "Une information d’une transaction.",
        sentence="Transaction avec info[ ({subject})] effectuée",
        icon="¤",
    ),
    EventType(
        CART_ADDED,
        "produit ajouté au panier",
        "Un produit a été mis dans un panier, nouveau ou déjà ouvert ; «\u00a0sujet\u00a0» est son nom.",
        public=True,
        sentence="Produit[ ({subject})] ajouté au panier",
        icon="¤",
    ),
    EventType(
        CART_PAID,
        "panier payé",
        "Le panier a été payé.",
        public=True,
        sentence="Panier payé",
        icon="¤",
    ),
    EventType(
        INVOICE,
        "facture créée",
        "Une facture a été faite ; «\u00a0sujet\u00a0» est son numéro.",
        public=True,
        icon="¤",
    ),
)
