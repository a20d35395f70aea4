"""The indicators of conversations, and of what was bought after them.

Their definitions are the documentation's (docs/commerce.md), and this module holds no other.
"""

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

from relance.errors import ConfigurationError
from relance.events import (
    CONTACT_ENDED,
    CONTACT_MADE,
    CONTACT_MISSED,
    CONTACT_RATED,
    CONTACT_UNANSWERED,
    PAGE_VISITED,
    PURCHASE_CORRECTED,
    PURCHASED,
    REFUNDED,
    EventPattern,
    PropertyTest,
)
from relance.host import Setup
from relance.indicator import (
    EventCount,
    FollowedCount,
    Indicator,
    LastBefore,
    LeadCount,
    Mean,
    Ratio,
    Sales,
    Shown,
)
from relance.values import Comparator

#: How many days a purchase may come after a contact and still be counted after it.
DEFAULT_WINDOW = 30
_LONGEST_WINDOW = 365
_NUMBER = re.compile(r"[0-9]{1,3}")
_CHANGES = (REFUNDED, PURCHASE_CORRECTED)
_MADE, _MISSED = EventPattern(CONTACT_MADE), EventPattern(CONTACT_MISSED)
_ABSENT, _BUSY = (EventPattern(CONTACT_MISSED, why) for why in ("absents", "occupés"))
_BOUGHT, _SEEN = EventPattern(PURCHASED), EventPattern(PAGE_VISITED)


def window_of(host: Setup) -> timedelta:
    """`[contacts] fenetre`."""
    text = str(host.settings("contacts").get("fenetre", DEFAULT_WINDOW))
    if not _NUMBER.fullmatch(text) or not 1 <= int(text) <= _LONGEST_WINDOW:
        raise ConfigurationError(
            f"Le réglage «\u00a0fenetre\u00a0», dans [contacts], compte des jours : de 1 à "
            f"{_LONGEST_WINDOW}."
        )
    return timedelta(days=int(text))


def _rated(least: int) -> EventCount:
    bounds = ((Comparator.AT_LEAST, least), (Comparator.AT_MOST, 5))
    tests = tuple(PropertyTest("note", comparator, bound) for comparator, bound in bounds)
    return EventCount(EventPattern(CONTACT_RATED, properties=tests))


def _sales(key: str, names: Sequence[str], sold: Sales) -> Sequence[Indicator]:
    made, worth, basket = names
    sums = Sales(sold.type, sold.changes, sold.latest, sold.after, worth=True)
    return (
        Indicator(f"{key}.transactions", made, sold),
        Indicator(f"{key}.chiffre_affaires", worth, sums, Shown.AMOUNT),
        Indicator(f"{key}.panier_moyen", basket, Ratio(sums, sold), Shown.AMOUNT),
    )


#: What authors call those of the site, in short.
_ALSO = {
    "contacts": ("contacts",),
    "taux_satisfaction": ("satisfaction",),
    "taux_conversion_site": ("taux de conversion",),
    "ventes_site.transactions": ("nombre de transactions", "transactions"),
    "ventes_site.chiffre_affaires": ("chiffre d’affaires",),
    "ventes_site.panier_moyen": ("panier moyen",),
}
_TALKED = "ventes_apres_contact"
_CONVERSION = (
    *("taux_conversion_site", "taux_conversion_apres_contact"),
    *(f"{_TALKED}.transactions", f"{_TALKED}.panier_moyen"),
)
_BASKET = (*(f"{_TALKED}.panier_moyen", "ventes_site.panier_moyen", f"{_TALKED}.chiffre_affaires"),)
_SATISFACTION = ("taux_satisfaction", "repondants", "taux_reponse")
_TURNOVER = (
    *(f"{_TALKED}.chiffre_affaires", "ventes_site.chiffre_affaires", f"{_TALKED}.transactions"),
)
_SOLD = (*(f"{_TALKED}.transactions", "ventes_site.transactions", "taux_conversion_apres_contact"),)
#: What is read beside each where it is an objective: the table of the team’s four questions.
_BESIDE = {
    **dict.fromkeys(_CONVERSION[:2], _CONVERSION),
    **dict.fromkeys(_BASKET[:2], _BASKET),
    **dict.fromkeys(_SATISFACTION[:1], _SATISFACTION),
    **dict.fromkeys(_TURNOVER[:2], _TURNOVER),
    **dict.fromkeys(_SOLD[:2], _SOLD),
}


#: What each counts, for whoever reads it.
_WORTH = "ce que valent ces achats, moins ce qui en a été remboursé depuis"
_MEANINGS = {
    "contacts": "les contacts établis dans la période",
    "contacts_manques": "les contacts manqués dans la période, toutes raisons réunies",
    "contacts_manques_absents": "ceux manqués parce que personne n’était là",
    "contacts_manques_occupes": "ceux manqués parce que tout le monde était occupé",
    "contacts_sans_reponse": "les contacts restés sans réponse dans la période",
    "delai_reponse": "la moyenne des délais donnés, de zéro à sept jours",
    "temps_traitement": "la moyenne des durées données, de zéro à sept jours",
    "repondants": "les notes de 1 à 5 données dans la période",
    "taux_reponse": "les notes données, sur les contacts",
    "taux_satisfaction": "les notes de 4 ou 5, sur toutes celles données",
    "taux_conversion_apres_contact": (
        "les contacts qu’un achat du même lead a suivis, {window} au plus après, sur les contacts"
    ),
    f"{_TALKED}.transactions": (
        "les achats dont le dernier contact d’avant, {window} au plus, fut établi"
    ),
    f"{_TALKED}.chiffre_affaires": _WORTH,
    f"{_TALKED}.panier_moyen": "ce chiffre d’affaires, sur ces transactions",
    "chiffre_affaires_par_contact": "le chiffre d’affaires après contact, sur les contacts",
    "ventes_manquees_absents.transactions": (
        "les achats dont le dernier contact d’avant, {window} au plus, fut manqué pour cette raison"
    ),
    "ventes_manquees_absents.chiffre_affaires": _WORTH,
    "ventes_manquees_occupes.transactions": (
        "les achats dont le dernier contact d’avant, {window} au plus, fut manqué pour cette raison"
    ),
    "ventes_manquees_occupes.chiffre_affaires": _WORTH,
    "taux_conversion_site": "les leads qui ont vu une page et acheté, sur ceux qui en ont vu une",
    "ventes_site.transactions": "tous les achats de la période",
    "ventes_site.chiffre_affaires": _WORTH,
    "ventes_site.panier_moyen": "ce chiffre d’affaires, sur ces achats",
}


def indicators(host: Setup) -> Sequence[Indicator]:
    """In the order in which they are read."""
    days = window_of(host).days
    window = f"{days}\u00a0jour{'s' if days > 1 else ''}"
    return tuple(
        replace(
            one,
            also=_ALSO.get(one.key, ()),
            beside=_BESIDE.get(one.key, ()),
            meaning=_MEANINGS.get(one.key, "").replace("{window}", window),
        )
        for one in _counted(host)
    )


def _counted(host: Setup) -> Sequence[Indicator]:
    window = window_of(host)
    latest = LastBefore((CONTACT_MADE, CONTACT_MISSED), window)
    contacts, answers = EventCount(_MADE), _rated(1)

    def after(pattern: EventPattern, *, worth: bool = False) -> Sales:
        return Sales(PURCHASED, _CHANGES, latest, pattern, worth=worth)

    per_contact = Ratio(after(_MADE, worth=True), contacts)
    return (
        Indicator("contacts", "Nombre de contacts", contacts),
        Indicator("contacts_manques", "Contacts manqués", EventCount(_MISSED)),
        Indicator("contacts_manques_absents", "Contacts manqués (absents)", EventCount(_ABSENT)),
        Indicator("contacts_manques_occupes", "Contacts manqués (occupés)", EventCount(_BUSY)),
        Indicator(
            "contacts_sans_reponse",
            "Contacts sans réponse",
            EventCount(EventPattern(CONTACT_UNANSWERED)),
        ),
        Indicator(
            "delai_reponse",
            "Délai de réponse au premier message",
            Mean(_MADE, "delai_reponse"),
            Shown.DELAY,
        ),
        Indicator(
            "temps_traitement",
            "Temps moyen de traitement",
            Mean(EventPattern(CONTACT_ENDED), "duree_traitement"),
            Shown.DELAY,
        ),
        Indicator("repondants", "Nombre de répondants", answers),
        Indicator("taux_reponse", "Taux de réponse", Ratio(answers, contacts), Shown.SHARE),
        Indicator(
            "taux_satisfaction", "Taux de satisfaction", Ratio(_rated(4), answers), Shown.SHARE
        ),
        Indicator(
            "taux_conversion_apres_contact",
            "Taux de conversion après contact",
            Ratio(FollowedCount(_MADE, _BOUGHT, window), contacts),
            Shown.SHARE,
        ),
        *_sales(
            "ventes_apres_contact",
            (
                "Transactions après contact",
                "Chiffre d’affaires après contact",
                "Panier moyen après contact",
            ),
            after(_MADE),
        ),
        Indicator(
            "chiffre_affaires_par_contact",
            "Chiffre d’affaires par contact",
            per_contact,
            Shown.AMOUNT,
        ),
        *_sales(
            "ventes_manquees_absents",
            ("Transactions manquées (absents)", "Chiffre d’affaires manqué (absents)", ""),
            after(_ABSENT),
        ),
        *_sales(
            "ventes_manquees_occupes",
            ("Transactions manquées (occupés)", "Chiffre d’affaires manqué (occupés)", ""),
            after(_BUSY),
        ),
        Indicator(
            "taux_conversion_site",
            "Taux de conversion du site",
            Ratio(LeadCount(_SEEN, _BOUGHT), LeadCount(_SEEN)),
            Shown.SHARE,
        ),
        *_sales(
            "ventes_site",
            ("Transactions du site", "Chiffre d’affaires du site", "Panier moyen du site"),
            Sales(PURCHASED, _CHANGES),
        ),
    )
