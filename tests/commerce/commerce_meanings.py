"""What each sentence on sales, carts, bookings and conversations means."""

from datetime import date
from decimal import Decimal

from relance.events import EventPattern, PropertyTest
from relance.facts import (
    Anchor,
    Compare,
    Count,
    Events,
    Literal,
    MinutesSince,
    SinceAgo,
    SinceDate,
    Total,
)
from relance.values import Comparator, Duration

_SUMMED = ("purchase", "refund", "purchase_corrected")


def _total(currency: str | None, since: Anchor | None = None) -> Total:
    return Total(tuple(Events(EventPattern(one), since) for one in _SUMMED), currency)


def _count(since: Anchor | None = None) -> Count:
    return Count(Events(EventPattern("purchase"), since))


def _tested(type_: str, name: str, comparator: Comparator, value: object) -> EventPattern:
    return EventPattern(type_, properties=(PropertyTest(name, comparator, value),))  # type: ignore[arg-type]


def _since(type_: str, minutes: int) -> Compare:
    return Compare(MinutesSince(Events(EventPattern(type_))), Comparator.GREATER, Literal(minutes))


_MONTH = SinceAgo(Duration(days=30))
_AT_LEAST, _GREATER, _AT_MOST = Comparator.AT_LEAST, Comparator.GREATER, Comparator.AT_MOST

OF_COMMERCE = {
    "commerce.category": [
        ("Item avec catégorie (Vélos) acheté", EventPattern("category_purchased", "Vélos"))
    ],
    "commerce.item": [("Item avec nom (Casque) acheté", EventPattern("item_purchased", "Casque"))],
    "commerce.sku": [("Item avec SKU (VLO-*) acheté", EventPattern("sku_purchased", "VLO-*"))],
    "commerce.info": [
        ("Transaction avec info (canal) effectuée", EventPattern("purchase_info", "canal")),
        (
            "Transaction avec info (canal = web=1) effectuée",
            EventPattern("purchase_info", "canal", "web=1"),
        ),
    ],
    "commerce.purchase": [
        ("Achat effectué", EventPattern("purchase")),
        ("Transaction effectuée", EventPattern("purchase")),
    ],
    "commerce.refund": [("Remboursement effectué", EventPattern("refund"))],
    "commerce.spent": [
        (
            "Montant dépensé est (supérieur à)(100 $)",
            Compare(_total("CAD"), _GREATER, Literal(Decimal(100))),
        ),
        (
            "Montant dépensé est (au moins) (49,90 €)",
            Compare(_total("EUR"), _AT_LEAST, Literal(Decimal("49.90"))),
        ),
        (
            "Montant dépensé est (au moins) (100 gbp)",
            Compare(_total("GBP"), _AT_LEAST, Literal(Decimal(100))),
        ),
        (
            "Montant dépensé est (au plus) (100)",
            Compare(_total(None), _AT_MOST, Literal(Decimal(100))),
        ),
    ],
    "commerce.spent_since": [
        (
            "Montant dépensé depuis (30 jours) est (au moins) (100 $)",
            Compare(_total("CAD", _MONTH), _AT_LEAST, Literal(Decimal(100))),
        ),
        (
            "Montant dépensé depuis (2026-12-01) est (au moins) (100)",
            Compare(_total(None, SinceDate(date(2026, 12, 1))), _AT_LEAST, Literal(Decimal(100))),
        ),
    ],
    "commerce.count": [
        (
            "Nombre de transaction est (au moins) (3)",
            Compare(_count(), _AT_LEAST, Literal(Decimal(3))),
        ),
        (
            "Nombre de transactions est (supérieur à)(3)",
            Compare(_count(), _GREATER, Literal(Decimal(3))),
        ),
    ],
    "commerce.count_since": [
        (
            "Nombre de transaction depuis (30 jours) est (au moins) (2)",
            Compare(_count(_MONTH), _AT_LEAST, Literal(Decimal(2))),
        )
    ],
    "commerce.since_purchase": [
        (
            "Plus de (2 heures) se sont écoulées depuis le dernier achat",
            _since("purchase", 120),
        )
    ],
    "commerce.cart_added": [
        ("Produit ajouté au panier", EventPattern("cart_added")),
        ("Produit (Casque) ajouté au panier", EventPattern("cart_added", "Casque")),
    ],
    "commerce.cart_paid": [("Panier payé", EventPattern("cart_paid"))],
    "commerce.invoice": [("Facture créée", EventPattern("invoice_created"))],
    "commerce.since_added": [
        (
            "Plus de (2 heures) se sont écoulées depuis produit ajouté au panier",
            _since("cart_added", 120),
        )
    ],
}

_BOOKINGS = {
    "card": ("Carte de cours{} achetée", "class_card_bought"),
    "class_booked": ("Cours collectif{} réservé", "group_class_booked"),
    "attendance": ("Présence au cours collectif{} mise à jour", "attendance_updated"),
    "appointment_booked": ("Rendez-vous{} réservé", "appointment_booked"),
    "appointment_cancelled": ("Rendez-vous{} annulé", "appointment_cancelled"),
    "subscription_created": ("Souscription{} créée", "subscription_created"),
    "subscription_paused": ("Souscription{} mise en pause", "subscription_paused"),
    "subscription_stopped": ("Souscription{} arrêtée", "subscription_stopped"),
    "subscription_renewed": ("Souscription{} renouvelée", "subscription_renewed"),
}


def _attended(how: str, course: str | None) -> EventPattern:
    test = PropertyTest("presence", Comparator.EQUAL, how)
    return EventPattern("attendance_updated", course, properties=(test,))


OF_BOOKINGS = {
    f"bookings.{name}": [
        (sentence.format(""), EventPattern(type_)),
        (sentence.format(" (Yoga)"), EventPattern(type_, "Yoga")),
    ]
    for name, (sentence, type_) in _BOOKINGS.items()
} | {
    "bookings.present": [
        ("Présent au cours collectif", _attended("présent", None)),
        ("Présent au cours collectif (Yoga)", _attended("présent", "Yoga")),
    ],
    "bookings.absent": [("Absent du cours collectif (Yoga)", _attended("absent", "Yoga"))],
}

OF_CONTACTS = {
    "contacts.made": [("Contact établi", EventPattern("contact_made"))],
    "contacts.missed": [
        ("Contact manqué", EventPattern("contact_missed")),
        ("Contact manqué (absents)", EventPattern("contact_missed", "absents")),
        ("Contact manqué (Occupé)", EventPattern("contact_missed", "occupés")),
    ],
    "contacts.unanswered": [("Contact sans réponse", EventPattern("contact_unanswered"))],
    "contacts.ended": [("Contact terminé", EventPattern("contact_ended"))],
    "contacts.rated": [("Satisfaction donnée", EventPattern("contact_rated"))],
    "contacts.rating": [
        (
            "Satisfaction du contact est (au moins)(4)",
            _tested("contact_rated", "note", _AT_LEAST, Decimal(4)),
        )
    ],
    "contacts.answered_in": [
        (
            "Délai de réponse du contact est (supérieur à) (2 minutes)",
            _tested("contact_made", "delai_reponse", _GREATER, Decimal(120)),
        )
    ],
    "contacts.lasted": [
        (
            "Temps de traitement du contact est (au plus) (1 jour)",
            _tested("contact_ended", "duree_traitement", _AT_MOST, Decimal(86_400)),
        )
    ],
}

#: Values that cannot be, and why.
REFUSED = [
    ("Transaction avec info (canal=) effectuée", "clé"),
    ("Transaction avec info (=web) effectuée", "clé"),
    ("Satisfaction du contact est (au moins) (6)", "1 à 5"),
    ("Délai de réponse du contact est (au plus) (1 mois)", "minutes"),
]
