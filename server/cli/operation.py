"""`relance etat`: the processes of a server, how they share the work, and what waits to be done."""

import asyncio

from relance.report import ReportSet
from server.cli.parameters import HERE, AsJson, Folder, Output
from server.cli.report import one_form, tell
from server.clock import SystemClock
from server.health.operation import operation_reports
from server.plugins import load_plugins
from server.reports.glossary import BARE
from server.reports.reader import reading
from server.settings import Settings, load_settings
from server.store.instants import now_micros


def state(dossier: Folder = HERE, as_json: AsJson = False, sortie: Output = None) -> None:
    """Montrer les processus du serveur, comment ils se partagent le travail, et ce qui attend.

    Tout est lu dans la base : la commande répond de n’importe quelle machine qui la voit, serveur en
    marche ou non. Ce qui ne va pas, c’est « relance sante » qui le dit.
    """
    one_form(sortie, ("--json", as_json))
    settings = load_settings(dossier)
    found = asyncio.run(_read(settings, codes=as_json))
    tell(found, settings.zone, as_json=as_json, output=sortie)


async def _read(settings: Settings, *, codes: bool) -> ReportSet:
    # JSON tells channels by their code, and plugins take time to load.
    glossary = BARE if codes else load_plugins(settings.enabled, settings.disabled).glossary
    async with reading(settings.database) as reader, reader.read() as conn:
        return await operation_reports(conn, now_micros(SystemClock()), glossary)
