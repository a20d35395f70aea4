"""What leads pass one statement after another costs no more than one statement."""

import re
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import event, select, update
from sqlalchemy.engine import Engine

from dsl.program import END, Act, Decide, Exit, Leave, Pause, Program, Step
from relance.effects import Emit, LeaveCampaign, Send, SetField
from relance.facts import Compare, Leaf, Literal, Score
from relance.said import Said
from relance.values import Comparator, Duration
from relance.waits import WaitFor, WaitUntilNext
from server.engine.statements.lines import LONGEST
from server.store.schema.campaigns import enrolments
from server.store.schema.events import events
from server.store.schema.messages import outbox
from tests.engine.world import HERE, World, program

A_DAY, WON = WaitFor(Duration(days=1)), Exit.SUCCESS
HIGH = Leaf(Said("haut"), Compare(Score(), Comparator.GREATER, Literal(50)))


def act(number: int, *effects: Any) -> Act:
    return Act(f"a{number}", HERE, effects or (Send("email", f"m{number}"),), number + 1)


def drip(long: int) -> Program:
    """So many activities, a rest, a decision, as many again either way."""
    yes, no, end = long + 2, 2 * long + 2, 3 * long + 2
    acts = [act(number) for number in range(end)]
    for last in (no - 1, end - 1):
        acts[last] = replace(acts[last], next=END)
    pause, choice = Pause("p", HERE, A_DAY, long + 1), Decide("d", HERE, HIGH, yes, no)
    return program(*acts[:long], pause, choice, *acts[yes:])


@contextmanager
def written() -> Iterator[Counter[str]]:
    """How many statements write to the tables that those who move are written to."""
    found: Counter[str] = Counter()

    def note(_conn: Any, _cursor: Any, statement: str, *_: Any) -> None:
        write = re.match("UPDATE batch|INSERT INTO (?:journal|outbox)", statement)
        found.update([write[0]] if write else [])

    event.listen(Engine, "before_cursor_execute", note)
    yield found
    event.remove(Engine, "before_cursor_execute", note)


async def test_a_longer_chain_of_activities_takes_no_more_statements(world: World) -> None:
    taken = []
    for long in (2, 7):
        await world.publish(drip(long))
        low, high = [await world.lead(score=score) for score in (20, 80)]
        for lead in (low, high):
            await world.event(lead)
        with written() as found:
            await world.settle()
            await world.later(days=1)
        taken.append(found)
        acted = ["acted"] * long
        for lead, then in ((low, 2 * long + 2), (high, long + 2)):
            moves = ["entered", *acted, "waited", "resumed", "decided", *acted, "left"]
            assert await world.moves(lead) == moves
            sent = await world.rows(select(outbox).where(outbox.c.lead_id == lead))
            assert sorted((row.move, row.message) for row in sent) == [
                *((2 + number, f"m{number}") for number in range(long)),
                *((5 + long + number, f"m{then + number}") for number in range(long)),
            ]
    assert taken[0] == taken[1]


async def test_the_longest_chain_is_gone_through_part_by_part(world: World) -> None:
    long = LONGEST + 2
    await world.publish(program(*(act(number) for number in range(long)), Leave("l", HERE, WON)))
    lead = await world.lead()
    await world.event(lead)
    with written() as found:
        await world.settle()
    assert await world.moves(lead) == ["entered", *["acted"] * long, "left"]
    assert await world.sent(lead) == [f"m{number}" for number in range(long)]
    assert found["INSERT INTO outbox"] == 2


async def test_what_is_done_to_those_who_meet_on_the_way_is_in_the_order_of_the_statements(
    world: World,
) -> None:
    """One is put at the second activity while the other comes to the first."""
    telling = [Act(f"a{at}", HERE, (Emit(f"essai{at}", None),), at + 1) for at in range(2)]
    await world.publish(program(*telling, Pause("p", HERE, A_DAY, END)))
    resting, coming = [await world.lead() for _ in range(2)]
    await world.event(resting)
    await world.settle()
    there = update(enrolments).values(statement=1, arriving=True, wake_at=0)
    async with world.store.write() as conn:
        await conn.execute(there)
    await world.event(coming)
    await world.settle()
    query = select(events.c.lead_id, events.c.type).where(events.c.type.like("essai%"))
    found = [tuple(row) for row in await world.rows(query.order_by(events.c.id))]
    assert found[2:] == [(coming, "essai0"), (resting, "essai1"), (coming, "essai1")]


async def test_who_is_taken_out_on_the_way_does_not_go_on(world: World) -> None:
    out = act(0, LeaveCampaign("Essai"))
    await world.publish(program(out, act(1), Step("s", HERE, "Fin", END)))
    lead = await world.lead()
    await world.event(lead)
    await world.settle()
    assert await world.moves(lead) == ["entered", "acted", "left"]
    assert await world.outcomes(lead) == ["removed"]


async def test_the_last_step_passed_is_where_one_is(world: World) -> None:
    first, second = (Step(f"s{at}", HERE, f"Étape {at}", at + 1) for at in range(2))
    await world.publish(program(first, second, Pause("p", HERE, A_DAY, END)))
    lead = await world.lead()
    await world.event(lead)
    await world.settle()
    (row,) = await world.enrolments(lead)
    assert (row.step, row.statement, row.moves) == ("Étape 1", 2, 4)
    assert world.wakes() == world.clock.now() + timedelta(days=1)


async def test_one_rests_in_the_zone_that_was_just_written(world: World) -> None:
    moved = act(0, SetField("fuseau", "Asia/Tokyo"))
    until = Pause("p", HERE, WaitUntilNext(time(8)), END)
    await world.publish(program(moved, until))
    lead = await world.lead(fuseau="America/Montreal")
    await world.event(lead)
    await world.settle()
    wakes = world.wakes()
    assert wakes is not None
    assert wakes.astimezone(ZoneInfo("Asia/Tokyo")).time() == time(8)
