"""`relance declarations`, `accepter`, `refuser`: what was said of leads without proof, and the team's word.

Also `relance separer`, which undoes a merge.
"""

import asyncio
import json
from collections.abc import Mapping, Sequence
from typing import Annotated, Any

import typer
from rich.table import Table

from relance.french import quoted
from server.cli.outcome import WRONG, Stop
from server.cli.parameters import HERE, AsJson, Folder, FolderOption
from server.cli.safe import safe
from server.cli.terminal import Console, say_json
from server.clock import SystemClock
from server.orders.ask import ask
from server.orders.declined import Declined
from server.orders.spool import Order
from server.reports import french
from server.reports.declared import field_name, shown_source, shown_value
from server.reports.reader import reading
from server.settings import Settings, load_settings
from server.store import declarations
from server.store.fields import FieldCatalogue
from server.store.instants import from_micros

_MOST = 1_000

Number = Annotated[int, typer.Argument(help="Le numéro de la déclaration.", min=1)]


def declared(dossier: Folder = HERE, as_json: AsJson = False) -> None:
    """Lister ce qui a été dit de leads connus sans le prouver, et qui attend.

    N’importe qui peut écrire l’adresse d’un autre dans un formulaire : ce qu’il dit n’écrase rien,
    et attend ici que la personne le prouve, ou que vous décidiez (« relance accepter »,
    « relance refuser »).
    """
    settings = load_settings(dossier)
    rows, fields = asyncio.run(_read(settings.database))
    if as_json:
        say_json([_data(row, fields) for row in rows])
    else:
        _print(rows, fields, settings)


def accept(numero: Number, dossier: FolderOption = HERE) -> None:
    """Tenir une déclaration pour vraie : elle est écrite, comme dite par l’équipe."""
    _order(dossier, "accepter", {"numero": str(numero)})


def refuse(numero: Number, dossier: FolderOption = HERE) -> None:
    """Écarter une déclaration ; redite, elle reste écartée."""
    _order(dossier, "refuser", {"numero": str(numero)})


def separate(
    lead: Annotated[
        str, typer.Argument(help="Le courriel, le téléphone ou le numéro de l’un des deux.")
    ],
    dossier: FolderOption = HERE,
) -> None:
    """Refaire deux leads de ceux qui ont été réunis par erreur.

    Chacun retrouve ce qu’il avait. Ce qui s’est passé depuis reste à celui qui est demeuré.
    """
    _order(dossier, "separer", {"lead": lead.strip()})


def _order(folder: Any, verb: str, given: Mapping[str, str]) -> None:
    try:
        said = asyncio.run(ask(load_settings(folder), SystemClock(), Order(verb, given)))
    except Declined as declined:
        raise Stop(WRONG, str(declined)) from declined
    Console(highlight=False).print(safe(said), soft_wrap=True)


async def _read(url: str) -> tuple[Sequence[Any], FieldCatalogue]:
    async with reading(url) as reader, reader.read() as conn:
        return await declarations.waiting(conn, _MOST), reader.fields


def _data(row: Any, fields: FieldCatalogue) -> dict[str, object]:
    return {
        "numero": row.id,
        "lead": row.lead_id,
        "courriel": row.email,
        "champ": field_name(row, fields),
        "valeur": json.loads(row.value),
        "source": row.source,
        "dit_le": from_micros(row.received_at).isoformat(),
    }


def _print(rows: Sequence[Any], fields: FieldCatalogue, settings: Settings) -> None:
    console = Console(highlight=False)
    if not rows:
        console.print("Aucune déclaration n’attend.")
        return
    table = Table("N°", "Lead", "Ce qui est dit", "Par", "Depuis")
    for row in rows:
        table.add_row(
            str(row.id),
            safe(row.email or f"n° {row.lead_id}"),
            safe(f"{field_name(row, fields)} : {quoted(shown_value(row))}"),
            safe(shown_source(row)),
            french.instant(from_micros(row.received_at), settings.zone),
        )
    console.print(table)
    told = french.count(len(rows), "déclaration attend", "déclarations attendent")
    console.print(
        f"{told}. « relance accepter n° » la tient pour vraie, « relance refuser n° » l’écarte."
    )
