"""`relance objectifs`: whether the campaigns do what they are for."""

import asyncio
from collections.abc import Sequence
from typing import Annotated

import typer

from relance.fold import key_of
from relance.french import quoted
from relance.indicator import Indicator
from server.cli.outcome import WRONG, CommandStop
from server.cli.parameters import HERE, AsJson, Charted, Folder, Output
from server.cli.report import tell
from server.clock import SystemClock
from server.plugins import load_plugins
from server.publication.on_disk import on_disk
from server.reports.goals import goal_lines, goals_report
from server.reports.objective_tables import course_report, objectives_report
from server.reports.objectives import ObjectiveReader
from server.reports.reader import reading
from server.reports.report import Report, ReportSet
from server.settings import Settings, load_settings
from server.setup import setup_of
from server.store.instants import now_micros


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
    plugins = load_plugins(settings.enabled, settings.disabled)
    counted = plugins.indicators(setup_of(settings, on_disk(settings.folder)))
    key = None if campagne is None else key_of(campagne)
    parts = asyncio.run(_read(settings, counted, key))
    if campagne is not None and not any(part.rows for part in parts.values()):
        raise CommandStop(WRONG, f"Aucune campagne {quoted(campagne)} n’a d’objectif.")
    found = ReportSet("Objectifs", parts)
    tell(found, settings.zone, as_json=as_json, output=sortie, charted=graphique)


async def _read(
    settings: Settings, indicators: Sequence[Indicator], campaign: str | None
) -> dict[str, Report]:
    zone = settings.zone
    async with reading(settings.database) as reader, reader.read() as conn:
        goals = goals_report(await goal_lines(conn, campaign))
        currency = reader.fields.currency
        reads = ObjectiveReader(conn, reader.dialect, currency, zone, indicators)
        found = await reads.read(now_micros(SystemClock()), campaign)
        parts = {"objectifs": goals, "chiffres": objectives_report(found, currency, zone)}
        if campaign is not None and found and found[0].followed:
            course = await reads.course(found[0])
            parts["cours"] = course_report(found[0], course, currency, zone)
        return parts
