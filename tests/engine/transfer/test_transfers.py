"""A new version is published with people inside: they keep theirs, pass to it, leave, or come back."""

from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from dsl.program import (
    END,
    Act,
    Await,
    Branch,
    ExitRule,
    Jump,
    Leave,
    Loop,
    LoopStart,
    Pause,
    Program,
    Statement,
    Step,
)
from dsl.program import Exit as Outcome
from relance.effects import Send
from relance.values import Duration
from relance.waits import WaitFor
from server.engine.life.journal import Author
from server.engine.life.resuming import How
from server.engine.life.state import CampaignChange
from server.engine.publication.project import ProgramSource, Project
from server.engine.transfer import transfers
from server.engine.transfer.fate import Fate, TransferPlan
from server.reports.transfers import insiders
from server.reports.undoing import Undoing, undoing
from server.store.instants import now_micros, to_micros
from server.store.schema.campaigns import campaign_changes, enrolments
from server.store.schema.transfers import carried
from tests.engine.life.test_states import decide, resume
from tests.engine.triggers.test_state_triggers import above, when
from tests.engine.world import HERE, UTC, World, heard, on, program

ME = Author("alice", "la saison change")
MIGRATE = TransferPlan(Fate.MIGRATE, {}, ME)
Made = Callable[[int], Statement]


def body(*made: Made, **given: Any) -> Program:
    """Statements one after the other, the last of which is the last of all."""
    last = len(made) - 1
    laid = [one(END if at == last else at + 1) for at, one in enumerate(made)]
    return program(*laid, **given)


def says(message: str) -> Made:
    return lambda then: Act(f"{message}#1", HERE, (Send("email", message),), then)


def rests(days: int) -> Made:
    return lambda then: Pause(f"{days} jours#1", HERE, WaitFor(Duration(days=days)), then)


def step(name: str) -> Made:
    return lambda then: Step(f"step({name})", HERE, name, then)


def waits_for(subject: str, days: int | None = None) -> Made:
    limit = None if days is None else Duration(days=days)
    asked = heard("form_submitted", subject)

    def made(then: int) -> Statement:
        branch = Branch(HERE, asked, then)
        key = f"wait({subject})#1"
        return Await(key, HERE, (branch,), limit, then, ("form_submitted",))

    return made


async def inside(world: World, campaign: Program) -> int:
    await world.publish(campaign)
    lead = await world.lead()
    await world.event(lead)
    await world.settle()
    return lead


async def transfer(world: World, campaign: Program, plan: TransferPlan = MIGRATE) -> None:
    await world.engine.publish(Project([ProgramSource(campaign)], transfers={"essai": plan}))
    await world.settle()


async def foreseen(world: World, campaign: Program, plan: TransferPlan = MIGRATE) -> dict[str, int]:
    """What publishing it would make of those inside: how many of each."""
    project = Project([ProgramSource(campaign)], transfers={"essai": plan})
    async with world.store.read() as conn:
        now = now_micros(world.clock)
        found = await insiders(world.store, conn, project, now, UTC, [campaign.name])
    counts: Counter[str] = Counter()
    for one in found:
        counts[one.becoming.value] += one.count
    return dict(counts)


async def undo(world: World) -> None:
    async def work(tick: Any) -> bool:
        return await transfers.undo(tick, 1, ME)

    assert await world.engine.change(work)
    await world.settle()


async def version(world: World, lead: int) -> tuple[int, int]:
    (one,) = [each for each in await world.enrolments(lead) if each.active]
    return one.version_id, one.statement


async def test_who_waits_for_the_same_waits_on_in_the_new_version_until_the_same_instant(
    world: World,
) -> None:
    lead = await inside(world, body(rests(3), says("adieu")))
    await world.later(days=1)
    await transfer(world, body(says("bonjour"), rests(3), says("salut")))
    assert await version(world, lead) == (2, 1)
    await world.later(days=1, hours=23)
    assert await world.sent(lead) == []
    await world.later(hours=1)
    assert await world.sent(lead) == ["salut"]


async def test_who_passes_leaves_by_the_exits_of_the_new_version(world: World) -> None:
    lead = await inside(world, body(rests(3), says("adieu")))
    bought = ExitRule(Outcome.SUCCESS, on("form_submitted", "Achat"))
    await transfer(world, body(rests(3), says("adieu"), exits=(bought,)))
    await world.event(lead, "form_submitted", "Achat")
    await world.settle()
    assert await world.outcomes(lead) == ["success"]


async def test_who_is_inside_keeps_the_version_he_entered_unless_it_is_said(world: World) -> None:
    lead = await inside(world, body(rests(3), says("adieu")))
    await transfer(world, body(rests(3), says("salut")), TransferPlan())
    await world.later(days=3)
    assert await world.sent(lead) == ["adieu"]


@pytest.mark.parametrize(("days", "left"), [(2, 1), (5, 4)])
async def test_a_wait_made_shorter_or_longer_keeps_its_start(
    world: World, days: int, left: int
) -> None:
    lead = await inside(world, body(rests(3), says("adieu")))
    await world.later(days=1)
    await transfer(world, body(rests(days), says("adieu")))
    await world.later(days=left, minutes=-1)
    assert await world.sent(lead) == []
    await world.later(minutes=1)
    assert await world.sent(lead) == ["adieu"]


async def test_a_wait_whose_end_is_past_by_now_is_over_at_once(world: World) -> None:
    lead = await inside(world, body(rests(3), says("adieu")))
    await world.later(days=2)
    await transfer(world, body(rests(1), says("adieu")))
    assert await world.sent(lead) == ["adieu"]


async def test_who_stands_where_nothing_is_left_returns_to_his_step_and_receives_nothing_twice(
    world: World,
) -> None:
    before = body(says("bonjour"), step("Suite"), says("un"), rests(3), says("deux"))
    lead = await inside(world, before)
    after = body(says("bonjour"), step("Suite"), says("un"), says("trois"), waits_for("Autre"))
    await transfer(world, after)
    assert await world.sent(lead) == ["bonjour", "un", "trois"]
    assert (await version(world, lead))[1] == 4
    assert (await world.moves(lead))[-5:] == [
        *("transferred", "stepped", "skipped", "acted", "waited")
    ]
    assert await world.rows(select(carried)) == [], "what was skipped is forgotten"


async def test_without_a_step_left_who_returns_begins_again_and_receives_nothing_twice(
    world: World,
) -> None:
    lead = await inside(world, body(says("bonjour"), step("Suite"), says("un"), rests(3)))
    await transfer(world, body(says("bonjour"), says("un"), says("deux"), waits_for("Autre", 2)))
    assert await world.sent(lead) == ["bonjour", "un", "deux"]
    await world.later(days=2)
    assert await world.outcomes(lead) == ["finished"]


async def test_a_message_due_once_more_by_the_script_leaves_as_often_as_it_says(
    world: World,
) -> None:
    """Done once before, it is passed over once: the second is the second."""
    again: Made = lambda then: Act("un#2", HERE, (Send("email", "un"),), then)  # noqa: E731
    lead = await inside(world, body(step("Suite"), says("un"), rests(3)))
    await transfer(world, body(step("Suite"), says("un"), again, rests(9)))
    assert await world.sent(lead) == ["un"], "the wait is the same one, made longer"
    await transfer(world, body(step("Suite"), says("un"), again, waits_for("Autre")))
    assert await world.sent(lead) == ["un", "un"]


async def test_what_was_received_before_a_wait_and_is_now_said_after_it_is_not_received_again(
    world: World,
) -> None:
    lead = await inside(world, body(step("Suite"), says("un"), rests(3), says("deux")))
    await transfer(world, body(step("Suite"), rests(3), says("un"), says("deux")))
    await world.later(days=3)
    assert await world.sent(lead) == ["un", "deux"]


async def test_what_was_received_before_a_step_and_is_now_said_in_it_is_not_received_again(
    world: World,
) -> None:
    lead = await inside(world, body(says("un"), step("Suite"), says("deux"), rests(3)))
    await transfer(world, body(step("Suite"), says("deux"), says("un"), waits_for("A", 1)))
    await world.later(days=1)
    assert await world.sent(lead) == ["un", "deux"]
    assert await world.outcomes(lead) == ["finished"]


async def test_who_waits_for_an_event_hears_of_what_the_new_version_waits_for(
    world: World,
) -> None:
    lead = await inside(world, body(waits_for("A", 9), says("adieu")))
    asked = heard("form_submitted", "B")
    both = (Branch(HERE, heard("form_submitted", "A"), 1), Branch(HERE, asked, 2))
    await world.event(lead, subject="B")
    await world.settle()
    after = program(
        Await("wait(A)#1", HERE, both, Duration(days=9), END, ("form_submitted",)),
        says("a")(END),
        says("b")(END),
    )
    await transfer(world, after)
    assert await world.sent(lead) == ["b"], "it happened since the wait began"


async def test_a_limit_of_a_wait_that_changes_counts_from_its_start(world: World) -> None:
    lead = await inside(world, body(waits_for("A", 9), says("adieu")))
    await world.later(days=2)
    await transfer(world, body(waits_for("A", 3), says("adieu")))
    await world.later(hours=23)
    assert await world.sent(lead) == []
    await world.later(hours=1)
    assert await world.sent(lead) == ["adieu"]


async def test_a_time_limit_of_the_campaign_that_changes_counts_from_the_entry(
    world: World,
) -> None:
    lead = await inside(world, body(rests(30), timeout=Duration(days=20)))
    await world.later(days=5)
    await transfer(world, body(rests(30), timeout=Duration(days=7)))
    await world.later(days=1, hours=23)
    assert await world.outcomes(lead) == [None]
    await world.later(hours=1)
    assert await world.outcomes(lead) == ["timeout"]


async def test_those_of_a_step_may_leave_while_the_others_pass(world: World) -> None:
    before = body(waits_for("A"), step("Fin"), rests(3), says("adieu"))
    one, other = await inside(world, before), await world.lead()
    await world.event(other)
    await world.settle()
    await world.event(one, subject="A")
    await world.settle()
    plan = TransferPlan(Fate.MIGRATE, {"fin": Fate.LEAVE}, ME)
    await transfer(world, body(waits_for("A"), says("adieu")), plan)
    assert await world.outcomes(one) == ["removed"]
    assert await version(world, other) == (2, 0)
    assert (await world.journal(one))[-1].cause == "operator"
    (counts,) = await world.rows(
        select(campaign_changes.c.details, campaign_changes.c.who).where(
            campaign_changes.c.kind == CampaignChange.TRANSFERRED.value
        )
    )
    assert counts == ('{"migrated": 1, "left": 1}', "alice")


async def test_a_loop_goes_on_counting_and_a_jump_too(world: World) -> None:
    def looping(last: str) -> Program:
        return program(
            LoopStart("repeat#1", HERE, 3),
            says("encore")(2),
            rests(1)(3),
            Loop("repeat#1/end", HERE, 0, 1, 3, 4),
            says(last)(END),
        )

    lead = await inside(world, looping("adieu"))
    await world.later(days=1)
    longer = program(
        says("avant")(1),
        LoopStart("repeat#1", HERE, 4),
        says("encore")(3),
        rests(1)(4),
        Loop("repeat#1/end", HERE, 1, 2, 3, 5),
        says("salut")(END),
    )
    await transfer(world, longer)
    await world.later(days=1)
    await world.later(days=1)
    assert await world.sent(lead) == ["encore", "encore", "encore", "salut"]


async def test_a_jump_already_made_as_often_as_it_may_is_not_made_again(world: World) -> None:
    def jumping(*first: Made) -> Program:
        at = len(first)
        laid = [one(number + 1) for number, one in enumerate(first)]
        return program(
            *laid,
            step("Ici")(at + 1),
            rests(1)(at + 2),
            Jump("go(Ici)#1", HERE, at, 1, at + 3),
            Leave("quit#1", HERE, Outcome.SUCCESS),
        )

    lead = await inside(world, jumping())
    await world.later(days=1)
    await transfer(world, jumping(says("avant")))
    await world.later(days=1)
    assert await world.outcomes(lead) == ["success"]


async def test_who_was_moved_may_be_put_back_until_he_moves(world: World) -> None:
    before = body(step("Suite"), says("un"), rests(3), says("deux"))
    one = await inside(world, before)
    other = await world.lead()
    await world.later(days=2)
    await world.event(other)
    await world.settle()
    await transfer(world, body(step("Suite"), says("un"), rests(5), says("trois")))
    await world.later(days=3)
    assert await world.sent(one) == ["un", "trois"]
    await undo(world)
    assert await world.sent(other) == ["un", "deux"], "its wait is over by what it was"
    assert await world.sent(one) == ["un", "trois"], "who had moved goes on"
    assert [each.version_id for each in await world.journal(other)][-3:] == [1, 1, 1]


async def test_who_left_because_of_a_transfer_is_told_apart_from_who_is_put_back(
    world: World,
) -> None:
    """By an exit that is new, or because it was so decided: none comes back, and each is counted."""
    before = body(step("Un"), says("un"), rests(3), step("Deux"), rests(9))
    decided = await inside(world, before)
    await world.later(days=3)
    leads = [await world.lead() for _ in range(3)]
    for lead in leads:
        await world.event(lead)
    await world.settle()
    stays, barred, _ = leads
    await world.set(barred, score=90)
    exits = (ExitRule(Outcome.FAILURE, when(above(50))),)
    plan = TransferPlan(Fate.MIGRATE, {"deux": Fate.LEAVE}, ME)
    await transfer(
        world, body(step("Un"), says("un"), rests(4), step("Deux"), rests(9), exits=exits), plan
    )
    await world.later(hours=1)
    async with world.store.read() as conn:
        assert await undoing(conn, 1) == Undoing(back=2, moved=0, gone=1, taken_out=1)
    await undo(world)
    assert await version(world, stays) == (1, 2)
    assert [await world.outcomes(one) for one in (decided, barred)] == [["removed"], ["failure"]]


async def test_undone_a_return_to_a_step_is_as_if_it_had_not_been(world: World) -> None:
    lead = await inside(world, body(step("Suite"), says("un"), waits_for("A"), says("deux")))
    await decide(world, CampaignChange.PAUSED)
    await transfer(world, body(step("Suite"), says("un"), says("trois")))
    assert await version(world, lead) == (2, 0)
    await undo(world)
    assert await version(world, lead) == (1, 2)
    assert await world.rows(select(carried)) == []
    await resume(world)
    assert await world.sent(lead) == ["un"]
    await world.event(lead, subject="A")
    await world.settle()
    assert await world.sent(lead) == ["un", "deux"]


async def test_people_of_a_paused_campaign_pass_and_are_overdue_at_its_resume(
    world: World,
) -> None:
    lead = await inside(world, body(step("Suite"), rests(3), says("adieu")))
    await decide(world, CampaignChange.PAUSED)
    await world.later(days=4)
    await transfer(world, body(step("Suite"), rests(2), says("salut")))
    assert await world.sent(lead) == []
    (one,) = await world.rows(select(enrolments.c.overdue_at, enrolments.c.wake_at))
    assert tuple(one) == (to_micros(world.clock.now() - timedelta(days=2)), None)
    await resume(world)
    assert await world.sent(lead) == ["salut"]


async def test_a_shift_of_all_waits_shifts_the_start_a_transfer_counts_from(
    world: World,
) -> None:
    lead = await inside(world, body(rests(3), says("adieu")))
    await decide(world, CampaignChange.PAUSED)
    await world.later(days=10)
    await resume(world, How.SHIFT)
    await transfer(world, body(rests(2), says("adieu")))
    await world.later(days=1, hours=23)
    assert await world.sent(lead) == []
    await world.later(hours=1)
    assert await world.sent(lead) == ["adieu"]


async def test_a_part_at_a_time_nobody_is_left_behind(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("server.engine.transfer.proceeding.PART", 2)
    people = [await inside(world, body(rests(3), says("adieu")))]
    for _ in range(4):
        people.append(await world.lead())
        await world.event(people[-1])
    await world.settle()
    await transfer(world, body(rests(3), says("salut")))
    assert {(await version(world, lead))[0] for lead in people} == {2}


async def test_a_state_that_takes_out_written_anew_takes_out_who_passes_and_is_in_it_already(
    world: World,
) -> None:
    leads = [await inside(world, body(rests(9))) for _ in range(1)]
    leads += [await world.lead() for _ in range(3)]
    for lead in leads[1:]:
        await world.event(lead)
    await world.settle()
    listed, barred, keeps, free = leads
    for lead, score in ((listed, 60), (barred, 90), (keeps, 0), (free, 0)):
        await world.set(lead, score=score)
    high, higher = (when(above(score)) for score in (50, 80))
    exits = (ExitRule(Outcome.SUPPRESSED, higher), ExitRule(Outcome.FAILURE, high))
    assert await foreseen(world, body(rests(9), exits=exits)) == {"passes": 2, "taken_out": 2}
    assert await foreseen(world, body(rests(9), exits=exits), TransferPlan()) == {"keeps": 4}
    await transfer(world, body(rests(9), exits=exits))
    found = [(await world.outcomes(lead))[0] for lead in leads]
    assert found == ["failure", "suppressed", None, None]
    # Of an exit that was there, only those who come to it leave: these were looked at then.
    await world.set(keeps, score=60)
    assert await foreseen(world, body(rests(8), exits=exits)) == {"waits_anew": 2}
    await transfer(world, body(rests(8), exits=exits))
    assert (await world.outcomes(keeps))[0] is None
    # Nor is whom a time limit takes out to be said to stay « au même endroit ».
    await world.later(days=2)
    short = body(rests(8), exits=exits, timeout=Duration(days=1))
    assert await foreseen(world, short) == {"taken_out": 2}
    await transfer(world, short)
    assert (await world.outcomes(keeps))[0] == "timeout"
