"""Engines of several processes share the leads of one database: what comes of it is what one would do."""

import asyncio
from collections import Counter
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import func, select, update

from dsl.program import END, Act, Await, Branch, Program, Trigger
from relance.effects import Assign, Send
from relance.facts import Compare, Leaf, Literal, Score
from relance.person import Person
from relance.said import Said
from relance.testing import VirtualClock
from relance.values import Comparator, Duration
from server.store.instants import now_micros
from server.store.merges import merge
from server.store.schema.campaigns import schedules
from server.store.schema.events import events
from server.store.schema.goals import campaign_leads
from server.store.schema.server import division, shard_raises, shards
from tests.engine.sharing.processes import several
from tests.engine.world import HERE, World, heard, program


def send(message: str, next_: int = END) -> Act:
    return Act(message, HERE, (Send("email", message),), next_)


def waiting(days: int = 2, **given: Any) -> Program:
    wait = Await(
        "a", HERE, (Branch(HERE, heard("custom", "x"), 1),), Duration(days=days), 2, ("custom",)
    )
    return program(wait, send("oui"), send("non"), **given)


async def test_a_helper_moves_leads_once_the_first_shares_them(
    lent_postgresql: str, clock: VirtualClock
) -> None:
    async with several(lent_postgresql, clock) as them:
        (helper,) = them.helpers
        await them.first.publish(waiting())
        lead = await helper.lead()
        await helper.event(lead)
        await helper.settle()
        assert await helper.moves(lead) == []
        await them.first.engine.have_beside(1)
        await them.first.engine.tick()
        await helper.event(lead, "custom", "x")
        await helper.settle()
        assert await helper.sent(lead) == ["oui"]


async def test_what_several_do_at_once_is_what_one_does(
    lent_postgresql: str, clock: VirtualClock
) -> None:
    async with several(lent_postgresql, clock, helpers=2) as them:
        await them.first.publish(waiting())
        await them.begin()
        leads = [await them.first.lead() for _ in range(120)]
        for n, lead in enumerate(leads):
            await them.worlds[n % 3].event(lead)
        await them.settle()
        for n, lead in enumerate(leads[::2]):
            await them.worlds[n % 3].event(lead, "custom", "x")
        await them.settle()
        await them.later(days=3)
        for n, lead in enumerate(leads):
            assert await them.first.sent(lead) == ["non" if n % 2 else "oui"]
            assert await them.first.moves(lead) == ["entered", "waited", "resumed", "acted", "left"]
        entered = await them.first.rows(select(campaign_leads.c.entered))
        assert entered == [(120,)]


async def test_each_helper_takes_a_share_and_no_lead_twice(
    lent_postgresql: str, clock: VirtualClock
) -> None:
    async with several(lent_postgresql, clock, helpers=2) as them:
        await them.first.publish(waiting())
        await them.begin()
        moved: Counter[int] = Counter()
        for n, world in enumerate(them.worlds):
            _counting(world, n, moved)
        for lead in [await them.first.lead() for _ in range(300)]:
            await them.first.event(lead)
        await them.settle()
        assert set(moved) == {0, 1, 2}
        assert sum(moved.values()) == 300


def _counting(world: World, number: int, moved: Counter[int]) -> None:
    work = world.engine._work
    share = work.share

    async def counted(tick: Any, *rest: Any) -> bool:
        done = await share(tick, *rest)
        moved[number] += tick.rows_moved
        return done

    work.share = counted  # type: ignore[method-assign]


@pytest.mark.parametrize("seconds", [-25, 25])
async def test_an_event_numbered_by_another_clock_ends_the_wait_it_follows(
    lent_postgresql: str, clock: VirtualClock, seconds: int
) -> None:
    """Numbered lower than the wait began at, it would be behind it."""
    async with several(lent_postgresql, clock, skew=timedelta(seconds=seconds)) as them:
        await them.first.publish(waiting())
        await them.begin()
        slow, fast = them.worlds if seconds > 0 else reversed(them.worlds)
        leads = [await them.first.lead() for _ in range(8)]
        for lead in leads:
            await fast.event(lead)
        await them.settle()
        slow.store.ids.last = 0  # as one that has moved nobody yet
        for lead in leads:
            await slow.event(lead, "custom", "x", at=fast.clock.now())
        await them.settle()
        assert [await them.first.sent(lead) for lead in leads] == [["oui"]] * 8


async def test_what_came_numbered_too_low_stays_in_its_order(
    lent_postgresql: str, clock: VirtualClock
) -> None:
    async with several(lent_postgresql, clock, skew=timedelta(seconds=-20)) as them:
        (late,) = them.helpers
        await them.first.publish(waiting())
        await them.begin()
        lead = await them.first.lead()
        await them.first.event(lead)
        await them.settle()
        late.store.ids.last = 0  # as one that has moved nobody yet
        said = [await late.event(lead, "custom", name) for name in ("v", "w", "x")]
        await them.settle()
        rows = await them.first.rows(
            select(events.c.subject).where(events.c.type == "custom").order_by(events.c.id)
        )
        assert [row.subject for row in rows] == ["v", "w", "x"]
        ids = await them.first.rows(select(events.c.id).where(events.c.type == "custom"))
        assert not {row.id for row in ids} & set(said)


async def test_what_a_merge_brings_is_beyond_what_its_lead_knew(
    lent_postgresql: str, clock: VirtualClock
) -> None:
    async with several(lent_postgresql, clock, skew=timedelta(seconds=-20)) as them:
        (late,) = them.helpers
        await them.first.publish(waiting())
        await them.begin()
        source, target = await them.first.lead(), await them.first.lead()
        await them.first.event(source)
        await them.settle()
        await forget_shards_but(late, source)
        async with late.store.write() as conn:
            pairs = [(source, target)]
            await merge(conn, late.store.fields.table, pairs, now_micros(late.clock))
        assert len(await late.rows(select(shard_raises))) == 1
        async with late.store.write() as conn:
            await conn.execute(update(shards).values(last_id=0))
        late.store.ids.last = 0  # as one that has moved nobody yet
        await late.event(target, "custom", "x", at=them.first.clock.now())
        await late.settle()
        assert await late.sent(target) == ["oui"]
        assert await late.rows(select(shard_raises)) == []


async def forget_shards_but(world: World, lead: int) -> None:
    """As if nobody of any other shard had ever been moved."""
    async with world.store.write() as conn:
        others = shards.c.shard != lead % 64
        await conn.execute(update(shards).where(others).values(last_id=0))


async def test_after_a_publication_nobody_enters_what_was_published_before(
    lent_postgresql: str, clock: VirtualClock
) -> None:
    async with several(lent_postgresql, clock, helpers=2) as them:
        await them.first.publish(waiting())
        await them.begin()
        for lead in [await them.first.lead() for _ in range(20)]:
            await them.first.event(lead)
        await them.settle()
        await them.first.publish(program(send("autre")))
        for world in them.helpers:
            assert not await world.engine.tick()  # nothing is shared before the first says so
        later = [await them.first.lead() for _ in range(20)]
        for n, lead in enumerate(later):
            await them.worlds[n % 3].event(lead)
        await them.settle()
        assert [await them.first.sent(lead) for lead in later] == [["autre"]] * 20


async def test_a_schedule_fires_once_a_lead_however_many_there_are(
    lent_postgresql: str, clock: VirtualClock
) -> None:
    everybody = Leaf(Said("tous"), Compare(Score(), Comparator.AT_LEAST, Literal(0)))
    daily = Trigger(HERE, schedule="0 9 * * *", condition=everybody)
    async with several(lent_postgresql, clock, helpers=2) as them:
        leads = [await them.first.lead() for _ in range(40)]
        await them.first.publish(program(send("jour"), entries=(daily,)))
        await them.begin()
        assert await them.first.rows(select(func.count()).select_from(schedules)) == [(1,)]
        await them.later(days=1)
        assert [await them.first.sent(lead) for lead in leads] == [["jour"]] * 40


async def test_the_turns_of_the_team_are_dealt_once_each(
    lent_postgresql: str, clock: VirtualClock
) -> None:
    people = [Person(name, f"{name}@exemple.test", None) for name in ("Ana", "Bob", "Cid")]
    deal = program(Act("a", HERE, (Assign(None),), END))
    async with several(lent_postgresql, clock, helpers=2) as them:
        await them.first.publish(deal, people=people)
        await them.begin()
        leads = [await them.first.lead() for _ in range(90)]
        for n, lead in enumerate(leads):
            await them.worlds[n % 3].event(lead)
            if n % 9 == 8:
                await asyncio.gather(*(one.engine.tick() for one in them.worlds))
        await them.settle()
        owners = Counter([await them.first.value(lead, "vendeur") for lead in leads])
        assert owners == {"Ana": 30, "Bob": 30, "Cid": 30}


async def test_what_fails_in_a_helper_is_left_to_the_first(
    lent_postgresql: str, clock: VirtualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with several(lent_postgresql, clock) as them:
        (helper,) = them.helpers
        await them.first.publish(waiting())
        await them.begin()
        await them.settle()
        lead = await them.first.lead()
        await them.first.event(lead)
        monkeypatch.setattr(helper.engine._running, "plan", _fails)
        with pytest.raises(Exception, match="left to the first"):
            await helper.settle()
        assert await them.first.rows(select(division.c.shared)) == [(False,)]
        await them.first.settle()
        assert await them.first.moves(lead) == ["entered", "waited"]


def _fails(_version: int) -> Any:
    raise LookupError("not here")


async def test_the_one_process_of_a_database_shares_nothing(
    world: World,
) -> None:
    await world.publish(waiting())
    await world.event(await world.lead())
    await world.settle()
    assert await world.rows(select(func.count()).select_from(shards)) == [(0,)]
