"""A campaign that stops or resumes in the middle of something: nobody is lost, nobody comes twice."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from dsl.program import END, Reentry, Trigger
from relance.testing import VirtualClock
from relance.values import Duration
from server.engine import parts
from server.engine.life import deciding, resuming, transitions
from server.engine.life.resuming import How, Plan
from server.engine.life.state import CampaignChange
from server.engine.tick import Tick
from server.reports.influx import influx
from server.store.instants import now_micros
from server.store.merges import merge
from server.store.schema.campaigns import edges, missed, notings
from server.store.schema.messages import outbox
from server.store.store import Store
from tests.engine.life.test_states import ME, decide, deliver, entered, resting, resume, sends
from tests.engine.triggers.test_backlog import fragile, mend, quarantined_with
from tests.engine.triggers.test_takings import BY_LIST, enlist, leave_list
from tests.engine.world import HERE, UTC, World, program


@pytest.fixture
def one_by_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(transitions, "PART", 1)


async def begin_resuming(world: World, how: How = How.ALL) -> None:
    async def work(tick: Tick) -> None:
        campaign = await deciding.find(tick.conn, "Essai")
        await resuming.begin(tick, campaign, Plan(how), ME)

    await world.engine.change(work)


async def enter(world: World, *leads: int) -> None:
    for lead in leads:
        await world.event(lead)
    await world.settle()
    await deliver(world)


@pytest.mark.parametrize("change", [CampaignChange.RESUMED, CampaignChange.ARCHIVED])
async def test_who_became_a_lead_dealt_with_already_is_dealt_with_too(
    world: World, one_by_one: None, change: CampaignChange
) -> None:
    await world.publish(resting())
    early, other, late = [await world.lead() for _ in range(3)]
    await enter(world, other, late)
    await decide(world, CampaignChange.PAUSED)
    await world.later(days=3)
    if change is CampaignChange.RESUMED:
        await begin_resuming(world)
    else:
        await decide(world, change)
    for _ in range(2):
        await world.engine.tick()
    async with world.store.write() as conn:
        await merge(conn, world.store.fields.table, [(late, early)], now_micros(world.clock))
    await world.settle()
    if change is CampaignChange.RESUMED:
        assert await world.sent(early) == ["bonjour", "adieu"]
    else:
        assert await world.outcomes(early) == ["archived"]


@pytest.mark.parametrize("ticks", [2, 4])
async def test_those_told_that_a_state_holds_enter_though_it_is_paused_before_they_do(
    store: Store, clock: VirtualClock, ticks: int
) -> None:
    world = World(store, clock, limit=2)
    leads = [await world.lead() for _ in range(5)]
    for lead in leads:
        await enlist(world, lead, event=False)
    await world.publish(program(sends("a", END), entries=(BY_LIST,)), activating=False)
    await decide(world, CampaignChange.ACTIVATED)
    for _ in range(ticks):
        await world.engine.tick()
    await decide(world, CampaignChange.PAUSED)
    await world.later(hours=1)
    await resume(world)
    assert [await world.sent(lead) for lead in leads] == [["a"]] * 5


async def test_those_told_by_a_resume_enter_though_it_is_paused_again_at_once(
    store: Store, clock: VirtualClock
) -> None:
    world = World(store, clock, limit=2)
    leads = [await world.lead() for _ in range(5)]
    await world.publish(program(sends("a", END), entries=(BY_LIST,)))
    await world.settle()
    await decide(world, CampaignChange.PAUSED)
    for lead in leads:
        await enlist(world, lead)
    await world.settle()
    await begin_resuming(world)
    for _ in range(3):
        await world.engine.tick()
    await decide(world, CampaignChange.PAUSED)
    await world.later(hours=1)
    await resume(world)
    assert [await world.sent(lead) for lead in leads] == [["a"]] * 5


@pytest.mark.parametrize("ticks", [1, 2, 4])
async def test_a_crowd_that_a_recurrence_lets_in_goes_on_once_it_is_resumed(
    store: Store, clock: VirtualClock, ticks: int
) -> None:
    world = World(store, clock, limit=2)
    leads = [await world.lead() for _ in range(5)]
    daily = Trigger(HERE, schedule="0 9 * * *")
    await world.publish(program(sends("a", END), entries=(daily,), reentry=Reentry.AFTER_EXIT))
    await world.settle()
    clock.set(world.wakes() or clock.now())
    for _ in range(ticks):
        await world.engine.tick()
    await decide(world, CampaignChange.PAUSED)
    await world.later(hours=1)
    world = World(store, clock, limit=2)  # another server
    await world.settle()
    await resume(world)
    assert [await world.sent(lead) for lead in leads] == [["a"]] * 5


async def test_what_came_just_before_a_pause_is_heard_at_resume_and_during_it_never(
    world: World,
) -> None:
    await world.publish(program(sends("a", END), reentry=Reentry.AFTER_EXIT))
    before, meanwhile = await world.lead(), await world.lead()
    await world.event(before)
    await decide(world, CampaignChange.PAUSED)
    world.clock.advance(timedelta(hours=1))
    await world.event(meanwhile)
    world.clock.advance(timedelta(hours=1))
    await resume(world)
    assert [await world.sent(lead) for lead in (before, meanwhile)] == [["a"], []]


async def test_what_a_version_set_apart_missed_is_kept_while_its_campaign_is_paused(
    world: World,
) -> None:
    await quarantined_with(world, fragile())
    late = await world.lead()
    await world.event(late)
    await world.settle()
    await decide(world, CampaignChange.PAUSED)
    await world.later(hours=1)
    assert await world.rows(select(func.count()).select_from(missed)) == [(1,)]
    await mend(world)
    await resume(world)
    assert await world.outcomes(late) == [None]


async def test_paused_while_it_is_resumed_everyone_is_shifted_by_all_the_time_it_stood(
    world: World, one_by_one: None
) -> None:
    await world.publish(resting())
    leads = [await world.lead() for _ in range(3)]
    await enter(world, *leads)
    await decide(world, CampaignChange.PAUSED)
    for _ in range(2):
        await world.later(days=10)
        await begin_resuming(world, How.SHIFT)
        for _ in range(2):
            await world.engine.tick()
        await decide(world, CampaignChange.PAUSED)
    await world.later(days=10)
    await resume(world, How.SHIFT)
    due = {row.deadline for lead in leads for row in await world.enrolments(lead)}
    assert [world.instant(at) - world.clock.now() for at in due] == [timedelta(days=1)]


async def test_spread_over_weeks_nobody_stays_longer_than_the_limit(world: World) -> None:
    lead = await entered(world, resting(timeout=Duration(days=3)))
    await decide(world, CampaignChange.PAUSED)
    await world.later(days=2)
    await resume(world, How.SPREAD, days=30)
    await world.later(days=1)
    assert await world.outcomes(lead) == ["timeout"]


async def test_a_version_published_during_a_pause_tells_what_turned_true_meanwhile(
    world: World,
) -> None:
    """Who was there before does not come again, whatever else the new version says."""
    campaign = program(sends("a", END), entries=(BY_LIST,), reentry=Reentry.AFTER_EXIT)
    still, back = await world.lead(), await world.lead()
    await world.publish(campaign)
    for lead in (still, back):
        await enlist(world, lead)
    await world.later(hours=1)
    await leave_list(world, back)
    await world.settle()
    await decide(world, CampaignChange.PAUSED)
    await enlist(world, back)
    await world.later(hours=1)
    for message in ("b", "c"):
        await world.publish(replace(campaign, statements=(sends(message, END),)))
    await world.later(hours=1)
    await resume(world)
    assert [await world.sent(lead) for lead in (still, back)] == [["a"], ["a", "c"]]


@pytest.mark.parametrize("again", [False, True], ids=["at once", "stopped halfway"])
async def test_what_was_followed_goes_over_to_the_new_version_part_by_part(
    world: World, monkeypatch: pytest.MonkeyPatch, again: bool
) -> None:
    """Stopped midway, published anew, or a lead becoming another meanwhile: nobody comes twice."""
    campaign = program(sends("a", END), entries=(BY_LIST,), reentry=Reentry.AFTER_EXIT)
    leads = [await world.lead() for _ in range(8)]
    await world.publish(campaign)
    for lead in leads[:-1]:
        await enlist(world, lead)
    await world.later(hours=1)
    await decide(world, CampaignChange.PAUSED)
    await enlist(world, leads[-1])
    await leave_list(world, leads[0])
    await world.later(hours=1)
    await world.publish(replace(campaign, statements=(sends("b", END),)))
    monkeypatch.setattr(parts, "PART", 2)
    await begin_resuming(world)
    while not 0 < await noted(world) < leads[-1]:
        await world.engine.tick()
    async with world.store.write() as conn:
        await merge(conn, world.store.fields.table, [(leads[5], leads[0])], now_micros(world.clock))
    if again:
        await decide(world, CampaignChange.PAUSED)
        await world.publish(replace(campaign, statements=(sends("c", END),)))
        async with world.store.read() as conn:
            row = await deciding.find(conn, "Essai")
        assert await influx(world.store, row, world.clock.now(), UTC) == 1
        await begin_resuming(world)
    await world.settle()
    last = "c" if again else "b"
    here = [one for one in leads if one != leads[5]]
    assert [await world.sent(lead) for lead in here[1:]] == [*[["a"]] * 5, [last]]
    assert sorted(await world.sent(leads[0])) == ["a", "a"], "its own, and what it became"
    async with world.store.read() as conn:
        assert len({row.version_id for row in await conn.execute(select(edges))}) == 1


async def noted(world: World) -> int:
    """Up to which lead a state is noted anew, while it is."""
    async with world.store.read() as conn:
        return int(await conn.scalar(select(func.max(notings.c.noted_to))) or 0)


async def test_a_crowd_half_taken_goes_on_in_the_version_published_during_the_pause(
    store: Store, clock: VirtualClock
) -> None:
    world = World(store, clock, limit=2)
    leads = [await world.lead() for _ in range(5)]
    for lead in leads:
        await enlist(world, lead, event=False)
    campaign = program(sends("a", END), entries=(BY_LIST,))
    await world.publish(campaign, activating=False)
    await decide(world, CampaignChange.ACTIVATED)
    while not any([await world.sent(lead) for lead in leads]):
        await world.engine.tick()
    await decide(world, CampaignChange.PAUSED)
    for message in ("b", "c"):
        await world.publish(replace(campaign, statements=(sends(message, END),)))
    await world.later(hours=1)
    await resume(world)
    sent = [await world.sent(lead) for lead in leads]
    assert sorted(map(len, sent)) == [1] * 5, "each came in, once"
    assert ["c"] in sent


async def test_a_form_that_came_just_before_a_pause_is_heard_by_the_version_published_in_it(
    world: World,
) -> None:
    await world.publish(program(sends("a", END), reentry=Reentry.AFTER_EXIT))
    lead = await world.lead()
    await world.event(lead)
    await decide(world, CampaignChange.PAUSED)
    await world.publish(program(sends("b", END), reentry=Reentry.AFTER_EXIT))
    await world.later(hours=1)
    await resume(world)
    assert await world.sent(lead) == ["b"]


async def test_messages_a_shift_had_not_come_to_are_shifted_by_all_the_time_it_stood(
    world: World, one_by_one: None
) -> None:
    await world.publish(program(sends("a", END)))
    leads = [await world.lead() for _ in range(3)]
    for lead in leads:
        await world.event(lead)
    await world.settle()
    began = now_micros(world.clock)
    await decide(world, CampaignChange.PAUSED)
    await world.later(days=10)
    await begin_resuming(world, How.SHIFT)
    given = select(outbox.c.due_at).where(outbox.c.due_at > began)
    while len(await world.rows(given)) != 1:
        await world.engine.tick()
    await decide(world, CampaignChange.PAUSED)
    await world.later(days=10)
    await resume(world, How.SHIFT)
    due = [world.instant(row.due_at) for row in await world.rows(select(outbox.c.due_at))]
    assert {each - world.instant(began) for each in due} == {timedelta(days=20)}
