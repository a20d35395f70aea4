"""Whatever happens and whenever one looks, members are those for whom the condition holds."""

from datetime import date, timedelta
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import invariant, rule
from sqlalchemy import select

from relance.events import EventPattern
from relance.facts import (
    Age,
    All,
    AnyOf,
    Birthday,
    Compare,
    Condition,
    Count,
    DaysUntil,
    Events,
    Field,
    Happened,
    InList,
    IsEmpty,
    Literal,
    MinutesSince,
    Not,
    Score,
    SinceAgo,
    walk,
)
from relance.values import Comparator, Duration
from server.engine.conditions.conditions import compiled
from server.engine.conditions.scope import Scope
from server.engine.parameters import ZonedInstant, holes_of
from server.engine.tick import _BASE
from server.store.instants import now_micros
from server.store.schema.leads import list_members
from server.store.schema.rules import dynamic_lists
from tests.engine.machine import SleepyMachine, run
from tests.engine.world import UTC

AT_LEAST = Comparator.AT_LEAST
A, B = EventPattern("custom", "a"), EventPattern("custom", "b")
BORN = Field("date de naissance")


def lately(pattern: EventPattern, **span: int) -> Events:
    return Events(pattern, SinceAgo(Duration(**span)))


LISTS: dict[str, Condition] = {
    "Ever": Happened(Events(A)),
    "Lately": Happened(lately(A, days=2)),
    "Twice": Happened(lately(A, days=5), 2),
    "Few": Compare(Count(lately(B, days=3)), Comparator.LESS, Literal(2)),
    "Long ago": Compare(MinutesSince(Events(B)), Comparator.GREATER, Literal(600)),
    "Adult": Compare(Age(BORN), AT_LEAST, Literal(18)),
    "Birthday": AnyOf((Birthday(BORN), Birthday(BORN, -3), Birthday(BORN, 2))),
    "Old day": Compare(MinutesSince(BORN), Comparator.AT_LEAST, Literal(9_473_000)),
    "Countdown": Compare(DaysUntil(BORN), Comparator.DIFFERENT, Literal(-6_575)),
    "Deadline": Compare(DaysUntil(date(2026, 1, 20)), Comparator.AT_MOST, Literal(3)),
    "Rich": Compare(Score(), AT_LEAST, Literal(5)),
    "Unknown": IsEmpty(BORN),
    "Above": All((InList("Lately"), Not(InList("Long ago")))),
    # What can only begin beside what can only end, and beside what does both.
    "Grown": All((Compare(Age(BORN), AT_LEAST, Literal(18)), Happened(lately(A, days=2)))),
    "Either": AnyOf(
        (
            Compare(Age(BORN), Comparator.GREATER, Literal(17)),
            Compare(Count(lately(B, days=3)), AT_LEAST, Literal(1)),
            Birthday(BORN, 2),
        )
    ),
    "All ways": Not(
        AnyOf(
            (
                Compare(Age(BORN), Comparator.LESS, Literal(18)),
                Not(AnyOf((Happened(lately(A, days=2)), Happened(lately(B, days=3))))),
                Birthday(BORN, -3),
                Compare(Score(), AT_LEAST, Literal(5)),
            )
        )
    ),
    "Top": AnyOf((InList("Above"), InList("Birthday"), InList("Few"))),
}
BIRTHS = st.sampled_from(
    [date(2008, 1, 5), date(2008, 1, 12), date(2008, 2, 29), date(1990, 1, 7), None]
)


class Machine(SleepyMachine):
    """Events, changes of fields, hours that pass, restarts and new publications."""

    async def first(self) -> None:
        self.leads = [await self.world.lead() for _ in range(3)]
        await self.world.publish(lists=LISTS)
        await self.world.settle()

    @rule(lead=st.integers(0, 2), subject=st.sampled_from(["a", "b", "x"]), ago=st.integers(0, 60))
    def event(self, lead: int, subject: str, ago: int) -> None:
        at = self.clock.now() - timedelta(hours=ago)
        self.do(self.world.event(self.leads[lead], "custom", subject, at=at))

    @rule(lead=st.integers(0, 2), born=BIRTHS)
    def birth(self, lead: int, born: date | None) -> None:
        self.do(self.world.set(self.leads[lead], **{"date de naissance": born}))
        self.do(self.world.event(self.leads[lead], "lead_updated", "date de naissance"))

    @rule(lead=st.integers(0, 2), score=st.integers(0, 9))
    def score(self, lead: int, score: int) -> None:
        self.do(self.world.set(self.leads[lead], score=score))
        self.do(self.world.event(self.leads[lead], "score_changed", None))

    @rule(name=st.sampled_from(sorted(LISTS)))
    def publish_otherwise(self, name: str) -> None:
        """A list changes for a while; those that rest on it follow."""
        self.do(self.world.publish(lists={**LISTS, name: Happened(Events(B))}))
        self.do(self.world.settle())
        self.do(self.world.publish(lists=LISTS))

    @invariant()
    def look(self) -> None:
        if hasattr(self, "leads"):
            self.do(self.world.settle())
            found, wanted = self.do(self._members()), self.do(self._holding())
            assert found == wanted

    async def _members(self) -> set[tuple[str, int]]:
        joined = list_members.join(dynamic_lists, dynamic_lists.c.key == list_members.c.list_key)
        query = select(dynamic_lists.c.name, list_members.c.lead_id).select_from(joined)
        return {tuple(row) for row in await self.world.rows(query)}

    async def _holding(self) -> set[tuple[str, int]]:
        """Each list asked anew of every lead, those it rests on as they stand."""
        table = self.store.fields.table
        scope = Scope(self.store.dialect, self.store.fields, UTC, table.c.id, in_tick=False)
        now = ZonedInstant(now_micros(self.clock), UTC)
        found = set()
        async with self.store.read() as conn:
            for name, condition in LISTS.items():
                query = select(table.c.id).where(compiled(condition, scope))
                holes = now.parameters(_BASE | holes_of(walk(condition)))
                found |= {(name, row.id) for row in await conn.execute(query, holes)}
        return found


def test_members_are_those_for_whom_the_condition_holds() -> None:
    run(Machine, 12, 15)


def test_members_are_those_for_whom_the_condition_holds_on_postgresql(new_postgresql: Any) -> None:
    run(Machine, 2, 12, new_postgresql())
