"""`relance indicateurs`: what conversations and sales came to over a period."""

import asyncio
from datetime import date, timedelta
from typing import Annotated

import typer

from dsl.language.fr.values import day as read_day
from relance.errors import ConfigurationError
from relance.slot import Unreadable
from server.cli.outcome import MISUSED, Stop
from server.cli.parameters import HERE, AsJson, Folder, Output
from server.cli.report import tell
from server.clock import SystemClock
from server.reports.indicators import Indicators, Period, read_indicators
from server.reports.measures import Measured, indicators_report
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
    sortie: Output = None,
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
    measured = Measured(first, last, currency, found)
    tell(indicators_report(measured), settings.zone, as_json=as_json, output=sortie)


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
