"""`relance retenus` and `relance limites`: messages held until somebody decides, and deciding."""

import asyncio
from collections.abc import Sequence
from typing import Annotated, Any
from zoneinfo import ZoneInfo

import typer
from rich.table import Table

from server.cli.outcome import MISUSED, WRONG, Stop
from server.cli.parameters import HERE, AsJson, Folder
from server.cli.safe import safe
from server.cli.terminal import Console, say_json
from server.clock import SystemClock
from server.dispatch import held
from server.dispatch.held import Hold
from server.orders.ask import ask
from server.orders.spool import Order
from server.orders.verbs import ABANDONING, SENDING, Declined
from server.reports import french, words
from server.reports.reader import reading
from server.settings import load_settings
from server.store.instants import from_micros

Send = Annotated[bool, typer.Option("--envoyer", help="Les envoyer maintenant.")]
Abandon = Annotated[bool, typer.Option("--abandonner", help="Ne jamais les envoyer.")]
OfChannel = Annotated[
    str | None, typer.Option("--canal", help="Ce canal seulement.", metavar="canal")
]
OfMessage = Annotated[
    str | None, typer.Option("--message", help="Ce message seulement.", metavar="nom")
]


def held_back(
    dossier: Folder = HERE,
    envoyer: Send = False,
    abandonner: Abandon = False,
    canal: OfChannel = None,
    message: OfMessage = None,
    as_json: AsJson = False,
) -> None:
    """Montrer les envois retenus depuis une restauration ; les envoyer, ou les abandonner."""
    _run(dossier, held.RESTORED, (envoyer, abandonner), (canal, message), as_json)


def limited(
    dossier: Folder = HERE,
    envoyer: Send = False,
    abandonner: Abandon = False,
    canal: OfChannel = None,
    message: OfMessage = None,
    as_json: AsJson = False,
) -> None:
    """Montrer les envois retenus par les limites par destinataire ; les envoyer, ou les abandonner."""
    _run(dossier, held.OVER_LIMITS, (envoyer, abandonner), (canal, message), as_json)


def _run(
    folder: Folder,
    hold: Hold,
    decided: tuple[bool, bool],
    of: tuple[str | None, str | None],
    as_json: bool,
) -> None:
    settings = load_settings(folder)
    if all(decided):
        raise Stop(MISUSED, "Les envoyer, ou les abandonner : l’un ou l’autre.")
    if any(decided):
        verb = (SENDING if decided[0] else ABANDONING)[hold]
        given = {"canal": of[0] or "", "message": of[1] or ""}
        try:
            said = asyncio.run(ask(settings, SystemClock(), Order(verb, given)))
        except Declined as declined:
            raise Stop(WRONG, str(declined)) from declined
        Console(highlight=False).print(safe(said), soft_wrap=True)
        return
    rows = asyncio.run(_held(settings.database, hold))
    if as_json:
        say_json([_data(row) for row in rows])
    else:
        _print(rows, settings.zone, why=hold is held.OVER_LIMITS)


async def _held(url: str, hold: Hold) -> Sequence[Any]:
    async with reading(url) as reader, reader.read() as conn:
        return await held.by_message(conn, hold)


def _data(row: Any) -> dict[str, object]:
    return {
        "campagne": row.campaign,
        "canal": row.channel,
        "message": row.message,
        "raison": row.reason,
        "nombre": row.count,
        "leads": row.leads,
        "depuis": from_micros(row.first).isoformat(),
    }


def _print(rows: Sequence[Any], zone: ZoneInfo, *, why: bool) -> None:
    console = Console(highlight=False)
    if not rows:
        console.print("Aucun envoi retenu.")
        return
    reason = ("Pourquoi",) if why else ()
    table = Table("Nombre", "Leads", "Canal", "Message", "Campagne", "Le plus ancien", *reason)
    for row in rows:
        table.add_row(
            french.number(row.count),
            french.number(row.leads),
            safe(words.channel(row.channel)),
            safe(row.message),
            safe(row.campaign),
            french.instant(from_micros(row.first), zone),
            *((safe((row.reason or "").removeprefix("retenu : ")),) if why else ()),
        )
    console.print(table)
    console.print("«\u00a0--envoyer\u00a0» les envoie, «\u00a0--abandonner\u00a0» y renonce.")
