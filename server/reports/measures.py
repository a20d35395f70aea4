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
    Column("Nombre de contacts", "contacts", Kind.COUNT): lambda one: one.found.contacts,
    Column("Contacts manqués", "contacts_manques", Kind.COUNT): lambda one: one.found.missed,
    Column("Contacts manqués (absents)", "contacts_manques_absents", Kind.COUNT): lambda one: (
        one.found.missed_absent
    ),
    Column("Contacts manqués (occupés)", "contacts_manques_occupes", Kind.COUNT): lambda one: (
        one.found.missed_busy
    ),
    Column("Contacts sans réponse", "contacts_sans_reponse", Kind.COUNT): lambda one: (
        one.found.unanswered
    ),
    Column("Délai de réponse au premier message", "delai_reponse", Kind.DELAY): lambda one: (
        one.found.response
    ),
    Column("Temps moyen de traitement", "temps_traitement", Kind.DELAY): lambda one: (
        one.found.handling
    ),
    Column("Nombre de répondants", "repondants", Kind.COUNT): lambda one: one.found.answers,
    Column("Taux de réponse", "taux_reponse", Kind.SHARE): lambda one: one.found.answer_rate,
    Column("Taux de satisfaction", "taux_satisfaction", Kind.SHARE): lambda one: (
        one.found.satisfaction
    ),
    Column(
        "Taux de conversion après contact", "taux_conversion_apres_contact", Kind.SHARE
    ): lambda one: one.found.conversion,
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
    Column("Taux de conversion du site", "taux_conversion_site", Kind.SHARE): lambda one: (
        one.found.site_conversion
    ),
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
