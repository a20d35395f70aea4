"""A stranger can make a history as long as he likes: one event more costs what the first did."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, func, select, text

from dsl.program import END, Act, Await, Branch, Step
from dsl.rules import PointRule
from relance.effects import Send
from relance.events import EventPattern
from relance.facts import (
    Compare,
    Condition,
    Count,
    Events,
    Happened,
    LastDay,
    LastVisitLength,
    Leaf,
    Literal,
    MinutesSince,
    Operand,
    PagesPerVisit,
    SinceAgo,
    SinceDate,
    SinceEntry,
    SinceStep,
    Total,
    VisitPages,
    Visits,
)
from relance.said import Said
from relance.testing import VirtualClock
from relance.values import Change, Comparator, Duration
from server.engine.conditions.operands import operand_of
from server.engine.conditions.scope import Scope
from server.engine.conditions.tallies import Question
from server.engine.parameters import ZonedInstant
from server.engine.tallies.marks import UNCOUNTED
from server.reports.glossary import BARE
from server.reports.verdict import verify
from server.store.fields import FieldCatalogue
from server.store.instants import DEFAULT_ZONE, now_micros
from server.store.merges import merge
from server.store.schema.events import events
from server.store.schema.tallies import tallied, tallies, visits
from server.store.store import Store
from tests.engine.triggers.test_state_triggers import when
from tests.engine.world import HERE, World, program

LONG, LONGEST = 10_000, 100_000
#: What one event more may cost behind a long history, beside the first of a short one.
MOST = 1.5


def pages(subject: str | None = None, since: Any = None) -> Events:
    return Events(EventPattern("page_visited", subject), since)


def more(operand: Operand, than: int) -> Condition:
    return Compare(operand, Comparator.GREATER, Literal(than))


WEEK, DAYS = SinceAgo(Duration(days=7)), SinceAgo(Duration(days=2))
ASKED: dict[str, Condition] = {
    "visites": more(Visits(), 3),
    "pages": more(VisitPages(), 3),
    "pages des visites": more(VisitPages(2), 3),
    "pages par visite": more(PagesPerVisit(), 3),
    "durée": more(LastVisitLength(), 3),
    "une page": more(Count(pages("tarifs")), 3),
    "jamais": Happened(pages("merci")),
    "souvent": Happened(pages(), 3),
    "depuis un jour": more(Count(pages(since=SinceDate(date(2026, 1, 1)))), 3),
    "sept jours": more(Count(pages(since=WEEK)), 3),
    "sept jours d’une page": Happened(pages("merci", WEEK), 2),
    "écoulé": more(MinutesSince(pages()), 3),
    "écoulé depuis une page": more(MinutesSince(pages("merci")), 3),
}


async def send_pages(world: World, lead: int, count: int) -> None:
    """So many pages, handled before; a visit an hour, the last page a minute ago."""
    first = world.store.ids.reserve(count)
    now = now_micros(world.clock)
    async with world.store.write() as conn:
        await conn.execute(
            text(
                "WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i + 1 < :c) "
                "INSERT INTO events (lead_id, type, id, subject, subject_key, occurred_at, "
                "received_at) SELECT :lead, 'page_visited', :first + i, 'tarifs', "
                "'tarifs', :now - 60000000 * (:c - i) - 3600000000 * ((:c - i) / 20), "
                ":now - 60000000 * (:c - i) - 3600000000 * ((:c - i) / 20) FROM n"
            ),
            {"c": count, "lead": lead, "first": first, "now": now},
        )


class Steps:
    """The steps of SQLite's machine, by hundreds."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self.count = 0

    async def watch(self) -> None:
        def step() -> int:
            self.count += 1
            return 0

        async with self._store.write() as conn:
            raw: Any = (await conn.get_raw_connection()).driver_connection
            await raw.set_progress_handler(step, 100)

    async def of_a_page(self, world: World, lead: int) -> int:
        """What a page of that lead costs, from the event to the end of the work."""
        found: list[int] = []
        for _ in range(40):
            world.clock.advance(timedelta(seconds=1))
            before = self.count
            await world.event(lead, "page_visited", "tarifs")
            await world.settle()
            found.append(self.count - before)
        return sum(found) // len(found)


async def cost(world: World, behind: int = LONG) -> tuple[int, int]:
    """Of a page more for who has forty, and for who has so many behind."""
    if world.store.dialect != "sqlite":
        pytest.skip("counted in the steps of SQLite")
    steps = Steps(world.store)
    short, long = await world.lead(), await world.lead()
    for lead in (short, long):
        await world.event(lead)
        await world.settle()
    await send_pages(world, long, behind)
    await world.event(long, "page_visited", "tarifs")
    await world.settle()
    await steps.watch()
    return await steps.of_a_page(world, short), await steps.of_a_page(world, long)


async def test_a_page_costs_lists_no_more_behind_a_hundred_thousand(world: World) -> None:
    await world.publish(lists=ASKED)
    first, later = await cost(world, LONGEST)
    assert later <= MOST * first


async def test_a_page_costs_triggers_and_points_no_more(world: World) -> None:
    await world.publish(
        program(
            Act("m", HERE, (Send("email", "m"),), END),
            entries=tuple(when(condition) for condition in ASKED.values()),
        ),
        points=tuple(
            PointRule(name, None, Change(1), when(condition)) for name, condition in ASKED.items()
        ),
    )
    first, later = await cost(world)
    assert later <= MOST * first


async def test_a_page_costs_who_waits_no_more(world: World) -> None:
    """Since the entry, since a step, since the wait began."""
    asked = (
        more(Count(pages(since=SinceEntry())), 10**6),
        more(Count(pages(since=SinceStep("milieu"))), 10**6),
        Happened(pages("merci")),
    )
    branches = tuple(
        Branch(HERE, Leaf(Said(str(number)), one), 2) for number, one in enumerate(asked)
    )
    wait = Await("a", HERE, branches, Duration(days=900), 2, ("page_visited",))
    await world.publish(
        program(Step("é", HERE, "milieu", 1), wait, Act("m", HERE, (Send("email", "m"),), END))
    )
    first, later = await cost(world)
    assert later <= MOST * first


async def test_the_reason_costs_no_more(world: World) -> None:
    await world.publish(lists=ASKED)
    await cost(world)
    reading = Steps(world.store)
    spent: list[int] = []
    readers: Any = world.store._readers
    for lead in (1, 2):
        async with readers.connect() as conn:
            raw: Any = (await conn.get_raw_connection()).driver_connection

            def step() -> int:
                reading.count += 1
                return 0

            await raw.set_progress_handler(step, 100)
        before = reading.count
        for condition in ASKED.values():
            await verify(
                world.store,
                Leaf(Said("x"), condition),
                lead,
                world.clock.now(),
                DEFAULT_ZONE,
                BARE,
            )
        spent.append(reading.count - before)
    assert spent[1] <= MOST * spent[0]


OPERANDS: Sequence[Operand] = (
    Visits(),
    VisitPages(),
    VisitPages(1),
    VisitPages(2),
    VisitPages(3),
    PagesPerVisit(),
    LastVisitLength(),
    Count(pages()),
    Count(pages("a")),
    Count(pages("a*", DAYS)),
    Count(pages(since=SinceDate(date(2026, 1, 3)))),
    LastDay(pages("b")),
    LastDay(pages("b", DAYS)),
    MinutesSince(pages("a")),
    Total((Events(EventPattern("purchase")),), "CAD"),
    Total((Events(EventPattern("purchase"), DAYS),), "CAD"),
)


async def answers(world: World, lead: int) -> list[Any]:
    leads = world.store.fields.table
    scope = Scope(world.store.dialect, world.store.fields, DEFAULT_ZONE, leads.c.id, in_tick=False)
    found = []
    for operand in OPERANDS:
        query = select(operand_of(operand, scope)).where(leads.c.id == lead)
        instant = ZonedInstant(now_micros(world.clock), DEFAULT_ZONE)
        async with world.store.write() as conn:
            names = frozenset(query.compile().params)
            found.append((await conn.execute(query, instant.parameters(names))).scalar_one())
    return found


async def forget(world: World) -> None:
    async with world.store.write() as conn:
        for table in (tallies, tallied, visits):
            await conn.execute(delete(table))


HAPPENED = st.tuples(
    st.sampled_from(("page_visited", "page_visited", "purchase")),
    st.sampled_from(("a", "ab", "b")),
    st.integers(0, 90),  # minutes since the one before
    st.sampled_from((0, 0, 0, 0, 45, 3_000)),  # minutes it was told late
    st.sampled_from((0, 0, 0, 0, 4_000)),  # minutes nothing happens then
)


@settings(max_examples=8, deadline=None)
@given(st.lists(HAPPENED, min_size=6, max_size=25))
async def test_what_was_counted_answers_as_the_whole_history_does(
    happened: list[tuple[str, str, int, int, int]],
) -> None:
    clock = VirtualClock(datetime(2026, 1, 2, 8, tzinfo=UTC))
    store = await Store.open("sqlite://", clock)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("server.engine.tallies.marks.UNCOUNTED", 1)
        world = World(store, clock)
        try:
            await world.publish(lists={str(n): more(each, 1) for n, each in enumerate(OPERANDS)})
            lead = await world.lead()
            for type_, subject, minutes, late, quiet in happened:
                clock.advance(timedelta(minutes=minutes))
                number = await world.event(
                    lead, type_, subject, at=clock.now() - timedelta(minutes=late)
                )
                async with store.write() as conn:
                    worth = {"amount": 10_000, "currency": "CAD"}
                    await conn.execute(events.update().where(events.c.id == number).values(**worth))
                await world.settle()
                clock.advance(timedelta(minutes=quiet))
                await world.settle()
            counted = await answers(world, lead)
            assert (await world.rows(select(func.count()).select_from(tallies)))[0][0] > 1
            await forget(world)
            assert counted == await answers(world, lead)
        finally:
            await store.close()


async def test_what_two_leads_did_is_counted_again_once_they_are_one(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("server.engine.tallies.marks.UNCOUNTED", 2)
    await world.publish(lists={"Habitués": more(Visits(), 8)})
    one, other = await world.lead(), await world.lead()
    for _ in range(6):
        for lead in (one, other):
            await world.event(lead, "page_visited", "x")
            await world.later(minutes=20)
    async with world.store.write() as conn:
        await merge(conn, world.store.fields.table, [(other, one)], now_micros(world.clock))
    assert (await answers(world, one))[0] == 1
    assert (await answers(world, one))[1] == 12


async def test_nobody_with_a_short_history_is_counted(world: World) -> None:
    await world.publish(lists=ASKED)
    lead = await world.lead()
    for _ in range(UNCOUNTED):
        await world.event(lead, "page_visited", "tarifs")
        await world.settle()
    assert await world.rows(select(func.count()).select_from(tallies)) == [(0,)]


def test_what_one_release_counted_is_what_the_next_asks_for() -> None:
    fields = FieldCatalogue()
    scope = Scope("sqlite", fields, DEFAULT_ZONE, fields.table.c.id, in_tick=False)
    assert Question(pages("merci"), scope).number == 292_679_197_021_547_687
