"""Whose turn it is, exactly once, whatever becomes of the team."""

import asyncio
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import select

import server.engine.engine as engine_module
from dsl.program import END, Act
from relance.effects import Assign, Owner, Send
from relance.person import Person
from relance.testing import VirtualClock
from server.engine.effects.assignment import NO_OWNER, STRANGER
from server.engine.effects.sending import TOO_OLD
from server.engine.life.resuming import How
from server.engine.life.state import CampaignChange
from server.store import absences, merges
from server.store.instants import DAY, now_micros
from server.store.schema.messages import outbox
from server.store.schema.rules import team
from server.store.store import Store
from tests.engine.life.test_states import DAY as REST
from tests.engine.life.test_states import decide, resume, sends
from tests.engine.world import HERE, World, program

TEAM = [Person("Marc", "marc@x.ca"), Person("Zoé", "zoe@x.ca"), Person("Luc")]


def turn(*effects):
    return program(Act("a", HERE, effects, END))


async def entering(world: World, count: int, **fields) -> list[int]:
    found = []
    for _ in range(count):
        lead = await world.lead(**fields)
        await world.event(lead)
        found.append(lead)
    await world.settle()
    return found


async def owners(world: World, leads: list[int]) -> list[str | None]:
    return [await world.value(lead, "vendeur") for lead in leads]


async def whose(world: World) -> list[str]:
    return [row.name for row in await world.rows(select(team.c.name).where(team.c.turn))]


async def test_leads_are_dealt_in_the_order_of_the_team_and_the_turn_goes_on(world: World) -> None:
    await world.publish(turn(Assign()), people=TEAM)
    assert await owners(world, await entering(world, 2)) == ["Marc", "Zoé"]
    assert await owners(world, await entering(world, 3)) == ["Luc", "Marc", "Zoé"]
    assert await whose(world) == ["Luc"]


async def test_a_lead_that_has_an_owner_keeps_it_and_takes_no_turn(world: World) -> None:
    await world.publish(turn(Assign()), people=TEAM)
    kept = await world.lead(vendeur="Partie depuis")
    free = await world.lead()
    for lead in (kept, free):
        await world.event(lead)
    await world.settle()
    assert await owners(world, [kept, free]) == ["Partie depuis", "Marc"]
    assert await world.subjects(kept, "assigned") == []
    assert await world.subjects(kept, "lead_updated") == []
    assert await whose(world) == ["Zoé"]


async def test_an_assignment_is_told_with_the_person(world: World) -> None:
    await world.publish(turn(Assign()), people=TEAM)
    first, second = await entering(world, 2)
    assert await world.subjects(first, "assigned") == ["Marc"]
    assert await world.subjects(second, "assigned") == ["Zoé"]
    assert await world.subjects(second, "lead_updated") == ["vendeur"]


async def test_by_name_the_person_takes_no_turn_and_the_team_writes_the_name(world: World) -> None:
    await world.publish(turn(Assign("zoe")), people=TEAM)
    (lead,) = await entering(world, 1, vendeur="Marc")
    assert await world.value(lead, "vendeur") == "Zoé"
    assert len(await world.subjects(lead, "assigned")) == 1
    assert await whose(world) == ["Marc"]


async def test_assigning_to_who_has_it_already_tells_nothing(world: World) -> None:
    await world.publish(turn(Assign("Zoé")), people=TEAM)
    (lead,) = await entering(world, 1, vendeur="Zoé")
    assert await world.subjects(lead, "assigned") == []


async def test_an_empty_team_is_told_and_is_no_error(world: World) -> None:
    await world.publish(turn(Assign(), Send("alert", "Chaud", Owner())))
    (lead,) = await entering(world, 1)
    assert await world.value(lead, "vendeur") is None
    assert await world.subjects(lead, "not_assigned") == [None]
    assert await world.subjects(lead, "assigned") == []
    (row,) = await world.rows(select(outbox))
    assert (row.state, row.reason, row.due_at) == ("refused", NO_OWNER, None)
    assert row.settled_at is not None
    assert world.engine.quarantine == {}


async def test_the_owner_just_assigned_is_whom_the_alert_goes_to(world: World) -> None:
    await world.publish(turn(Assign(), Send("alert", "Chaud", Owner())), people=TEAM)
    await entering(world, 2)
    rows = await world.rows(select(outbox).order_by(outbox.c.lead_id))
    assert [(row.recipient, row.state, row.reason) for row in rows] == [
        ("Marc", "pending", None),
        ("Zoé", "pending", None),
    ]


async def test_an_owner_that_a_form_made_an_address_of_is_never_written_to(world: World) -> None:
    await world.publish(turn(Send("alert", "Chaud", Owner())), people=TEAM)
    await entering(world, 1, vendeur="pirate@exemple.com")
    (row,) = await world.rows(select(outbox))
    assert (row.state, row.reason, row.due_at) == ("refused", STRANGER, None)


@pytest.mark.parametrize("owner", ["Marc", "", "pirate@exemple.com"])
async def test_what_an_owner_should_have_heard_long_before_is_not_sent_late(
    world: World, owner: str
) -> None:
    alert = Act("a", HERE, (Send("alert", "Chaud", Owner()),), END)
    await world.publish(program(sends("bonjour", 1), REST, alert), people=TEAM)
    (lead,) = await entering(world, 1, vendeur=owner)
    await decide(world, CampaignChange.PAUSED)
    await world.later(days=4)
    await resume(world, How.SKIP, days=2)
    (row,) = await world.rows(select(outbox).where(outbox.c.message == "Chaud"))
    assert (row.lead_id, row.state, row.reason) == (lead, "expired", TOO_OLD)
    assert row.due_at is None
    assert row.settled_at == now_micros(world.clock)


async def test_a_message_to_a_person_or_an_address_says_so(world: World) -> None:
    await world.publish(turn(Send("alert", "A", "Zoé"), Send("alert", "B", "moi@x.ca")))
    await entering(world, 1)
    rows = await world.rows(select(outbox).order_by(outbox.c.ordinal))
    assert [row.recipient for row in rows] == ["Zoé", "moi@x.ca"]


async def test_the_turn_survives_an_edited_team(world: World) -> None:
    await world.publish(turn(Assign()), people=TEAM)
    await entering(world, 1)
    new = [Person("Ève"), Person("Luc"), Person("Zoé"), Person("Marc")]
    await world.publish(turn(Assign()), people=new)
    assert await whose(world) == ["Zoé"]


async def test_who_left_is_skipped_and_the_next_of_those_who_stay_has_the_turn(
    world: World,
) -> None:
    await world.publish(turn(Assign()), people=TEAM)
    (first,) = await entering(world, 1)
    await world.publish(turn(Assign()), people=[TEAM[0], TEAM[2]])
    assert await whose(world) == ["Luc"]
    assert await owners(world, await entering(world, 3)) == ["Luc", "Marc", "Luc"]
    assert await world.value(first, "vendeur") == "Marc"


async def test_merged_leads_keep_the_owner_of_the_one_that_stays_or_else_the_others(
    world: World,
) -> None:
    await world.publish(turn(Assign()), people=TEAM)
    for mine, other, kept in (("Marc", "Zoé", "Marc"), (None, "Zoé", "Zoé")):
        target, source = await world.lead(vendeur=mine), await world.lead(vendeur=other)
        async with world.store.write() as conn:
            table = world.store.fields.table
            await merges.merge(conn, table, [(source, target)], now_micros(world.clock))
        assert await world.value(target, "vendeur") == kept


async def test_the_same_events_give_the_same_owners(world: World) -> None:
    await world.publish(turn(Assign()), people=TEAM)
    leads = [await world.lead() for _ in range(7)]
    for lead in reversed(leads):
        await world.event(lead)
    await world.settle()
    assert await owners(world, leads) == ["Marc", "Zoé", "Luc", "Marc", "Zoé", "Luc", "Marc"]


async def test_a_tick_that_never_was_takes_no_turn(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    await world.publish(turn(Assign(), Send("alert", "Chaud", Owner())), people=TEAM)
    lead = await world.lead()
    await world.event(lead)

    def die(point: str) -> None:
        if point == "engine.before_commit":
            raise RuntimeError("killed")

    monkeypatch.setattr(engine_module, "crash_point", die)
    with pytest.raises(RuntimeError, match="killed"):
        await world.engine.tick()
    monkeypatch.undo()
    assert await whose(world) == ["Marc"]
    assert await world.rows(select(outbox)) == []
    await world.settle()
    assert await owners(world, [lead]) == ["Marc"]
    assert await whose(world) == ["Zoé"]
    assert await world.subjects(lead, "assigned") == ["Marc"]


async def test_two_campaigns_at_once_deal_a_lead_once(world: World) -> None:
    one = turn(Assign())
    two = replace(one, name="Autre")
    await world.publish(one, two, people=TEAM)
    leads = await entering(world, 2)
    assert await owners(world, leads) == ["Marc", "Zoé"]
    assert await whose(world) == ["Luc"]


@given(
    teams=st.lists(st.lists(st.sampled_from("ABCDE"), unique=True), min_size=1, max_size=5),
    arrivals=st.lists(st.integers(0, 4), min_size=5, max_size=5),
)
@settings(max_examples=15, deadline=None)
def test_whatever_the_team_becomes_turns_go_round(
    teams: list[list[str]], arrivals: list[int]
) -> None:
    """Against a model: the order of the team, and who comes next in it."""

    async def play() -> None:
        clock = VirtualClock()
        store = await Store.open("sqlite://", clock)
        try:
            world, former, turn_ = World(store, clock), list[str](), None
            for names, count in zip(teams, arrivals, strict=False):
                await world.publish(turn(Assign()), people=[Person(one) for one in names])
                at = former.index(turn_) if turn_ in former else 0
                round_ = [*former[at:], *former[:at]]
                turn_ = next((one for one in [*round_, *names] if one in names), None)
                dealt = await owners(world, await entering(world, count))
                place = names.index(turn_) if turn_ else 0
                expected = [
                    names[(place + n) % len(names)] if names else None for n in range(count)
                ]
                assert dealt == expected
                turn_ = names[(place + count) % len(names)] if names else None
                former = names
        finally:
            await store.close()

    asyncio.run(play())


async def test_who_is_away_for_a_while_keeps_a_place_to_come_back_to(
    world: World, store: Store, clock: VirtualClock
) -> None:
    await world.publish(turn(Assign()), people=TEAM)
    now = now_micros(clock)
    async with store.write() as conn:
        for name, begins, ends in (("Zoé", now, now + 2 * DAY), ("Marc", now + DAY, now + 3 * DAY)):
            await absences.add(conn, name, ("2026-01-01", "2026-01-02"), (begins, ends), "")
    assert await owners(world, await entering(world, 3)) == ["Marc", "Luc", "Marc"]
    assert await whose(world) == ["Luc"]
    clock.advance(days=1, minutes=1)
    assert await owners(world, await entering(world, 2)) == ["Luc", "Luc"]
    clock.advance(days=1)
    assert sorted(await owners(world, await entering(world, 2))) == ["Luc", "Zoé"]
    await world.publish(turn(Assign()), people=TEAM)
    clock.advance(days=1)
    assert sorted(await owners(world, await entering(world, 3))) == ["Luc", "Marc", "Zoé"]
