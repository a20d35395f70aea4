"""`relance indicateurs`: what conversations and sales came to over a period."""

import asyncio
from collections.abc import Sequence
from datetime import date, timedelta
from typing import Annotated

import typer

from relance.indicator import Indicator
from server.cli.day import day_of
from server.cli.outcome import MISUSED, CommandStop
from server.cli.parameters import HERE, AsJson, Charted, Folder, Output
from server.cli.report import tell
from server.clock import SystemClock
from server.plugins import load_plugins
from server.publication.on_disk import on_disk
from server.reports.measures import Measured, indicators_report, read_measured
from server.reports.reader import reading
from server.settings import Settings, load_settings
from server.setup import setup_of


def indicators(
    dossier: Folder = HERE,
    du: Annotated[str, typer.Option(help="Le premier jour ; sans lui, il y a trente jours.")] = "",
    au: Annotated[str, typer.Option(help="Le dernier jour, compris ; sans lui, aujourd’hui.")] = "",
    as_json: AsJson = False,
    sortie: Output = None,
    graphique: Charted = False,
) -> None:
    """Compter les contacts, la satisfaction et les ventes d’une période.

    Les définitions exactes sont dans la documentation (docs/commerce.md). La commande ne fait que
    lire : elle peut servir pendant que le serveur tourne.
    """
    settings = load_settings(dossier)
    today = SystemClock().now().astimezone(settings.zone).date()
    last = day_of(au) if au else today
    first = day_of(du) if du else last - timedelta(days=29)
    if first > last:
        raise CommandStop(MISUSED, "Le premier jour vient après le dernier.")
    plugins = load_plugins(settings.enabled, settings.disabled)
    counted = plugins.indicators(setup_of(settings, on_disk(settings.folder)))
    measured = asyncio.run(_read(settings, counted, first, last))
    found = indicators_report(measured, counted)
    tell(found, settings.zone, as_json=as_json, output=sortie, charted=graphique)


async def _read(
    settings: Settings, indicators: Sequence[Indicator], first: date, last: date
) -> Measured:
    async with reading(settings.database) as reader, reader.read() as conn:
        currency = reader.fields.currency
        return await read_measured(conn, first, last, currency, settings.zone, indicators)
