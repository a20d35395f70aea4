"""Dynamic lists: who is a member at each instant, and that each change is told once."""

from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select, text

from dsl.program import END, Act, Decide, Trigger
from relance.effects import AddToList, ChangeScore, Send
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
    HasTag,
    InList,
    IsEmpty,
    Literal,
    Not,
    Score,
    SinceAgo,
    longer_than,
)
from relance.host import Identities, Incoming
from relance.proof import Proof
from relance.testing import VirtualClock
from relance.values import Change, Comparator, Duration
from server.engine.engine import Engine
from server.engine.listening import Happening
from server.engine.lists.members import Members
from server.engine.own_events import LEAD_CREATED
from server.engine.tick import Tick
from server.intake.intake import Intake
from server.store.schema.campaigns import flips
from server.store.schema.leads import list_members
from server.store.schema.rules import dynamic_lists
from server.store.store import Store
from tests.engine.world import HERE, World, on, program

AT_LEAST, LESS = Comparator.AT_LEAST, Comparator.LESS
PAGE = EventPattern("page_visited", "/prix")
BORN = Field("date de naissance")
RICH = Compare(Score(), AT_LEAST, Literal(50))
SEEN = Happened(Events(PAGE))
LATELY = Happened(Events(PAGE, SinceAgo(Duration(days=30))))
ADULT = Compare(Age(BORN), AT_LEAST, Literal(18))


async def members(world: World, name: str) -> list[int]:
    query = select(list_members.c.lead_id).where(list_members.c.list_key == name)
    return [row.lead_id for row in await world.rows(query.order_by(list_members.c.lead_id))]


async def visit(world: World, lead: int, path: str = "/prix", **more: Any) -> None:
    await world.event(lead, "page_visited", path, **more)
    await world.settle()


async def test_an_event_makes_a_member_and_tells_it_once(world: World) -> None:
    await world.publish(lists={"Curieux": SEEN})
    lead, other = await world.lead(), await world.lead()
    await visit(world, lead, "/autre")
    assert await members(world, "curieux") == []
    await visit(world, lead)
    await visit(world, lead)
    assert await members(world, "curieux") == [lead]
    assert await world.subjects(lead, "list_added") == ["Curieux"]
    assert await world.subjects(other, "list_added") == []


async def test_what_is_decided_in_the_same_tick_sees_the_new_member(world: World) -> None:
    decide = Decide("d", HERE, InList("Curieux"), 1, END)
    act = Act("oui", HERE, (Send("email", "oui"),), END)
    visited = program(decide, act, entries=(on("page_visited", "/prix"),))
    await world.publish(visited, lists={"Curieux": SEEN})
    lead = await world.lead()
    await visit(world, lead)
    assert await world.sent(lead) == ["oui"]


async def test_entering_and_leaving_a_list_set_triggers_off(world: World) -> None:
    joined = program(Act("a", HERE, (Send("email", "arrivé"),), END), name="Arrivée",
                     entries=(on("list_added", "Riches"),))  # fmt: skip
    left = program(Act("a", HERE, (Send("email", "parti"),), END), name="Départ",
                   entries=(on("list_removed", "Riches"),))  # fmt: skip
    poorer = program(Act("p", HERE, (ChangeScore(Change(-20)),), END), name="Perte",
                     entries=(on("custom", "perte"),))  # fmt: skip
    await world.publish(joined, left, poorer, lists={"Riches": RICH})
    lead = await world.lead(score=60)
    await world.event(lead, "score_changed", None)
    await world.settle()
    assert await world.sent(lead) == ["arrivé"]
    await world.event(lead, "custom", "perte")
    await world.settle()
    assert await world.sent(lead) == ["arrivé", "parti"]
    assert await members(world, "riches") == []


async def test_lists_rest_on_lists_in_the_same_tick(world: World) -> None:
    lists = {
        "Z": SEEN,
        "M": All((InList("z"), Not(HasTag("non")))),
        "A": AnyOf((InList("M"), InList("statique"))),
        "Sans": Not(InList("A")),
    }
    await world.publish(lists=lists)
    lead = await world.lead()
    await visit(world, lead)
    for name in ("z", "m", "a"):
        assert await members(world, name) == [lead]
    assert await members(world, "sans") == []
    added = await world.subjects(lead, "list_added")
    assert added == ["Z", "M", "A"]


async def test_a_list_rests_on_one_that_leads_are_put_in(world: World) -> None:
    put = program(Act("a", HERE, (AddToList("Clients"),), END))
    await world.publish(put, lists={"Acheteurs": InList("clients")})
    lead = await world.lead()
    await world.event(lead)
    await world.settle()
    assert await members(world, "acheteurs") == [lead]


async def test_a_list_counts_the_arrivals_in_another(world: World) -> None:
    arrived = Happened(Events(EventPattern("list_added", "Curieux")))
    await world.publish(lists={"Curieux": LATELY, "Passés": arrived})
    lead = await world.lead()
    await visit(world, lead)
    await world.later(days=31)
    assert await members(world, "curieux") == []
    assert await members(world, "passes") == [lead]


async def test_the_last_thirty_days_end_right_after_the_thirtieth(world: World) -> None:
    await world.publish(lists={"Récents": LATELY})
    lead = await world.lead()
    await visit(world, lead)
    end = world.clock.now() + timedelta(days=30)
    assert world.wakes() == end + timedelta(microseconds=1)
    world.clock.set(end)
    await world.settle()
    assert await members(world, "recents") == [lead]
    world.clock.advance(timedelta(microseconds=1))
    await world.settle()
    assert await members(world, "recents") == []
    assert await world.subjects(lead, "list_removed") == ["Récents"]
    assert world.wakes() is None


async def test_a_new_visit_puts_the_end_off(world: World) -> None:
    await world.publish(lists={"Récents": LATELY})
    lead = await world.lead()
    await visit(world, lead)
    await world.later(days=20)
    await visit(world, lead)
    await world.later(days=20)
    assert await members(world, "recents") == [lead]
    await world.later(days=11)
    assert await members(world, "recents") == []


async def test_several_in_a_window_leave_it_one_by_one(world: World) -> None:
    thrice = Compare(Count(Events(PAGE, SinceAgo(Duration(days=7)))), AT_LEAST, Literal(2))
    await world.publish(lists={"Assidus": thrice})
    lead = await world.lead()
    for _ in range(3):
        await visit(world, lead)
        await world.later(days=1)
    assert await members(world, "assidus") == [lead]
    await world.later(days=4, microseconds=1)
    assert await members(world, "assidus") == [lead]
    await world.later(days=1)
    assert await members(world, "assidus") == []


@pytest.mark.parametrize("day", [date(2026, 3, 7), date(2026, 10, 31)])
async def test_elapsed_time_is_elapsed_whatever_the_clocks_show(
    store: Store, clock: VirtualClock, day: date
) -> None:
    """Clocks change in the night that follows: a day of the calendar is not 24 hours."""
    world = World(store, clock)
    zone = ZoneInfo("America/Montreal")
    world.engine = Engine(store, clock, zone=zone)
    clock.set(datetime(day.year, day.month, day.day, 12, tzinfo=zone))
    await store.declare_fields([("achat", "date", ())])
    two_days = longer_than(Duration(days=2), Field("achat"))
    await world.publish(lists={"Anciens": two_days})
    lead = await world.lead(achat=day)
    await world.event(lead, "lead_updated", "achat")
    await world.settle()
    flip = datetime(day.year, day.month, day.day, tzinfo=zone).astimezone(UTC) + timedelta(days=2)
    assert world.wakes() == flip + timedelta(microseconds=1)
    clock.set(flip)
    await world.settle()
    assert await members(world, "anciens") == []
    clock.advance(timedelta(microseconds=1))
    await world.settle()
    assert await members(world, "anciens") == [lead]


async def test_a_date_far_ahead_is_looked_at_again_when_it_draws_near(world: World) -> None:
    await world.store.declare_fields([("livraison", "date", ())])
    late = longer_than(Duration(seconds=90 * 60), Field("livraison"))
    await world.publish(lists={"Livrés": late})
    lead = await world.lead(livraison=date(2026, 6, 1))
    await world.event(lead, "lead_updated", "livraison")
    await world.settle()
    assert world.wakes() < datetime(2026, 6, 1, tzinfo=UTC)
    stops = 0
    while not await members(world, "livres"):
        world.clock.set(world.wakes())
        await world.settle()
        stops += 1
    due = datetime(2026, 6, 1, 1, 30, tzinfo=UTC) + timedelta(microseconds=1)
    assert (world.clock.now(), stops <= 3) == (due, True)


@pytest.mark.parametrize(
    ("born", "eighteen"),
    [
        (date(2008, 3, 8), date(2026, 3, 8)),
        (date(2008, 2, 29), date(2026, 3, 1)),
        (date(2008, 12, 31), date(2026, 12, 31)),
    ],
)
async def test_an_age_is_reached_as_the_day_begins(
    store: Store, clock: VirtualClock, born: date, eighteen: date
) -> None:
    zone = ZoneInfo("America/Montreal")
    world = World(store, clock)
    world.engine = Engine(store, clock, zone=zone)
    await world.publish(lists={"Adultes": ADULT})
    lead = await world.lead(**{"date de naissance": born})
    nobody = await world.lead()
    for one in (lead, nobody):
        await world.event(one, "lead_updated", "date de naissance")
    await world.settle()
    midnight = datetime(eighteen.year, eighteen.month, eighteen.day, tzinfo=zone)
    assert world.wakes() == midnight
    clock.set(midnight - timedelta(microseconds=1))
    await world.settle()
    assert await members(world, "adultes") == []
    clock.set(midnight)
    await world.settle()
    assert await members(world, "adultes") == [lead]


async def test_a_birthday_lasts_a_day_and_comes_back(world: World) -> None:
    world.clock.set(datetime(2026, 2, 1, 12, tzinfo=UTC))
    await world.publish(lists={"Fêtés": Birthday(BORN), "Demain": Birthday(BORN, -1)})
    lead = await world.lead(**{"date de naissance": date(2004, 2, 29)})
    await world.event(lead, "lead_updated", "date de naissance")
    await world.settle()
    days = []
    while world.clock.now() < datetime(2028, 3, 5, tzinfo=UTC):
        world.clock.set(world.wakes())
        await world.settle()
        if await members(world, "fetes"):
            days.append(world.clock.now().date())
    # Kept on 1 March in common years, when the age changes.
    assert days == [date(2026, 3, 1), date(2027, 3, 1), date(2028, 2, 29)]


async def test_days_before_a_date_are_counted_down_without_looking_each_night(world: World) -> None:
    await world.store.declare_fields([("échéance", "date", ())])
    soon = Compare(DaysUntil(Field("échéance")), Comparator.EQUAL, Literal(5))
    await world.publish(lists={"Bientôt": soon})
    lead = await world.lead(**{"échéance": date(2026, 4, 10)})
    await world.event(lead, "lead_updated", "échéance")
    await world.settle()
    assert world.wakes() == datetime(2026, 4, 5, tzinfo=UTC)
    world.clock.set(world.wakes())
    await world.settle()
    assert await members(world, "bientot") == [lead]
    assert world.wakes() == datetime(2026, 4, 6, tzinfo=UTC)
    world.clock.set(world.wakes())
    await world.settle()
    assert await members(world, "bientot") == []
    assert world.wakes() is None


async def test_a_state_turns_true_at_its_instant_and_lets_in(world: World) -> None:
    waited = longer_than(Duration(days=2), Events(EventPattern("form_submitted", "X")))
    turn = Trigger(HERE, condition=waited)
    await world.publish(program(Act("a", HERE, (Send("email", "relance"),), END), entries=(turn,)))
    lead = await world.lead()
    await world.event(lead, subject="X")
    await world.settle()
    exact = world.clock.now() + timedelta(days=2)
    assert world.wakes() == exact + timedelta(microseconds=1)
    world.clock.set(exact)
    await world.settle()
    assert await world.sent(lead) == []
    world.clock.advance(timedelta(microseconds=1))
    await world.settle()
    assert await world.sent(lead) == ["relance"]


async def test_a_first_build_is_silent_and_a_changed_definition_tells(world: World) -> None:
    low, high = await world.lead(score=60), await world.lead(score=90)
    await world.publish(lists={"Riches": RICH})
    await world.settle()
    assert await members(world, "riches") == [low, high]
    assert await world.subjects(low, "list_added") == []
    above = Compare(Score(), AT_LEAST, Literal(80))
    await world.publish(lists={"Riches": above, "Sur elle": InList("riches")})
    await world.settle()
    assert await members(world, "riches") == await members(world, "sur elle") == [high]
    assert await world.subjects(low, "list_removed") == ["Riches"]
    assert await world.subjects(high, "list_added") == []


async def test_a_list_taken_away_loses_its_members_without_a_word(world: World) -> None:
    lead = await world.lead(score=60)
    await world.publish(lists={"Riches": RICH, "Récents": LATELY})
    await visit(world, lead)
    await world.publish()
    await world.settle()
    assert await world.rows(select(list_members)) == []
    assert await world.rows(select(flips)) == []
    assert await world.subjects(lead, "list_removed") == []


async def test_a_build_goes_on_part_by_part_after_a_crash_and_before_any_event(
    store: Store, clock: VirtualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("server.engine.parts.PART", 2)
    world = World(store, clock)
    leads = [await world.lead(score=60) for _ in range(7)]
    asks = Decide("d", HERE, InList("Riches"), 1, END)
    act = Act("oui", HERE, (Send("email", "oui"),), END)
    await world.publish(program(asks, act), lists={"Riches": RICH})
    await world.event(leads[-1])
    await world.engine.tick()
    row = (await world.rows(select(dynamic_lists)))[0]
    assert (row.built_to, len(await members(world, "riches"))) == (leads[1], 2)
    world.engine = Engine(store, clock, zone=ZoneInfo("UTC"))
    await world.settle()
    assert await members(world, "riches") == leads
    assert await world.sent(leads[-1]) == ["oui"]
    assert (await world.rows(select(dynamic_lists.c.built_to)))[0].built_to is None


async def test_a_list_that_fails_is_set_aside_and_the_others_go_on(world: World) -> None:
    broken: Condition = Compare(Field("inconnu"), AT_LEAST, Literal(1))
    await world.publish(lists={"Cassée": AnyOf((SEEN, broken)), "Curieux": SEEN})
    lead = await world.lead()
    await visit(world, lead)
    assert await members(world, "curieux") == [lead]
    assert world.engine.stopped_lists == ["Cassée"]
    reasons = await world.rows(
        select(dynamic_lists.c.reason).where(dynamic_lists.c.key == "cassee")
    )
    assert "inconnu" in reasons[0].reason
    await world.publish(lists={"Cassée": SEEN, "Curieux": SEEN})
    await world.settle()
    assert await members(world, "cassee") == [lead]
    assert world.engine.stopped_lists == []


async def test_a_lead_just_created_is_looked_at_by_those_who_take_in_the_unknown(
    store: Store, clock: VirtualClock
) -> None:
    world = World(store, clock)
    without = IsEmpty(Field("téléphone"))
    await world.publish(lists={"Sans téléphone": without, "Curieux": SEEN, "Avec": Not(without)})
    intake = Intake(store, clock)
    intake.hears = world.engine.hears
    with_phone = Incoming("test", Identities(email="a@exemple.ca"), {"téléphone": "514 555-0199"})
    (known,) = await intake.record([with_phone])
    (bare,) = await intake.record([Incoming("test", Identities(email="b@exemple.ca"))])
    await world.settle()
    assert await members(world, "sans telephone") == [bare.lead_id]
    assert await members(world, "avec") == [known.lead_id]


async def test_nobody_is_told_of_new_leads_that_no_list_takes_in(world: World) -> None:
    await world.publish(lists={"Curieux": SEEN, "Riches": RICH})
    if world.store.dialect == "sqlite":
        assert not world.engine.hears(Happening(LEAD_CREATED))


async def test_two_leads_found_to_be_one_are_looked_at_anew(
    store: Store, clock: VirtualClock
) -> None:
    world = World(store, clock)
    both = All((SEEN, Not(IsEmpty(Field("prénom")))))
    await world.publish(
        lists={"Complets": both, "Récents": LATELY, "Sans nom": IsEmpty(Field("prénom"))}
    )
    intake = Intake(store, clock)
    intake.hears = world.engine.hears
    visitor = "v" * 22
    (anonymous,) = await intake.record([Incoming("test", Identities(visitor=visitor))])
    (known,) = await intake.record(
        [Incoming("test", Identities(email="a@exemple.ca"), {"prénom": "Aline"})]
    )
    await visit(world, anonymous.lead_id)
    assert await members(world, "complets") == []
    both = Identities(email="a@exemple.ca", visitor=visitor)
    await intake.record([Incoming("test", both, proof=Proof.SIGNED)])
    await world.settle()
    assert await members(world, "complets") == [known.lead_id]
    assert await members(world, "sans nom") == []
    assert await members(world, "recents") == [known.lead_id]
    assert {row.lead_id for row in await world.rows(select(flips))} == {known.lead_id}


async def test_events_brought_late_count_from_when_they_happened(world: World) -> None:
    await world.publish(lists={"Récents": LATELY})
    lead = await world.lead()
    world.clock.advance(timedelta(days=40))
    await visit(world, lead, at=world.clock.now() - timedelta(days=29))
    assert await members(world, "recents") == [lead]
    await world.later(days=1, microseconds=1)
    assert await members(world, "recents") == []


async def test_a_field_wakes_only_those_who_ask_about_it(world: World) -> None:
    city = Compare(Field("ville"), Comparator.EQUAL, Literal("Laval"))
    name = IsEmpty(Field("prénom"))
    await world.publish(lists={"Lavallois": city, "Sans prénom": name})
    running = world.engine._running
    town = Happening("lead_updated", fields=frozenset({"ville", "langue"}))
    assert [each.name for each in running.lists._of(town)] == ["Lavallois"]
    assert not running.hears(Happening("lead_updated", fields=frozenset({"langue"})))
    assert not running.hears(Happening("page_visited", "/prix", "https://x.ca/prix"))


async def test_a_due_instant_waits_for_the_events_of_its_lead(world: World) -> None:
    """An event that puts the end off was there before the clock was looked at."""
    await world.publish(lists={"Récents": LATELY})
    lead = await world.lead()
    await visit(world, lead)
    world.clock.advance(timedelta(days=31))
    await visit(world, lead)
    assert await members(world, "recents") == [lead]
    assert await world.subjects(lead, "list_removed") == []


@pytest.mark.parametrize("afterwards", [False, True], ids=["built", "told"])
async def test_the_clock_looks_again_only_at_whom_time_may_change(
    world: World, afterwards: bool
) -> None:
    lists = {"Grands lecteurs": All((ADULT, LATELY, Not(HasTag("non"))))}
    if afterwards:
        await world.publish(lists=lists)
    today = world.clock.now().date()
    soon = (today + timedelta(days=3)).replace(year=today.year - 18)
    people = {
        (seen, born): await world.lead(**{"date de naissance": born})
        for seen in (True, False)
        for born in (date(1990, 5, 1), soon, None)
    }
    for (seen, _), lead in people.items():
        if seen:
            await visit(world, lead)
    await world.publish(lists=lists)
    await world.settle()
    adult, minor = people[True, date(1990, 5, 1)], people[True, soon]
    due = {row.lead_id: (row.at is not None, row.day) for row in await world.rows(select(flips))}
    assert due == {adult: (True, None), minor: (False, today + timedelta(days=3))}
    assert await members(world, "grands lecteurs") == [adult]
    await world.later(days=4)
    assert await members(world, "grands lecteurs") == [adult, minor]
    assert {row.day for row in await world.rows(select(flips))} == {None}
    await world.later(days=28)
    assert await members(world, "grands lecteurs") == []
    assert await world.rows(select(flips)) == []


async def test_parts_of_a_list_take_the_room_of_one(world: World, monkeypatch: Any) -> None:
    if world.store.dialect == "sqlite":
        pytest.skip("what is deleted leaves its place")
    fill, sizes = Members.fill, set()

    async def filled(mine: Members, tick: Tick, after: int, upto: int) -> None:
        for _ in range(4):
            await fill(mine, tick, after, upto)
            sizes.add(await tick.conn.scalar(text("SELECT pg_relation_size('foreseen')")))

    monkeypatch.setattr(Members, "fill", filled)
    many = "INSERT INTO leads (created_at, id) SELECT 0, n FROM generate_series(1, 1000) n"
    async with world.store.write() as conn:
        await conn.execute(text(many))
    await world.publish(lists={"Tous": Not(LATELY)})
    await world.settle()
    assert (len(await members(world, "tous")), len(sizes)) == (1000, 1)
