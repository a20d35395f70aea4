"""The indicators of a period as a report: their names, and which of them each is."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from relance.values import Amount
from server.reports import french
from server.reports.indicators import Indicators, Sales
from server.reports.report import Column, Columns, Kind, Layout, Report, To, report


@dataclass(frozen=True, slots=True)
class Measured:
    """What was counted from a day to another, both included; money is in one currency."""

    first: date
    last: date
    currency: str
    found: Indicators

    def money(self, value: Decimal | None) -> Amount | None:
        """A sum, in that currency."""
        return None if value is None else Amount(value, self.currency)


def _count(heading: str, key: str, of: Callable[[Indicators], int]) -> Columns[Measured]:
    return {Column(heading, key, Kind.COUNT): lambda one: of(one.found)}


def _share(heading: str, key: str, of: Callable[[Indicators], float | None]) -> Columns[Measured]:
    return {Column(heading, key, Kind.SHARE): lambda one: of(one.found)}


def _delay(heading: str, key: str, of: Callable[[Indicators], float | None]) -> Columns[Measured]:
    return {Column(heading, key, Kind.DELAY): lambda one: of(one.found)}


def _sales(
    key: str, of: Callable[[Indicators], Sales], made: str, sold: str, basket: str = ""
) -> Columns[Measured]:
    return {
        Column(made, f"{key}.transactions", Kind.COUNT): lambda one: of(one.found).count,
        Column(sold, f"{key}.chiffre_affaires", Kind.AMOUNT): lambda one: one.money(
            of(one.found).turnover
        ),
        Column(basket, f"{key}.panier_moyen", Kind.AMOUNT): lambda one: one.money(
            of(one.found).basket
        ),
    }


_COLUMNS: Columns[Measured] = {
    Column("Du", "du", Kind.DAY, To.SHEET): lambda one: one.first,
    Column("Au", "au", Kind.DAY, To.SHEET): lambda one: one.last,
    Column("Devise", "devise", to=To.SHEET): lambda one: one.currency,
    **_count("Nombre de contacts", "contacts", lambda one: one.contacts),
    **_count("Contacts manqués", "contacts_manques", lambda one: one.missed),
    **_count(
        "Contacts manqués (absents)", "contacts_manques_absents", lambda one: one.missed_absent
    ),
    **_count("Contacts manqués (occupés)", "contacts_manques_occupes", lambda one: one.missed_busy),
    **_count("Contacts sans réponse", "contacts_sans_reponse", lambda one: one.unanswered),
    **_delay("Délai de réponse au premier message", "delai_reponse", lambda one: one.response),
    **_delay("Temps moyen de traitement", "temps_traitement", lambda one: one.handling),
    **_count("Nombre de répondants", "repondants", lambda one: one.answers),
    **_share("Taux de réponse", "taux_reponse", lambda one: one.answer_rate),
    **_share("Taux de satisfaction", "taux_satisfaction", lambda one: one.satisfaction),
    **_share(
        "Taux de conversion après contact",
        "taux_conversion_apres_contact",
        lambda one: one.conversion,
    ),
    **_sales(
        "ventes_apres_contact",
        lambda one: one.after_contact,
        "Transactions après contact",
        "Chiffre d’affaires après contact",
        "Panier moyen après contact",
    ),
    Column(
        "Chiffre d’affaires par contact", "chiffre_affaires_par_contact", Kind.AMOUNT
    ): lambda one: one.money(one.found.turnover_per_contact),
    **_sales(
        "ventes_manquees_absents",
        lambda one: one.after_absent,
        "Transactions manquées (absents)",
        "Chiffre d’affaires manqué (absents)",
    ),
    **_sales(
        "ventes_manquees_occupes",
        lambda one: one.after_busy,
        "Transactions manquées (occupés)",
        "Chiffre d’affaires manqué (occupés)",
    ),
    **_share("Taux de conversion du site", "taux_conversion_site", lambda one: one.site_conversion),
    **_sales(
        "ventes_site",
        lambda one: one.site,
        "Transactions du site",
        "Chiffre d’affaires du site",
        "Panier moyen du site",
    ),
}


def indicators_report(measured: Measured) -> Report:
    """Each indicator by its name, one record for the period."""
    title = f"Du {french.day(measured.first)} au {french.day(measured.last)}"
    return report(title, _COLUMNS, [measured], layout=Layout.RECORD)
