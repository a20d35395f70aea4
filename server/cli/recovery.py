"""`relance restaurer-base` and `relance retenus`: a backup put back, and what it must not send again."""

import asyncio
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any
from zoneinfo import ZoneInfo

import typer
from rich.table import Table
from sqlalchemy import make_url

from server.cli.outcome import MISUSED, WRONG, Stop
from server.cli.parameters import HERE, AsJson, Folder, FolderOption
from server.cli.safe import safe
from server.cli.terminal import Console, say_json
from server.clock import SystemClock
from server.dispatch import held
from server.orders.ask import ask
from server.orders.spool import Order
from server.orders.verbs import Declined
from server.recovery.restore import restore
from server.recovery.witness import mark
from server.reports import french, words
from server.reports.reader import reading
from server.settings import Settings, load_settings
from server.store.instants import from_micros
from server.store.sole import alone
from server.store.store import Store

_NEXT = (
    "Au démarrage, ce qui est peut-être déjà parti depuis la sauvegarde sera retenu : "
    "«\u00a0relance retenus\u00a0» le montre, l’envoie ou l’abandonne."
)


def restore_base(
    sauvegarde: Annotated[
        Path | None, typer.Argument(help="Le fichier de la sauvegarde (SQLite).", metavar="fichier")
    ] = None,
    deja: Annotated[
        bool,
        typer.Option(
            "--deja-fait", help="La base est déjà remise en place (PostgreSQL) : la marquer."
        ),
    ] = False,
    dossier: FolderOption = HERE,
) -> None:
    """Remettre en place une sauvegarde de la base, sans renvoyer ce qui est déjà parti.

    Le serveur doit être arrêté. La base d’avant est gardée à côté. Avec PostgreSQL, restaurez
    d’abord avec ses outils, puis dites-le par --deja-fait.
    """
    settings = load_settings(dossier)
    if deja == (sauvegarde is not None):
        raise Stop(MISUSED, "Donnez le fichier de la sauvegarde, ou --deja-fait : l’un ou l’autre.")
    if sauvegarde is not None and not sauvegarde.is_file():
        raise Stop(MISUSED, f"«\u00a0{sauvegarde}\u00a0» n’existe pas, ou n’est pas un fichier.")
    asyncio.run(_restore(settings, sauvegarde))


async def _restore(settings: Settings, backup: Path | None) -> None:
    console = Console(highlight=False)
    sole = await alone(settings.database)
    try:
        if backup is not None:
            base = _file(settings)
            aside = await asyncio.to_thread(restore, backup, base, SystemClock().now())
            console.print(safe(f"«\u00a0{backup}\u00a0» est remise en place."), soft_wrap=True)
            if aside:
                told = f"La base d’avant est gardée dans «\u00a0{aside[0]}\u00a0»."
                console.print(safe(told), soft_wrap=True)
        else:
            await _mark(settings)
            console.print("La base est marquée comme restaurée.")
    finally:
        await sole.release()
    console.print(_NEXT, soft_wrap=True)


def _file(settings: Settings) -> Path:
    given = make_url(settings.database)
    if given.get_backend_name() != "sqlite" or not given.database:
        raise Stop(
            MISUSED,
            "La base est sur PostgreSQL : restaurez-la avec ses outils (pg_restore), puis "
            "«\u00a0relance restaurer-base --deja-fait\u00a0».",
        )
    return Path(given.database)


async def _mark(settings: Settings) -> None:
    store = await Store.open(settings.database, SystemClock())
    try:
        async with store.write() as conn:
            await mark(conn)
    finally:
        await store.close()


def held_back(
    dossier: Folder = HERE,
    envoyer: Annotated[bool, typer.Option("--envoyer", help="Les envoyer maintenant.")] = False,
    abandonner: Annotated[
        bool, typer.Option("--abandonner", help="Ne jamais les envoyer.")
    ] = False,
    canal: Annotated[
        str | None, typer.Option("--canal", help="Ce canal seulement.", metavar="canal")
    ] = None,
    message: Annotated[
        str | None, typer.Option("--message", help="Ce message seulement.", metavar="nom")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Montrer les envois retenus depuis une restauration ; les envoyer, ou les abandonner."""
    settings = load_settings(dossier)
    if envoyer and abandonner:
        raise Stop(MISUSED, "Les envoyer, ou les abandonner : l’un ou l’autre.")
    if envoyer or abandonner:
        verb = "envoyer-retenus" if envoyer else "abandonner-retenus"
        given = {"canal": canal or "", "message": message or ""}
        try:
            said = asyncio.run(ask(settings, SystemClock(), Order(verb, given)))
        except Declined as declined:
            raise Stop(WRONG, str(declined)) from declined
        Console(highlight=False).print(safe(said), soft_wrap=True)
        return
    rows = asyncio.run(_held(settings.database))
    if as_json:
        say_json([_data(row) for row in rows])
    else:
        _print(rows, settings.zone)


async def _held(url: str) -> Sequence[Any]:
    async with reading(url) as reader, reader.read() as conn:
        return await held.by_message(conn)


def _data(row: Any) -> dict[str, object]:
    return {
        "campagne": row.campaign,
        "canal": row.channel,
        "message": row.message,
        "nombre": row.count,
        "depuis": from_micros(row.first).isoformat(),
    }


def _print(rows: Sequence[Any], zone: ZoneInfo) -> None:
    console = Console(highlight=False)
    if not rows:
        console.print("Aucun envoi retenu.")
        return
    table = Table("Nombre", "Canal", "Message", "Campagne", "Le plus ancien")
    for row in rows:
        table.add_row(
            french.number(row.count),
            safe(words.channel(row.channel)),
            safe(row.message),
            safe(row.campaign),
            french.instant(from_micros(row.first), zone),
        )
    console.print(table)
    console.print("«\u00a0--envoyer\u00a0» les envoie, «\u00a0--abandonner\u00a0» y renonce.")
