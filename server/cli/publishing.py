"""`relance publier` and `relance publications`: make of the draft what runs, and list what was made so."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Annotated

import typer

from relance.fold import key_of
from relance.french import quoted
from relance.host import Clock
from relance.report import Report
from server.access.actor import by_command
from server.cli.account import account
from server.cli.check import show_diagnostics
from server.cli.draft import draft_of
from server.cli.ordering import say_line
from server.cli.outcome import MISUSED, WRONG, CommandStop
from server.cli.outlook import has_base
from server.cli.parameters import HERE, AsJson, Folder, Output
from server.cli.rehearsal_bar import with_bar
from server.cli.report import MOST, MOST_IN_FILE, tell
from server.cli.safe import safe
from server.cli.terminal import Console
from server.cli.transfers import undo_transfer
from server.cli.workspace import open_workspace
from server.clock import SystemClock
from server.engine.transfer.fate import Fate, FateOf
from server.orders import spool
from server.orders.agreement import ASK
from server.orders.ask import handed
from server.orders.declined import Declined
from server.orders.publishing import PUBLISH, PublishAnswer, PublishOrder, Situation
from server.orders.reason import too_long
from server.orders.spool import Order
from server.plugins import load_plugins
from server.publication import archive
from server.publication.draft import edited
from server.publication.on_disk import on_disk
from server.publication.reading import DraftReader
from server.publication.report import publication_report, publications_report
from server.rehearsal.process import playing
from server.rehearsal.rehearsals import Rehearsals
from server.reports.reader import reading
from server.reports.verdict import Askable
from server.runtime import Runtime
from server.settings import Settings, load_settings
from server.setup import setup_of
from server.store.sole import DatabaseTaken
from server.store.store import Store


def publish(
    dossier: Folder = HERE,
    activer: Annotated[
        list[str] | None,
        typer.Option("--activer", help="Activer aussitôt cette campagne nouvelle.", metavar="nom"),
    ] = None,
    tout_activer: Annotated[
        bool,
        typer.Option("--tout-activer", help="Activer aussitôt toutes les campagnes nouvelles."),
    ] = False,
    essai: Annotated[
        bool, typer.Option("--essai", help="Dire ce qui changerait, sans rien publier.")
    ] = False,
    note: Annotated[
        str, typer.Option("--note", help="Pourquoi ; gardé avec la publication.", metavar="texte")
    ] = "",
    depuis: Annotated[
        int | None,
        typer.Option(
            "--depuis",
            min=1,
            help="Publier de nouveau les fichiers de cette publication, et non le dossier.",
            metavar="numéro",
        ),
    ] = None,
    autoriser: Annotated[
        int | None,
        typer.Option(
            "--autoriser", min=0, help="Laisser entrer aussitôt jusqu’à ce nombre de personnes."
        ),
    ] = None,
    sur: Annotated[
        int | None,
        typer.Option(
            "--sur",
            min=1,
            help="La publication que vous avez vue : ce que d’autres ont publié depuis est montré.",
            metavar="numéro",
        ),
    ] = None,
    garder: Annotated[
        list[str] | None,
        typer.Option(
            "--garder",
            help="Qui est dans cette campagne, ou à cette étape, garde sa version.",
            metavar="campagne[ / étape]",
        ),
    ] = None,
    migrer: Annotated[
        list[str] | None,
        typer.Option(
            "--migrer",
            help="Qui y est passe à la nouvelle version, sans rien recevoir deux fois.",
            metavar="campagne[ / étape]",
        ),
    ] = None,
    sortir: Annotated[
        list[str] | None,
        typer.Option("--sortir", help="Qui y est en sort.", metavar="campagne[ / étape]"),
    ] = None,
    annuler_migration: Annotated[
        str | None,
        typer.Option(
            "--annuler-migration",
            help="Ne rien publier : rendre à leur version ceux qui n’ont pas bougé depuis.",
            metavar="campagne",
        ),
    ] = None,
    demander: Annotated[
        bool,
        typer.Option("--demander", help="Ne rien publier : le demander à une autre personne."),
    ] = False,
    sans_accord: Annotated[
        bool,
        typer.Option(
            "--sans-accord",
            help="Publier sans l’accord que demande le réglage ; --note dit pourquoi.",
        ),
    ] = False,
    malgre_scenarios: Annotated[
        bool,
        typer.Option(
            "--malgre-scenarios",
            help="Publier même si des scénarios échouent ; --note dit pourquoi.",
        ),
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Publier le projet : ce que disent ses fichiers devient ce qui tourne.

    Le projet est d’abord vérifié, puis ses scénarios sont joués ; s’il a une erreur, ou si un scénario
    échoue, rien n’est publié. Une campagne nouvelle reste inactive jusqu’à ce que vous l’activiez. Qui
    est dans une campagne modifiée y finit la version où il est entré, à moins de --migrer ou --sortir ;
    « --essai » dit d’abord combien sont à chaque étape, et ce qu’ils deviendraient. Qui a publié, quand
    et pourquoi est gardé.

    Où le réglage « accord » demande une deuxième personne, rien n’est publié : la demande est gardée,
    et « relance accorder » la publie.
    """
    if refused := too_long(note):
        raise CommandStop(MISUSED, refused)
    if annuler_migration is not None:
        undo_transfer(load_settings(dossier), annuler_migration, note, essai=essai, as_json=as_json)
        return
    if activer and tout_activer:
        raise CommandStop(MISUSED, "--activer et --tout-activer : l’un ou l’autre.")
    if demander and (essai or sans_accord):
        other = "--essai" if essai else "--sans-accord"
        raise CommandStop(MISUSED, f"--demander et {other} : l’un ou l’autre.")
    settings = load_settings(dossier)
    chosen = None if tout_activer else tuple(activer or ())
    fates = _fates({Fate.KEEP: garder, Fate.MIGRATE: migrer, Fate.LEAVE: sortir})
    order = PublishOrder(
        *(account(), note.strip(), chosen, depuis, autoriser, sur, fates),
        alone=sans_accord,
        despite=malgre_scenarios,
    )
    verb = ASK if demander else PUBLISH
    try:
        answer = asyncio.run(
            foreseen(settings, order) if essai else published(settings, verb, order.arguments())
        )
    except Declined as declined:
        raise CommandStop(WRONG, str(declined)) from declined
    if answer.problems:
        _show_problems(dossier, answer, order)
        raise CommandStop(WRONG, "Rien n’a été publié.")
    say_published(answer, settings, as_json=as_json)
    if answer.refusal:
        raise CommandStop(WRONG, answer.refusal)


def say_published(answer: PublishAnswer, settings: Settings, *, as_json: bool) -> None:
    """What was done, or waits for another person."""
    found = publication_report(answer.changes, answer.number, answer.request)
    tell(found, settings.zone, as_json=as_json)
    if as_json:
        return
    if said := answer.rehearsal.success or answer.rehearsal.overlooked:
        say_line(said)
    if answer.request is not None:
        if answer.replaces:
            say_line(f"Elle remplace la demande {answer.replaces}.")
        say_line(
            "Rien n’est publié : il y faut l’accord d’une autre personne, par sa page ou par "
            f"{quoted(f'relance accorder {answer.request}')}."
        )


def _fates(given: Mapping[Fate, list[str] | None]) -> tuple[FateOf, ...]:
    """What becomes of those inside of each; of one, one thing."""
    fates = [(name.strip(), fate) for fate, names in given.items() for name in names or ()]
    seen = set()
    for name, _ in fates:
        if key_of(name) in seen:
            raise CommandStop(
                MISUSED, f"{quoted(name)} : --garder, --migrer ou --sortir, l’un des trois."
            )
        seen.add(key_of(name))
    return tuple((name, fate.value) for name, fate in fates)


def _show_problems(folder: Folder, answer: PublishAnswer, order: PublishOrder) -> None:
    """As `relance check` does; line by line when the files are not those of the folder."""
    if order.again is None:
        workspace = open_workspace([folder], examined=True)
        show_diagnostics(workspace, workspace.faults)
        return
    for line in answer.problems:
        Console(stderr=True, highlight=False).print(safe(line), soft_wrap=True)


async def published(settings: Settings, verb: str, given: Mapping[str, str]) -> PublishAnswer:
    """What becomes of an order that may publish."""
    return PublishAnswer.of(await done_by_a_server(settings, verb, given))


async def done_by_a_server(settings: Settings, verb: str, given: Mapping[str, str]) -> str:
    """By the running one, or here when none runs."""
    runtime = Runtime(settings)
    try:
        await runtime.open()
    except DatabaseTaken:
        return await _handed(settings, Order(verb, given, account()))
    try:
        work = runtime.desk.perform(verb, given, by_command(account()))
        answer = await with_bar(work, lambda: runtime.publishing.rehearsals.how_far)
        await runtime.engine.finish()
        return answer
    finally:
        await runtime.close()


async def _handed(settings: Settings, order: Order) -> str:
    files: list[Path] = []
    work = handed(settings, order, left=files.append)
    return await with_bar(work, lambda: spool.how_far(files[0]) if files else None)


async def foreseen(settings: Settings, order: PublishOrder) -> PublishAnswer:
    """What publishing would do; nothing is written, no base made."""
    return (await weighed(settings, order))[0]


async def weighed(settings: Settings, order: PublishOrder) -> tuple[PublishAnswer, tuple[int, str]]:
    """The same, with the publication it would come after, none being 0, and a name for the files."""
    plugins, clock = load_plugins(settings.enabled, settings.disabled), SystemClock()
    async with _base(settings, clock) as store:
        async with store.read() as conn:
            again = await archive.publication(conn, order.again) if order.again else None
        if order.again and again is None:
            raise Declined(f"Aucune publication ne porte le numéro {order.again}.")
        draft = edited(again.files) if again else on_disk(settings.folder)
        read = await asyncio.to_thread(
            DraftReader(plugins, setup_of(settings, draft)).read, draft, None
        )
        situation = Situation(store, clock, settings, plugins.glossary)
        basis = await situation.basis(read)
        if read.problems:
            return PublishAnswer(problems=read.problems), basis
        answer = await situation.tried(order, read)
        if again or not answer.changes:
            return answer, basis
        async with store.read() as conn:
            last = await archive.publication(conn)
        running = last.files if last is not None else None
        play = playing(settings, plugins, lambda: running, serves=lambda: False)
        rehearsals = Rehearsals(play)
        found = await with_bar(rehearsals.of(read), lambda: rehearsals.how_far)
        return answer.rehearsed(order, found), basis


@asynccontextmanager
async def _base(settings: Settings, clock: Clock) -> AsyncIterator[Askable]:
    """The base of the project, for reading; an empty one while there is none."""
    if has_base(settings.database):
        async with reading(settings.database) as reader:
            yield reader
        return
    store = await Store.open("sqlite://", clock)
    try:
        yield store
    finally:
        await store.close()


def list_publications(
    dossier: Folder = HERE, as_json: AsJson = False, sortie: Output = None
) -> None:
    """Lister les publications : quand, par qui, pourquoi, et les campagnes qu’elles ont changées."""
    settings = load_settings(dossier)
    most = MOST if sortie is None else MOST_IN_FILE
    found = asyncio.run(_listed(settings, most))
    tell(found, settings.zone, as_json=as_json, output=sortie)


async def _listed(settings: Settings, most: int) -> Report:
    async with reading(settings.database) as reader, reader.read() as conn:
        made = await archive.imprints(conn, most + 1)
        return publications_report(made, most, await draft_of(settings, conn))
