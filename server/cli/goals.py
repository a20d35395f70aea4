"""`relance objectifs`: whether the campaigns do what they are for."""

from typing import Annotated

import typer

from server.cli.outcome import WRONG
from server.cli.parameters import HERE, AsJson, Charted, Folder, Output
from server.cli.performance import find
from server.cli.report import tell
from server.reports.performance.offered import OTHERS, ReportAsked
from server.reports.performance.reading import EVER
from server.settings import load_settings


def show_goals(
    dossier: Folder = HERE,
    campagne: Annotated[
        str | None,
        typer.Option(help="Une seule campagne, et le cours de ses chiffres.", metavar="campagne"),
    ] = None,
    as_json: AsJson = False,
    sortie: Output = None,
    graphique: Charted = False,
) -> None:
    """Dire où en sont les objectifs des campagnes : combien de leads les ont atteints, et les chiffres.

    Un lead compte une fois, s’il atteint l’objectif dans la campagne ou dans la fenêtre qui suit sa
    sortie. Les objectifs chiffrés se comptent depuis que la campagne est active, auprès d’aussi
    longtemps avant.
    """
    settings = load_settings(dossier)
    found = find(settings, OTHERS["objectifs"], ReportAsked(EVER, campagne or ""), WRONG)
    tell(found, settings.zone, as_json=as_json, output=sortie, charted=graphique)
