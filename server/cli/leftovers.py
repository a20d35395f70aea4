"""`relance refus`: what came in and found no place on its lead, why, and what to write instead."""

import asyncio
from collections.abc import Sequence
from zoneinfo import ZoneInfo

from rich.table import Table

from server.cli.parameters import HERE, AsJson, Folder
from server.cli.safe import safe
from server.cli.terminal import Console, say_json
from server.reports import french
from server.reports import leftovers as words
from server.reports.reader import reading
from server.settings import load_settings
from server.store import leftovers
from server.store.instants import from_micros
from server.store.leftovers import NOBODY, Group


def refused_values(dossier: Folder = HERE, as_json: AsJson = False) -> None:
    """Lister les valeurs reçues qui n’ont pas trouvé leur place, et pourquoi.

    Un choix qui n’existe pas, une date illisible, une adresse sous un nom que rien n’explique, un
    message sans adresse, un formulaire qu’aucune règle n’entend : ce qui a été accepté sans pouvoir
    servir est gardé trente jours. « relance explain » dit le même d’un seul lead.
    """
    settings = load_settings(dossier)
    found = asyncio.run(_read(settings.database))
    if as_json:
        say_json([_data(one) for one in found])
    else:
        _print(found, settings.zone)


async def _read(url: str) -> Sequence[Group]:
    async with reading(url) as reader, reader.read() as conn:
        return await leftovers.groups(conn)


def _data(one: Group) -> dict[str, object]:
    return {
        "d_ou": one.source,
        "champ": one.field,
        "raison": words.why(one.reason),
        "fois": one.times,
        "leads": 0 if one.lead_id == NOBODY else one.leads,
        "derniere_valeur": one.value,
        "dernier_lead": one.lead_id or None,
        "derniere_fois": from_micros(one.at).isoformat(),
    }


def _print(found: Sequence[Group], zone: ZoneInfo) -> None:
    console = Console(highlight=False)
    if not found:
        console.print("Rien n’a été refusé : tout ce qui est venu a trouvé sa place.")
        return
    table = Table("Fois", "D’où", "La dernière", "Lead", "Quand", "Pourquoi", box=None)
    for one in found:
        table.add_row(
            str(one.times),
            safe(words.door(one.source)),
            safe(words.what(one)),
            words.lead(one),
            french.instant(from_micros(one.at), zone),
            safe(words.why(one.reason)),
        )
    console.print(table)
