"""Two states of a project compared by what they say, as the command and the page to publish tell it."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace

from sqlalchemy.ext.asyncio import AsyncConnection

from relance.project_files import ProjectFiles
from relance.report import Report
from server.publication.comparison import CampaignComparison, compare, comparison_report
from server.publication.difference import Difference, difference
from server.publication.draft import edited
from server.publication.policy_edits import PolicyEdit, policy_edits
from server.publication.reading import DraftReading
from server.reports.glossary import Glossary
from server.reports.occupancy import inside


@dataclass(frozen=True, slots=True)
class ProjectComparison:
    """What differs from the one to the other: in their campaigns, their policy, their files."""

    campaigns: Sequence[CampaignComparison]
    policy: Sequence[PolicyEdit]
    files: Difference

    async def report(self, conn: AsyncConnection, title: str, glossary: Glossary) -> Report:
        """Rule by rule, with how many people stand there now."""
        people = {one.name: await inside(conn, one.keys) for one in self.campaigns}
        found = comparison_report(title, self.campaigns, people, glossary, self.policy)
        files = tuple(self.files)
        return replace(found, notes=(f"Fichiers : {', '.join(files)}.",) if files else ())


def compared(
    old: DraftReading, new: DraftReading, named: Callable[[ProjectFiles], Collection[str]]
) -> ProjectComparison:
    """What changes from `old` to `new`, both sound. `named`: the folded names that files give."""
    before, after = edited(old.files), edited(new.files)
    files = difference(after, before)
    # Each file says, alone, what it names.
    changed = (ProjectFiles({name: after.contents[name]}) for name in files.changed)
    messages = frozenset(name for one in changed for name in named(one))
    return ProjectComparison(
        compare(old.checked, new.checked, messages),
        tuple(policy_edits(old.checked.policy, new.checked.policy)),
        files,
    )
