"""The project: every script read, checked together and compiled, and what the server needs of them.

A file with an error gives no program and no scenario: the server keeps running the last good version.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias, TypeVar

from dsl.check.campaigns import CheckedCampaign
from dsl.check.fields import FieldDeclaration
from dsl.check.findings import Findings
from dsl.check.flow import judge_flow
from dsl.check.lexicon import Lexicon
from dsl.check.lists import ListDeclaration
from dsl.check.project import CheckedProject, ProjectChecker, ScriptFile
from dsl.check.references import Offered
from dsl.compile.campaigns import compile_campaign
from dsl.compile.goals import compile_goal
from dsl.compile.journey import compile_journey
from dsl.compile.rules import compile_conversion, compile_points
from dsl.diagnostics import Diagnostic, Severity, Span
from dsl.goals import Goal
from dsl.help.misspelt import spellings_of
from dsl.help.proposals import admitted
from dsl.objectives import Objective
from dsl.phrases.catalogue import Catalogue
from dsl.policy import Policy
from dsl.program import Program, Statement
from dsl.read.parser import parse
from dsl.rules import Conversion, PointRule, TrackedLink
from dsl.scenario import CheckedScenario

_Item = TypeVar("_Item")
_Statements: TypeAlias = tuple[Statement, ...]

__all__ = [
    "Checked",
    "CheckedProgram",
    "CheckedScenario",
    "FieldDeclaration",
    "ListDeclaration",
    "check",
]


@dataclass(frozen=True, slots=True)
class CheckedProgram:
    """A campaign ready to be published; `source` is its file's whole text, which places refer to."""

    file: str
    program: Program
    source: str
    span: Span
    #: The names the campaign had, and whether it is said to have had none.
    former: tuple[str, ...] = ()
    new: bool = False
    #: Whom it is for, or on what occasion: a name of `dsl.language.fr.headers.FAMILIES`.
    family: str | None = None


@dataclass(frozen=True, slots=True)
class Checked:
    """All that a project's scripts say, and all that is wrong with them."""

    programs: tuple[CheckedProgram, ...]
    fields: tuple[FieldDeclaration, ...]
    lists: tuple[ListDeclaration, ...]
    scenarios: tuple[CheckedScenario, ...]
    diagnostics: Mapping[str, tuple[Diagnostic, ...]]
    points: tuple[PointRule, ...] = ()
    conversions: tuple[Conversion, ...] = ()
    links: tuple[TrackedLink, ...] = ()
    goals: tuple[Goal, ...] = ()
    policy: Policy = field(default_factory=Policy)
    #: The objective of each campaign that has one, by the campaign's name.
    objectives: Mapping[str, Objective] = field(default_factory=dict)

    @property
    def ok(self) -> bool:
        """Whether no file holds an error."""
        return not any(
            found.severity is Severity.ERROR
            for several in self.diagnostics.values()
            for found in several
        )


def check(
    sources: Mapping[str, str], catalogue: Catalogue, references: Mapping[str, Offered]
) -> Checked:
    """Check the scripts of a project, by file name, against what the project offers.

    What the diagnostics propose was put in its place and checked there too: it is accepted.
    """
    files = {name: _read(name, source, catalogue) for name, source in sources.items()}
    lexicon = Lexicon(catalogue)
    parsed = {name: file.findings.all() for name, file in files.items()}
    project = ProjectChecker(files.values(), lexicon, references).check()
    journeys = journeys_of(project)
    found = _found(files.values())

    def again(amended: Mapping[str, str]) -> Mapping[str, tuple[Diagnostic, ...]]:
        others = (
            ScriptFile(file.script, Findings(name, sources[name], parsed[name]))
            for name, file in files.items()
            if name not in amended
        )
        changed = (_read(name, source, catalogue) for name, source in amended.items())
        trial = [*others, *changed]
        journeys_of(ProjectChecker(trial, lexicon, references, amended).check())
        return _found(trial)

    diagnostics = admitted(sources, found, again, spellings_of(catalogue))
    broken = {name for name, file in files.items() if file.findings.broken}
    return _compiled(project, journeys, broken, diagnostics)


def _read(name: str, source: str, catalogue: Catalogue) -> ScriptFile:
    parsed = parse(source, catalogue)
    return ScriptFile(parsed.script, Findings(name, source, tuple(parsed.diagnostics)))


def _found(files: Iterable[ScriptFile]) -> dict[str, tuple[Diagnostic, ...]]:
    return {file.findings.file: file.findings.all() for file in files}


def journeys_of(project: CheckedProject) -> list[_Statements]:
    """The statements of each campaign, linked if each is right by itself: then their flow is judged."""
    found: list[_Statements] = []
    for one in project.campaigns:
        statements: _Statements = ()
        if one.linkable:
            statements, spans = compile_journey(one.bound.body, one.findings.line)
            judge_flow(one.bound, statements, spans, one.findings)
        found.append(statements)
    return found


def programs_of(
    project: CheckedProject, journeys: Sequence[_Statements], broken: Collection[str]
) -> tuple[CheckedProgram, ...]:
    """The campaigns of the files without an error, from their journeys in the same order."""
    campaigns = zip(project.campaigns, journeys, strict=True)
    return tuple(_program(*one) for one in campaigns if one[0].findings.file not in broken)


def _compiled(
    project: CheckedProject,
    journeys: Sequence[_Statements],
    broken: set[str],
    diagnostics: Mapping[str, tuple[Diagnostic, ...]],
) -> Checked:
    """What the files without an error say."""
    policies = () if project.policy is None else (project.policy,)
    return Checked(
        programs=programs_of(project, journeys, broken),
        fields=project.fields,
        lists=project.lists,
        scenarios=tuple(one for one in project.scenarios if one.file not in broken),
        points=tuple(
            rule
            for one, findings in _whole(project.points, broken)
            for rule in compile_points(one, findings.line)
        ),
        conversions=tuple(
            rule
            for one, findings in _whole(project.conversions, broken)
            for rule in compile_conversion(one, findings.line)
        ),
        links=tuple(one for one, _ in _whole(project.links, broken)),
        policy=next((one for one, _ in _whole(policies, broken)), Policy()),
        diagnostics=diagnostics,
        goals=tuple(
            compile_goal(goal, one.bound, one.findings.line)
            for one in project.campaigns
            if one.findings.file not in broken
            for goal in one.bound.goals
        ),
        objectives={
            one.bound.name: one.objective
            for one in project.campaigns
            if one.findings.file not in broken and one.objective is not None
        },
    )


def _program(checked: CheckedCampaign, statements: _Statements) -> CheckedProgram:
    bound, findings = checked.bound, checked.findings
    return CheckedProgram(
        findings.file,
        compile_campaign(bound, statements, findings.line),
        findings.source,
        bound.span,
        bound.header.former,
        bound.header.new,
        bound.header.family,
    )


def _whole(
    found: Sequence[tuple[_Item, Findings]], broken: set[str]
) -> Iterator[tuple[_Item, Findings]]:
    """What stands in the files without an error."""
    return ((one, findings) for one, findings in found if findings.file not in broken)
