"""`relance incertains`: the messages of which nobody can tell whether they left."""

import asyncio

from relance.report import Report
from server.cli.parameters import HERE, AsJson, Folder, Output
from server.cli.report import tell
from server.plugins import load_plugins
from server.reports import uncertain as reports
from server.reports.glossary import BARE, Glossary
from server.reports.reader import reading
from server.settings import load_settings


def uncertain(
    dossier: Folder = HERE,
    as_json: AsJson = False,
    sortie: Output = None,
) -> None:
    """Lister les envois incertains : partis ou non, personne ne peut le dire.

    Un arrêt brutal pendant un envoi en laisse parfois un. Le réglage « doute » de la section
    [email] dit ce qu’on en fait : le garder, ou le renvoyer sous le même Message-ID.
    """
    settings = load_settings(dossier)
    # Only a file says the channel in words, and plugins take time to load.
    glossary = (
        BARE if sortie is None else load_plugins(settings.enabled, settings.disabled).glossary
    )
    found = asyncio.run(_read(settings.database, glossary))
    tell(found, settings.zone, as_json=as_json, output=sortie)


async def _read(url: str, glossary: Glossary) -> Report:
    async with reading(url) as reader, reader.read() as conn:
        return reports.uncertain_report(await reports.uncertain(conn), glossary)
