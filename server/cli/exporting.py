"""`relance exporter`: leads to a file that a spreadsheet opens, while the server runs."""

import asyncio
from pathlib import Path
from typing import Annotated

import typer

from server.cli.import_report import Bar
from server.cli.outcome import MISUSED, CommandStop
from server.cli.parameters import HERE, FolderOption, sheet_file
from server.cli.safe import safe
from server.cli.terminal import Console
from server.exports.leads import count, pages, wanted
from server.imports.run import Progress
from server.imports.upsert import UpsertTally
from server.plugins import load_plugins
from server.reports import french
from server.reports.reader import reading
from server.settings import Settings, load_settings
from server.spreadsheet import SEPARATORS, table


def export_leads(
    fichier: Annotated[
        Path,
        typer.Argument(
            help="Le fichier à écrire : .csv, ou .xlsx pour un classeur Excel.", metavar="fichier"
        ),
    ],
    liste: Annotated[
        str | None, typer.Option("--liste", help="Les membres de cette liste seulement.")
    ] = None,
    champs: Annotated[
        str | None,
        typer.Option(
            "--champs", help="Ces champs seulement, séparés par des virgules.", metavar="champs"
        ),
    ] = None,
    separateur: Annotated[
        str,
        typer.Option("--separateur", help="Le séparateur du CSV : « ; », « , » ou « tab »."),
    ] = ";",
    dossier: FolderOption = HERE,
) -> None:
    """Exporter les leads vers un fichier CSV ou Excel.

    Tous leurs champs, leur pointage, leurs listes, leurs étiquettes, et par quels moyens ne plus
    leur écrire. Un tel fichier se réimporte tel quel. La commande ne fait que lire.
    """
    settings = load_settings(dossier)
    if separateur not in SEPARATORS:
        raise CommandStop(MISUSED, "Le séparateur est « ; », « , » ou « tab ».")
    names = [name.strip() for name in (champs or "").split(",") if name.strip()]
    asyncio.run(_export(settings, sheet_file(fichier), liste, names, SEPARATORS[separateur]))


async def _export(
    settings: Settings, path: Path, list_name: str | None, fields: list[str], separator: str
) -> None:
    console = Console(highlight=False, soft_wrap=True)
    done = 0
    async with reading(settings.database) as reader:
        channels = load_plugins(settings.enabled, settings.disabled).glossary.channels
        wish = await wanted(reader, settings.zone, list_name, fields, channels)
        async with reader.read() as conn:
            total = await count(conn, reader, wish)
        with table(path, separator) as file, Bar() as bar:
            file.row(wish.heading)
            async for page in pages(reader, wish):
                for cells in page:
                    file.row(cells)
                done += len(page)
                bar.show(Progress(done, done / max(total, 1), UpsertTally()))
    where = f"dans « {safe(str(path))} »"
    console.print(f"{french.count(done, 'lead exporté', 'leads exportés')} {where}.")
