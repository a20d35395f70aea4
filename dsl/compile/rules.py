"""What stands outside campaigns: points and conversions, as what the engine listens for."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from dsl.check.findings import Findings
from dsl.check.lists import ListChecker
from dsl.check.meanings import Meanings
from dsl.check.naming import well_named
from dsl.check.scope import AskedEvent, CheckScope, Salts, Setting
from dsl.compile.conditions import Conditions
from dsl.compile.identity import Ordinals, identity
from dsl.compile.sayings import Sayings, named
from dsl.compile.text import plain
from dsl.compile.triggers import TriggerCompiler
from dsl.diagnostics import Span
from dsl.program import Trigger
from dsl.rules import Conversion, PointRule
from dsl.tree import nodes
from relance.events import CONVERTED
from relance.fold import key_of
from relance.french import quoted
from relance.said import Said
from relance.values import Change

_NO_CONVERSION = (
    "Une conversion se compte quand quelque chose arrive, non à heure fixe : nommez un événement, "
    "comme « Formulaire (X) rempli »."
)


@dataclass(slots=True)
class RuleCompiler:
    """Compiles the blocks of a project that stand by themselves, gathering what they say."""

    meanings: Meanings
    lists: ListChecker
    points: list[tuple[PointRule, Findings]] = field(default_factory=list)
    conversions: list[tuple[Conversion, Findings]] = field(default_factory=list)
    asked: list[tuple[AskedEvent, Findings]] = field(default_factory=list)
    _ordinals: Ordinals = field(default_factory=Ordinals)
    _named: dict[str, tuple[nodes.ConversionLine, Findings]] = field(default_factory=dict)

    def declare(self, line: nodes.ConversionLine, findings: Findings) -> None:
        """Take in the name of a conversion, before anything is compiled."""
        if not well_named(line.name, findings):
            return
        name = plain(line.name.text)
        first, where = self._named.setdefault(key_of(name), (line, findings))
        if first is not line:
            findings.error(
                "R318",
                line.name.span,
                f"La conversion {quoted(name)} est déjà déclarée dans {where.file}, ligne "
                f"{where.line(first.span)}. Donnez un autre nom à celle-ci, ou joignez les deux par "
                "« ou ».",
            )
            return
        self.meanings.references.declare("conversion", name)

    def block(self, block: nodes.PointsBlock, findings: Findings) -> None:
        """« pointage », « intérêt « Vélo » »: a rule a line."""
        topic = None
        if block.topic is not None:
            if not well_named(block.topic, findings):
                return
            topic = plain(block.topic.text)
        if not block.rules and findings.readable:
            findings.warn(
                "R328",
                block.span,
                "Ce bloc ne donne aucun point : ajoutez une ligne comme « +5 quand Formulaire (X) "
                "rempli », ou retirez-le.",
            )
        for line in block.rules:
            for rule in self._rules(line, topic, findings):
                self.points.append((rule, findings))

    def _rules(
        self, line: nodes.PointLine, topic: str | None, findings: Findings
    ) -> Iterator[PointRule]:
        change: object = None
        if line.change.text:
            change = self.meanings.read("changement", line.change, findings)
        else:
            findings.fault()
        key = self._ordinals.next(identity(self._said(line, topic, change)))
        triggers = self._triggers(key, line.condition, line.span, findings)
        if isinstance(change, Change):
            yield from (PointRule(key, topic, change, trigger) for trigger in triggers)

    def _said(self, line: nodes.PointLine, topic: str | None, change: object) -> Said:
        by = (("change", change),) if isinstance(change, Change) else ()
        of = (("topic", topic),) if topic is not None else ()
        return Said("points", (*by, *of), (Sayings(self.meanings).condition(line.condition),))

    def conversion(self, line: nodes.ConversionLine, findings: Findings) -> None:
        """« conversion « Démo » : Formulaire (Démo) rempli »."""
        name = plain(line.name.text)
        owner = identity(named("conversion", name))
        for trigger in self._triggers(owner, line.condition, line.condition.span, findings, False):
            self.conversions.append((Conversion(name, trigger), findings))

    def _triggers(
        self,
        owner: str,
        condition: nodes.Condition,
        span: Span,
        findings: Findings,
        timely: bool = True,
    ) -> tuple[Trigger, ...]:
        faults = findings.faults
        scope = CheckScope(Salts(owner), setting=Setting.TRIGGER)
        conditions = Conditions(self.meanings, self.lists, findings, scope)
        found = TriggerCompiler(conditions, f"{owner}/").compile(
            nodes.When(condition, span), Setting.TRIGGER
        )
        self.asked.extend((one, findings) for one in scope.asked)
        if not timely and any(one.schedule for one in found) and faults == findings.faults:
            findings.error("R427", span, _NO_CONVERSION)
            return ()
        return found

    def judge(self) -> None:
        """Refuse conversions that would count themselves without end."""
        after: dict[str, set[str]] = {}
        for conversion, _ in self.conversions:
            on = conversion.trigger.on
            if on is not None and on.type == CONVERTED:
                after.setdefault(key_of(conversion.name), set()).update(self._meant(on.subject))
        for key in after:
            if key in _reached(key, after):
                line, findings = self._named[key]
                findings.error(
                    "R426",
                    line.span,
                    f"La conversion {quoted(plain(line.name.text))} se déclenche elle-même : elle se "
                    "compterait sans fin. Nommez l’événement du départ.",
                )

    def _meant(self, subject: str | None) -> set[str]:
        if subject is None or "*" in subject:
            return set(self._named)
        return {key_of(subject)}


def _reached(start: str, after: dict[str, set[str]]) -> set[str]:
    """Every conversion that one may rest on."""
    found: set[str] = set()
    waiting = [start]
    while waiting:
        for one in after.get(waiting.pop(), ()):
            if one not in found:
                found.add(one)
                waiting.append(one)
    return found
