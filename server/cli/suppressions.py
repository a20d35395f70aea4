"""`relance ecartees` and `relance retablir`: the addresses not written to, and those that are again."""

import asyncio
from collections.abc import Sequence
from typing import Annotated, Any
from zoneinfo import ZoneInfo

import typer
from rich.table import Table

from server.cli.outcome import MISUSED, WRONG, Stop
from server.cli.parameters import HERE, AsJson, Folder, FolderOption
from server.cli.safe import safe
from server.cli.terminal import Console, say_json
from server.clock import SystemClock
from server.orders.ask import ask
from server.orders.spool import Order
from server.orders.verbs import Declined
from server.reports import french
from server.reports.reader import reading
from server.settings import load_settings
from server.store import suppressions
from server.store.instants import from_micros
from server.store.suppressions import Suppression

_MOST = 1_000
_LONGEST_REASON = 500
_ASKED, _TOLD = "la personne", "un serveur"

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
) -> None:
    """Lister les adresses auxquelles on n’écrit plus, depuis quand, et pourquoi.

    Une adresse est écartée quand la personne le demande, ou quand un serveur répond que personne
    n’est là. « relance retablir » corrige une erreur.
    """
    settings = load_settings(dossier)
    rows, log = asyncio.run(_read(settings.database, canal))
    if as_json:
        told = [_lifted(row) for row in log] if retablies else [_data(one) for one in rows]
        say_json(told)
    elif retablies:
        _print_log(log, settings.zone)
    else:
        _print(rows, settings.zone)


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
        raise Stop(MISUSED, f"La raison compte de 1 à {_LONGEST_REASON} caractères.")
    given = {"canal": canal, "adresse": adresse.strip(), "raison": raison.strip()}
    if malgre_refus:
        given["malgre"] = "oui"
    try:
        said = asyncio.run(ask(settings, SystemClock(), Order("retablir", given)))
    except Declined as declined:
        raise Stop(WRONG, str(declined)) from declined
    Console(highlight=False).print(safe(said), soft_wrap=True)


async def _read(url: str, channel: str | None) -> tuple[Sequence[Suppression], Sequence[Any]]:
    async with reading(url) as reader, reader.read() as conn:
        rows = await suppressions.latest(conn, channel, _MOST)
        return rows, await suppressions.latest_lifted(conn, channel, _MOST)


def _data(one: Suppression) -> dict[str, object]:
    return {
        "canal": one.channel,
        "adresse": one.address,
        "raison": one.reason,
        "depuis": from_micros(one.at).isoformat(),
        "par": _ASKED if one.asked else _TOLD,
    }


def _lifted(row: Any) -> dict[str, object]:
    return {
        "canal": row.channel,
        "adresse": row.address_key,
        "ecartee": {"raison": row.reason, "depuis": from_micros(row.at).isoformat()},
        "retablie": from_micros(row.lifted_at).isoformat(),
        "raison": row.why,
    }


def _print(rows: Sequence[Suppression], zone: ZoneInfo) -> None:
    console = Console(highlight=False)
    if not rows:
        console.print("Aucune adresse écartée.")
        return
    table = Table("Depuis", "Canal", "Adresse", "Par", "Raison")
    for one in rows:
        table.add_row(
            french.instant(from_micros(one.at), zone),
            safe(one.channel),
            safe(one.address),
            _ASKED if one.asked else _TOLD,
            safe(one.reason),
        )
    console.print(table)
    if len(rows) == _MOST:
        console.print(f"Les {_MOST} dernières ; « --canal » en montre d’autres.")


def _print_log(rows: Sequence[Any], zone: ZoneInfo) -> None:
    console = Console(highlight=False)
    if not rows:
        console.print("Aucune adresse rétablie.")
        return
    table = Table("Rétablie", "Canal", "Adresse", "Pourquoi", "Elle était écartée")
    for row in rows:
        table.add_row(
            french.instant(from_micros(row.lifted_at), zone),
            safe(row.channel),
            safe(row.address_key),
            safe(row.why),
            safe(row.reason),
        )
    console.print(table)
