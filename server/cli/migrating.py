"""`relance migrer-base`: the tables of a base brought to this release, or only what that would take."""

import asyncio
from typing import Annotated

import typer

from server.cli.outcome import MISUSED, WRONG, CommandStop
from server.cli.parameters import HERE, AsJson, Folder, Output
from server.cli.report import one_form, tell
from server.cli.terminal import Console
from server.clock import SystemClock
from server.reports.migrations import migrations_report
from server.reports.reader import reading_as_it_is
from server.settings import Settings, load_settings
from server.store.migration_state import MigrationState, migration_state
from server.store.sole import alone
from server.store.store import Store


def migrate_base(
    dossier: Folder = HERE,
    verifier: Annotated[
        bool, typer.Option("--verifier", help="Dire ce qui reste à faire, et ne rien changer.")
    ] = False,
    as_json: AsJson = False,
    sortie: Output = None,
) -> None:
    """Mettre les tables de la base à cette version de Relance, serveur arrêté ; --verifier le dit d’avance.

    Le serveur le fait de lui-même en démarrant. Avec --verifier, la base est lue seulement, et le code
    de sortie est 0 si rien ne reste, 1 sinon.
    """
    one_form(sortie, ("--json", as_json))
    if not verifier and (as_json or sortie is not None):
        raise CommandStop(MISUSED, "--json et --sortie vont avec --verifier.")
    settings = load_settings(dossier)
    if not verifier:
        asyncio.run(_migrate(settings))
        return
    found = asyncio.run(_read(settings))
    tell(migrations_report(found), settings.zone, as_json=as_json, output=sortie)
    if not found.done:
        raise CommandStop(WRONG)


async def _read(settings: Settings) -> MigrationState:
    async with reading_as_it_is(settings.database) as reader, reader.read() as conn:
        return await conn.run_sync(migration_state)


async def _migrate(settings: Settings) -> None:
    sole = await alone(settings.database)
    try:
        store = await Store.open(settings.database, SystemClock())
        await store.close()
    finally:
        await sole.release()
    Console(highlight=False).print("La base est à jour.")
