"""What stands outside campaigns: points and conversions, and what is wrong with them."""

from dataclasses import dataclass, field

from dsl.check.conditions import Conditions
from dsl.check.findings import Findings
from dsl.check.lists import ListChecker
from dsl.check.meanings import Meanings
from dsl.check.naming import well_named
from dsl.check.sayings import Sayings, named
from dsl.check.scope import AskedEvent, CheckScope, Salts, Setting
from dsl.check.text import plain
from dsl.check.triggers import TriggerChecker
from dsl.diagnostics import Span
from dsl.identity import Ordinals, identity
from dsl.tree import nodes
from dsl.tree.bound import BoundConversion, BoundPoints, BoundWhen
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
class RuleChecker:
    """Binds the blocks of a project that stand by themselves, gathering those with which nothing is wrong."""

    meanings: Meanings
    lists: ListChecker
    points: list[tuple[BoundPoints, Findings]] = field(default_factory=list)
    conversions: list[tuple[BoundConversion, Findings]] = field(default_factory=list)
    asked: list[tuple[AskedEvent, Findings]] = field(default_factory=list)
    _ordinals: Ordinals = field(default_factory=Ordinals)
    #: What conversions count, those with something wrong among them too.
    _counted: list[tuple[str, BoundWhen]] = field(default_factory=list)
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
        """« pointage », « intérêt « Vélo » »: a rule a line."""
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
            self._rule(line, topic, findings)

    def _rule(self, line: nodes.PointLine, topic: str | None, findings: Findings) -> None:
        faults = findings.faults
        change: object = None
        if line.change.text:
            change = self.meanings.read("changement", line.change, findings)
        else:
            findings.fault()
        key = self._ordinals.next(identity(self._said(line, topic, change)))
        when = self._when(key, line.condition, line.span, findings)
        if isinstance(change, Change) and faults == findings.faults:
            self.points.append((BoundPoints(key, topic, change, when), findings))

    def _said(self, line: nodes.PointLine, topic: str | None, change: object) -> Said:
        by = (("change", change),) if isinstance(change, Change) else ()
        of = (("topic", topic),) if topic is not None else ()
        return Said("points", (*by, *of), (Sayings(self.meanings).condition(line.condition),))

    def conversion(self, line: nodes.ConversionLine, findings: Findings) -> None:
        """« conversion « Démo » : Formulaire (Démo) rempli »."""
        name = plain(line.name.text)
        key = identity(named("conversion", name))
        faults = findings.faults
        when = self._when(key, line.condition, line.condition.span, findings)
        whole = faults == findings.faults
        timed = any(one.schedule for one in when.triggers)
        if whole and timed:
            findings.error("R427", line.condition.span, _NO_CONVERSION)
        else:
            self._counted.append((name, when))
        if faults == findings.faults:
            self.conversions.append((BoundConversion(key, name, when), findings))

    def _when(
        self, owner: str, condition: nodes.Condition, span: Span, findings: Findings
    ) -> BoundWhen:
        scope = CheckScope(Salts(owner), setting=Setting.TRIGGER)
        conditions = Conditions(self.meanings, self.lists, findings, scope)
        found = TriggerChecker(conditions).bind(nodes.When(condition, span), Setting.TRIGGER)
        self.asked.extend((one, findings) for one in scope.asked)
        return found

    def judge(self) -> None:
        """Refuse conversions that would count themselves without end."""
        after: dict[str, set[str]] = {}
        for name, when in self._counted:
            for on in (trigger.on for trigger in when.triggers):
                if on is not None and on.type == CONVERTED:
                    after.setdefault(key_of(name), set()).update(self._meant(on.subject))
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
