"""What publishing would do to those who are there already, told by `relance check` where there is a base.

`check` is run at each save of a script: the database's libraries, half of its time, are loaded
only once there is a database to ask.
"""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from relance.errors import RelanceError
from relance.french import quoted
from server.cli.safe import safe
from server.cli.terminal import Console
from server.cli.workspace import Workspace
from server.clock import SystemClock
from server.reports import french

if TYPE_CHECKING:
    from server.reports.outlook import Outlook

_FILE = "sqlite:///"


def has_base(database: str) -> bool:
    """Whether there may be a base at that address: one that is a file is there."""
    return not database.startswith(_FILE) or Path(database.removeprefix(_FILE)).exists()


def read_outlook(workspace: Workspace) -> Outlook | None:
    """Ask the base of the project; nothing is said where none was ever made."""
    if not has_base(workspace.settings.database):
        return None
    return asyncio.run(_asked(workspace))


async def _asked(workspace: Workspace) -> Outlook | None:
    from server.engine.publication.project import project_of
    from server.reports.outlook import outlook
    from server.reports.reader import reading

    settings, glossary = workspace.settings, workspace.plugins.glossary
    project, now = project_of(workspace.checked, ()), SystemClock().now()
    try:
        async with reading(settings.database) as reader:
            return await outlook(reader, project, now, settings.zone, glossary)
    except RelanceError:
        return None  # nothing was ever published, or the store does not answer: others say so


def show_outlook(zone: ZoneInfo, outlook: Outlook) -> None:
    """Print the questions, the lists that go, then how many would enter where."""
    console = Console(highlight=False, soft_wrap=True)
    for question in outlook.asked:
        console.print(safe(question.question), style="red")
    for loss in outlook.lost:
        console.print(safe(loss.said), style="yellow")
        if loss.refusal:
            console.print(safe(loss.refusal), style="red")
    for one in outlook.present:
        when = one.when("à la publication", zone)
        console.print(f"{safe(quoted(one.campaign))} : {_entering(one.count)} {when}, par")
        console.print(f"  {safe(one.trigger)}")


def _entering(number: int | None) -> str:
    if number is None:
        return "entreront ceux qui y répondent déjà, que la base ne sait pas encore compter,"
    if number == 1:
        return "1 personne qui y répond déjà entrera"
    return f"{french.number(number)} personnes qui y répondent déjà entreront"
