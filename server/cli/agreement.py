"""`relance demandes`, `accorder`, `decliner`: publications that wait for another person's agreement."""

import asyncio
from collections.abc import Mapping
from typing import Annotated

import typer

from relance.french import quoted
from relance.report import Report
from server.cli.ordering import say_answer, say_line
from server.cli.outcome import MISUSED, WRONG, CommandStop
from server.cli.parameters import HERE, AsJson, Folder, FolderOption, Output
from server.cli.publishing import done_by_a_server, published, say_published, weighed
from server.cli.report import MOST, MOST_IN_FILE, tell
from server.orders.agreement import (
    AGREE,
    DECLINE,
    WITHDRAW,
    outdated,
    refuse_others_failing,
    still_waiting,
)
from server.orders.declined import Declined
from server.orders.publishing import PublishOrder
from server.orders.reason import AT_MOST, too_long
from server.publication import requests
from server.publication.report import publication_report
from server.publication.requested import requests_report
from server.reports.reader import reading
from server.settings import Settings, load_settings

Number = Annotated[
    int,
    typer.Argument(help="Le numéro de la demande.", metavar="numéro", min=1, max=10**15),
]


def list_requests(
    dossier: Folder = HERE,
    retirer: Annotated[
        int | None,
        typer.Option("--retirer", min=1, max=10**15, help="Retirer sa demande.", metavar="numéro"),
    ] = None,
    as_json: AsJson = False,
    sortie: Output = None,
) -> None:
    """Lister les publications demandées : qui, quand, pourquoi, et ce qu’elles sont devenues.

    Celle qui attend se publie par « relance accorder », par une autre personne que qui l’a demandée.
    """
    settings = load_settings(dossier)
    if retirer is not None:
        _order(settings, WITHDRAW, {"numero": str(retirer)}, as_json)
        return
    most = MOST if sortie is None else MOST_IN_FILE
    tell(asyncio.run(_listed(settings, most)), settings.zone, as_json=as_json, output=sortie)


def agree(
    numero: Number,
    dossier: FolderOption = HERE,
    essai: Annotated[
        bool,
        typer.Option("--essai", help="Dire ce que la publication ferait, sans rien publier."),
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Donner son accord à une publication demandée : elle est faite aussitôt.

    Si le brouillon, ce qui tourne ou les personnes concernées ont changé depuis la demande, rien n’est
    publié ; si ce sont les personnes, ce que la publication ferait maintenant est montré.
    """
    settings = load_settings(dossier)
    if essai:
        _try(settings, numero, as_json=as_json)
        return
    before = asyncio.run(_one(settings, numero))
    seen = {"vu": requests.figures_of(before.wished.changes)} if before is not None else {}
    try:
        answer = asyncio.run(published(settings, AGREE, {"numero": str(numero), **seen}))
    except Declined as declined:
        _show_anew(settings, numero, before, as_json=as_json)
        raise CommandStop(WRONG, str(declined)) from declined
    say_published(answer, settings, as_json=as_json)


def decline(
    numero: Number,
    pourquoi: Annotated[
        str,
        typer.Option(
            "--pourquoi", help=f"La raison, lue par qui demande. {AT_MOST}.", metavar="raison"
        ),
    ] = "",
    dossier: FolderOption = HERE,
    as_json: AsJson = False,
) -> None:
    """Décliner une publication demandée, en disant pourquoi : rien n’est publié."""
    if not pourquoi.strip() or too_long(pourquoi):
        raise CommandStop(MISUSED, too_long(pourquoi) or 'Dites pourquoi : --pourquoi "…".')
    given = {"numero": str(numero), "pourquoi": pourquoi.strip()}
    _order(load_settings(dossier), DECLINE, given, as_json)


def _try(settings: Settings, number: int, *, as_json: bool) -> None:
    """What it would do as things are, and why it could not be agreed to, if so."""
    try:
        one = still_waiting(asyncio.run(_one(settings, number)), number)
        order = PublishOrder.of({"publication": one.wished.wish})
        answer, basis = asyncio.run(weighed(settings, order))
    except Declined as declined:
        raise CommandStop(WRONG, str(declined)) from declined
    if not answer.problems:
        found = publication_report(answer.changes, None, one.number)
        tell(found, settings.zone, as_json=as_json)
    if why := outdated(one, basis, faulty=bool(answer.problems)):
        raise CommandStop(WRONG, f"{why} : elle ne peut plus être accordée. Redemandez-la.")
    if answer.refusal:
        raise CommandStop(WRONG, answer.refusal)
    try:
        refuse_others_failing(one, order, answer.rehearsal)
    except Declined as declined:
        raise CommandStop(WRONG, str(declined)) from declined
    moved = requests.figures_of(answer.changes) != requests.figures_of(one.wished.changes)
    if moved and not as_json:
        say_line(
            "Depuis la demande, ce que la publication ferait à des personnes a changé : "
            f"{quoted(f'relance accorder {number}')} le montrera d’abord, et ne publiera qu’ensuite."
        )


def _order(settings: Settings, verb: str, given: Mapping[str, str], as_json: bool) -> None:
    try:
        said = asyncio.run(done_by_a_server(settings, verb, given))
    except Declined as declined:
        raise CommandStop(WRONG, str(declined)) from declined
    say_answer(said, as_json=as_json)


def _show_anew(
    settings: Settings,
    number: int,
    before: requests.PublicationRequest | None,
    *,
    as_json: bool,
) -> None:
    """What one that waits would do now, if that is not what it was to do."""
    one = asyncio.run(_one(settings, number))
    if one is None or before is None:
        return
    if requests.figures_of(one.wished.changes) != requests.figures_of(before.wished.changes):
        found = publication_report(one.wished.changes, None, one.number)
        tell(found, settings.zone, as_json=as_json)


async def _one(settings: Settings, number: int) -> requests.PublicationRequest | None:
    async with reading(settings.database) as reader, reader.read() as conn:
        return await requests.find(conn, number)


async def _listed(settings: Settings, most: int) -> Report:
    async with reading(settings.database) as reader, reader.read() as conn:
        return requests_report(await requests.latest(conn, most + 1), most)
