"""`relance liens`: the tracked links of the project, their short addresses, and who followed them."""

import asyncio
from collections.abc import Sequence
from typing import NamedTuple

from rich.table import Table
from sqlalchemy import func, select

from relance.fold import key_of
from relance.link import Link
from server.cli.parameters import HERE, AsJson, Folder
from server.cli.safe import safe
from server.cli.terminal import Console, say_json
from server.reports import french
from server.reports.reader import reading
from server.settings import Settings, load_settings
from server.store.links import all_links
from server.store.schema.events import events


class _Followed(NamedTuple):
    """A link, and how often it was clicked, by how many leads."""

    link: Link
    clicks: int
    leads: int


def links(
    dossier: Folder = HERE,
    as_json: AsJson = False,
) -> None:
    """Lister les liens suivis : leur adresse courte, et leurs clics.

    Un lien retiré des règles reste ici, et son adresse courte mène toujours au même endroit : elle
    est peut-être imprimée. Les clics des robots ne comptent pas.
    """
    settings = load_settings(dossier)
    found = asyncio.run(_read(settings.database))
    if as_json:
        told = [_data(one, settings) for one in found]
        say_json(told)
    else:
        _print(found, settings)


async def _read(url: str) -> Sequence[_Followed]:
    async with reading(url) as reader, reader.read() as conn:
        known = await all_links(conn)
        keys = [key_of(link.name) for link in known]
        query = (
            select(events.c.subject_key, func.count(), func.count(events.c.lead_id.distinct()))
            .where(events.c.type == "link_clicked", events.c.subject_key.in_(keys))
            .group_by(events.c.subject_key)
        )
        counted = {row[0]: (row[1], row[2]) for row in await conn.execute(query)} if keys else {}
    return [_Followed(link, *counted.get(key_of(link.name), (0, 0))) for link in known]


def _short(link: Link, settings: Settings) -> str:
    return f"{settings.public_url}/l/{link.slug}"


def _data(one: _Followed, settings: Settings) -> dict[str, object]:
    return {
        "nom": one.link.name,
        "adresse_courte": _short(one.link, settings),
        "mene_a": one.link.url,
        "utm": dict(one.link.utm),
        "clics": one.clicks,
        "leads": one.leads,
        "retire": one.link.withdrawn,
    }


def _print(found: Sequence[_Followed], settings: Settings) -> None:
    console = Console(highlight=False)
    if not found:
        console.print("Aucun lien suivi. Une règle en déclare un par «\u00a0lien suivi\u00a0».")
        return
    shorts = [safe(_short(one.link, settings)) for one in found]
    table = Table(box=None, header_style="bold")
    table.add_column("Lien", overflow="fold")
    # It is there to be copied: never cut, whatever the width of the terminal.
    table.add_column("Adresse courte", no_wrap=True, min_width=max(map(len, shorts)))
    table.add_column("Mène à", overflow="fold")
    table.add_column("Clics", justify="right")
    table.add_column("Leads", justify="right")
    for one, short in zip(found, shorts, strict=True):
        table.add_row(
            safe(one.link.name + (" (retiré)" if one.link.withdrawn else "")),
            short,
            safe(one.link.url),
            str(one.clicks),
            str(one.leads),
        )
    console.print(table)
    console.print(french.count(len(found), "lien suivi", "liens suivis") + ".")
