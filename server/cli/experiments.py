"""`relance experiences`: the shares of « répartir » compared."""

from typing import Annotated

import typer

from server.cli.outcome import WRONG
from server.cli.parameters import HERE, AsJson, Charted, Folder, Output
from server.cli.performance import find
from server.cli.report import tell
from server.reports.performance.offered import OTHERS, ReportAsked
from server.reports.performance.reading import EVER
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
    found = find(settings, OTHERS["experiences"], ReportAsked(EVER, campagne or ""), WRONG)
    tell(found, settings.zone, as_json=as_json, output=sortie, charted=graphique)
