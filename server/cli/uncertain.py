"""`relance incertains`: the messages of which nobody can tell whether they left."""

import asyncio
from collections.abc import Sequence
from typing import Any
from zoneinfo import ZoneInfo

from rich.table import Table
from sqlalchemy import Row, select

from server.cli.parameters import HERE, AsJson, Folder
from server.cli.safe import safe
from server.cli.terminal import Console, say_json
from server.reports import french, words
from server.reports.reader import reading
from server.settings import load_settings
from server.store.instants import from_micros
from server.store.schema.campaigns import campaigns
from server.store.schema.leads import leads
from server.store.schema.messages import outbox


def uncertain(
    dossier: Folder = HERE,
    as_json: AsJson = False,
) -> None:
    """Lister les envois incertains : partis ou non, personne ne peut le dire.

    Un arrêt brutal pendant un envoi en laisse parfois un. Le réglage « doute » de la section
    [email] dit ce qu’on en fait : le garder, ou le renvoyer sous le même Message-ID.
    """
    settings = load_settings(dossier)
    rows = asyncio.run(_read(settings.database))
    if as_json:
        say_json([_data(row) for row in rows])
    else:
        _print(rows, settings.zone)


async def _read(url: str) -> Sequence[Row[Any]]:
    joined = outbox.join(campaigns, campaigns.c.id == outbox.c.campaign_id).outerjoin(
        leads, leads.c.id == outbox.c.lead_id
    )
    query = (
        select(outbox, campaigns.c.name.label("campaign"), leads.c.f_courriel.label("email"))
        .select_from(joined)
        .where(outbox.c.doubted_at.is_not(None))
        .order_by(outbox.c.doubted_at.desc())
    )
    async with reading(url) as reader, reader.read() as conn:
        return (await conn.execute(query)).all()


def _data(row: Any) -> dict[str, object]:
    return {
        "lead": row.lead_id,
        "courriel": row.email,
        "campagne": row.campaign,
        "canal": row.channel,
        "message": row.message,
        "etat": row.state,
        "douteux_depuis": from_micros(row.doubted_at).isoformat(),
        "essais": row.attempts,
        "raison": row.reason,
    }


def _print(rows: Sequence[Row[Any]], zone: ZoneInfo) -> None:
    console = Console(highlight=False)
    if not rows:
        console.print("Aucun envoi incertain.")
        return
    table = Table("Depuis", "Lead", "Campagne", "Message", "Ce qu’il est devenu", "Raison")
    for row in rows:
        table.add_row(
            french.instant(from_micros(row.doubted_at), zone),
            safe(row.email or str(row.lead_id)),
            safe(row.campaign),
            safe(row.message),
            words.outbox_state(row.state),
            safe(row.reason or ""),
        )
    console.print(table)
    console.print(french.count(len(rows), "envoi incertain", "envois incertains") + ".")
