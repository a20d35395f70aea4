"""A project as the engine takes it up: its campaigns, and what stands outside them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from dsl.goals import Goal
from dsl.objectives import Objective
from dsl.policy import Policy
from dsl.program import Program
from dsl.project import Checked
from dsl.rules import Conversion, PointRule, TrackedLink
from relance.facts import Condition
from relance.person import Person
from server.engine.life.journal import CALENDAR, Author
from server.engine.transfer.fate import TransferPlan


@dataclass(frozen=True, slots=True)
class ProgramSource:
    """A program to run, and the text it was compiled from."""

    program: Program
    source: str = ""
    #: The names its campaign had before this one.
    former: tuple[str, ...] = ()
    #: Whether its text says that it is a new one, though it looks like one that has gone.
    new: bool = False


@dataclass(frozen=True, slots=True)
class Project:
    """All that a project has run."""

    programs: Sequence[ProgramSource] = ()
    lists: Mapping[str, Condition] = field(default_factory=dict)
    points: Sequence[PointRule] = ()
    conversions: Sequence[Conversion] = ()
    links: Sequence[TrackedLink] = ()
    goals: Sequence[Goal] = ()
    policy: Policy = field(default_factory=Policy)
    #: The objective in figures of each campaign that has one, by its name.
    objectives: Mapping[str, Objective] = field(default_factory=dict)
    people: Sequence[Person] = ()
    #: Whether campaigns that are new begin at once, or wait until they are activated.
    activating: bool = True
    #: The keys of those that begin at once all the same.
    activated: frozenset[str] = frozenset()
    #: Whose decision it is that they do.
    author: Author = CALENDAR
    #: What becomes of those inside of campaigns, by key; of the others, they keep their version.
    transfers: Mapping[str, TransferPlan] = field(default_factory=dict)

    def begins(self, key: str) -> bool:
        """Whether a campaign of that key, were it new, begins at once."""
        return self.activating or key in self.activated

    @property
    def rules(self) -> Sequence[PointRule | Conversion]:
        """What is said of all leads, outside campaigns."""
        return (*self.points, *self.conversions)


def project_of(checked: Checked, people: Sequence[Person]) -> Project:
    """What the scripts of a project and its plugins say is to run."""
    return Project(
        programs=[
            ProgramSource(item.program, item.source, item.former, item.new)
            for item in checked.programs
        ],
        lists={item.name: item.condition for item in checked.lists},
        points=checked.points,
        conversions=checked.conversions,
        links=checked.links,
        goals=checked.goals,
        policy=checked.policy,
        objectives=checked.objectives,
        people=people,
    )
