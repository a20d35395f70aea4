"""`relance ecartees` and `relance retablir`: the addresses not written to, and those that are again."""

import asyncio
from typing import Annotated

import typer

from relance.report import Report
from server.cli.ordering import order
from server.cli.outcome import MISUSED, CommandStop
from server.cli.parameters import HERE, AsJson, Folder, FolderOption, Output
from server.cli.report import MOST, MOST_IN_FILE, tell
from server.reports import suppressions as reports
from server.reports.reader import reading
from server.settings import load_settings
from server.store import suppressions

_LONGEST_REASON = 500

Channel = Annotated[
    str | None, typer.Option("--canal", help="Ce canal seulement : email, sms…", metavar="canal")
]


def suppressed(
    dossier: Folder = HERE,
    canal: Channel = None,
    retablies: Annotated[
        bool, typer.Option("--retablies", help="Celles auxquelles on écrit de nouveau.")
    ] = False,
    as_json: AsJson = False,
    sortie: Output = None,
) -> None:
    """Lister les adresses auxquelles on n’écrit plus, depuis quand, et pourquoi.

    Une adresse est écartée quand la personne le demande, ou quand un serveur répond que personne
    n’est là. « relance retablir » corrige une erreur.
    """
    settings = load_settings(dossier)
    most = MOST if sortie is None else MOST_IN_FILE
    found = asyncio.run(_read(settings.database, canal, lifted=retablies, most=most))
    tell(found, settings.zone, as_json=as_json, output=sortie)


def restore(
    adresse: Annotated[str, typer.Argument(help="L’adresse, ou le numéro.", metavar="adresse")],
    raison: Annotated[
        str, typer.Option("--raison", help="Pourquoi ; elle est gardée.", metavar="raison")
    ],
    canal: Annotated[
        str, typer.Option("--canal", help="Le canal : email (sans elle), sms…", metavar="canal")
    ] = "email",
    malgre_refus: Annotated[
        bool,
        typer.Option(
            "--malgre-refus", help="Même si la personne a demandé qu’on ne lui écrive plus."
        ),
    ] = False,
    dossier: FolderOption = HERE,
) -> None:
    """Écrire de nouveau à une adresse écartée par erreur.

    La raison donnée est gardée au journal des adresses rétablies (« relance ecartees
    --retablies »). Une personne qui a demandé qu’on ne lui écrive plus décide seule de revenir.
    """
    settings = load_settings(dossier)
    if not raison.strip() or len(raison) > _LONGEST_REASON:
        raise CommandStop(MISUSED, f"La raison compte de 1 à {_LONGEST_REASON} caractères.")
    given = {"canal": canal, "adresse": adresse.strip(), "raison": raison.strip()}
    if malgre_refus:
        given["malgre"] = "oui"
    order(settings, "retablir", given)


async def _read(url: str, channel: str | None, *, lifted: bool, most: int) -> Report:
    async with reading(url) as reader, reader.read() as conn:
        if lifted:
            return reports.lifted(await suppressions.latest_lifted(conn, channel, most + 1), most)
        return reports.suppressed(await suppressions.latest(conn, channel, most + 1), most)
