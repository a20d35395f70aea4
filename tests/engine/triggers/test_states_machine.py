"""State triggers, points and merges, whatever happens: who is noted is who holds, sums are exact."""

from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import invariant, rule
from sqlalchemy import func, select

from dsl.program import END, Act, Reentry, Trigger
from dsl.rules import Conversion, PointRule
from relance.effects import ChangeInterest, ChangeScore
from relance.events import EventPattern, NewEvent
from relance.facts import (
    Age,
    All,
    AnyOf,
    Birthday,
    Compare,
    Condition,
    Entered,
    Events,
    Field,
    Happened,
    InList,
    Interest,
    Literal,
    MinutesSince,
    Not,
    Score,
    SinceAgo,
    walk,
)
from relance.host import Identities, Incoming
from relance.values import Change, Comparator, Duration
from server.engine.conditions.conditions import compiled
from server.engine.conditions.scope import Scope
from server.engine.parameters import ZonedInstant, holes_of
from server.engine.tick import _BASE
from server.intake.intake import Intake
from server.store.instants import now_micros
from server.store.schema.campaigns import edges
from server.store.schema.rules import interests, points
from tests.engine.machine import SleepyMachine, run
from tests.engine.world import HERE, UTC, on, program

BORN = Field("date de naissance")
A, B = (Events(EventPattern("custom", name)) for name in "ab")


def lately(events: Events, days: int) -> Condition:
    return Happened(Events(events.pattern, SinceAgo(Duration(days=days))))


def above(operand: Any, number: int) -> Condition:
    return Compare(operand, Comparator.GREATER, Literal(number))


LONG_AGO = above(MinutesSince(B), 600)
LISTS: dict[str, Condition] = {
    "Lately": lately(A, 2),
    "Far": LONG_AGO,
    "Above": All((InList("Lately"), Not(InList("Far")))),
    "Top": AnyOf((InList("Above"), Birthday(BORN), above(Score(), 40))),
}
STATES: tuple[Condition, ...] = (
    lately(A, 2),
    All((above(Score(), 20), Happened(A))),
    Compare(Age(BORN), Comparator.AT_LEAST, Literal(18)),
    Not(InList("Top")),
    All((InList("Above"), above(Interest("Vélo"), 3))),
    LONG_AGO,
    All((Entered("P0"), Happened(B))),
    AnyOf((Birthday(BORN), above(Score(), 50))),
)
GIVING = Act("p", HERE, (ChangeScore(Change(3)), ChangeInterest("Vélo", Change(1))), END)
BIRTHS = st.sampled_from([date(2008, 1, 5), date(2008, 2, 29), date(1990, 1, 7), None])


def when(condition: Condition) -> Trigger:
    return Trigger(HERE, condition=condition)


PROGRAMS = [
    program(GIVING, name=f"P{n}", reentry=Reentry.AFTER_EXIT, entries=(when(condition),))
    for n, condition in enumerate(STATES)
]
POINTS = (
    PointRule("early", None, Change(10), when(All((above(Score(), 5), Happened(A))))),
    PointRule("a", None, Change(7), on("custom", "a")),
    PointRule("b", "Vélo", Change(2), on("custom", "b")),
    PointRule("day", None, Change(-4), when(lately(B, 1))),
    PointRule("zero", None, Change(0, absolute=True), on("custom", "z")),
    PointRule("entered", None, Change(1), when(Entered("P5"))),
)


class Machine(SleepyMachine):
    """Facts by the real door, hours that pass, restarts, failures and new publications."""

    async def first(self) -> None:
        self.intake = Intake(self.store, self.clock)
        self.intake.hears = lambda happening: self.world.engine.hears(happening)
        await self._publish(LISTS)

    async def _publish(self, lists: dict[str, Condition]) -> None:
        sold = (Conversion("Vente", on("custom", "b")),)
        await self.world.publish(*PROGRAMS, lists=lists, points=POINTS, conversions=sold)

    @rule(
        who=st.integers(0, 4),
        visitor=st.one_of(st.none(), st.integers(0, 4)),
        subject=st.sampled_from("abxz"),
        ago=st.integers(0, 60),
        born=BIRTHS,
    )
    def fact(
        self, who: int, visitor: int | None, subject: str, ago: int, born: date | None
    ) -> None:
        """One of a lead, which may show that it and another are one."""
        at = self.clock.now() - timedelta(hours=ago)
        seen_as = None if visitor is None else f"v{visitor}"
        lead = Identities(email=f"u{who}@exemple.example", visitor=seen_as)
        fields = {} if born is None else {BORN.name: born.isoformat()}
        events = (NewEvent("custom", subject, occurred_at=at),)
        self.do(self.intake.record([Incoming("test", lead, fields, events)]))

    @rule(name=st.sampled_from(sorted(LISTS)))
    def publish_otherwise(self, name: str) -> None:
        self.do(self._publish({**LISTS, name: Happened(B)}))
        self.do(self.world.settle())
        self.do(self._publish(LISTS))

    @invariant()
    def look(self) -> None:
        if hasattr(self, "store"):
            self.do(self.world.settle())
            assert not self.world.engine.quarantine
            assert not self.world.engine.stopped_rules
            self.do(self._those_noted_are_those_who_hold())
            self.do(self._sums_are_exact())

    async def _those_noted_are_those_who_hold(self) -> None:
        table, engine = self.store.fields.table, self.world.engine
        scope = Scope(self.store.dialect, self.store.fields, UTC, table.c.id, in_tick=False)
        now = ZonedInstant(now_micros(self.clock), UTC)
        async with self.store.read() as conn:
            for listener in engine._running.states:
                condition = listener.trigger.condition
                holding = select(table.c.id).where(
                    compiled(condition, scope), table.c.merged_into.is_(None)
                )
                holes = now.parameters(_BASE | holes_of(walk(condition)))
                noted = select(edges.c.lead_id).where(
                    edges.c.version_id == listener.owner.id,
                    edges.c.trigger == listener.number,
                )
                wanted = set((await conn.execute(holding, holes)).scalars())
                assert set((await conn.execute(noted)).scalars()) == wanted, listener.subject

    async def _sums_are_exact(self) -> None:
        table = self.store.fields.table
        scores = {(row.id, None): row.score for row in await self.world.rows(select(table))}
        kept = await self.world.rows(select(interests))
        kept_all = scores | {(row.lead_id, row.topic_key): row.value for row in kept}
        summed = select(points.c.lead_id, points.c.topic_key, func.sum(points.c.delta))
        given = await self.world.rows(summed.group_by(points.c.lead_id, points.c.topic_key))
        found = {key: value for key, value in kept_all.items() if value}
        assert found == {(lead, topic): total for lead, topic, total in given if total}


def test_those_noted_are_those_who_hold_and_sums_are_exact() -> None:
    run(Machine, 8, 15, shrinking=False)


def test_on_postgresql_those_noted_are_those_who_hold(new_postgresql: Any) -> None:
    run(Machine, 2, 12, new_postgresql(), shrinking=False)


def test_noted_part_by_part_those_noted_are_those_who_hold(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("server.engine.parts.PART", 2)
    run(Machine, 4, 15, shrinking=False)
