"""Triggers: « quand … », as what the engine listens for.

`ou` makes several triggers. An event phrase of a conjunction is listened for and the rest is asked
then; with several, each in turn is listened for. States alone are watched for their turn from false
to true; « chaque jour » becomes a schedule.
"""

from collections.abc import Iterator, Sequence
from datetime import time
from itertools import product

from dsl.check.conditions import BROKEN, Conditions
from dsl.check.practice import judge
from dsl.check.sayings import MORNING
from dsl.check.scope import Setting
from dsl.check.text import plain
from dsl.diagnostics import Span
from dsl.language.fr.sayings import EVERY_DAY
from dsl.tree import nodes
from dsl.tree.bound import BoundTrigger, BoundWhen
from dsl.tree.nodes import Condition as Written
from relance.facts import (
    Age,
    All,
    Birthday,
    Condition,
    DaysUntil,
    walk,
)
from relance.french import quoted
from relance.phrase import Kind
from relance.said import Said
from relance.values import Weekday

_MOST = 16


class TriggerChecker:
    """Binds the « quand » of one block."""

    def __init__(self, conditions: Conditions) -> None:
        self._conditions = conditions
        self._findings = conditions.findings
        self._sayings = conditions.sayings

    def bind(self, when: nodes.When, setting: Setting) -> BoundWhen:
        """The triggers one « quand » stands for; none when it reads in too many ways."""
        self._conditions.scope.setting = setting
        ways = alternatives(when.condition)
        said = Said("when", (), (self._sayings.condition(when.condition),))
        if len(ways) > _MOST:
            self._findings.error(
                "R422",
                when.span,
                f"Ce « quand » se lit de {len(ways)} façons : écrivez plusieurs « quand », un par "
                "événement attendu.",
            )
            return BoundWhen(said, (), when.span)
        faults = self._findings.faults
        found = tuple(trigger for way in ways for trigger in self._way(way, when.span))
        if faults == self._findings.faults:
            for trigger in found:
                judge(when.condition, trigger.condition or BROKEN, self._findings)
        return BoundWhen(said, found, when.span)

    def _way(self, way: Sequence[Written], span: Span) -> Iterator[BoundTrigger]:
        schedules = [item for item in way if isinstance(item, nodes.Every)]
        rest = [item for item in way if not isinstance(item, nodes.Every)]
        if len(schedules) > 1:
            self._findings.error(
                "R414", schedules[1].span, "Un seul « chaque … » par « quand » : ôtez celui-ci."
            )
        elif schedules:
            cron = self._cron(schedules[0])
            yield BoundTrigger(self._sayings.held(way), condition=self._all(rest), schedule=cron)
        elif heard := [item for item in rest if _is_event(item)]:
            for item in heard:
                yield from self._on(item, [other for other in rest if other is not item])
        else:
            yield self._turning(rest, span)

    def _on(self, item: Written, rest: list[Written]) -> Iterator[BoundTrigger]:
        assert isinstance(item, nodes.PhraseUse)  # noqa: S101 — `_is_event` says so
        found = self._conditions.event(item)
        if found is None:
            return
        pattern, narrowing = found
        conditions = [self._conditions.bind(other) for other in rest]
        if narrowing.since is not None or narrowing.times > 1:
            conditions.insert(0, self._conditions.narrowed(item, pattern, narrowing))
        yield BoundTrigger(self._sayings.heard(item, rest), pattern, _joined(conditions))

    def _turning(self, rest: Sequence[Written], span: Span) -> BoundTrigger:
        faults = self._findings.faults
        condition = self._all(rest) or BROKEN
        if _by_time_alone(condition) and faults == self._findings.faults:
            self._findings.warn(
                "R415",
                span,
                "Le calendrier seul peut rendre cette condition vraie : elle le devient à minuit, et "
                "la suite se fait alors. Pour choisir l’heure, écrivez par exemple "
                f"{quoted('quand chaque jour à 9 h et …')}.",
            )
        return BoundTrigger(self._sayings.held(rest), condition=condition)

    def _all(self, items: Sequence[Written]) -> Condition | None:
        return _joined([self._conditions.bind(item) for item in items])

    def _cron(self, every: nodes.Every) -> str:
        at: object = MORNING
        day = "*"
        if every.at is not None:
            at = self._conditions.meanings.read("heure", every.at, self._findings)
        if every.day is not None and plain(every.day.text) != EVERY_DAY:
            read = self._conditions.meanings.read("jour", every.day, self._findings)
            day = str((read.value + 1) % 7) if isinstance(read, Weekday) else day
        moment = at if isinstance(at, time) else MORNING
        return f"{moment.minute} {moment.hour} * * {day}"


def _by_time_alone(condition: Condition) -> bool:
    """Whether a day that begins may turn it true: few want to write to people at midnight."""
    return any(isinstance(node, Age | DaysUntil | Birthday) for node in walk(condition))


def _joined(conditions: list[Condition]) -> Condition | None:
    if len(conditions) < 2:
        return conditions[0] if conditions else None
    return All(tuple(conditions))


def alternatives(condition: Written) -> list[list[Written]]:
    """The conjunctions a condition is the disjunction of, as far as events are concerned."""
    if isinstance(condition, nodes.Disjunction):
        return [way for item in condition.items for way in alternatives(item)]
    if isinstance(condition, nodes.Conjunction):
        parts = [
            alternatives(item) if _heard_inside(item) else [[item]] for item in condition.items
        ]
        count = 1
        for part in parts:
            count *= len(part)
        if count > _MOST:
            return [[condition]] * min(count, 1000)
        return [[one for way in ways for one in way] for ways in product(*parts)]
    return [[condition]]


def _heard_inside(condition: Written) -> bool:
    if isinstance(condition, nodes.Conjunction | nodes.Disjunction):
        return any(_heard_inside(item) for item in condition.items)
    return isinstance(condition, nodes.Every) or _is_event(condition)


def _is_event(condition: Written) -> bool:
    return (
        isinstance(condition, nodes.PhraseUse)
        and condition.phrase is not None
        and condition.phrase.kind is Kind.EVENT
    )
