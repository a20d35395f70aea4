"""`relance appels`: what other programs were told, and telling them anew."""

import asyncio
from typing import Annotated

import typer

from relance.french import quoted
from relance.report import Report
from server.cli.day import day_of
from server.cli.ordering import order
from server.cli.outcome import MISUSED, WRONG, CommandStop
from server.cli.parameters import HERE, AsJson, FolderOption, Output
from server.cli.report import MOST, MOST_IN_FILE, one_form, tell
from server.deliveries import ledger
from server.plugins import load_plugins
from server.reports import deliveries as reports
from server.reports.glossary import BARE
from server.reports.reader import reading
from server.settings import Settings, load_settings
from server.store.instants import midnight


def calls(
    nom: Annotated[
        str, typer.Argument(help="Un destinataire ; sans lui, tous.", metavar="[nom]")
    ] = "",
    refaire: Annotated[
        bool, typer.Option("--refaire", help="Refaire ceux qui n’ont pas abouti.")
    ] = False,
    numero: Annotated[
        str, typer.Option("--numero", help="Refaire celui-là, même abouti.", metavar="n°")
    ] = "",
    depuis: Annotated[
        str, typer.Option("--depuis", help="Avec --refaire : depuis ce jour.", metavar="jour")
    ] = "",
    reprendre: Annotated[
        bool, typer.Option("--reprendre", help="Appeler de nouveau un destinataire arrêté.")
    ] = False,
    dossier: FolderOption = HERE,
    as_json: AsJson = False,
    sortie: Output = None,
) -> None:
    """Montrer les appels à d’autres programmes ([appels.…]) ; les refaire, ou les reprendre.

    Un appel sans réponse est refait de lui-même trois jours durant. Refait, il garde son identifiant :
    le destinataire sait s’il l’a déjà reçu.
    """
    orders = [("--refaire", refaire), ("--numero", bool(numero)), ("--reprendre", reprendre)]
    asked = [name for name, given in orders if given]
    one_form(sortie, ("--json", as_json), *orders)
    if len(asked) > 1:
        raise CommandStop(MISUSED, f"{asked[0]} et {asked[1]} ne vont pas ensemble.")
    if asked and not nom:
        raise CommandStop(MISUSED, f"{asked[0]} demande un destinataire : relance appels <nom>.")
    if depuis and not refaire:
        raise CommandStop(MISUSED, "--depuis va avec --refaire.")
    settings = load_settings(dossier)
    if asked:
        given = {"nom": nom, "numero": numero}
        if depuis:
            since = midnight(day_of(depuis), settings.zone)
            given["depuis"] = str(since)
        verb = "reprendre-appels" if reprendre else "refaire-appels"
        order(settings, verb, given, as_json=as_json)
        return
    most = MOST if sortie is None else MOST_IN_FILE
    found = asyncio.run(_read(settings, nom, most, codes=as_json))
    tell(found, settings.zone, as_json=as_json, output=sortie)


async def _read(settings: Settings, name: str, most: int, *, codes: bool) -> Report:
    async with reading(settings.database) as reader, reader.read() as conn:
        if not name:
            sinks = [await reports.of_sink(conn, one) for one in await ledger.known(conn)]
            return reports.sinks_report(sinks)
        sink = await ledger.find(conn, name)
        if sink is None:
            raise CommandStop(WRONG, f"Aucun appel à {quoted(name)}.")
        # JSON tells types by their code, and plugins take time to load.
        glossary = BARE if codes else load_plugins(settings.enabled, settings.disabled).glossary
        rows = await reports.latest(conn, sink, most + 1)
        return reports.calls_report(sink, rows, glossary, most)
