"""`relance objectifs`: whether the campaigns do what they are for."""

import asyncio
from collections.abc import Sequence
from typing import Annotated

import typer

from relance.fold import key_of
from relance.french import quoted
from server.cli.outcome import WRONG, CommandStop
from server.cli.parameters import HERE, AsJson, Folder, Output
from server.cli.report import tell
from server.reports.goals import GoalLine, goal_lines, goals_report
from server.reports.reader import reading
from server.settings import load_settings


def show_goals(
    dossier: Folder = HERE,
    campagne: Annotated[
        str | None, typer.Option(help="Une seule campagne.", metavar="campagne")
    ] = None,
    as_json: AsJson = False,
    sortie: Output = None,
) -> None:
    """Dire, de chaque objectif d’une campagne, combien l’ont atteint et si sa cible l’est.

    Chaque lead compte une fois, s’il atteint l’objectif dans la campagne ou dans la fenêtre qui suit
    sa sortie. Une fenêtre changée fait tout recompter depuis les événements.
    """
    settings = load_settings(dossier)
    lines = asyncio.run(_read(settings.database, campagne))
    if campagne is not None and not lines:
        raise CommandStop(WRONG, f"Aucune campagne {quoted(campagne)} n’a d’objectif.")
    tell(goals_report(lines), settings.zone, as_json=as_json, output=sortie)


async def _read(url: str, campaign: str | None) -> Sequence[GoalLine]:
    async with reading(url) as reader, reader.read() as conn:
        return await goal_lines(conn, None if campaign is None else key_of(campaign))
