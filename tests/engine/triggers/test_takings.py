"""Those who are there already: taken when a campaign is published, when its period opens, and again
when they leave while the state still holds, if they may come back."""

from dataclasses import replace
from datetime import date, datetime
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import delete, insert, select

from dsl.program import END, Act, Exit, ExitRule, Pause, Program, Reentry
from relance.effects import LeaveCampaign, RemoveFromList, Send
from relance.facts import Age, All, Compare, InList, Literal
from relance.values import Comparator, Duration
from relance.waits import WaitFor
from server.engine.engine import Engine
from server.store.schema.campaigns import takings
from server.store.schema.events import inbox
from server.store.schema.leads import list_members
from tests.engine.triggers.test_state_triggers import BORN, above, sends, when
from tests.engine.world import HERE, World, on, program

UTC_ZONE = ZoneInfo("UTC")
PROSPECTS = InList("Prospects")
BY_LIST = when(PROSPECTS)
RESTS = Pause("p", HERE, WaitFor(Duration(days=1)), END)


def launched(message: str = "a", **given: object) -> Program:
    """Sends, and rests a day."""
    act = Act(message, HERE, (Send("email", message),), 1)
    return program(act, RESTS, **{"entries": (BY_LIST,), **given})


async def member(world: World, *, event: bool = False) -> int:
    lead = await world.lead()
    await enlist(world, lead, event=event)
    return lead


async def enlist(world: World, lead: int, *, event: bool = True) -> None:
    async with world.store.write() as conn:
        await conn.execute(insert(list_members).values(list_key="prospects", lead_id=lead, since=0))
    if event:
        await world.event(lead, "list_added", "Prospects")


async def leave_list(world: World, lead: int) -> None:
    async with world.store.write() as conn:
        await conn.execute(delete(list_members).where(list_members.c.lead_id == lead))
    await world.event(lead, "list_removed", "Prospects")


async def count(world: World, leads: list[int]) -> list[int]:
    return [len(await world.sent(lead)) for lead in leads]


async def test_a_campaign_launched_by_a_list_takes_its_present_members(world: World) -> None:
    there, stranger = await member(world), await world.lead()
    await world.publish(launched())
    await world.settle()
    later = await member(world, event=True)
    await world.settle()
    assert await count(world, [there, stranger, later]) == [1, 0, 1]
    assert await world.rows(select(takings)) == []


async def test_an_event_takes_those_to_whom_it_happens_from_then_on(world: World) -> None:
    """« Ajouté à la liste (Prospects) » is an event: the members there are were added before."""
    there = await member(world, event=True)
    await world.settle()
    await world.publish(launched(entries=(on("list_added", "Prospects"),)))
    await world.settle()
    later = await member(world, event=True)
    await world.settle()
    assert await count(world, [there, later]) == [0, 1]


@pytest.mark.parametrize("reentry", [one for one in Reentry if one is not Reentry.BY_VALUE])
async def test_an_edited_version_takes_nobody_again(world: World, reentry: Reentry) -> None:
    given = {"reentry": reentry, "reentry_delay": Duration(days=1)}
    there = await member(world)
    through = program(sends("a"), entries=(BY_LIST,), **given)
    await world.publish(through)
    await world.settle()
    await world.later(days=3)
    await world.publish(replace(through, statements=(sends("b"),)))
    await world.settle()
    await world.publish()
    await world.publish(through)
    await world.settle()
    assert await world.sent(there) == ["a"]


async def test_an_entry_that_is_new_takes_those_who_never_came(world: World) -> None:
    known, other = await member(world), await world.lead(score=60)
    await world.publish(launched("a", reentry=Reentry.AFTER_EXIT))
    await world.settle()
    await world.set(known, score=60)
    both = (BY_LIST, when(above(50)))
    await world.publish(launched("b", entries=both, reentry=Reentry.AFTER_EXIT))
    await world.settle()
    assert (await world.sent(known), await world.sent(other)) == (["a"], ["b"])


async def test_a_period_takes_when_it_opens_those_for_whom_a_state_is_true_by_then(
    world: World,
) -> None:
    before, gone = await member(world), await member(world)
    await world.publish(launched(starts=date(2026, 3, 1)))
    between = await member(world, event=True)
    await leave_list(world, gone)
    await world.settle()
    assert await count(world, [before, gone, between]) == [0, 0, 0]
    assert world.wakes() == datetime(2026, 3, 1, tzinfo=UTC_ZONE)
    world.clock.set(datetime(2026, 3, 1, tzinfo=UTC_ZONE))
    await world.settle()
    assert await count(world, [before, gone, between]) == [1, 0, 1]


@pytest.mark.parametrize(("reentry", "sent"), [(Reentry.NEVER, 1), (Reentry.AFTER_EXIT, 2)])
async def test_a_period_that_opens_anew_takes_them_as_the_re_entry_clause_allows(
    world: World, reentry: Reentry, sent: int
) -> None:
    there = await member(world)
    winter = program(sends("a"), entries=(BY_LIST,), reentry=reentry, ends=date(2026, 2, 1))
    await world.publish(winter)
    await world.settle()
    assert await count(world, [there]) == [1]
    await world.publish(replace(winter, starts=date(2026, 4, 1), ends=None))
    await world.settle()
    assert await count(world, [there]) == [1]
    world.clock.set(datetime(2026, 4, 1, tzinfo=UTC_ZONE))
    await world.settle()
    assert await count(world, [there]) == [sent]


async def test_a_state_that_turns_true_at_the_very_opening_lets_in_once(world: World) -> None:
    """Looked at by the clock and by the period at one midnight."""
    adult = Compare(Age(BORN), Comparator.AT_LEAST, Literal(18))
    lead = await world.lead(**{BORN.name: date(2008, 3, 1)})
    campaign = program(
        sends("a"), entries=(when(adult),), starts=date(2026, 3, 1), reentry=Reentry.AFTER_EXIT
    )
    await world.publish(campaign)
    await world.settle()
    world.clock.set(datetime(2026, 3, 1, tzinfo=UTC_ZONE))
    await world.settle()
    assert await world.sent(lead) == ["a"]


@pytest.mark.parametrize(
    ("reentry", "sent"),
    [(Reentry.NEVER, 1), (Reentry.AFTER_EXIT, 4), (Reentry.AFTER_DELAY, 1)],
)
async def test_who_leaves_while_the_state_still_holds_enters_again_after_exit_only(
    world: World, reentry: Reentry, sent: int
) -> None:
    there = await member(world)
    await world.publish(launched(reentry=reentry, reentry_delay=Duration(seconds=1)))
    await world.settle()
    for _ in range(3):
        await world.later(days=1)
    assert await count(world, [there]) == [sent]


async def test_who_leaves_the_list_does_not_enter_again(world: World) -> None:
    there = await member(world)
    await world.publish(launched(reentry=Reentry.AFTER_EXIT))
    await world.settle()
    await leave_list(world, there)
    await world.later(days=2)
    assert await count(world, [there]) == [1]


async def test_a_campaign_that_takes_out_of_its_own_list_does_not_turn(world: World) -> None:
    """What its last line did is told by an event, that waits when the lead leaves."""
    there = await member(world)
    rest = Pause("p", HERE, WaitFor(Duration(days=1)), 1)
    out = Act("x", HERE, (RemoveFromList("Prospects"),), END)
    await world.publish(program(rest, out, entries=(BY_LIST,), reentry=Reentry.AFTER_EXIT))
    await world.settle()
    await world.later(days=1)
    await world.later(days=1)
    assert len(await world.enrolments(there)) == 1


async def test_who_goes_through_without_waiting_enters_again_once_it_has_turned_true_anew(
    world: World,
) -> None:
    there = await member(world)
    await world.publish(program(sends("a"), entries=(BY_LIST,), reentry=Reentry.AFTER_EXIT))
    await world.settle()
    await world.later(days=1)
    assert await count(world, [there]) == [1]
    await leave_list(world, there)
    await world.settle()
    await enlist(world, there)
    await world.settle()
    assert await count(world, [there]) == [2]


async def test_who_was_taken_out_by_a_state_stays_out_while_it_holds(
    world: World,
) -> None:
    rich = ExitRule(Exit.SUCCESS, when(above(50)))
    there, already = await member(world), await world.lead(score=60)
    await enlist(world, already, event=False)
    await world.publish(launched(reentry=Reentry.AFTER_EXIT, exits=(rich,)))
    await world.settle()
    await world.set(there, score=60)
    await world.event(there, "score_changed", None)
    await world.settle()
    await world.later(days=2)
    assert await world.outcomes(there) == ["success"]
    assert await world.outcomes(already) == []


async def test_who_was_taken_out_on_purpose_does_not_come_back_at_once(world: World) -> None:
    there = await member(world)
    out = Act("x", HERE, (LeaveCampaign("Essai"),), END)
    other = program(out, name="Autre", entries=(on("custom", "go"),))
    await world.publish(launched(reentry=Reentry.AFTER_EXIT), other)
    await world.settle()
    await world.event(there, "custom", "go")
    await world.settle()
    await world.later(days=2)
    assert await world.outcomes(there) == ["removed", "finished"]


async def test_members_come_in_parts_and_a_stop_midway_takes_each_once(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("server.engine.parts.PART", 3)
    leads = [await member(world) for _ in range(7)]
    world.engine = Engine(world.store, world.clock, zone=UTC_ZONE, limit=2)
    await world.publish(launched())
    for _ in range(5):
        await world.engine.tick()
        world.engine = Engine(world.store, world.clock, zone=UTC_ZONE, limit=2)
    waiting = await world.rows(select(inbox.c.id))
    assert len(waiting) <= 2
    await world.settle()
    assert await count(world, leads) == [1] * 7


async def test_an_edit_midway_goes_on_with_those_who_are_left(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    leads = [await member(world) for _ in range(6)]
    world.engine = Engine(world.store, world.clock, zone=UTC_ZONE, limit=2)
    await world.publish(launched("a", reentry=Reentry.AFTER_EXIT))
    for _ in range(3):
        await world.engine.tick()
    await world.publish(launched("b", reentry=Reentry.AFTER_EXIT))
    await world.settle()
    sent = [await world.sent(lead) for lead in leads]
    assert (sent[0], sent[-1]) == (["a"], ["b"])
    assert all(len(each) == 1 for each in sent)


async def test_a_state_of_several_parts_takes_those_for_whom_all_hold(world: World) -> None:
    poor, rich = await member(world), await world.lead(score=60)
    await enlist(world, rich, event=False)
    await world.publish(launched(entries=(when(All((PROSPECTS, above(50)))),)))
    await world.settle()
    assert await count(world, [poor, rich]) == [0, 1]
