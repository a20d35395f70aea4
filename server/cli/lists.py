"""`relance listes` and `relance supprimer-liste`: the lists, their members, how far each is built."""

import asyncio
from collections.abc import Sequence
from typing import Annotated

import typer

from relance.fold import key_of
from relance.french import quoted
from server.cli.ordering import order
from server.cli.outcome import WRONG, CommandStop
from server.cli.parameters import HERE, AsJson, Folder, FolderOption, Output
from server.cli.report import tell
from server.reports.reader import reading
from server.reports.rolls import RollLine, list_lines, lists_report
from server.settings import load_settings


def show_lists(
    dossier: Folder = HERE,
    as_json: AsJson = False,
    sortie: Output = None,
) -> None:
    """Lister les listes : leurs membres, et où en est la construction de chacune.

    Une liste dynamique (« liste « X » : … ») tient ses membres à jour d’elle-même ; nouvelle ou
    modifiée, elle est d’abord construite sur tous les leads, par parties.
    """
    settings = load_settings(dossier)
    lines = asyncio.run(_read(settings.database))
    tell(lists_report(lines), settings.zone, as_json=as_json, output=sortie)


def remove_list(
    nom: Annotated[str, typer.Argument(help="Le nom de la liste.", metavar="liste")],
    dossier: FolderOption = HERE,
) -> None:
    """Supprimer une liste statique, si rien ne s’en sert plus.

    Ses membres restent des leads : ils n’en sont plus membres. Une liste dont une campagne, une autre
    liste ou des points se servent encore n’est pas ôtée : la réponse dit lesquels.
    """
    settings = load_settings(dossier)
    known = {key_of(line.name): line.name for line in asyncio.run(_read(settings.database))}
    name = known.get(key_of(nom))
    if name is None:
        listed = ", ".join(quoted(one) for one in known.values()) or "aucune"
        raise CommandStop(WRONG, f"Il n’y a pas de liste {quoted(nom)}. Listes : {listed}.")
    order(settings, "supprimer-liste", {"liste": name})


async def _read(url: str) -> Sequence[RollLine]:
    async with reading(url) as reader, reader.read() as conn:
        return await list_lines(conn)
