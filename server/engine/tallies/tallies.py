"""Counting long histories as they grow, for the questions that the rules ask of them.

After a tick, a lead with so many events of a type that nobody counted has them counted: for each
question about that type, what `server.engine.conditions.tallies` reads. So a question costs at
most that many events, however many came before; and who has fewer costs nothing here.

An event is counted once it is handled, and once no event numbered before it can come any more.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from functools import cached_property

from sqlalchemy import delete, select

from dsl.program import Await
from dsl.program_codec import doing
from relance import facts
from relance.events import PAGE_VISITED
from server.engine.batch import grown
from server.engine.composed import composed
from server.engine.conditions.scope import Scope
from server.engine.conditions.tallies import questions
from server.engine.contents import parts
from server.engine.published import Published
from server.engine.seed import number_of
from server.engine.tallies import marks
from server.engine.tallies.asked import CountedQuestion
from server.engine.tallies.counting import counting
from server.engine.tallies.marks import finding, marking
from server.engine.tallies.visits import telling_apart
from server.engine.tick import Prepared, Tick
from server.engine.version import Version
from server.store.schema.campaigns import enrolments

_VISITS = (facts.Visits, facts.VisitPages, facts.PagesPerVisit, facts.LastVisitLength)
_types = Prepared(select(grown.c.type).distinct())

#: By type, each question once.
_Questions = Mapping[str, Mapping[object, CountedQuestion]]


class Tallies:
    """What the published rules ask of histories, counted."""

    def __init__(self, published: Published, scope: Scope) -> None:
        self._published = published
        self._scope = scope.of(enrolment=None, horizon=None)
        self._counting: dict[str, list[Prepared]] = {}
        self._find = composed(finding, scope.dialect)

    async def keep(self, tick: Tick) -> None:
        """Count for those whose history has grown."""
        await tick.conn.execute(delete(grown))
        holes = {"p_questions": self._seal}
        settled = tick.store.ids.settled()
        if not await tick.do(self._find, **holes, p_settled=settled, p_uncounted=marks.UNCOUNTED):
            return
        for (type_,) in await tick.ask(_types):
            for statement in self._statements(type_):
                await tick.do(statement, **holes)

    @cached_property
    def _seal(self) -> int:
        """What tells these rules from those of another publication that asks otherwise."""
        found = self._published
        lists = [(each.key, str(each.zone), doing(each.condition)) for each in found.lists]
        # A campaign that is resumed hears nothing of before: its waits are counted anew.
        since = found.lifecycles.number
        asked = (
            sorted(found.index.versions),
            since,
            lists,
            doing(found.rules),
            str(self._scope.zone),
        )
        return number_of(repr(asked), 63)

    @cached_property
    def _asked(self) -> _Questions:
        """Gathered once somebody's history is long."""
        found: dict[str, dict[object, CountedQuestion]] = defaultdict(dict)
        for asked in _gathered(self._published, self._scope):
            question = asked.question
            where = (question.number, asked.version and asked.version.id, asked.statement)
            found[question.type].setdefault(where, asked)
        return found

    @cached_property
    def _of_visits(self) -> bool:
        holders = (
            *(each.condition for each in self._published.lists),
            *self._published.rules,
            *(each.program for each in self._published.index.versions.values()),
        )
        return any(isinstance(one, _VISITS) for each in holders for one in parts(each))

    def _statements(self, type_: str) -> list[Prepared]:
        found = self._counting.get(type_)
        if found is None:
            dialect = self._scope.dialect
            asked = self._asked.get(type_, {}).values()
            found = [each for one in asked for each in counting(one, dialect)]
            if type_ == PAGE_VISITED and self._of_visits:
                found += telling_apart(dialect)
            found += marking(type_, dialect)
            self._counting[type_] = found
        return found


def _gathered(published: Published, scope: Scope) -> Iterator[CountedQuestion]:
    for list_ in published.lists:
        yield from _of(list_.condition, scope.of(zone=list_.zone))
    yield from _of(published.rules, scope)
    yield from _of(tuple(one.rule.triggers for one in published.goals), scope)
    for version in published.index.versions.values():
        outside = scope.of(zone=version.zone)
        inside = outside.of(steps=version.steps, enrolment=enrolments)
        program = version.program
        yield from _of((program.entries, program.exclusions, program.suppressions), outside)
        yield from _of(program.exits, inside, version)
        for number, statement in enumerate(program.statements):
            rests = number if isinstance(statement, Await) else None
            yield from _of(statement, inside, version, rests)


def _of(
    holder: object, scope: Scope, version: Version | None = None, statement: int | None = None
) -> Iterator[CountedQuestion]:
    """What `holder` asks; a wait, of those who wait there."""
    for question in questions(parts(holder), scope):
        waits = isinstance(question.since, facts.SinceWait)
        if not waits or statement is not None:
            within = isinstance(question.since, _WITHIN)
            yield CountedQuestion(
                question, version if within else None, statement if waits else None
            )


_WITHIN = (facts.SinceEntry, facts.SinceStep, facts.SinceWait)
