"""The states of a campaign: which campaigns run, and what becomes of those inside of the others."""

from dataclasses import replace
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select, update

from dsl.program import END, Act, Await, Branch, Exit, ExitRule, Pause, Program, Reentry
from relance.effects import Send
from relance.facts import Leaf
from relance.said import Said
from relance.values import Duration
from relance.waits import WaitFor
from server.engine.life import archiving, deciding, proceeding, resuming
from server.engine.life.journal import Author
from server.engine.life.resuming import How, Plan
from server.engine.life.state import CampaignChange
from server.engine.listening import Happening
from server.engine.tick import Tick
from server.engine.version import Version
from server.store.instants import to_micros
from server.store.schema.campaigns import campaign_changes, campaigns
from server.store.schema.messages import outbox
from tests.engine.triggers.test_state_triggers import above
from tests.engine.triggers.test_takings import BY_LIST, enlist, leave_list
from tests.engine.world import HERE, UTC, World, heard, on, program

ME = Author("alice", "le stock est vide")
DAY = Pause("p", HERE, WaitFor(Duration(days=1)), 2)


def resting(**given: Any) -> Program:
    """Says hello, rests a day, then says goodbye."""
    return program(sends("bonjour", 1), DAY, sends("adieu", END), **given)


def sends(message: str, then: int) -> Act:
    return Act(message, HERE, (Send("email", message),), then)


async def decide(world: World, change: CampaignChange) -> None:
    await decided(world, "Essai", change)


async def decided(world: World, name: str, change: CampaignChange) -> None:
    async def work(tick: Tick) -> None:
        campaign = await deciding.find(tick.conn, name)
        await deciding.decide(tick, campaign.id, change, ME)
        if change is CampaignChange.ARCHIVED:
            await archiving.begin(tick, campaign.id, ME)

    await world.engine.change(work)


async def resume(world: World, how: How = How.ALL, **span: float) -> None:
    plan = Plan(how, int(timedelta(**span) / timedelta(microseconds=1)))

    async with world.store.read() as conn:
        number = (await deciding.find(conn, "Essai")).id
        course = await resuming.course(conn, number, world.engine.now())

    async def work(tick: Tick) -> None:
        await resuming.begin(tick, await deciding.find(tick.conn, "Essai"), plan, ME, course)

    await world.engine.change(work)
    await world.settle()


async def entered(world: World, campaign: Program | None = None) -> int:
    await world.publish(campaign or resting())
    lead = await world.lead()
    await world.event(lead)
    await world.settle()
    await deliver(world)
    return lead


async def deliver(world: World) -> None:
    """All that is to be sent has left."""
    async with world.store.write() as conn:
        await conn.execute(update(outbox).values(state="sent", due_at=None, settled_at=0))


async def history(world: World) -> list[str]:
    found = await world.rows(select(campaign_changes.c.kind).order_by(campaign_changes.c.id))
    return [row.kind for row in found]


async def test_a_campaign_published_without_being_activated_takes_nobody_in(world: World) -> None:
    await world.publish(program(), activating=False)
    lead = await world.lead()
    await world.event(lead)
    await world.settle()
    assert await world.enrolments(lead) == []


async def test_activated_it_takes_those_for_whom_a_state_of_its_entries_holds(world: World) -> None:
    lead = await world.lead()
    await enlist(world, lead, event=False)
    await world.publish(program(sends("a", END), entries=(BY_LIST,)), activating=False)
    await world.settle()
    await decide(world, CampaignChange.ACTIVATED)
    await world.settle()
    assert await world.sent(lead) == ["a"]


async def test_paused_it_lets_nobody_in_and_moves_nobody_until_it_is_resumed(world: World) -> None:
    inside = await entered(world)
    await decide(world, CampaignChange.PAUSED)
    late = await world.lead()
    await world.event(late)
    await world.later(days=3)
    assert (await world.sent(inside), await world.enrolments(late)) == (["bonjour"], [])
    (row,) = await world.enrolments(inside)
    assert (row.active, row.wake_at, row.deadline) == (True, None, row.overdue_at)
    assert world.wakes() is None  # once set apart, it costs nothing more
    await resume(world)
    assert await world.sent(inside) == ["bonjour", "adieu"]
    assert await world.enrolments(late) == []
    assert await history(world) == ["activated", "paused", "resuming", "resumed"]


async def test_waits_keep_their_dates_and_hear_nothing_of_the_time_between(world: World) -> None:
    waiting = Await(
        "a", HERE, (Branch(HERE, heard("custom", "x"), 1),), Duration(days=9), END, ("custom",)
    )
    lead = await entered(world, program(waiting, sends("vu", END)))
    await decide(world, CampaignChange.PAUSED)
    await world.event(lead, "custom", "x")
    await world.later(days=2)
    await resume(world)
    assert await world.sent(lead) == []
    assert world.wakes() == world.clock.now() + timedelta(days=7)
    await world.event(lead, "custom", "x")
    await world.settle()
    assert await world.sent(lead) == ["vu"]


async def test_what_a_wait_asks_of_a_lead_is_looked_at_again_at_resume(world: World) -> None:
    rich = Branch(HERE, Leaf(Said("riche"), above(50)), 1)
    waiting = Await("a", HERE, (rich,), Duration(days=9), END, ("score_changed",))
    lead = await entered(world, program(waiting, sends("riche", END)))
    await decide(world, CampaignChange.PAUSED)
    await world.set(lead, score=60)
    await world.event(lead, "score_changed", None)
    await world.later(days=1)
    assert await world.sent(lead) == []
    await resume(world)
    assert await world.sent(lead) == ["riche"]


async def test_a_state_that_turned_true_meanwhile_and_still_is_fires_once(world: World) -> None:
    """True since before, it does not; nor when it has ceased meanwhile."""
    before, came, went = [await world.lead() for _ in range(3)]
    await enlist(world, before)
    again = program(sends("a", END), entries=(BY_LIST,), reentry=Reentry.AFTER_EXIT)
    await world.publish(again)
    await world.settle()
    await decide(world, CampaignChange.PAUSED)
    await enlist(world, came)
    await enlist(world, went)
    await world.settle()
    await leave_list(world, went)
    await world.later(days=1)
    await resume(world)
    sent = [await world.sent(lead) for lead in (before, came, went)]
    assert sent == [["a"], ["a"], []]
    await enlist(world, went)
    await world.settle()
    assert await world.sent(went) == ["a"]


@pytest.mark.parametrize(
    ("plan", "sent"),
    [
        ((How.SKIP, 2), ["bonjour"]),
        ((How.SKIP, 5), ["bonjour", "adieu"]),
        ((How.SHIFT, 0), ["bonjour"]),
    ],
)
async def test_what_is_overdue_is_given_back_as_was_asked(
    world: World, plan: tuple[How, int], sent: list[str]
) -> None:
    lead = await entered(world)
    await decide(world, CampaignChange.PAUSED)
    await world.later(days=4)
    await resume(world, plan[0], days=plan[1])
    assert await world.sent_ever(lead, outbox.c.state != "expired") == sent
    if plan[0] is How.SHIFT:
        assert world.wakes() == world.clock.now() + timedelta(days=1)
    else:
        assert await world.outcomes(lead) == ["finished"]


@pytest.mark.parametrize(
    ("given", "outcome"),
    [
        ({"exits": (ExitRule(Exit.SUCCESS, BY_LIST),)}, "success"),
        ({"timeout": Duration(days=2)}, "timeout"),
    ],
)
async def test_who_is_to_leave_by_the_resume_leaves_before_anything_is_sent(
    world: World, given: dict[str, Any], outcome: str
) -> None:
    lead = await entered(world, resting(**given))
    await decide(world, CampaignChange.PAUSED)
    await enlist(world, lead)
    await world.later(days=4)
    assert await world.outcomes(lead) == [None]
    await resume(world)
    assert (await world.sent(lead), await world.outcomes(lead)) == (["bonjour"], [outcome])


async def test_spread_the_oldest_go_first_over_the_time_asked(world: World) -> None:
    first = await entered(world)
    await world.later(hours=6)
    others = [await world.lead() for _ in range(9)]
    for lead in others:
        await world.event(lead)
    await world.settle()
    await deliver(world)
    await decide(world, CampaignChange.PAUSED)
    await world.later(days=4)
    await resume(world, How.SPREAD, hours=10)
    await world.later(hours=1)
    assert await world.sent(first) == ["bonjour", "adieu"]
    done = []
    for _ in range(9):
        done.append(sum([len(await world.sent(lead)) - 1 for lead in others]))
        await world.later(hours=1)
    assert done[0] < 3
    assert 2 <= done[4] <= 7
    assert [len(await world.sent(lead)) for lead in others] == [2] * 9


async def test_archived_everybody_leaves_and_restored_it_is_empty(world: World) -> None:
    await world.publish(resting())
    lead = await world.lead()
    await world.event(lead)
    await world.settle()
    await decide(world, CampaignChange.ARCHIVED)
    await world.settle()
    assert await world.outcomes(lead) == ["archived"]
    assert await world.sent(lead) == []  # what had not left is cancelled
    assert (await world.journal(lead))[-1].cause == "operator"
    await decide(world, CampaignChange.RESTORED)
    await world.later(days=3)
    await resume(world)
    assert await world.sent(lead) == []
    newcomer = await world.lead()
    await world.event(newcomer)
    await world.settle()
    assert await world.sent(newcomer) == ["bonjour"]


async def test_what_is_done_part_by_part_goes_on_after_a_stop(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    from server.engine.life import transitions

    monkeypatch.setattr(transitions, "PART", 1)
    await world.publish(resting())
    leads = [await world.lead() for _ in range(3)]
    for lead in leads:
        await world.event(lead)
    await world.settle()
    await decide(world, CampaignChange.PAUSED)
    await world.later(days=4)
    plan = Plan()

    async def begin(tick: Tick) -> None:
        await resuming.begin(tick, await deciding.find(tick.conn, "Essai"), plan, ME)
        await proceeding.go_on(tick)

    await world.engine.change(begin)
    again = World(world.store, world.clock)
    await again.settle()
    assert [await world.sent(lead) for lead in leads] == [["bonjour", "adieu"]] * 3


async def test_out_of_its_period_a_campaign_is_suspended_with_its_people(world: World) -> None:
    campaign = resting(starts=date(2026, 1, 2), ends=date(2026, 1, 3))
    await world.publish(campaign)
    early, timely = await world.lead(), await world.lead()
    await world.event(early)
    await world.settle()
    assert await world.enrolments(early) == []
    assert world.wakes() == datetime(2026, 1, 2, tzinfo=UTC)
    await world.later(days=2)
    await world.event(timely)
    await world.settle()
    assert await world.sent(timely) == ["bonjour"]
    await world.later(days=3)
    assert await world.outcomes(timely) == [None]
    assert [row.runs for row in await world.rows(select(campaigns))] == [False]
    await world.publish(replace(campaign, ends=date(2026, 1, 20)))
    await world.settle()
    assert await world.sent(timely) == ["bonjour", "adieu"]
    assert await history(world) == ["activated", "opened", "suspended", "opened"]


async def test_what_comes_as_a_period_begins_is_kept_for_it_before_any_tick(world: World) -> None:
    await world.publish(resting(starts=date(2026, 1, 2)))
    await world.settle()
    form = Happening("form_submitted", "essai")
    assert world.engine.hears(form) is (world.store.dialect != "sqlite")
    world.clock.set(datetime(2026, 1, 2, tzinfo=UTC))
    assert world.engine.hears(form)
    await world.settle()
    assert world.engine.hears(form)


async def test_an_unchanged_publication_leaves_a_campaign_in_its_state(world: World) -> None:
    lead = await entered(world)
    await decide(world, CampaignChange.PAUSED)
    await world.publish(resting(entries=(on("form_submitted", "Autre"),)))
    await world.later(days=2)
    assert await world.sent(lead) == ["bonjour"]
    await resume(world)
    assert await world.sent(lead) == ["bonjour", "adieu"]


def test_a_period_may_name_hours_up_to_the_end_of_the_minute_it_says() -> None:
    """Where clocks go forward, from the first instant that exists."""
    given = {"starts": date(2026, 3, 8), "starts_at": time(2, 30), "ends": date(2026, 3, 8)}
    campaign = program(zone="America/Montreal", ends_at=time(23, 59), **given)
    version = Version(1, 1, "essai", campaign, ZoneInfo("America/Montreal"), True)
    assert version.period_start == to_micros(datetime(2026, 3, 8, 7, 0, tzinfo=UTC))
    assert version.period_end == to_micros(datetime(2026, 3, 9, 4, 0, tzinfo=UTC))
