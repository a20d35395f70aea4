"""`relance oublier`: a person who asks for it is forgotten."""

import asyncio
from collections.abc import Sequence
from typing import Annotated

import typer

from relance.french import quoted
from server.cli.account import account
from server.cli.ordering import order
from server.cli.outcome import MISUSED, CommandStop
from server.cli.parameters import HERE, AsJson, FolderOption
from server.cli.report import tell
from server.reports.people import find_lead
from server.reports.reader import reading
from server.rights.erasing import ERASE
from server.rights.outlook import HeldRows, held_rows, outlook_report
from server.rights.person import person_of
from server.settings import load_settings

Lead = Annotated[
    str,
    typer.Argument(help="Un courriel, un téléphone ou un numéro de lead.", metavar="lead"),
]


def forget(
    lead: Lead,
    oui: Annotated[bool, typer.Option("--oui", help="Oublier pour de bon.")] = False,
    essai: Annotated[
        bool, typer.Option("--essai", help="Dire ce qui serait oublié, sans rien faire.")
    ] = False,
    as_json: AsJson = False,
    dossier: FolderOption = HERE,
) -> None:
    """Oublier une personne : sa fiche, ses adresses, ce qu’elle a dit, ce qu’on lui a écrit.

    Rien ne le défait. Les comptes restent (tant d’achats, d’envois, d’entrées), sans rien qui dise
    qui c’était. Une empreinte de ses adresses, que nul ne peut lire, empêche qu’un fichier ou un
    formulaire la ramène. Sans --oui, la commande dit ce qui serait oublié.
    """
    settings = load_settings(dossier)
    number, rows = asyncio.run(_held(settings.database, lead))
    if oui and not essai:
        order(settings, ERASE, {"lead": str(number), "qui": account()})
        return
    notes = () if as_json else (f"Rien n’a été fait. Pour oublier : {quoted('--oui')}.",)
    tell(outlook_report(number, rows, notes), settings.zone, as_json=as_json)


async def _held(url: str, asked: str) -> tuple[int, Sequence[HeldRows]]:
    async with reading(url) as reader, reader.read() as conn:
        number = await find_lead(conn, asked)
        person = None if number is None else await person_of(conn, reader.fields.table, number)
        if person is None:
            raise CommandStop(
                MISUSED,
                f"Aucun lead ne répond à {quoted(asked)}. De qui est déjà oublié, il ne reste que la "
                "preuve de son refus.",
            )
        return person.leads[0], await held_rows(conn, person)
