"""`relance comparer`: what changes from what runs to the draft, or between any two publications."""

import asyncio
from typing import Annotated

import typer

from relance.french import quoted
from relance.project_files import ProjectFiles
from relance.report import Report
from server.cli.outcome import WRONG, CommandStop
from server.cli.parameters import HERE, AsJson, FolderOption, Output
from server.cli.report import tell
from server.plugins import Plugins, load_plugins
from server.publication import archive
from server.publication.compared import compared
from server.publication.draft import edited
from server.publication.on_disk import on_disk
from server.publication.reading import DraftReader, DraftReading
from server.reports.reader import StoreReader, reading
from server.settings import Settings, load_settings
from server.setup import setup_of

_Number = Annotated[
    int | None,
    typer.Argument(
        min=1, help="Une publication ; sans elle, celle qui tourne.", metavar="[numéro]"
    ),
]
_Other = Annotated[
    int | None,
    typer.Argument(min=1, help="L’autre ; sans elle, le brouillon.", metavar="[numéro]"),
]


def compare_publications(
    numero: _Number = None,
    autre: _Other = None,
    dossier: FolderOption = HERE,
    as_json: AsJson = False,
    sortie: Output = None,
) -> None:
    """Comparer le brouillon à ce qui tourne, ou deux publications, campagne par campagne.

    Ce qui est comparé est ce que disent les règles, jamais leurs lignes : ce qui est ajouté, retiré,
    déplacé, dit autrement, les attentes plus courtes ou plus longues, les messages modifiés, et
    combien de leads se trouvent à cet endroit.
    """
    settings = load_settings(dossier)
    found = asyncio.run(_compared(settings, numero, autre))
    tell(found, settings.zone, as_json=as_json, output=sortie)


async def _compared(settings: Settings, number: int | None, other: int | None) -> Report:
    plugins = load_plugins(settings.enabled, settings.disabled)
    async with reading(settings.database) as reader:
        first, old = await _published(reader, number)
        last, new = "le brouillon", on_disk(settings.folder)
        if other is not None:
            last, new = await _published(reader, other)
        before, after = [
            await asyncio.to_thread(_read, settings, plugins, name, files)
            for name, files in ((first, old), (last, new))
        ]

        def named(files: ProjectFiles) -> frozenset[str]:
            return DraftReader(plugins, setup_of(settings, files)).named(files)

        found = await asyncio.to_thread(compared, before, after, named)
        until = "au brouillon" if other is None else f"à {last}"
        async with reader.read() as conn:
            return await found.report(conn, f"De {first} {until}", plugins.glossary)


async def _published(reader: StoreReader, number: int | None) -> tuple[str, ProjectFiles]:
    async with reader.read() as conn:
        found = await archive.publication(conn, number)
    if found is None:
        raise CommandStop(
            WRONG,
            f"Aucune publication ne porte le numéro {number} : {quoted('relance publications')} en "
            "donne la liste."
            if number
            else f"Rien n’a encore été publié : {quoted('relance publier')} publie le projet.",
        )
    return f"la publication n°\u00a0{found.number}", edited(found.files)


def _read(settings: Settings, plugins: Plugins, name: str, files: ProjectFiles) -> DraftReading:
    found = DraftReader(plugins, setup_of(settings, files)).read(files, None)
    if not found.sound:
        problems = "\n".join(found.problems[:10])
        raise CommandStop(WRONG, f"Il y a des erreurs dans {name} :\n{problems}")
    return found
