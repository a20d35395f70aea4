"""Campaigns: a « campagne » block as a program."""

from collections.abc import Sequence
from dataclasses import dataclass

from dsl.check.findings import Findings
from dsl.check.flow import Flow, fields_of
from dsl.check.former import names_of
from dsl.check.header import Header, read_header
from dsl.check.lists import ListChecker
from dsl.check.meanings import Meanings
from dsl.check.practice import judge_own_messages
from dsl.check.scope import AskedEvent, CheckScope, Salts, Setting
from dsl.check.steps import Steps
from dsl.compile.conditions import Conditions
from dsl.compile.identity import identity
from dsl.compile.journey import JourneyCompiler
from dsl.compile.sayings import named
from dsl.compile.text import plain
from dsl.compile.triggers import TriggerCompiler
from dsl.program import END, Exit, ExitRule, Program, Reentry, Statement, Trigger
from dsl.tree import nodes
from relance.french import quoted
from relance.values import Duration


@dataclass(frozen=True, slots=True)
class Compiled:
    """A program, with what the checks of the whole project need of it."""

    program: Program
    asked: Sequence[AskedEvent]
    sent: frozenset[tuple[str, str]]
    enters: frozenset[str]
    node: nodes.Campaign
    findings: Findings
    #: The names the campaign had; whether it is said to have had none.
    former: tuple[str, ...] = ()
    new: bool = False


class CampaignCompiler:
    """Compiles one campaign."""

    def __init__(
        self, node: nodes.Campaign, meanings: Meanings, lists: ListChecker, findings: Findings
    ) -> None:
        self._node = node
        self._findings = findings
        self._meanings = meanings
        name = plain(node.name.text)
        # What is drawn for a lead stays what it was, whatever the campaign is called since.
        first = next((plain(each.text) for each in names_of(node)), name)
        steps = Steps()
        steps.gather(node.body, findings)
        self._scope = CheckScope(Salts(identity(named("campaign", first))), steps.names)
        self._conditions = Conditions(meanings, lists, findings, self._scope)
        self._journey = JourneyCompiler(self._conditions, steps)

    def compile(self) -> Compiled:
        """The program, all that is wrong being found."""
        header = read_header(self._node.headers, self._findings)
        listening = TriggerCompiler(self._conditions, "entry/")
        entries = tuple(
            trigger
            for when in self._node.entries
            for trigger in listening.compile(when, Setting.TRIGGER)
        )
        exits, timeout = self._exits(TriggerCompiler(self._conditions, "exit/"))
        faults = self._findings.faults
        self._journey.write(self._node.body)
        statements, spans = self._journey.layout.finish()
        if faults == self._findings.faults:
            guarded = {name for entry in entries for name in fields_of(entry.condition)}
            flow = Flow(statements, spans, self._findings)
            flow.check(header, timeout, guarded)
            if header.returning is not None and statements and any(map(_by_state, entries)):
                flow.returns(header.returning)
        if header.reentry is not Reentry.NEVER:
            judge_own_messages(self._scope.asked, self._journey.sent, self._findings)
        program = self._program(header, timeout, entries, exits, statements)
        return Compiled(
            program,
            self._scope.asked,
            frozenset(self._journey.sent),
            frozenset(self._journey.enters),
            self._node,
            self._findings,
            header.former,
            header.new,
        )

    def _program(
        self,
        header: Header,
        timeout: Duration | None,
        entries: tuple[Trigger, ...],
        exits: tuple[ExitRule, ...],
        statements: tuple[Statement, ...],
    ) -> Program:
        return Program(
            name=plain(self._node.name.text),
            description=header.description,
            zone=header.zone,
            starts=header.starts,
            ends=header.ends,
            reentry=header.reentry,
            reentry_delay=header.reentry_delay,
            timeout=timeout,
            entries=entries,
            exits=exits,
            statements=statements,
            first=0 if statements else END,
        )

    def _exits(self, triggers: TriggerCompiler) -> tuple[tuple[ExitRule, ...], Duration | None]:
        rules: list[ExitRule] = []
        timeout: Duration | None = None
        for block in self._node.exits:
            outcome = Exit.SUCCESS if block.success else Exit.FAILURE
            for rule in block.rules:
                if isinstance(rule, nodes.After):
                    timeout = self._after(rule, block, timeout)
                else:
                    found = triggers.compile(rule, Setting.EXIT)
                    rules.extend(ExitRule(outcome, trigger) for trigger in found)
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


def _by_state(trigger: Trigger) -> bool:
    return trigger.on is None and trigger.schedule is None


def judge_empty(compiled: Compiled, entered: frozenset[str]) -> None:
    """Question a campaign nobody enters, or where nothing happens."""
    name, node = compiled.program.name, compiled.node
    if not node.entries and name not in entered:
        compiled.findings.warn(
            "R416",
            node.name.span,
            f"Personne n’entre dans {quoted(name)} : ajoutez un bloc « entrée » avec au moins un "
            "« quand … ».",
        )
    if not node.body:
        compiled.findings.warn(
            "R425",
            node.name.span,
            f"Il ne se passe rien dans {quoted(name)} : ajoutez au moins une activité.",
        )
