"""`relance declarations`, `accepter`, `refuser`: what was said of leads without proof, and the team's word.

Also `relance separer`, which undoes a merge.
"""

import asyncio
from typing import Annotated

import typer

from relance.report import Report
from server.cli.ordering import order
from server.cli.parameters import HERE, AsJson, Folder, FolderOption, Output
from server.cli.report import MOST, MOST_IN_FILE, tell
from server.reports.declared import declared_report
from server.reports.reader import reading
from server.settings import load_settings
from server.store import declarations

Number = Annotated[int, typer.Argument(help="Le numéro de la déclaration.", min=1)]


def declared(dossier: Folder = HERE, as_json: AsJson = False, sortie: Output = None) -> None:
    """Lister ce qui a été dit de leads connus sans le prouver, et qui attend.

    N’importe qui peut écrire l’adresse d’un autre dans un formulaire : ce qu’il dit n’écrase rien,
    et attend ici que la personne le prouve, ou que vous décidiez (« relance accepter »,
    « relance refuser »).
    """
    settings = load_settings(dossier)
    most = MOST if sortie is None else MOST_IN_FILE
    found = asyncio.run(_read(settings.database, most))
    tell(found, settings.zone, as_json=as_json, output=sortie)


def accept(numero: Number, dossier: FolderOption = HERE) -> None:
    """Tenir une déclaration pour vraie : elle est écrite, comme dite par l’équipe."""
    order(load_settings(dossier), "accepter", {"numero": str(numero)})


def refuse(numero: Number, dossier: FolderOption = HERE) -> None:
    """Écarter une déclaration ; redite, elle reste écartée."""
    order(load_settings(dossier), "refuser", {"numero": str(numero)})


def separate(
    lead: Annotated[
        str, typer.Argument(help="Le courriel, le téléphone ou le numéro de l’un des deux.")
    ],
    dossier: FolderOption = HERE,
) -> None:
    """Refaire deux leads de ceux qui ont été réunis par erreur.

    Chacun retrouve ce qu’il avait. Ce qui s’est passé depuis reste à celui qui est demeuré.
    """
    order(load_settings(dossier), "separer", {"lead": lead.strip()})


async def _read(url: str, most: int) -> Report:
    async with reading(url) as reader, reader.read() as conn:
        return declared_report(await declarations.waiting(conn, most + 1), reader.fields, most)
