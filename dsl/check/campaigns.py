"""Campaigns: what a « campagne » block means, and what is wrong with it."""

from collections.abc import Sequence
from dataclasses import dataclass

from dsl.check.audience import judge_limits
from dsl.check.conditions import Conditions
from dsl.check.findings import Findings
from dsl.check.former import names_of
from dsl.check.goals import GoalChecker
from dsl.check.header import read_header
from dsl.check.journey import JourneyChecker
from dsl.check.lists import ListChecker
from dsl.check.meanings import Meanings
from dsl.check.objectives import ObjectiveChecker
from dsl.check.practice import judge_own_messages
from dsl.check.sayings import named
from dsl.check.scope import AskedEvent, CheckScope, Salts, Setting
from dsl.check.steps import Steps
from dsl.check.text import plain
from dsl.check.triggers import TriggerChecker
from dsl.diagnostics import Span
from dsl.identity import identity
from dsl.objectives import Objective
from dsl.program import Exit, Reentry
from dsl.tree import nodes
from dsl.tree.bound import BoundCampaign, BoundTrigger, BoundWhen, Header
from relance.french import quoted
from relance.said import Said
from relance.values import Duration


@dataclass(frozen=True, slots=True)
class CheckedCampaign:
    """A campaign bound, with what the checks of the whole project need of it."""

    bound: BoundCampaign
    #: Whether each statement of its body is right by itself: it can be linked, and its flow judged.
    linkable: bool
    asked: Sequence[AskedEvent]
    sent: frozenset[tuple[str, str]]
    enters: frozenset[str]
    requests: Sequence[tuple[str, Span]]
    node: nodes.Campaign
    findings: Findings
    objective: Objective | None = None

    def judge_empty(self, entered: frozenset[str]) -> None:
        """Question a campaign nobody enters, or where nothing happens."""
        name = self.bound.name
        if not self.node.entries and name not in entered:
            self.findings.warn(
                "R416",
                self.node.name.span,
                f"Personne n’entre dans {quoted(name)} : ajoutez un bloc « entrée » avec au moins un "
                "« quand … ».",
            )
        if not self.node.body:
            self.findings.warn(
                "R425",
                self.node.name.span,
                f"Il ne se passe rien dans {quoted(name)} : ajoutez au moins une activité.",
            )


class CampaignChecker:
    """Checks a campaign, statement by statement; what is wrong with it goes to its findings."""

    def __init__(
        self,
        node: nodes.Campaign,
        meanings: Meanings,
        lists: ListChecker,
        objectives: ObjectiveChecker,
        findings: Findings,
    ) -> None:
        self._node = node
        self._objectives = objectives
        self._findings = findings
        self._meanings = meanings
        self._name = plain(node.name.text)
        # What is drawn for a lead stays what it was, whatever the campaign is called since.
        first = next((plain(each.text) for each in names_of(node)), self._name)
        steps = Steps()
        steps.gather(node.body, findings)
        salt = self._salt = identity(named("campaign", first))
        self._scope = CheckScope(Salts(salt), steps.names)
        self._conditions = Conditions(meanings, lists, findings, self._scope)
        self._triggers = TriggerChecker(self._conditions)
        self._journey = JourneyChecker(self._conditions, steps, aimed=bool(node.goals))
        self._goals = GoalChecker(self._conditions, self._triggers, salt)

    def check(self) -> CheckedCampaign:
        """The campaign, all that is wrong with its lines being reported."""
        header = read_header(self._node.headers, self._findings)
        objective = (
            self._objectives.of_campaign(header.objective, self._findings)
            if header.objective is not None
            else None
        )
        entries = tuple(self._triggers.bind(one, Setting.TRIGGER) for one in self._node.entries)
        if header.valued is not None:
            self._judge_values(header, entries)
        exclusions, suppressions = self._clauses()
        exits, timeout = self._exits()
        faults = self._findings.faults
        body = self._journey.bind(self._node.body)
        goals = self._goals.bind(self._node, body, self._journey.sent)
        linkable = faults == self._findings.faults
        if header.holding is not None and not self._node.goals:
            self._findings.warn(
                "R443",
                header.holding,
                "Une part des leads ne recevra rien, sans objectif auquel la comparer aux autres : "
                "écrivez par exemple « objectif « Achat » : Achat effectué », ou ôtez cette ligne.",
            )
        if header.hourly:
            judge_limits(self._node, body, self._findings)
        if header.reentry is not Reentry.NEVER:
            judge_own_messages(self._scope.asked, self._journey.sent, self._findings)
        return CheckedCampaign(
            BoundCampaign(
                self._name,
                header,
                entries,
                (*suppressions, *exits),
                exclusions,
                goals,
                timeout,
                body,
                self._node.span,
                self._salt,
            ),
            linkable,
            self._scope.asked,
            self._journey.sent,
            self._journey.enters,
            self._journey.requests,
            self._node,
            self._findings,
            objective,
        )

    def _clauses(self) -> tuple[tuple[BoundWhen, ...], tuple[tuple[Exit, BoundWhen], ...]]:
        """Who never enters; and who does not and leaves too, first of all who leave."""
        exclusions = [
            self._clause(one, "excluding") for one in self._node.clauses if not one.leaves
        ]
        leaving = [self._clause(one, "suppressing") for one in self._node.clauses if one.leaves]
        return tuple(exclusions), tuple((Exit.SUPPRESSED, one) for one in leaving)

    def _clause(self, clause: nodes.Clause, what: str) -> BoundWhen:
        condition = self._conditions.ask(clause.condition, Setting.CLAUSE)
        said = Said(what, (), (self._conditions.sayings.condition(clause.condition),))
        return BoundWhen(said, (BoundTrigger(said, condition=condition),), clause.span)

    def _judge_values(self, header: Header, entries: Sequence[BoundWhen]) -> None:
        """Refuse what lets in without an event, which alone says a value."""
        for when in entries:
            if any(trigger.on is None for trigger in when.triggers):
                self._findings.error(
                    "R437",
                    when.span,
                    "Aucun événement n’arrive ici : rien ne dit la valeur de "
                    f"{quoted(header.reentry_property or '')}, et la campagne n’accepte chacun "
                    "qu’une fois par valeur. Écrivez ici un événement, ou une autre réentrée, comme "
                    "« réentrée : après sortie ».",
                )

    def _exits(self) -> tuple[tuple[tuple[Exit, BoundWhen], ...], Duration | None]:
        rules: list[tuple[Exit, BoundWhen]] = []
        timeout: Duration | None = None
        for block in self._node.exits:
            outcome = Exit.SUCCESS if block.success else Exit.FAILURE
            for rule in block.rules:
                if isinstance(rule, nodes.After):
                    timeout = self._after(rule, block, timeout)
                else:
                    rules.append((outcome, self._triggers.bind(rule, Setting.EXIT)))
        return tuple(rules), timeout

    def _after(
        self, rule: nodes.After, block: nodes.ExitBlock, known: Duration | None
    ) -> Duration | None:
        if block.success or known is not None:
            reason = (
                "« après … » dit quand un lead échoue à force d’attendre : placez cette ligne dans "
                "« sortie échouée »."
                if block.success
                else "Un autre « après … » est déjà écrit : gardez un seul des deux."
            )
            self._findings.error("R418", rule.span, reason)
            return known
        read = self._meanings.read("durée", rule.duration, self._findings)
        return read if isinstance(read, Duration) else None
