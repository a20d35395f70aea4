"""The project: every script checked together, and what the server needs of them.

Names are gathered from all files first, so that order never matters; then each campaign is compiled
by itself; then what concerns them all is judged. A file with an error gives no program and no
scenario: the server keeps running the last good version.
"""

from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

from dsl.check.fields import FieldDeclaration, FieldTable
from dsl.check.findings import Findings
from dsl.check.former import Formers
from dsl.check.lexicon import CAMPAIGN, INTEREST, LIST, STEP, Lexicon
from dsl.check.lists import ListChecker, ListDeclaration
from dsl.check.meanings import Meanings
from dsl.check.naming import well_named
from dsl.check.practice import judge_never_sent
from dsl.check.references import Offered, References
from dsl.check.scope import CheckScope, Salts, Setting
from dsl.check.steps import walk
from dsl.compile.campaigns import CampaignCompiler, Compiled, judge_empty
from dsl.compile.conditions import Conditions
from dsl.compile.identity import identity
from dsl.compile.links import LinkCompiler
from dsl.compile.rules import RuleCompiler
from dsl.compile.sayings import named
from dsl.compile.scenarios import ScenarioCompiler
from dsl.compile.text import plain
from dsl.diagnostics import Diagnostic, Severity, Span
from dsl.help.proposals import admitted
from dsl.phrases.catalogue import Catalogue
from dsl.program import Program
from dsl.read.parser import parse
from dsl.rules import Conversion, PointRule, TrackedLink
from dsl.scenario import CheckedScenario
from dsl.tree import nodes
from relance.facts import Condition
from relance.fold import key_of
from relance.french import quoted

_Block = TypeVar(
    "_Block",
    nodes.Campaign,
    nodes.Scenario,
    nodes.PointsBlock,
    nodes.ConversionLine,
    nodes.LinkBlock,
)
_Item = TypeVar("_Item")

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
    files = {name: _File.read(name, source, catalogue) for name, source in sources.items()}
    parsed = {name: file.findings.all() for name, file in files.items()}
    checked = _Project(files.values(), catalogue, references).check()
    if not any(one.fixes for several in checked.diagnostics.values() for one in several):
        return checked

    def again(amended: Mapping[str, str]) -> Mapping[str, tuple[Diagnostic, ...]]:
        others = (
            _File(file.script, Findings(name, sources[name], parsed[name]))
            for name, file in files.items()
            if name not in amended
        )
        changed = (_File.read(name, source, catalogue) for name, source in amended.items())
        return _Project((*others, *changed), catalogue, references, amended).check().diagnostics

    diagnostics = admitted(sources, checked.diagnostics, again)
    return replace(checked, diagnostics=diagnostics)


@dataclass(frozen=True, slots=True)
class _File:
    script: nodes.Script
    findings: Findings

    @classmethod
    def read(cls, name: str, source: str, catalogue: Catalogue) -> "_File":
        parsed = parse(source, catalogue)
        return cls(parsed.script, Findings(name, source, tuple(parsed.diagnostics)))


class _Project:
    def __init__(
        self,
        files: Iterable[_File],
        catalogue: Catalogue,
        references: Mapping[str, Offered],
        only: Container[str] | None = None,
    ) -> None:
        self._files = list(files)
        #: The files whose campaigns and scenarios are looked into; None: all of them.
        self._only = only
        lexicon = Lexicon(catalogue)
        self._meanings = Meanings(lexicon, FieldTable(lexicon), References(references))
        self._lists = ListChecker(self._list_condition)
        self._standing = RuleCompiler(self._meanings, self._lists)
        self._links = LinkCompiler()
        self._formers = Formers()

    def check(self) -> Checked:
        self._gather()
        compiled = [self._campaign(node, file) for file, node in self._looked_into(nodes.Campaign)]
        scenarios = [
            ScenarioCompiler(node, self._meanings, self._lists, file.findings).compile()
            for file, node in self._looked_into(nodes.Scenario)
        ]
        lists = self._lists.declared()
        self._stand()
        self._judge(compiled)
        return self._result(compiled, scenarios, lists)

    def _blocks(self, kind: type[_Block]) -> Iterator[tuple[_File, _Block]]:
        for file in self._files:
            for block in file.script.blocks:
                if isinstance(block, kind):
                    yield file, block

    def _looked_into(self, kind: type[_Block]) -> Iterator[tuple[_File, _Block]]:
        for file, block in self._blocks(kind):
            if self._only is None or file.findings.file in self._only:
                yield file, block

    def _gather(self) -> None:
        """Note every name the scripts bring."""
        known: dict[str, tuple[_File, nodes.Campaign]] = {}
        for file in self._files:
            for block in file.script.blocks:
                if isinstance(block, nodes.FieldsBlock):
                    self._meanings.fields.declare(block, file.findings)
                elif isinstance(block, nodes.ListLine):
                    self._lists.declare(block, file.findings)
                    self._meanings.references.offer(LIST, plain(block.name.text))
                elif isinstance(block, nodes.Campaign):
                    self._declare(block, file, known)
                elif isinstance(block, nodes.ConversionLine):
                    self._standing.declare(block, file.findings)
                elif isinstance(block, nodes.PointsBlock) and block.topic is not None:
                    self._meanings.references.offer(INTEREST, plain(block.topic.text))

        self._formers.judge(plain(node.name.text) for _, node in known.values())
        self._meanings.references.renamed = self._formers.renamed()

    def _stand(self) -> None:
        """Compile what stands outside campaigns."""
        for file, points in self._blocks(nodes.PointsBlock):
            self._standing.block(points, file.findings)
        for file, conversion in self._blocks(nodes.ConversionLine):
            self._standing.conversion(conversion, file.findings)
        for file, link in self._blocks(nodes.LinkBlock):
            self._links.read(link, file.findings)
        self._standing.judge()

    def _declare(
        self,
        node: nodes.Campaign,
        file: _File,
        known: dict[str, tuple[_File, nodes.Campaign]],
    ) -> None:
        if not well_named(node.name, file.findings):
            return
        name = plain(node.name.text)
        first = known.setdefault(key_of(name), (file, node))
        if first[1] is not node:
            other = first[0].findings
            file.findings.error(
                "R410",
                node.name.span,
                f"Une autre campagne s’appelle {quoted(name)}, dans {other.file}, ligne "
                f"{other.line(first[1].span)}. Donnez un autre nom à celle-ci.",
            )
            return
        self._meanings.references.declare(CAMPAIGN, name)
        self._formers.declare(name, node, file.findings)
        for statement, _ in walk(node.body):
            if isinstance(statement, nodes.StepMark):
                self._meanings.references.declare(STEP, plain(statement.name.text))

    def _campaign(self, node: nodes.Campaign, file: _File) -> Compiled:
        return CampaignCompiler(node, self._meanings, self._lists, file.findings).compile()

    def _list_condition(self, line: nodes.ListLine, findings: Findings) -> Condition:
        name = plain(line.name.text)
        scope = CheckScope(Salts(identity(named("list", name))), setting=Setting.LIST)
        conditions = Conditions(self._meanings, self._lists, findings, scope)
        return conditions.ask(line.condition, Setting.LIST)

    def _judge(self, compiled: list[Compiled]) -> None:
        """Judge what takes the whole project to see."""
        sent = frozenset(message for one in compiled for message in one.sent)
        entered = frozenset(name for one in compiled for name in one.enters)
        kinds = self._meanings.lexicon.acted_on
        if all(file.findings.readable for file in self._files):
            for one in compiled:
                judge_never_sent(one.asked, sent, kinds, one.findings)
                judge_empty(one, entered)
            for asked, findings in self._standing.asked:
                judge_never_sent((asked,), sent, kinds, findings)
        self._meanings.references.judge_open()

    def _result(
        self,
        compiled: list[Compiled],
        scenarios: list[CheckedScenario],
        lists: tuple[ListDeclaration, ...],
    ) -> Checked:
        broken = {file.findings.file for file in self._files if file.findings.broken}
        return Checked(
            programs=tuple(
                CheckedProgram(
                    one.findings.file,
                    one.program,
                    one.findings.source,
                    one.node.span,
                    one.former,
                    one.new,
                )
                for one in compiled
                if one.findings.file not in broken
            ),
            fields=self._meanings.fields.declared,
            lists=lists,
            scenarios=tuple(one for one in scenarios if one.file not in broken),
            points=_whole(self._standing.points, broken),
            conversions=_whole(self._standing.conversions, broken),
            links=_whole(self._links.found, broken),
            diagnostics={file.findings.file: file.findings.all() for file in self._files},
        )


def _whole(found: Sequence[tuple[_Item, Findings]], broken: set[str]) -> tuple[_Item, ...]:
    """What the files without an error say."""
    return tuple(one for one, findings in found if findings.file not in broken)
