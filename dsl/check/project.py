"""The project: every script checked together.

Names are gathered from all files first, so that order never matters; then each campaign is checked
by itself; then what concerns them all is judged.
"""

from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TypeVar

from dsl.check.campaigns import CampaignChecker, CheckedCampaign
from dsl.check.conditions import Conditions
from dsl.check.fields import FieldDeclaration, FieldTable
from dsl.check.findings import Findings
from dsl.check.former import Formers
from dsl.check.groups import judge_priorities
from dsl.check.lexicon import CAMPAIGN, GOAL, INTEREST, LIST, STEP, Lexicon
from dsl.check.links import LinkChecker
from dsl.check.lists import ListChecker, ListDeclaration
from dsl.check.meanings import Meanings
from dsl.check.naming import well_named
from dsl.check.objectives import ObjectiveChecker
from dsl.check.policies import PolicyChecker
from dsl.check.practice import judge_never_sent
from dsl.check.references import Offered, OpenUse, References
from dsl.check.requests import judge_requests
from dsl.check.rules import RuleChecker
from dsl.check.sayings import named
from dsl.check.scenarios import ScenarioChecker
from dsl.check.scope import CheckScope, Salts, Setting
from dsl.check.sending import judge_sending
from dsl.check.steps import walk
from dsl.check.text import plain
from dsl.diagnostics import Span
from dsl.identity import identity
from dsl.policy import CHANNELS, KnownChannel, Policy
from dsl.rules import TrackedLink
from dsl.scenario import CheckedScenario
from dsl.tree import nodes
from dsl.tree.bound import BoundConversion, BoundPoints
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
    nodes.PolicyBlock,
)


@dataclass(frozen=True, slots=True)
class ScriptFile:
    """A script that was read, and what is found in it."""

    script: nodes.Script
    findings: Findings


@dataclass(frozen=True, slots=True)
class CheckedProject:
    """What the scripts say, bound; what stands in a file with an error is among it."""

    campaigns: Sequence[CheckedCampaign]
    fields: tuple[FieldDeclaration, ...]
    lists: tuple[ListDeclaration, ...]
    scenarios: Sequence[CheckedScenario]
    points: Sequence[tuple[BoundPoints, Findings]]
    conversions: Sequence[tuple[BoundConversion, Findings]]
    links: Sequence[tuple[TrackedLink, Findings]]
    policy: tuple[Policy, Findings] | None
    open_uses: Mapping[str, Sequence[OpenUse]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """What judging a file takes of the files that are not looked into, as they were last found."""

    campaigns: Sequence[CheckedCampaign] = ()
    open_uses: Mapping[str, Sequence[OpenUse]] = field(default_factory=dict)

    def apart(self) -> "Elsewhere":
        """The same; what is found there again is nobody's to keep."""
        campaigns = [replace(one, findings=one.findings.apart()) for one in self.campaigns]
        uses = {
            kind: [(text, findings.apart()) for text, findings in several]
            for kind, several in self.open_uses.items()
        }
        return Elsewhere(campaigns, uses)


def _place(use: OpenUse) -> tuple[str, Span]:
    text, findings = use
    return findings.file, text.span


def _channels(offered: Offered | None) -> Mapping[str, KnownChannel]:
    """The channels that write to leads, by label."""
    things = offered if isinstance(offered, Mapping) else {}
    return {label: one for label, one in things.items() if isinstance(one, KnownChannel)}


class ProjectChecker:
    """Checks every script of a project together."""

    def __init__(
        self,
        files: Iterable[ScriptFile],
        lexicon: Lexicon,
        references: Mapping[str, Offered],
        only: Container[str] | None = None,
        elsewhere: Elsewhere | None = None,
    ) -> None:
        """`only`: the files whose campaigns and scenarios are looked into; None: all of them.
        `elsewhere`: what is known of the others."""
        self._files = list(files)
        self._only = only
        self._elsewhere = (elsewhere or Elsewhere()).apart()
        self._meanings = Meanings(lexicon, FieldTable(lexicon), References(references))
        self._lists = ListChecker(self._list_condition)
        self._rules = RuleChecker(self._meanings, self._lists)
        self._links = LinkChecker()
        self._policy = PolicyChecker(_channels(references.get(CHANNELS)))
        self._objectives = ObjectiveChecker(self._meanings.references)
        self._formers = Formers()

    def check(self) -> CheckedProject:
        """What the scripts say, all that is wrong being reported but the flow of linked journeys."""
        self._gather()
        campaigns = [
            CampaignChecker(
                node, self._meanings, self._lists, self._objectives, file.findings
            ).check()
            for file, node in self._looked_into(nodes.Campaign)
        ]
        scenarios = [
            ScenarioChecker(node, self._meanings, self._lists, file.findings).check()
            for file, node in self._looked_into(nodes.Scenario)
        ]
        lists = self._lists.declared(self._only)
        self._check_rules()
        used = {kind: tuple(uses) for kind, uses in self._meanings.references.used.items()}
        self._judge(campaigns)
        return CheckedProject(
            campaigns,
            self._meanings.fields.declared,
            lists,
            scenarios,
            self._rules.points,
            self._rules.conversions,
            self._links.found,
            self._policy.found,
            used,
        )

    def _blocks(self, kind: type[_Block]) -> Iterator[tuple[ScriptFile, _Block]]:
        for file in self._files:
            for block in file.script.blocks:
                if isinstance(block, kind):
                    yield file, block

    def _looked_into(self, kind: type[_Block]) -> Iterator[tuple[ScriptFile, _Block]]:
        for file, block in self._blocks(kind):
            if self._only is None or file.findings.file in self._only:
                yield file, block

    def _gather(self) -> None:
        """Note every name the scripts bring."""
        known: dict[str, tuple[ScriptFile, nodes.Campaign]] = {}
        for file in self._files:
            for block in file.script.blocks:
                if isinstance(block, nodes.FieldsBlock):
                    self._meanings.fields.declare(block, file.findings)
                elif isinstance(block, nodes.ListLine):
                    self._lists.declare(block, file.findings)
                    self._meanings.references.offer(LIST, plain(block.name.text))
                elif isinstance(block, nodes.Campaign):
                    self._declare(block, file, known)
                elif isinstance(block, nodes.ObjectiveLine):
                    self._objectives.declare(block, file.findings)
                elif isinstance(block, nodes.ConversionLine):
                    self._rules.declare(block, file.findings)
                elif isinstance(block, nodes.PointsBlock) and block.topic is not None:
                    self._meanings.references.offer(INTEREST, plain(block.topic.text))

        self._formers.judge(plain(node.name.text) for _, node in known.values())
        self._meanings.references.renamed = self._formers.renamed()

    def _check_rules(self) -> None:
        """Check what stands outside campaigns."""
        for file, points in self._blocks(nodes.PointsBlock):
            self._rules.block(points, file.findings)
        for file, conversion in self._blocks(nodes.ConversionLine):
            self._rules.conversion(conversion, file.findings)
        for file, link in self._blocks(nodes.LinkBlock):
            self._links.read(link, file.findings)
        # By name: the first is the policy, whichever file was changed last.
        policies = sorted(self._blocks(nodes.PolicyBlock), key=lambda one: one[0].findings.file)
        for file, policy in policies:
            self._policy.read(policy, file.findings)
        self._rules.judge()

    def _declare(
        self,
        node: nodes.Campaign,
        file: ScriptFile,
        known: dict[str, tuple[ScriptFile, nodes.Campaign]],
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
        for goal in node.goals:
            self._meanings.references.declare(GOAL, plain(goal.name.text))

    def _list_condition(self, line: nodes.ListLine, findings: Findings) -> Condition:
        name = plain(line.name.text)
        scope = CheckScope(Salts(identity(named("list", name))), setting=Setting.LIST)
        conditions = Conditions(self._meanings, self._lists, findings, scope)
        return conditions.ask(line.condition, Setting.LIST)

    def _judge(self, campaigns: Sequence[CheckedCampaign]) -> None:
        """Judge what takes the whole project to see."""
        place = {file.findings.file: rank for rank, file in enumerate(self._files)}
        everywhere = sorted(
            (*campaigns, *self._elsewhere.campaigns), key=lambda one: place[one.findings.file]
        )
        sent = frozenset(message for one in everywhere for message in one.sent)
        entered = frozenset(name for one in everywhere for name in one.enters)
        kinds = self._meanings.lexicon.acted_on
        if all(file.findings.readable for file in self._files):
            for one in campaigns:
                judge_never_sent(one.asked, sent, kinds, one.findings)
                one.judge_empty(entered)
            for asked, findings in self._rules.asked:
                judge_never_sent((asked,), sent, kinds, findings)
            judge_priorities(everywhere)
            judge_requests(campaigns, everywhere)
        judge_sending(campaigns, self._policy)
        references = self._meanings.references
        for kind, uses in self._elsewhere.open_uses.items():
            known = {_place(one) for one in references.used.get(kind, ())}
            fresh = [one for one in uses if _place(one) not in known]
            references.used.setdefault(kind, []).extend(fresh)
        references.judge_open(self._only)
