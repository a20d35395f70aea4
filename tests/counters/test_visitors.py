"""Visitors of any period are counted by the days on which they came, as their pages would count them."""

import asyncio
import random
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import text

from relance.events import PAGE_VISITED, PURCHASED, EventPattern, NewEvent
from relance.host import Identities, Incoming
from relance.indicator import LeadCount
from relance.proof import Proof
from relance.testing import VirtualClock
from server.intake.intake import Intake
from server.reports import campaign_visitors
from server.reports.indicator_periods import Period, bounds, periods_of
from server.reports.lead_counts import counted_leads, leads_query
from server.reports.visitors import visitor_count
from server.store import moving
from server.store.counters import keeping
from server.store.counters.agreement import disagreements
from server.store.instants import HOUR, midnight, to_micros
from server.store.measured import measured
from server.store.merges import merge
from server.store.separation import separate
from server.store.store import Store
from tests.counters import counters_agree
from tests.engine.world import UTC, World

MONTREAL = ZoneInfo("America/Montreal")
SEEN = LeadCount(EventPattern(PAGE_VISITED))
BUYERS = LeadCount(EventPattern(PAGE_VISITED), EventPattern(PURCHASED))
FIRST = datetime(2026, 1, 1, tzinfo=UTC)
INSERTED = (
    "INSERT INTO events (lead_id, type, id, occurred_at, received_at) "
    "VALUES (:lead_id, :type, :id, :at, :at)"
)


class Site:
    """A site of so many leads, over so many days; the same at each run."""

    def __init__(self, store: Store, leads: int, days: int) -> None:
        self.store, self.leads, self.days = store, leads, days
        self.dice = random.Random(7)
        self._id = 0

    def instant(self) -> int:
        """Some instant of those days."""
        return to_micros(FIRST + timedelta(seconds=self.dice.randrange(self.days * 86_400)))

    async def see(self, pages: int) -> None:
        """So many pages are seen, in no order, and some leads buy."""
        rows = []
        for _ in range(pages):
            self._id += 1
            type_ = PURCHASED if self.dice.random() < 0.1 else PAGE_VISITED
            lead = self.dice.randrange(1, self.leads + 1)
            rows.append({"lead_id": lead, "type": type_, "id": self._id, "at": self.instant()})
        await self.do(INSERTED, rows)

    async def do(self, statement: str, given: Any = None) -> None:
        """Write that."""
        async with self.store.write() as conn:
            await conn.execute(text(statement), given)

    async def agrees(self, periods: Sequence[Period]) -> None:
        """Days say of each period what its pages say."""
        async with self.store.read() as conn:
            for measure in (SEEN, BUYERS):
                over = periods_of(self.store.dialect, periods[0].campaign)
                query = leads_query(measure, over, self.store.dialect, ())
                by_pages = await conn.execute(query, bounds(periods))
                expected = {(row[0], row[1]) for row in by_pages}
                indexed = tuple(await measured(conn))
                found = await counted_leads(conn, measure, periods, over, indexed)
                assert {one for one in found if one[1]} == expected

    def periods(self, count: int, campaign: int | None = None) -> list[Period]:
        """Some, that begin and end at midnight or not."""
        found = []
        for _ in range(count):
            start, end = sorted((self.instant(), self.instant()))
            if self.dice.random() < 0.6:
                start, end = (midnight(_day(one), MONTREAL) for one in (start, end))
            found.append(Period(start, end + 1, campaign))
        return found


def _day(at: int) -> Any:
    return datetime.fromtimestamp(at / 1_000_000, MONTREAL).date()


@pytest.fixture
async def site(store: Store) -> Site:
    await keeping.keep(store, MONTREAL)
    return Site(store, 12, 240)


async def test_any_period_has_the_visitors_that_its_pages_have(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    await site.see(150)
    everything = Period(-(2**60), 2**60)
    await site.agrees([*site.periods(40), everything, Period(5, 5)])
    await counters_agree(site.store)
    # A campaign’s are those who had entered it by then.
    entering = (
        "INSERT INTO enrolments (lead_id, campaign_id, entry, version_id, active, statement, moves, "
        "entered_at, since_at, since_event) VALUES (:lead, 7, 1, 1, true, 0, 1, :at, 0, 0)"
    )
    query = f"SELECT lead_id, max(occurred_at) FROM events WHERE type = '{PAGE_VISITED}' GROUP BY 1"
    async with site.store.read() as conn:
        last = {row[0]: row[1] for row in await conn.execute(text(query))}
    # As they saw a page, an instant after the last, an hour before it, some day, and never.
    entries = {1: last[1], 2: last[2] + 1, 3: last[3] - HOUR, 4: site.instant(), 5: last[5] + 1}
    await site.do(entering, [{"lead": lead, "at": at} for lead, at in entries.items()])
    whole = [midnight(_day(at), MONTREAL) for at in entries.values()]
    days = [Period(at, at + 24 * HOUR, 7) for at in whole]
    part = [Period(last[3] - HOUR // 2, last[3] + 1, 7), Period(last[2] - 5, last[2] + 5, 7)]
    for dearer in (8, 0):
        monkeypatch.setattr(campaign_visitors, "_DEARER", dearer)
        await site.agrees([*site.periods(20, campaign=7), *days, *part])


async def test_pages_that_are_moved_dated_anew_or_erased_keep_those_days_right(site: Site) -> None:
    await site.see(80)
    for changed in (
        "UPDATE events SET lead_id = 1 WHERE lead_id IN (2, 3, 4)",
        "UPDATE events SET occurred_at = occurred_at - 200000000000 WHERE id % 3 = 0",
        "UPDATE events SET type = 'other' WHERE id % 5 = 0",
        "UPDATE events SET type = 'page_visited' WHERE id % 10 = 0",
        "DELETE FROM events WHERE id % 4 = 1",
        "DELETE FROM events WHERE lead_id = 6",
    ):
        await site.do(changed)
        await counters_agree(site.store)
    await site.see(40)
    await site.agrees(site.periods(20))
    await counters_agree(site.store)
    await site.do("DELETE FROM events")
    async with site.store.read() as conn:
        assert await conn.scalar(text("SELECT count(*) FROM visitor_days")) == 0


async def test_two_leads_made_one_and_parted_again_are_as_many_visitors(
    store: Store, clock: VirtualClock
) -> None:
    await keeping.keep(store, MONTREAL)
    world = World(store, clock)
    one, other = await world.lead(), await world.lead()
    site = Site(store, 2, 40)
    await site.see(30)
    leads, now = store.fields.table, to_micros(clock.now())
    async with store.write() as conn:
        await merge(conn, leads, [(one, other)], now)
    await site.agrees(site.periods(10))
    await counters_agree(store)
    async with store.write() as conn:
        await separate(conn, leads, one, now)
    await site.agrees(site.periods(10))
    await counters_agree(store)


@pytest.mark.parametrize("others", [False, True], ids=["alone", "beside other processes"])
async def test_a_page_seen_while_others_change_hands_is_of_a_day_after_theirs(
    store: Store, clock: VirtualClock, others: bool
) -> None:
    if store.dialect == "sqlite":
        pytest.skip("one writer at a time")
    await keeping.keep(store, MONTREAL)
    intake, leads, now = Intake(store, clock), store.fields.table, to_micros(clock.now())
    intake.beside = lambda: others

    async def seen(who: str) -> int:
        page = NewEvent(PAGE_VISITED, "/", occurred_at=clock.now())
        known = Identities(email=f"{who}@exemple.ca")
        found = await intake.record([Incoming("essai", known, {}, (page,), proof=Proof.SIGNED)])
        return found[0].lead_id

    target = await seen("autre")
    clock.advance(days=1)
    source = await seen("une")
    clock.advance(days=3)
    async with store.write() as conn:
        await conn.execute(text("INSERT INTO moving VALUES (:a, :b)"), {"a": source, "b": target})
    async with store.write() as conn:
        assert await moving.go_on(conn)
        coming = asyncio.create_task(seen("autre"))
        await asyncio.wait([coming], timeout=0.3)
    assert await coming == target
    await counters_agree(store)
    async with store.write() as conn:
        await merge(conn, leads, [(target, source)], now)
    clock.advance(days=3)
    async with store.write() as conn:
        assert await separate(conn, leads, target, now) == source
        coming = asyncio.create_task(seen("une"))
        await asyncio.wait([coming], timeout=0.3)
    assert await coming == source
    await counters_agree(store)


@pytest.mark.parametrize(
    "breaking",
    [
        "UPDATE visitor_days SET n = n + 1",
        "UPDATE visitor_days SET previous = NULL",
        "DELETE FROM visitor_days",
        "UPDATE counters SET n = n + 1 WHERE kind = 'returned block'",
    ],
)
async def test_days_that_are_wrong_are_seen_and_made_anew(site: Site, breaking: str) -> None:
    await site.see(40)
    async with site.store.write() as conn:
        await keeping.recount(conn, MONTREAL)
        await conn.execute(text(breaking))
    async with site.store.read() as conn:
        assert await disagreements(conn, 10)
    async with site.store.write() as conn:
        await keeping.recount(conn, MONTREAL)
    await counters_agree(site.store)


async def test_a_base_that_keeps_no_such_days_is_counted_by_its_pages(store: Store) -> None:
    site = Site(store, 5, 30)
    await site.see(30)
    async with store.read() as conn:
        assert await visitor_count(conn) is None
    await site.agrees(site.periods(5))
