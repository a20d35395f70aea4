"""What publishing would do to those who are there already, told by `relance check` where there is a base.

`check` is run at each save of a script: the database's libraries, half of its time, are loaded
only once there is a database to ask.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from relance.errors import RelanceError
from relance.french import quoted
from server.cli.safe import safe
from server.cli.terminal import Console
from server.cli.workspace import Workspace
from server.clock import SystemClock
from server.engine.publication.project import project_of
from server.reports import french

if TYPE_CHECKING:
    from server.engine.publication.renaming import Unsaid
    from server.reports.losses import Loss
    from server.reports.presence import Present

_FILE = "sqlite:///"


@dataclass(frozen=True, slots=True)
class Outlook:
    """`asked`: what is to be answered before it can be published. `present`: who would enter."""

    asked: Sequence[Unsaid] = ()
    present: Sequence[Present] = ()
    #: Dynamic lists the scripts no longer declare.
    lost: Sequence[Loss] = ()


def read_outlook(workspace: Workspace) -> Outlook:
    """Ask the base of the project; nothing is said where none was ever made."""
    database = workspace.settings.database
    if database.startswith(_FILE) and not Path(database.removeprefix(_FILE)).exists():
        return Outlook()
    return asyncio.run(_asked(workspace))


async def _asked(workspace: Workspace) -> Outlook:
    from server.engine.publication.inheritance import inheriting, known
    from server.engine.publication.renaming import unsaid
    from server.reports.losses import losses
    from server.reports.presence import present
    from server.reports.reader import reading

    checked, settings = workspace.checked, workspace.settings
    try:
        async with reading(settings.database) as reader:
            async with reader.read() as conn:
                project = inheriting(project_of(checked, ()), await known(conn))
                published, lists = project.programs, project.lists
                asked = await unsaid(conn, published)
                lost = await losses(conn, [one.program for one in published], lists)
            now = SystemClock().now()
            entering = await present(
                reader, published, lists, now, settings.zone, workspace.plugins.glossary
            )
            return Outlook(asked, entering, lost)
    except RelanceError:
        return Outlook()  # nothing was ever published, or the store does not answer: others say so


def show_outlook(workspace: Workspace, outlook: Outlook) -> None:
    """Print the questions, the lists that go, then how many would enter where."""
    console = Console(highlight=False, soft_wrap=True)
    for question in outlook.asked:
        console.print(safe(question.question), style="red")
    for loss in outlook.lost:
        console.print(safe(loss.said), style="yellow")
    for one in outlook.present:
        when = "à la publication"
        if one.opening is not None:
            zone = workspace.settings.zone
            when = f"à l’ouverture de la période, le {french.instant(one.opening, zone)}"
        console.print(f"{safe(quoted(one.campaign))} : {_entering(one.count)} {when}, par")
        console.print(f"  {safe(one.trigger)}")


def _entering(number: int | None) -> str:
    if number is None:
        return "entreront ceux qui y répondent déjà, que la base ne sait pas encore compter,"
    if number == 1:
        return "1 personne qui y répond déjà entrera"
    return f"{french.number(number)} personnes qui y répondent déjà entreront"
