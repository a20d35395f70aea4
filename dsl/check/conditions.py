"""Conditions: what « si », « dès que », « quand » and « vérifier » ask, as facts; and whether they may."""

from dataclasses import replace

from dsl.check.findings import Findings
from dsl.check.lists import ListChecker
from dsl.check.meanings import Meanings
from dsl.check.practice import judge
from dsl.check.qualifiers import Narrowing, Qualifiers
from dsl.check.rewrite import rewrite
from dsl.check.sayings import Sayings
from dsl.check.scope import AskedEvent, CheckScope, Setting
from dsl.check.types import Types
from dsl.identity import identity
from dsl.language.fr.constructs import form
from dsl.phrases.composed import Composed, narrowed
from dsl.program import Exit
from dsl.tree.nodes import (
    AtStepUse,
    Conjunction,
    Disjunction,
    Every,
    ExitedUse,
    MeasureUse,
    Negation,
    PhraseUse,
    Qualifier,
    ReachedUse,
)
from dsl.tree.nodes import Condition as Written
from relance.events import EventPattern
from relance.facts import (
    All,
    AnyOf,
    AtStep,
    Condition,
    Draw,
    Events,
    Exited,
    Happened,
    Leaf,
    Not,
    Reached,
    SinceWait,
    walk,
)
from relance.fold import key_of
from relance.french import quoted
from relance.phrase import Kind
from relance.values import Value

#: Stands for what could not be bound: it is never compiled.
BROKEN = All(())

#: What each way to say how a lead left stands for.
_ENDINGS = {
    "success": (Exit.SUCCESS.value,),
    "failure": (Exit.FAILURE.value, Exit.TIMEOUT.value),
    "finished": (Exit.FINISHED.value,),
    "removed": (Exit.REMOVED.value,),
    "suppressed": (Exit.SUPPRESSED.value,),
    "over": (Exit.PERIOD_OVER.value,),
    "left": tuple(one.value for one in Exit if one is not Exit.MERGED),
}


class Conditions:
    """Binds the conditions of one block."""

    def __init__(
        self, meanings: Meanings, lists: ListChecker, findings: Findings, scope: CheckScope
    ) -> None:
        self.meanings = meanings
        self.lists = lists
        self.findings = findings
        self.scope = scope
        self.qualifiers = Qualifiers(meanings, findings, scope)
        self.sayings = Sayings(meanings)

    def bind(self, written: Written, setting: Setting | None = None) -> Condition:
        """The facts a written condition asks for."""
        if setting is not None:
            self.scope.setting = setting
        if isinstance(written, PhraseUse):
            return self._phrase(written)
        if isinstance(written, Negation):
            return Not(self.bind(written.item))
        if isinstance(written, Conjunction):
            return All(tuple(self.bind(item) for item in written.items))
        if isinstance(written, Disjunction):
            return AnyOf(tuple(self.bind(item) for item in written.items))
        if isinstance(written, Every):
            self._misplaced(written)
            return BROKEN
        if isinstance(written, ExitedUse):
            return self._exited(written)
        if isinstance(written, ReachedUse):
            return self._reached(written)
        if isinstance(written, MeasureUse):
            self._unmeasured(written)
            return BROKEN
        return self._at_step(written)

    def ask(self, written: Written, setting: Setting) -> Condition:
        """The same, questioned as a whole when nothing in it is broken."""
        faults = self.findings.faults
        condition = self.bind(written, setting)
        if faults == self.findings.faults:
            judge(written, condition, self.findings)
        return condition

    def event(self, use: PhraseUse) -> tuple[EventPattern, Narrowing] | None:
        """The events an event phrase stands for, with what narrows them."""
        found = self.meanings.of(use, (Kind.EVENT,), self.findings)
        if found is None:
            return None
        pattern, values = found
        assert isinstance(pattern, EventPattern)  # noqa: S101 — `Meanings.of` has checked
        narrowing = self.qualifiers.read(use.qualifiers)
        self._note(use, values, narrowing)
        return replace(pattern, properties=(*pattern.properties, *narrowing.tests)), narrowing

    def _phrase(self, use: PhraseUse) -> Condition:
        if use.phrase is not None and use.phrase.kind is Kind.EVENT:
            found = self.event(use)
            if found is None:
                return BROKEN
            pattern, narrowing = found
            return Leaf(self.sayings.phrase(use), self.happened(pattern, narrowing))
        found_state = self.meanings.of(use, (Kind.EVENT, Kind.STATE), self.findings)
        if found_state is None:
            return BROKEN
        meaning, values = found_state
        narrows: Narrowing | None = None
        if isinstance(use.phrase, Composed):
            meaning, narrows = self._since_such(use, meaning)
        elif use.qualifiers:
            self._unqualified(use.qualifiers[0])
        self._note(use, values, narrows)
        condition = Types(self.meanings.fields, self.findings, use).condition(meaning)  # type: ignore[arg-type]
        return Leaf(
            self.sayings.phrase(use), rewrite(condition, lambda fact: self._place(fact, use))
        )

    def _since_such(self, use: PhraseUse, meaning: object) -> tuple[object, Narrowing]:
        """What a phrase that holds an event means of those its qualifiers leave."""
        for one in use.qualifiers:
            if one.kind == "times":
                self._unqualified(one)
        narrowing = self.qualifiers.read(use.qualifiers)
        held = next(one for one in walk(meaning) if isinstance(one, Events))
        properties = (*held.pattern.properties, *narrowing.tests)
        events = Events(replace(held.pattern, properties=properties), narrowing.since)
        return narrowed(meaning, events), narrowing

    def narrowed(self, use: PhraseUse, pattern: EventPattern, narrowing: Narrowing) -> Condition:
        """The same as a condition, for what a trigger's event must add up to."""
        return Leaf(self.sayings.phrase(use), self.happened(pattern, narrowing))

    def happened(self, pattern: EventPattern, narrowing: Narrowing) -> Happened:
        """That such events happened, since the wait began when nothing else is said in a wait."""
        since = narrowing.since
        if since is None and self.scope.setting is Setting.WAIT:
            since = SinceWait()
        return Happened(Events(pattern, since), narrowing.times)

    def _place(self, fact: Condition, use: PhraseUse) -> Condition:
        if isinstance(fact, Draw) and not fact.salt:
            return replace(fact, salt=self.scope.salts.next(identity(self.sayings.phrase(use))))
        return self.lists.refer(fact, self.findings)

    def _note(self, use: PhraseUse, values: dict[str, Value], narrowing: Narrowing | None) -> None:
        if use.phrase is None:
            return
        types = self.meanings.lexicon.slots(use.phrase)
        names = tuple(
            (key_of(types[slot].name), value)
            for slot, value in values.items()
            if types[slot].reference and types[slot].closed and isinstance(value, str)
        )
        narrowed = narrowing is None or narrowing.since is not None
        self.scope.asked.append(AskedEvent(use, self.scope.setting, names, narrowed, use.span))

    def _exited(self, written: ExitedUse) -> Condition:
        name = None
        if self.scope.setting is not Setting.VERIFY:
            self.findings.error(
                "R315",
                written.span,
                f"{quoted(written.written)} se vérifie dans un scénario. Dans une campagne, écrivez ce qui "
                f"fait sortir un lead sous {quoted(form('EXIT_WON'))} ou {quoted(form('EXIT_LOST'))}.",
            )
        if written.campaign is not None:
            references = self.meanings.references
            name = references.campaign(written.campaign, self.findings)
            if name is None:
                return BROKEN
        return Leaf(self.sayings.condition(written), Exited(_ENDINGS[written.how], name))

    def _reached(self, written: ReachedUse) -> Condition:
        if self.scope.setting is not Setting.VERIFY:
            self.findings.error(
                "R315",
                written.span,
                f"{quoted(written.written)} se vérifie dans un scénario. Dans une campagne, un objectif ne change "
                "aucune règle : écrivez l’événement qu’il compte.",
            )
        references = self.meanings.references
        goal = references.goal(written.goal, self.findings)
        name = None
        if written.campaign is not None:
            name = references.campaign(written.campaign, self.findings)
        if goal is None or (written.campaign is not None and name is None):
            return BROKEN
        return Leaf(self.sayings.condition(written), Reached(goal, name))

    def _unmeasured(self, written: MeasureUse) -> None:
        self.findings.error(
            "R447",
            written.span,
            f"{quoted(written.written)} est la mesure d’un objectif, seule après son « : ». Ailleurs, nommez le "
            "message, comme « Courriel (Tarifs) lu ».",
        )

    def _at_step(self, written: AtStepUse) -> Condition:
        references = self.meanings.references
        name = references.step(written.step, self.findings)
        if self.scope.setting is not Setting.VERIFY:
            self.findings.error(
                "R315",
                written.span,
                "« à l’étape » se vérifie dans un scénario. Dans une campagne, l’étape où se trouve un "
                "lead est connue : placez la décision à cet endroit du parcours.",
            )
        if name is None:
            return BROKEN
        return Leaf(self.sayings.condition(written), AtStep(name))

    def _unqualified(self, one: Qualifier) -> None:
        self.findings.error(
            "R315",
            one.span,
            "Cette phrase décrit un état, vrai ou faux maintenant : « depuis », « dans les derniers "
            "jours », « au moins … fois » et « où » ne précisent que les événements. Ôtez-les.",
        )

    def _misplaced(self, written: Every) -> None:
        self.findings.error(
            "R414",
            written.span,
            "« chaque jour » et « chaque lundi » s’écrivent après « quand », dans l’entrée ou la "
            "sortie, seuls ou suivis de « et ». Ici, une attente dit mieux ce qu’il faut.",
        )
