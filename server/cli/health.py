"""`relance sante`: what is wrong, worst first, as `/sante` and the status page say it.

A running server is asked, since it alone knows of its tasks and of what it could not store; without
one, the base, the rules and the settings are looked at, read only.
"""

import asyncio
import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection

from dsl.diagnostics import Severity
from relance.concern import Concern, Gravity
from relance.errors import ConfigurationError, StoreUnavailable
from relance.french import quoted
from relance.host import Clock
from server import setup
from server.cli.outcome import WRONG, CommandStop
from server.cli.parameters import HERE, AsJson, Folder, Output
from server.cli.report import one_form, tell
from server.cli.terminal import say_json
from server.cli.workspace import Workspace, open_workspace
from server.clock import SystemClock
from server.health import recorded, running
from server.health.answer import concerns_report, health_answer
from server.health.checkup import UNREACHABLE
from server.health.health import health_of
from server.orders.ask import handed
from server.orders.spool import Order
from server.orders.verbs import HEALTH
from server.publication import archive
from server.publication.difference import difference
from server.publication.on_disk import on_disk
from server.publication.reading import MOST_PROBLEMS, problem
from server.reports.reader import reading
from server.settings import PublishingMode
from server.store.instants import now_micros
from server.store.sole import DatabaseTaken, alone

#: A server that answers nothing in this time, in seconds, is not well.
PATIENCE = 6.0

STOPPED = Concern(
    "serveur.arrete",
    Gravity.DOWN,
    "Le serveur n’est pas en marche : rien n’est reçu, rien ne part.",
    f"Démarrez-le : {quoted('relance serve')}.",
)
SILENT = Concern(
    "serveur.muet",
    Gravity.DOWN,
    "Un serveur tient la base, mais ne répond pas.",
    "Sert-il bien ce dossier, et sous le même compte que vous ? Sinon, son journal dit ce qui le "
    "retient.",
)


def health(dossier: Folder = HERE, as_json: AsJson = False, sortie: Output = None) -> None:
    """Dire si tout va bien, ou ce qui ne va pas et comment y remédier, le pire d’abord.

    Le code de sortie est 0 quand tout ce qui est demandé se fait (un avis n’est pas une panne), 1
    sinon. C’est ce que répondent aussi /sante et la page d’état.
    """
    one_form(sortie, ("--json", as_json))
    workspace = open_workspace([dossier])
    found = asyncio.run(_health(workspace))
    if as_json:
        say_json(found)  # as /sante answers, to whatever watches it
    else:
        tell(concerns_report(found["constats"]), workspace.settings.zone, output=sortie)
    if not found["ok"]:
        raise CommandStop(WRONG)


async def _health(workspace: Workspace) -> Mapping[str, Any]:
    settings = workspace.settings
    try:
        sole = await alone(settings.database)
    except DatabaseTaken:
        try:
            said = await handed(settings, Order(HEALTH, {}), PATIENCE, PATIENCE)
        except ConfigurationError:
            return health_answer(health_of([SILENT]), full=True)
        asked: Mapping[str, Any] = json.loads(said)
        return asked
    except (StoreUnavailable, OSError):
        return health_answer(health_of([UNREACHABLE, *_set_up(workspace)]), full=True)
    await sole.release()
    return await _looked(workspace, SystemClock())


async def _looked(workspace: Workspace, clock: Clock) -> Mapping[str, Any]:
    """What can be known without a server."""
    found = [STOPPED, *_set_up(workspace)]
    try:
        async with reading(workspace.settings.database) as reader, reader.read() as conn:
            now = now_micros(clock)
            found += await _draft(workspace, conn)
            found += await recorded.recorded(conn, now, workspace.plugins.glossary)
            waiting = await recorded.backlog(conn)
            late = await recorded.overdue(conn, now)
    except ConfigurationError:  # no base yet: it is born with the server
        return health_answer(health_of(found), full=True)
    except StoreUnavailable as error:
        unread = Concern("base.injoignable", Gravity.DOWN, f"{error}.", UNREACHABLE.remedy)
        return health_answer(health_of([*found, unread]), full=True)
    return health_answer(health_of(found, backlog=waiting, overdue=late), full=True)


async def _draft(workspace: Workspace, conn: AsyncConnection) -> Sequence[Concern]:
    """How the folder stands to what was published; where it is saved files that run, it matters not."""
    if workspace.settings.publishing is PublishingMode.ON_SAVING:
        return ()
    last = await archive.publication(conn)
    if last is None:
        return tuple(running.never_published(never=True))
    draft = await asyncio.to_thread(on_disk, workspace.folder)
    return tuple(running.draft_differs(tuple(difference(draft, last.files))))


def _set_up(workspace: Workspace) -> Iterator[Concern]:
    if workspace.settings.publishing is PublishingMode.ON_SAVING:
        problems = list(_problems(workspace))[:MOST_PROBLEMS]
        yield from running.unpublished(problems, on_saving=True)
    yield from workspace.plugins.concerns(setup.setup_of(workspace.settings, workspace.files))


def _problems(workspace: Workspace) -> Iterator[str]:
    """What would keep the rules from being published, as a server says it."""
    for name, found in workspace.checked.diagnostics.items():
        for one in found:
            if one.severity is Severity.ERROR:
                yield problem(name, workspace.sources[name], one)
    for fault in workspace.in_place.placed(workspace.plugins.faults(workspace.files)):
        yield f"{fault.file}, ligne {fault.line} : {fault.message}"
