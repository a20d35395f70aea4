"""`relance repartir`: what spreading a base on PostgreSQL over several nodes, by lead, would take."""

import asyncio
from typing import Annotated

import typer
from sqlalchemy import make_url

from relance.french import quoted
from server.cli.outcome import WRONG, CommandStop
from server.cli.parameters import HERE, AsJson, Folder, Output
from server.cli.report import one_form, tell
from server.reports.reader import reading_as_it_is
from server.reports.spreading import spreading_reports
from server.settings import load_settings
from server.store.migrate import make_sure
from server.store.spreading import SpreadPlan, spread_plan

_SQLITE = (
    "Cette base est un fichier SQLite, qui tient sur une machine : une base PostgreSQL seule peut être "
    "répartie. Voyez docs/repartir.md."
)
_NOT_YET = (
    "Cette version de Relance ne sait pas encore faire tourner un serveur sur une base répartie : rien n’est "
    f"réparti, et rien n’a été changé. {quoted('relance repartir --essai')} dit ce qui le serait, ce que "
    "cela prendrait et ce qui reste à faire."
)


def spread(
    dossier: Folder = HERE,
    essai: Annotated[
        bool, typer.Option("--essai", help="Dire ce qui serait réparti, et ne rien changer.")
    ] = False,
    as_json: AsJson = False,
    sortie: Output = None,
) -> None:
    """Dire ce que répartir la base par lead entre plusieurs nœuds (Citus) demanderait, avec --essai.

    La base est lue seulement : ses tables, où iraient leurs lignes, leur taille, ce que prendraient plus
    de leads, et ce que cette version ne sait pas encore faire d’une base répartie. Sans --essai, c’est
    refusé.
    """
    one_form(sortie, ("--json", as_json))
    settings = load_settings(dossier)
    if make_url(settings.database).get_backend_name() != "postgresql":
        raise CommandStop(WRONG, _SQLITE)
    if not essai:
        raise CommandStop(WRONG, _NOT_YET)
    found = asyncio.run(_read(settings.database))
    tell(spreading_reports(found), settings.zone, as_json=as_json, output=sortie)


async def _read(database: str) -> SpreadPlan:
    async with reading_as_it_is(database) as reader, reader.read() as conn:
        await conn.run_sync(make_sure)
        return await spread_plan(conn)
