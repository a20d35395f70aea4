"""`relance liens`: the tracked links of the project, their short addresses, and who followed them."""

import asyncio
from collections.abc import Sequence

from server.cli.parameters import HERE, AsJson, Folder, Output
from server.cli.report import tell
from server.reports.links import Followed, followed, links_report
from server.reports.reader import reading
from server.settings import load_settings


def links(
    dossier: Folder = HERE,
    as_json: AsJson = False,
    sortie: Output = None,
) -> None:
    """Lister les liens suivis : leur adresse courte, et leurs clics.

    Un lien retiré des règles reste ici, et son adresse courte mène toujours au même endroit : elle
    est peut-être imprimée. Les clics des robots ne comptent pas.
    """
    settings = load_settings(dossier)
    found = links_report(asyncio.run(_read(settings.database)), settings.public_url)
    tell(found, settings.zone, as_json=as_json, output=sortie)


async def _read(url: str) -> Sequence[Followed]:
    async with reading(url) as reader, reader.read() as conn:
        return await followed(conn)
