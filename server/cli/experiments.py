"""`relance experiences`: the shares of « répartir » compared."""

import asyncio
from collections.abc import Sequence
from typing import Annotated

import typer

from relance.fold import key_of
from relance.french import quoted
from server.cli.outcome import WRONG, CommandStop
from server.cli.parameters import HERE, AsJson, Charted, Folder, Output
from server.cli.report import tell
from server.plugins import load_plugins
from server.reports.experiments import Experiment, experiments_report, read_experiments
from server.reports.reader import reading
from server.settings import load_settings


def show_experiments(
    dossier: Folder = HERE,
    campagne: Annotated[
        str | None,
        typer.Option(help="Une seule campagne, et toutes ses versions.", metavar="campagne"),
    ] = None,
    as_json: AsJson = False,
    sortie: Output = None,
    graphique: Charted = False,
) -> None:
    """Comparer les parts de chaque « répartir » par l’objectif principal de la campagne.

    De chaque part : ses leads, ceux qui ont atteint l’objectif ensuite, le taux et son intervalle, et
    laquelle gagne, quand on peut le dire. Les versions d’une campagne ne sont jamais mêlées.
    """
    settings = load_settings(dossier)
    found = asyncio.run(_read(settings.database, campagne))
    if campagne is not None and not found:
        raise CommandStop(WRONG, f"Aucune campagne {quoted(campagne)} ne répartit ses leads.")
    plugins = load_plugins(settings.enabled, settings.disabled)
    tell(
        experiments_report(found, plugins.glossary),
        settings.zone,
        as_json=as_json,
        output=sortie,
        charted=graphique,
    )


async def _read(url: str, campaign: str | None) -> Sequence[Experiment]:
    async with reading(url) as reader, reader.read() as conn:
        return await read_experiments(conn, None if campaign is None else key_of(campaign))
