"""`relance retenus` and `relance limites`: messages held until somebody decides, and deciding."""

import asyncio
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any

import typer

from server.cli.ordering import order
from server.cli.outcome import MISUSED, CommandStop
from server.cli.parameters import HERE, AsJson, Folder, Output
from server.cli.report import one_form, tell
from server.dispatch import held
from server.dispatch.held import Hold
from server.orders.verbs import ABANDONING, SENDING
from server.plugins import load_plugins
from server.reports.glossary import BARE
from server.reports.held import held_report
from server.reports.reader import reading
from server.settings import load_settings

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
    sortie: Output = None,
) -> None:
    """Montrer les envois retenus depuis une restauration ; les envoyer, ou les abandonner."""
    _run(dossier, held.RESTORED, (envoyer, abandonner), (canal, message), as_json, sortie)


def limited(
    dossier: Folder = HERE,
    envoyer: Send = False,
    abandonner: Abandon = False,
    canal: OfChannel = None,
    message: OfMessage = None,
    as_json: AsJson = False,
    sortie: Output = None,
) -> None:
    """Montrer les envois retenus par les limites par destinataire ; les envoyer, ou les abandonner."""
    _run(dossier, held.OVER_LIMITS, (envoyer, abandonner), (canal, message), as_json, sortie)


def _run(
    folder: Folder,
    hold: Hold,
    decided: tuple[bool, bool],
    of: tuple[str | None, str | None],
    as_json: bool,
    output: Path | None,
) -> None:
    one_form(output, ("--json", as_json), ("--envoyer", decided[0]), ("--abandonner", decided[1]))
    settings = load_settings(folder)
    if all(decided):
        raise CommandStop(MISUSED, "Les envoyer, ou les abandonner : l’un ou l’autre.")
    if any(decided):
        verb = (SENDING if decided[0] else ABANDONING)[hold]
        given = {"canal": of[0] or "", "message": of[1] or ""}
        order(settings, verb, given, as_json=as_json)
        return
    rows = asyncio.run(_held(settings.database, hold))
    # JSON tells channels by their code, and plugins take time to load.
    glossary = BARE if as_json else load_plugins(settings.enabled, settings.disabled).glossary
    found = held_report(rows, glossary, why=hold is held.OVER_LIMITS)
    tell(found, settings.zone, as_json=as_json, output=output)


async def _held(url: str, hold: Hold) -> Sequence[Any]:
    async with reading(url) as reader, reader.read() as conn:
        return await held.by_message(conn, hold)
