"""`relance refus`: what came in and found no place on its lead, why, and what to write instead."""

import asyncio
from collections.abc import Sequence

from server.cli.parameters import HERE, AsJson, Folder, Output
from server.cli.report import tell
from server.plugins import load_plugins
from server.reports.leftovers import leftovers_report
from server.reports.reader import reading
from server.settings import load_settings
from server.store import leftovers
from server.store.leftovers import Group


def refused_values(dossier: Folder = HERE, as_json: AsJson = False, sortie: Output = None) -> None:
    """Lister les valeurs reçues qui n’ont pas trouvé leur place, et pourquoi.

    Un choix qui n’existe pas, une date illisible, une adresse sous un nom que rien n’explique, un
    message sans adresse, un formulaire qu’aucune règle n’entend : ce qui a été accepté sans pouvoir
    servir est gardé trente jours. « relance explain » dit le même d’un seul lead.
    """
    settings = load_settings(dossier)
    found = asyncio.run(_read(settings.database))
    glossary = load_plugins(settings.enabled, settings.disabled).glossary
    tell(leftovers_report(found, glossary), settings.zone, as_json=as_json, output=sortie)


async def _read(url: str) -> Sequence[Group]:
    async with reading(url) as reader, reader.read() as conn:
        return await leftovers.groups(conn)
