"""`relance listes`: the lists, their members, and how far each is built."""

import asyncio
from collections.abc import Sequence

from rich.table import Table

from server.cli.parameters import HERE, AsJson, Folder
from server.cli.safe import safe
from server.cli.terminal import Console, say_json
from server.reports.reader import reading
from server.reports.rolls import ListLine, list_lines
from server.settings import load_settings


def show_lists(
    dossier: Folder = HERE,
    as_json: AsJson = False,
) -> None:
    """Lister les listes : leurs membres, et où en est la construction de chacune.

    Une liste dynamique (« liste « X » : … ») tient ses membres à jour d’elle-même ; nouvelle ou
    modifiée, elle est d’abord construite sur tous les leads, par parties.
    """
    settings = load_settings(dossier)
    lines = asyncio.run(_read(settings.database))
    if as_json:
        say_json([_data(line) for line in lines])
    else:
        _print(lines)


async def _read(url: str) -> Sequence[ListLine]:
    async with reading(url) as reader, reader.read() as conn:
        return await list_lines(conn)


def _data(line: ListLine) -> dict[str, object]:
    return {
        "nom": line.name,
        "dynamique": line.dynamic,
        "membres": line.members,
        "construction": 100 if line.built is None else line.built,
        "mise_de_cote": line.reason,
    }


def _print(lines: Sequence[ListLine]) -> None:
    console = Console(highlight=False)
    if not lines:
        console.print("Aucune liste. Une liste s’écrit « liste « X » : … » dans un script.")
        return
    table = Table(box=None, header_style="bold")
    table.add_column("Liste")
    table.add_column("Membres", justify="right")
    table.add_column("État")
    for line in lines:
        table.add_row(safe(line.name), str(line.members), safe(line.state))
    console.print(table)
