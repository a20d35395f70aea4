"""`relance restaurer-base`: a backup put back, without sending again what left since."""

import asyncio
from pathlib import Path
from typing import Annotated

import typer
from sqlalchemy import make_url

from server.cli.outcome import MISUSED, CommandStop
from server.cli.parameters import HERE, FolderOption
from server.cli.safe import safe
from server.cli.terminal import Console
from server.clock import SystemClock
from server.recovery.restore import restore
from server.recovery.witness import mark
from server.settings import Settings, load_settings
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
        raise CommandStop(
            MISUSED, "Donnez le fichier de la sauvegarde, ou --deja-fait : l’un ou l’autre."
        )
    if sauvegarde is not None and not sauvegarde.is_file():
        raise CommandStop(
            MISUSED, f"«\u00a0{sauvegarde}\u00a0» n’existe pas, ou n’est pas un fichier."
        )
    asyncio.run(_restore(settings, sauvegarde))


async def _restore(settings: Settings, backup: Path | None) -> None:
    console = Console(highlight=False)
    sole = await alone(settings.database)
    try:
        if backup is not None:
            base = _file(settings)
            moved = await asyncio.to_thread(restore, backup, base, SystemClock().now())
            console.print(safe(f"«\u00a0{backup}\u00a0» est remise en place."), soft_wrap=True)
            if moved:
                kept = f"La base d’avant est gardée dans «\u00a0{moved[0]}\u00a0»."
                console.print(safe(kept), soft_wrap=True)
        else:
            await _mark(settings)
            console.print("La base est marquée comme restaurée.")
    finally:
        await sole.release()
    console.print(_NEXT, soft_wrap=True)


def _file(settings: Settings) -> Path:
    given = make_url(settings.database)
    if given.get_backend_name() != "sqlite" or not given.database:
        raise CommandStop(
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
