"""What publishing a project would do, asked before it is done: to campaigns, lists and people."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from zoneinfo import ZoneInfo

from server.engine.publication.changes import ProjectChanges, changes
from server.engine.publication.inheritance import inheriting, known
from server.engine.publication.project import Project
from server.engine.publication.renaming import Unsaid, unsaid
from server.reports.glossary import Glossary
from server.reports.losses import Loss, losses
from server.reports.overlaps import Overlap, overlaps
from server.reports.presence import Present, present
from server.reports.redraws import Redraw, redraws
from server.reports.transfers import Insiders, insiders
from server.reports.verdict import Askable
from server.store.instants import to_micros


@dataclass(frozen=True, slots=True)
class Outlook:
    """`asked`: what is to be answered before it can be published. `present`: who would enter."""

    asked: Sequence[Unsaid] = ()
    present: Sequence[Present] = ()
    #: Dynamic lists the scripts no longer declare.
    lost: Sequence[Loss] = ()
    changes: ProjectChanges = field(default_factory=ProjectChanges)
    #: Who is inside of the campaigns that change, and what would become of them.
    insiders: Sequence[Insiders] = ()
    #: The names of those the project has.
    campaigns: Sequence[str] = ()
    #: Campaigns that begin to hear an event that others hear.
    overlaps: Sequence[Overlap] = ()
    #: Shares that change, and how many would draw another.
    redraws: Sequence[Redraw] = ()

    @property
    def entering(self) -> int:
        """How many would enter with no more said; those the store cannot count yet not among them."""
        resting = set(self.changes.resting)
        return sum(
            one.count or 0 for one in self.present if one.soon and one.campaign not in resting
        )


async def outlook(
    store: Askable, project: Project, now: datetime, zone: ZoneInfo, glossary: Glossary
) -> Outlook:
    """What it would do, as things stand."""
    async with store.read() as conn:
        project = inheriting(project, await known(conn))
        asked = await unsaid(conn, project.programs)
        programs = [one.program for one in project.programs]
        others = (*project.points, *project.conversions, *project.goals)
        lost = await losses(conn, programs, project.lists, others)
        changed = await changes(conn, project)
        drawing = await redraws(conn, project)
        beside = await overlaps(conn, programs, changed)
        inside = await insiders(store, conn, project, to_micros(now), zone, changed.changed)
    entering = await present(store, project.programs, project.lists, now, zone, glossary)
    names = [one.program.name for one in project.programs]
    return Outlook(asked, entering, lost, changed, inside, names, beside, drawing)
