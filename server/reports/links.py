"""The tracked links of a project, their short addresses, and who followed them."""

from collections.abc import Sequence
from typing import NamedTuple

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from relance.events import LINK_CLICKED
from relance.fold import key_of
from relance.link import Link
from relance.report import CellType, Column, Columns, Report, To, report
from server.reports import french
from server.store.links import all_links
from server.store.schema.events import events


class Followed(NamedTuple):
    """A link, and how often it was clicked, by how many leads."""

    link: Link
    clicks: int
    leads: int


async def followed(conn: AsyncConnection) -> Sequence[Followed]:
    """Every link ever declared."""
    known = await all_links(conn)
    keys = [key_of(link.name) for link in known]
    query = (
        select(events.c.subject_key, func.count(), func.count(events.c.lead_id.distinct()))
        .where(events.c.type == LINK_CLICKED, events.c.subject_key.in_(keys))
        .group_by(events.c.subject_key)
    )
    counted = {row[0]: (row[1], row[2]) for row in await conn.execute(query)} if keys else {}
    return [Followed(link, *counted.get(key_of(link.name), (0, 0))) for link in known]


def links_report(found: Sequence[Followed], public_url: str) -> Report:
    """Each link; `public_url` is where its short address begins."""
    columns: Columns[Followed] = {
        Column("Lien", to=To.SCREEN): lambda one: (
            one.link.name + (" (retiré)" if one.link.withdrawn else "")
        ),
        Column("Lien", "nom", to=To.SHEET): lambda one: one.link.name,
        Column("Adresse courte", "adresse_courte", CellType.ADDRESS): lambda one: (
            f"{public_url}/l/{one.link.slug}"
        ),
        Column("Mène à", "mene_a"): lambda one: one.link.url,
        Column("UTM", "utm", CellType.NAMED, To.SHEET): lambda one: dict(one.link.utm),
        Column("Clics", "clics", CellType.COUNT): lambda one: one.clicks,
        Column("Leads", "leads", CellType.COUNT): lambda one: one.leads,
        Column("Retiré", "retire", CellType.FLAG, To.SHEET): lambda one: one.link.withdrawn,
    }
    return report(
        "Liens suivis",
        columns,
        found,
        empty="Aucun lien suivi. Une règle en déclare un par «\u00a0lien suivi\u00a0».",
        notes=[french.count(len(found), "lien suivi", "liens suivis") + "."],
    )
