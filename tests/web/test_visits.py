"""Visits read off the pages seen, against the plainest Python that says the same."""

from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, select

from relance import facts
from relance.events import EventPattern
from relance.testing import VirtualClock
from server.engine.conditions.operands import operand_of
from server.engine.conditions.scope import Scope
from server.engine.conditions.visits import visit_over
from server.engine.parameters import ZonedInstant
from server.store import merges
from server.store.instants import now_micros, to_micros
from server.store.schema.events import events
from server.store.store import Store
from tests.engine.world import World

START = datetime(2026, 3, 1, tzinfo=UTC)
MONTREAL = ZoneInfo("America/Montreal")
PAGES = facts.Events(EventPattern("page_visited"))
FACTS = (
    facts.Visits(),
    facts.VisitPages(),
    facts.VisitPages(3),
    facts.VisitPages(1),
    facts.PagesPerVisit(),
    facts.LastVisitLength(),
)


async def values(world: World, lead: int, *operands: facts.Operand, zone: ZoneInfo = MONTREAL):
    """The values of those facts, as the engine would have them now."""
    store = world.store
    table = store.fields.table
    async with store.read() as conn:
        scope = Scope(conn.dialect.name, store.fields, zone, table.c.id)
        query = select(*(operand_of(one, scope) for one in operands)).where(table.c.id == lead)
        names = frozenset(query.compile(dialect=conn.dialect).params)
        instant = ZonedInstant(now_micros(world.clock), zone)
        return tuple((await conn.execute(query, instant.parameters(names))).one())


def naive(seconds: list[int], now: int) -> tuple[Any, ...]:
    """The same, visit by visit."""
    visits: list[list[int]] = []
    for at in sorted(seconds):
        if visits and at - visits[-1][-1] < 1800:
            visits[-1].append(at)
        else:
            visits.append([at])
    over = [visit for visit in visits if now - visit[-1] >= 1800]
    return (
        len(visits),
        len(seconds),
        sum(map(len, visits[-3:])),
        sum(map(len, visits[-1:])),
        len(seconds) / len(visits) if visits else None,
        over[-1][-1] - over[-1][0] if over else None,
    )


#: Steps around the half hour, where a visit ends or goes on.
STEPS = st.sampled_from([0, 1, 60, 900, 1799, 1800, 1801, 7200])


@settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(steps=st.lists(STEPS, max_size=14), data=st.data())
async def test_visits_are_those_a_person_would_count(
    store: Store, steps: list[int], data: st.DataObject
) -> None:
    instants, at = [], 0
    for step in steps:
        at += step
        instants.append(at)
    shuffled = data.draw(st.permutations(instants))  # late events come in any order
    joined = data.draw(st.integers(0, len(shuffled)))  # those a browser did before it was known
    now = at + data.draw(STEPS)
    world = World(store, VirtualClock(START + timedelta(seconds=now)))
    async with store.write() as conn:
        await conn.execute(delete(events))
    lead, anonymous = await world.lead(), await world.lead()
    for place, instant in enumerate(shuffled):
        whose = anonymous if place < joined else lead
        await world.event(whose, "page_visited", "/", at=START + timedelta(seconds=instant))
        await world.event(whose, "form_submitted", "Autre", at=START + timedelta(seconds=instant))
    async with store.write() as conn:
        await merges.merge(conn, store.fields.table, [(anonymous, lead)], now_micros(world.clock))
    assert await values(world, lead, *FACTS) == naive(instants, now)


async def test_who_never_came_paid_no_visit(world: World) -> None:
    lead = await world.lead()
    found = await values(world, lead, *FACTS, facts.LastDay(PAGES))
    assert found == (0, 0, 0, 0, None, None, None)


async def test_the_visit_under_way_has_no_length_yet(world: World) -> None:
    lead = await world.lead()
    for minutes in (0, 10):
        await world.event(lead, "page_visited", "/", at=world.clock.now())
        world.clock.advance(minutes=10 if minutes == 0 else 0)
    world.clock.advance(minutes=29, seconds=59)
    assert await values(world, lead, facts.LastVisitLength()) == (None,)
    world.clock.advance(seconds=1)
    assert await values(world, lead, facts.LastVisitLength()) == (600,)


async def test_the_end_of_a_visit_is_known_beforehand(world: World) -> None:
    lead = await world.lead()
    at = world.clock.now()
    await world.event(lead, "page_visited", "/", at=at)
    table = world.store.fields.table
    async with world.store.read() as conn:
        scope = Scope(conn.dialect.name, world.store.fields, MONTREAL, table.c.id)
        found = await conn.scalar(select(visit_over(scope)).where(table.c.id == lead))
    assert found == to_micros(at + timedelta(minutes=30))


@pytest.mark.parametrize(
    ("at", "day"),
    [
        (datetime(2026, 3, 8, 4, 59, 59, 999_999, tzinfo=UTC), date(2026, 3, 7)),
        (datetime(2026, 3, 8, 5, 0, tzinfo=UTC), date(2026, 3, 8)),
        # The clocks went forward at 2: midnight comes an hour sooner.
        (datetime(2026, 3, 9, 3, 59, 59, 999_999, tzinfo=UTC), date(2026, 3, 8)),
        (datetime(2026, 3, 9, 4, 0, tzinfo=UTC), date(2026, 3, 9)),
        # And back: the day has twenty-five hours.
        (datetime(2026, 11, 1, 4, 0, tzinfo=UTC), date(2026, 11, 1)),
        (datetime(2026, 11, 2, 4, 59, 59, 999_999, tzinfo=UTC), date(2026, 11, 1)),
        (datetime(2026, 11, 2, 5, 0, tzinfo=UTC), date(2026, 11, 2)),
    ],
)
async def test_the_day_of_a_visit_is_that_of_the_campaigns_zone(
    world: World, at: datetime, day: date
) -> None:
    lead = await world.lead()
    await world.event(lead, "page_visited", "/", at=at)
    assert await values(world, lead, facts.LastDay(PAGES)) == (day,)
    assert await values(world, lead, facts.LastDay(PAGES), zone=ZoneInfo("UTC")) == (at.date(),)
