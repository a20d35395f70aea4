"""`relance absences`: who of the team is away between which days; noted and taken back at once."""

import asyncio
from enum import StrEnum
from typing import Annotated

import typer

from relance.report import Report
from server.cli.ordering import order
from server.cli.outcome import MISUSED, CommandStop
from server.cli.parameters import HERE, AsJson, FolderOption, Output
from server.cli.report import tell
from server.clock import SystemClock
from server.orders.absences import CANCEL, NOTE
from server.reports.absences import absences_report
from server.reports.reader import reading
from server.settings import load_settings
from server.store import absences as kept
from server.store.instants import now_micros


class AbsenceDeed(StrEnum):
    """What may be asked of them."""

    LISTER = "lister"
    NOTER = "noter"
    OTER = "oter"


def absences(
    geste: Annotated[
        AbsenceDeed,
        typer.Argument(help="Ce qu’il faut faire.", metavar="geste", show_default=False),
    ] = AbsenceDeed.LISTER,
    qui: Annotated[
        str,
        typer.Argument(
            help="Avec noter, la personne ; avec oter, le numéro de l’absence.",
            metavar="[qui]",
            show_default=False,
        ),
    ] = "",
    du: Annotated[str, typer.Option("--du", help="Le premier jour : 2026-12-20.")] = "",
    au: Annotated[
        str, typer.Option("--au", help="Le dernier jour, compris ; sans lui, le premier.")
    ] = "",
    raison: Annotated[str, typer.Option("--raison", help="Pourquoi, si vous voulez le dire.")] = "",
    as_json: AsJson = False,
    sortie: Output = None,
    dossier: FolderOption = HERE,
) -> None:
    """Lister les absences de l’équipe de vente, en noter une, en ôter une.

    Gestes : lister, noter, oter. Entre ses deux jours, le tour passe à la personne suivante ; il
    revient ensuite de lui-même. Rien n’est à publier.
    """
    settings = load_settings(dossier)
    if geste is AbsenceDeed.LISTER:
        found = asyncio.run(_report(settings.database))
        tell(found, settings.zone, as_json=as_json, output=sortie)
        return
    if not qui.strip():
        example = 'noter "Marc Tremblay" --du 2026-12-20 --au 2027-01-05'
        said = example if geste is AbsenceDeed.NOTER else "oter 3"
        raise CommandStop(MISUSED, f"Dites de qui, ou laquelle\u00a0: relance absences {said}")
    if geste is AbsenceDeed.OTER:
        order(settings, CANCEL, {"numero": qui.strip()}, as_json=as_json)
        return
    if not du.strip():
        raise CommandStop(MISUSED, "Dites le premier jour\u00a0: --du 2026-12-20.")
    given = {"nom": qui.strip(), "du": du, "au": au or du, "raison": raison}
    order(settings, NOTE, given, as_json=as_json)


async def _report(url: str) -> Report:
    now = now_micros(SystemClock())
    async with reading(url) as reader, reader.read() as conn:
        return absences_report(await kept.since(conn, now), now)
