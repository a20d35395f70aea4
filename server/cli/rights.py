"""`relance oublier` and `relance dossier`: a person is forgotten, or told all that is known of her."""

import asyncio
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer
from sqlalchemy.ext.asyncio import AsyncConnection

from relance.french import quoted
from relance.report import ReportSet
from server import private
from server.cli.account import account
from server.cli.ordering import order, say_line
from server.cli.outcome import MISUSED, CommandStop
from server.cli.parameters import HERE, AsJson, FolderOption, sheet_file
from server.cli.report import tell
from server.plugins import load_plugins
from server.reports.glossary import Glossary
from server.reports.people import find_lead
from server.reports.reader import StoreReader, reading
from server.rights.dossier import dossier as make_dossier
from server.rights.dossier import page
from server.rights.erasing import ERASE
from server.rights.outlook import HeldRows, held_rows, outlook_report
from server.rights.person import KnownPerson, person_of
from server.settings import Settings, load_settings

_PAGES = (".html", ".htm")

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
        order(settings, ERASE, {"lead": str(number), "qui": account()}, as_json=as_json)
        return
    notes = () if as_json else (f"Rien n’a été fait. Pour oublier : {quoted('--oui')}.",)
    tell(outlook_report(number, rows, notes), settings.zone, as_json=as_json)


def hand_out(
    lead: Lead,
    sortie: Annotated[
        Path | None,
        typer.Option(
            "--sortie",
            help="Un fichier : .html pour une page, .csv ou .xlsx pour un tableur.",
            metavar="fichier",
        ),
    ] = None,
    as_json: AsJson = False,
    dossier: FolderOption = HERE,
) -> None:
    """Remettre à une personne tout ce qui est connu d’elle, partie par partie.

    Une page (--sortie dossier.html) se lit seule, sans rien aller chercher. Le fichier n’est
    lisible que de votre compte.
    """
    if sortie is not None:
        sheet_file(sortie, *_PAGES)
    settings = load_settings(dossier)
    glossary = load_plugins(settings.enabled, settings.disabled).glossary
    found = asyncio.run(_file(settings, lead, glossary))
    if sortie is None or sortie.suffix.lower() not in _PAGES:
        tell(found, settings.zone, as_json=as_json, output=sortie)
        return
    if as_json:
        raise CommandStop(
            MISUSED, "--sortie et --json ne vont pas ensemble : gardez l’un ou l’autre."
        )
    private.file(sortie).write_text(page(found, settings.zone), encoding="utf-8")
    say_line(f"{found.title} : {quoted(str(sortie))}.")


async def _file(settings: Settings, asked: str, glossary: Glossary) -> ReportSet:
    async with reading(settings.database) as reader, reader.read() as conn:
        person = await _person(reader, conn, asked)
        return await make_dossier(conn, reader.fields, glossary, person, settings.zone)


async def _held(url: str, asked: str) -> tuple[int, Sequence[HeldRows]]:
    async with reading(url) as reader, reader.read() as conn:
        person = await _person(reader, conn, asked)
        return person.leads[0], await held_rows(conn, person)


async def _person(reader: StoreReader, conn: AsyncConnection, asked: str) -> KnownPerson:
    number = await find_lead(conn, asked)
    person = None if number is None else await person_of(conn, reader.fields.table, number)
    if person is None:
        raise CommandStop(
            MISUSED,
            f"Aucun lead ne répond à {quoted(asked)}. De qui est déjà oublié, il ne reste que la "
            "preuve de son refus.",
        )
    return person
