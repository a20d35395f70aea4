"""`relance indicateurs`: what conversations and sales came to over a period."""

import asyncio
from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from typing import Annotated

import typer
from rich.table import Table

from dsl.values import day as read_day
from relance.errors import ConfigurationError
from relance.slot import Unreadable
from relance.values import Amount, Duration
from server.cli.outcome import MISUSED, Stop
from server.cli.parameters import HERE, AsJson, Folder
from server.cli.terminal import Console, say_json
from server.clock import SystemClock
from server.reports import french
from server.reports.indicators import Indicators, Period, Sales, read_indicators
from server.reports.reader import reading
from server.settings import Settings, load_settings
from server.store.instants import midnight

#: How many days a purchase may come after a contact and still be counted after it.
DEFAULT_WINDOW = 30
_LONGEST_WINDOW = 365


def indicators(
    dossier: Folder = HERE,
    du: Annotated[str, typer.Option(help="Le premier jour ; sans lui, il y a trente jours.")] = "",
    au: Annotated[str, typer.Option(help="Le dernier jour, compris ; sans lui, aujourd’hui.")] = "",
    as_json: AsJson = False,
) -> None:
    """Compter les contacts, la satisfaction et les ventes d’une période.

    Les définitions exactes sont dans la documentation (docs/commerce.md). La commande ne fait que
    lire : elle peut servir pendant que le serveur tourne.
    """
    settings = load_settings(dossier)
    today = SystemClock().now().astimezone(settings.zone).date()
    last = _day(au) if au else today
    first = _day(du) if du else last - timedelta(days=29)
    if first > last:
        raise Stop(MISUSED, "Le premier jour vient après le dernier.")
    found, currency = asyncio.run(_read(settings, first, last))
    if as_json:
        say_json(_data(found, first, last, currency))
    else:
        _print(found, first, last, currency)


def _day(text: str) -> date:
    found = read_day(text)
    if isinstance(found, Unreadable):
        raise Stop(MISUSED, f"{found.reason}. Écrivez par exemple 2026-12-24.")
    return found


def window_of(settings: Settings) -> int:
    """`[contacts] fenetre`, in days."""
    given = settings.plugins.get("contacts", {}).get("fenetre", DEFAULT_WINDOW)
    text = str(given)
    if isinstance(given, bool) or not text.isdigit() or not 1 <= int(text) <= _LONGEST_WINDOW:
        raise ConfigurationError(
            f"Le réglage « fenetre », dans [contacts], compte des jours : de 1 à {_LONGEST_WINDOW}."
        )
    return int(text)


async def _read(settings: Settings, first: date, last: date) -> tuple[Indicators, str]:
    zone = settings.zone
    period = Period(midnight(first, zone), midnight(last + timedelta(days=1), zone))
    window = window_of(settings)
    async with reading(settings.database) as reader, reader.read() as conn:
        currency = reader.fields.currency
        found = await read_indicators(conn, reader.dialect, period, window, currency)
    return found, currency


def _data(found: Indicators, first: date, last: date, currency: str) -> dict[str, object]:
    """The same for programs: rates from 0 to 1, delays in seconds, money as text."""
    return {
        "du": str(first),
        "au": str(last),
        "devise": currency,
        "contacts": found.contacts,
        "contacts_manques": found.missed,
        "contacts_manques_absents": found.missed_absent,
        "contacts_manques_occupes": found.missed_busy,
        "contacts_sans_reponse": found.unanswered,
        "delai_reponse": found.response,
        "temps_traitement": found.handling,
        "repondants": found.answers,
        "taux_reponse": found.answer_rate,
        "taux_satisfaction": found.satisfaction,
        "taux_conversion_apres_contact": found.conversion,
        "chiffre_affaires_par_contact": _exact(found.turnover_per_contact),
        "taux_conversion_site": found.site_conversion,
        "ventes_apres_contact": _sold(found.after_contact),
        "ventes_manquees_absents": _sold(found.after_absent),
        "ventes_manquees_occupes": _sold(found.after_busy),
        "ventes_site": _sold(found.site),
    }


def _sold(sales: Sales) -> dict[str, object]:
    return {
        "transactions": sales.count,
        "chiffre_affaires": _exact(sales.turnover),
        "panier_moyen": _exact(sales.basket),
    }


def _exact(value: Decimal | None) -> str | None:
    return None if value is None else format(value.quantize(Decimal("0.0001")), "f")


def _print(found: Indicators, first: date, last: date, currency: str) -> None:
    console = Console(highlight=False)
    table = Table("Indicateur", "Valeur", title=f"Du {french.day(first)} au {french.day(last)}")
    table.columns[1].justify = "right"
    for name, value in lines(found, currency):
        table.add_row(name, value)
    console.print(table)


def lines(found: Indicators, currency: str) -> Iterator[tuple[str, str]]:
    """Each indicator by its name, as people read it."""
    yield "Nombre de contacts", french.number(found.contacts)
    yield "Contacts manqués", french.number(found.missed)
    yield "Contacts manqués (absents)", french.number(found.missed_absent)
    yield "Contacts manqués (occupés)", french.number(found.missed_busy)
    yield "Contacts sans réponse", french.number(found.unanswered)
    yield "Délai de réponse au premier message", _delay(found.response)
    yield "Temps moyen de traitement", _delay(found.handling)
    yield "Nombre de répondants", french.number(found.answers)
    yield "Taux de réponse", _rate(found.answer_rate)
    yield "Taux de satisfaction", _rate(found.satisfaction)
    yield "Taux de conversion après contact", _rate(found.conversion)
    yield from _sales("après contact", found.after_contact, currency)
    yield "Panier moyen après contact", _money(found.after_contact.basket, currency)
    yield "Chiffre d’affaires par contact", _money(found.turnover_per_contact, currency)
    yield from _sales("manqués (absents)", found.after_absent, currency)
    yield from _sales("manqués (occupés)", found.after_busy, currency)
    yield "Taux de conversion du site", _rate(found.site_conversion)
    yield from _sales("du site", found.site, currency)
    yield "Panier moyen du site", _money(found.site.basket, currency)


def _sales(which: str, sales: Sales, currency: str) -> Iterator[tuple[str, str]]:
    missed = which.startswith("manqués")
    yield f"Transactions {'manquées' + which[7:] if missed else which}", french.number(sales.count)
    said = "manqué" + which[7:] if missed else which
    yield f"Chiffre d’affaires {said}", _money(sales.turnover, currency)


def _money(value: Decimal | None, currency: str) -> str:
    if value is None:
        return "—"
    return french.value(Amount(value.quantize(Decimal("0.01")), currency))


def _rate(value: float | None) -> str:
    return "—" if value is None else f"{french.number(round(value * 100, 1))}\u00a0%"


def _delay(seconds: float | None) -> str:
    return "—" if seconds is None else french.duration(Duration(seconds=round(seconds)))
