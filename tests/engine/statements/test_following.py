"""A pause until the date a field holds follows the field, whatever changes it."""

from datetime import UTC, date, datetime, time

import pytest

from dsl.program import END, Act, Exit, ExitRule, Pause, Trigger
from relance.effects import DatePlusDays, Send, SetField
from relance.events import EventPattern
from relance.facts import Field
from relance.waits import WaitUntil
from server.store.instants import now_micros
from server.store.merges import merge
from server.store.separation import separate
from tests.engine.world import HERE, World, program

SENT = Act("fin", HERE, (Send("email", "fin"),), END)
END_DAY = "fin d’abonnement"
UNTIL = WaitUntil(Field(END_DAY))


async def rests_until_the_field(world: World, day: date | None, wait: WaitUntil = UNTIL) -> int:
    await world.store.declare_fields([(END_DAY, "date", ())])
    rest = Pause("p", HERE, wait, 1)
    await world.publish(program(rest, SENT))
    lead = await world.lead(**({END_DAY: day} if day else {}))
    await world.event(lead)
    await world.settle()
    return lead


async def set_day(world: World, lead: int, day: date | None) -> None:
    await world.set(lead, **{END_DAY: day})
    await world.event(lead, "lead_updated", END_DAY)
    await world.settle()


async def test_a_pause_until_a_field_follows_it_when_it_changes(world: World) -> None:
    lead = await rests_until_the_field(world, date(2026, 2, 1))
    await set_day(world, lead, date(2026, 3, 1))
    world.clock.set(datetime(2026, 2, 10, tzinfo=UTC))
    await world.settle()
    assert await world.sent(lead) == []
    await set_day(world, lead, date(2026, 2, 20))
    assert world.wakes() == datetime(2026, 2, 20, tzinfo=UTC)
    world.clock.set(datetime(2026, 2, 20, tzinfo=UTC))
    await world.settle()
    assert await world.sent(lead) == ["fin"]
    assert await world.subscriptions() == 0
    waits = [(row.kind, row.until) for row in await world.journal(lead) if row.until]
    assert [world.instant(until).date() for _, until in waits] == [
        date(2026, 2, 1),
        date(2026, 3, 1),
        date(2026, 2, 20),
    ]


@pytest.mark.parametrize(
    ("wait", "wakes"),
    [
        (WaitUntil(Field(END_DAY), time(9)), datetime(2026, 3, 1, 9)),
        (WaitUntil(Field(END_DAY), time(9), -7), datetime(2026, 2, 22, 9)),
        (WaitUntil(Field(END_DAY), days=-7), datetime(2026, 2, 22)),
        (WaitUntil(Field(END_DAY), time(9), 2), datetime(2026, 3, 3, 9)),
    ],
)
async def test_a_pause_some_days_from_a_field_or_at_an_hour_of_it_follows_it(
    world: World, wait: WaitUntil, wakes: datetime
) -> None:
    lead = await rests_until_the_field(world, date(2026, 2, 1), wait)
    await set_day(world, lead, date(2026, 3, 1))
    assert world.wakes() == wakes.replace(tzinfo=UTC)
    world.clock.set(wakes.replace(tzinfo=UTC))
    await world.settle()
    assert await world.sent(lead) == ["fin"]


@pytest.mark.parametrize("day", [None, date(2025, 1, 1)])
async def test_a_pause_whose_field_is_emptied_or_set_in_the_past_is_over(
    world: World, day: date | None
) -> None:
    lead = await rests_until_the_field(world, date(2026, 2, 1))
    await set_day(world, lead, day)
    assert await world.sent(lead) == ["fin"]
    assert await world.subscriptions() == 0


async def test_a_change_of_another_field_moves_nothing(world: World) -> None:
    lead = await rests_until_the_field(world, date(2026, 2, 1))
    await world.set(lead, ville="Montréal")
    await world.event(lead, "lead_updated", "ville")
    await world.settle()
    assert (await world.moves(lead)).count("waited") == 1
    world.clock.set(datetime(2026, 2, 1, tzinfo=UTC))
    await world.settle()
    assert await world.sent(lead) == ["fin"]


async def test_a_pause_on_a_field_that_is_past_or_empty_leaves_nobody_listening(
    world: World,
) -> None:
    lead = await rests_until_the_field(world, None)
    assert await world.sent(lead) == ["fin"]
    assert await world.subscriptions() == 0


async def test_who_leaves_the_campaign_while_resting_listens_no_more(world: World) -> None:
    await world.store.declare_fields([(END_DAY, "date", ())])
    out = ExitRule(Exit.SUCCESS, Trigger(HERE, on=EventPattern("custom", "dehors")))
    rest = Pause("p", HERE, UNTIL, 1)
    lead = await world.lead(**{END_DAY: date(2026, 2, 1)})
    await world.publish(program(rest, SENT, exits=(out,)))
    await world.event(lead)
    await world.settle()
    assert await world.subscriptions() == 1
    await world.event(lead, "custom", "dehors")
    await world.settle()
    assert await world.subscriptions() == 0


async def test_a_rule_that_moves_the_date_moves_who_rests_until_it(world: World) -> None:
    await world.store.declare_fields([(END_DAY, "date", ())])
    lead = await world.lead(**{END_DAY: date(2026, 2, 1)})
    later = SetField(END_DAY, DatePlusDays(Field(END_DAY), 10))
    moving = program(
        Act("a", HERE, (later,), END),
        entries=(Trigger(HERE, on=EventPattern("custom", "report")),),
        name="Report",
    )
    await world.publish(program(Pause("p", HERE, UNTIL, 1), SENT), moving)
    await world.event(lead)
    await world.event(lead, "custom", "report")
    await world.settle()
    assert world.wakes() == datetime(2026, 2, 11, tzinfo=UTC)


async def test_who_is_found_to_be_another_rests_until_the_day_of_who_they_are(world: World) -> None:
    lead = await rests_until_the_field(world, date(2026, 2, 1))
    other = await world.lead(**{END_DAY: date(2026, 3, 1)})
    async with world.store.write() as conn:
        await merge(conn, world.store.fields.table, [(lead, other)], now_micros(world.clock))
    await world.settle()
    assert world.wakes() == datetime(2026, 3, 1, tzinfo=UTC)
    async with world.store.write() as conn:
        await separate(conn, world.store.fields.table, lead, now_micros(world.clock))
    await world.settle()
    assert world.wakes() == datetime(2026, 2, 1, tzinfo=UTC)
