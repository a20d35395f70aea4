"""Sayings: what the nodes of a script say, read without a word about what is wrong in them.

What cannot be read says its own text: whoever binds it reports why, and nothing is published.
"""

from collections.abc import Sequence
from datetime import time

from dsl.check.lexicon import CAMPAIGN, GOAL
from dsl.check.lexicon import STEP as STEPS
from dsl.check.meanings import Meanings
from dsl.check.qualifiers import typed
from dsl.check.text import plain
from dsl.identity import ALL, ANY, STEP
from dsl.language.fr.outcomes import outcome
from dsl.language.fr.sayings import EVERY_DAY
from dsl.language.fr.writing import written
from dsl.program import Exit
from dsl.tree import nodes
from dsl.tree.nodes import Qualifier, Text
from relance.said import Said
from relance.values import FieldName, Value

#: The type in which the value of each qualifier is read; a step's name is its own.
_NARROWED = {"since": "date", "last_days": "nombre", "times": "nombre"}
#: « chaque jour » without a time: when people are awake to be written to.
MORNING = time(9)


class Sayings:
    """Reads what is said in one project."""

    def __init__(self, meanings: Meanings) -> None:
        self._meanings = meanings

    def phrase(self, use: nodes.PhraseUse) -> Said:
        """A phrase, the values of its slots, what narrows it."""
        if use.phrase is None:
            return Said(use.written)
        phrase = use.phrase
        values = tuple((name, self._meanings.meant(phrase, name, text)) for name, text in use.slots)
        return Said(phrase.id, values, tuple(map(self._narrowing, use.qualifiers)))

    def _narrowing(self, one: Qualifier) -> Said:
        if one.kind == "where":
            test = (
                ("property", FieldName(_name(one.field_name))),
                ("comparator", self._core("comparateur", one.comparator)),
                ("value", typed(one.value.text) if one.value else None),
            )
            return Said("where", test)
        if one.value is None:
            return Said(one.kind)
        kind = _NARROWED.get(one.kind)
        value = self._core(kind, one.value) if kind else self._step(one.value)
        return Said(one.kind, (("value", value),))

    def condition(self, condition: nodes.Condition) -> Said:
        """A condition, with what it joins."""
        match condition:
            case nodes.PhraseUse():
                return self.phrase(condition)
            case nodes.Negation(item):
                return Said("not", (), (self.condition(item),))
            case nodes.Conjunction(items):
                return Said(ALL, (), tuple(map(self.condition, items)))
            case nodes.Disjunction(items):
                return Said(ANY, (), tuple(map(self.condition, items)))
            case nodes.AtStepUse(step):
                return Said("at_step", (("step", self._step(step)),))
            case nodes.ExitedUse(how, _, campaign):
                known = self._meanings.references.known
                of = (("campaign", known(CAMPAIGN, _name(campaign))),) if campaign else ()
                return Said("exited", (("how", how), *of))
            case nodes.ReachedUse(goal, _, campaign):
                known = self._meanings.references.known
                of = (("campaign", known(CAMPAIGN, _name(campaign))),) if campaign else ()
                return Said("reached", (("goal", known(GOAL, _name(goal))), *of))
            case nodes.MeasureUse(how):
                return Said("measure", (("how", how),))
            case nodes.Every(day, at):
                time_ = self._core("heure", at) if at else MORNING
                one = day is not None and plain(day.text) != EVERY_DAY
                on = (("day", self._core("jour", day)),) if one else ()
                return Said("every", (*on, ("at", time_)))

    def statement(self, statement: nodes.Statement) -> Said:
        """What a statement says; of several branches, the first condition."""
        match statement:
            case nodes.Do(use):
                return self.phrase(use)
            case nodes.If(branches):
                return Said("if", (), (self.condition(branches[0][0]),))
            case nodes.WaitBlock(limit, branches):
                first = tuple(self.condition(one.condition) for one in branches[:1])
                return Said("wait", self._tuned("limit", "durée", limit), first)
            case nodes.WaitThat(condition, limit):
                bound = self._tuned("limit", "durée", limit)
                return Said("wait_that", bound, (self.condition(condition),))
            case nodes.StepMark(name):
                return named(STEP, _name(name))
            case nodes.GoTo(step, times):
                bound = self._tuned("times", "nombre", times)
                return Said("go", (("step", self._step(step)), *bound))
            case nodes.Repeat(times):
                return Said("repeat", self._tuned("times", "nombre", times))
            case nodes.Quit(way):
                read = outcome(way.text) if way else None
                return Said("quit", (("outcome", read or Exit.FINISHED.value),))
            case nodes.SplitBlock(name):
                return Said("split", (("name", _name(name)),) if name else ())

    def share(self, share: nodes.ShareBranch) -> Said:
        """A branch of a split: by its name, else by its part."""
        if share.name:
            return named("share", _name(share.name))
        return Said("share", (("part", self._core("pourcentage", share.percent)),))

    def part(self, share: nodes.ShareBranch) -> str:
        """What a branch without a name goes by: « 50 % »."""
        return written(self._core("pourcentage", share.percent))

    def heard(self, item: nodes.Condition, rest: Sequence[nodes.Condition]) -> Said:
        """A trigger that an event sets off, if the rest holds then."""
        event = Said("event", (), (self.condition(item),))
        return Said("when", (), (event, *self._together(rest)))

    def held(self, items: Sequence[nodes.Condition]) -> Said:
        """A trigger that states set off, or the calendar."""
        return Said("when", (), self._together(items))

    def _together(self, items: Sequence[nodes.Condition]) -> tuple[Said, ...]:
        return (Said(ALL, (), tuple(map(self.condition, items))),) if items else ()

    def _tuned(self, name: str, kind: str, text: Text | None) -> tuple[tuple[str, Value], ...]:
        return ((name, self._core(kind, text)),) if text is not None else ()

    def _step(self, text: Text) -> str:
        return self._meanings.references.known(STEPS, _name(text))

    def _core(self, kind: str, text: Text | None) -> Value:
        return self._meanings.core(kind, text.text) if text is not None else None


def named(what: str, name: str) -> Said:
    """A thing of the project by its name."""
    return Said(what, (("name", name),))


def _name(text: Text | None) -> str:
    return plain(text.text) if text is not None else ""
