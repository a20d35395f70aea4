"""Points and conversions: what stands outside campaigns, on the engine and both stores."""

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, insert, select, update

from dsl.program import Act, Trigger
from dsl.rules import Conversion, PointRule
from relance.effects import AddTag, ChangeInterest, ChangeScore
from relance.events import EventPattern
from relance.facts import (
    Compare,
    Count,
    Events,
    Field,
    Interest,
    Literal,
    Score,
    longer_than,
)
from relance.testing import VirtualClock
from relance.values import Change, Comparator, Duration
from server.engine.engine import Engine
from server.engine.quarantine import RuleFailed
from server.engine.rules.rule import numbered
from server.store.instants import now_micros, to_micros
from server.store.merges import merge
from server.store.schema.campaigns import flips, schedules
from server.store.schema.events import events, inbox
from server.store.schema.leads import lead_tags
from server.store.schema.rules import interests, points
from server.store.store import Store
from tests.engine.world import HERE, UTC, World, on, program

FORM = "form_submitted"


def gives(
    amount: int,
    subject: str = "Essai",
    *,
    topic: str | None = None,
    absolute: bool = False,
    key: str | None = None,
    **trigger: Any,
) -> PointRule:
    text = f"{topic}/{amount}/{absolute}/{subject}"
    return PointRule(key or text, topic, Change(amount, absolute), on(FORM, subject, **trigger))


def above(operand: Any, number: int) -> Compare:
    return Compare(operand, Comparator.GREATER, Literal(number))


async def score(world: World, lead: int) -> int:
    leads = world.store.fields.table
    ((value,),) = await world.rows(select(leads.c.score).where(leads.c.id == lead))
    return value


async def interest(world: World, lead: int, topic_key: str) -> int | None:
    query = select(interests.c.value).where(
        interests.c.lead_id == lead, interests.c.topic_key == topic_key
    )
    found = await world.rows(query)
    return found[0][0] if found else None


async def deltas(world: World, lead: int, topic_key: str | None = None) -> list[int]:
    query = select(points.c.delta).where(
        points.c.lead_id == lead, points.c.topic_key.is_not_distinct_from(topic_key)
    )
    return [row[0] for row in await world.rows(query.order_by(points.c.id))]


async def a_week(world: World) -> None:
    """Seven days; what is late by more than one is not made up for."""
    for _ in range(7):
        await world.later(days=1)


async def of_type(world: World, type_: str) -> list[Any]:
    return await world.rows(select(events).where(events.c.type == type_).order_by(events.c.id))


async def test_a_rule_gives_its_points_to_each_lead_and_says_what_gave_them(world: World) -> None:
    await world.publish(points=[gives(5), gives(2, topic="Vélo")])
    first, second, other = [await world.lead() for _ in range(3)]
    number = await world.event(first)
    await world.event(second)
    await world.event(other, subject="Autre")
    await world.settle()
    assert [await score(world, lead) for lead in (first, second, other)] == [5, 5, 0]
    assert await interest(world, first, "velo") == 2
    assert await interest(world, other, "velo") is None
    rows = await world.rows(select(points).where(points.c.lead_id == first).order_by(points.c.id))
    assert [(row.topic, row.delta, row.reason) for row in rows] == [
        (None, 5, "+5 ici"),
        ("Vélo", 2, "+2 ici"),
    ]
    assert {row.event_id for row in rows} == {number}
    assert [row.lead_id for row in await of_type(world, "score_changed")] == [first, second]
    changes = await of_type(world, "interest_changed")
    assert {(row.subject, row.subject_key) for row in changes} == {("Vélo", "velo")}


async def test_the_rules_of_one_event_apply_in_the_order_of_the_scripts(world: World) -> None:
    await world.publish(points=[gives(5), gives(0, absolute=True), gives(3)])
    lead = await world.lead(score=40)
    await world.event(lead)
    await world.settle()
    assert await score(world, lead) == 3
    assert await deltas(world, lead) == [5, -45, 3]
    assert len(await of_type(world, "score_changed")) == 1


async def test_a_later_rule_sees_what_an_earlier_one_gave(world: World) -> None:
    warm = gives(100, condition=above(Score(), 4))
    await world.publish(points=[gives(5), warm])
    lead = await world.lead()
    await world.event(lead)
    await world.settle()
    assert await score(world, lead) == 105


async def test_a_rule_with_two_events_counts_an_event_that_is_both_once(world: World) -> None:
    both = [gives(5, "Essai", key="deux"), gives(5, "*", key="deux")]
    await world.publish(points=both)
    lead = await world.lead()
    await world.event(lead)
    await world.event(lead, subject="Autre")
    await world.settle()
    assert await score(world, lead) == 10


async def test_an_event_looked_at_again_gives_nothing_more(world: World) -> None:
    await world.publish(points=[gives(5), gives(2, topic="Vélo")])
    lead = await world.lead()
    number = await world.event(lead)
    await world.settle()
    async with world.store.write() as conn:
        names = [each.name for each in inbox.c]
        again = select(*(events.c[name] for name in names)).where(events.c.id == number)
        await conn.execute(insert(inbox).from_select(names, again))
    await world.settle()
    assert await score(world, lead) == 5
    assert await interest(world, lead, "velo") == 2
    assert await deltas(world, lead) == [5]


async def test_an_event_that_comes_late_counts(world: World) -> None:
    await world.publish(points=[gives(5)])
    lead = await world.lead()
    await world.event(lead, at=world.clock.now() - timedelta(days=40))
    await world.settle()
    assert await score(world, lead) == 5


async def test_nothing_real_is_no_line_of_the_history(world: World) -> None:
    await world.publish(points=[gives(0, absolute=True)])
    lead = await world.lead()
    await world.event(lead)
    await world.settle()
    assert await deltas(world, lead) == []
    assert await of_type(world, "score_changed") == []


async def test_a_score_stops_at_its_bound_and_the_history_says_so(world: World) -> None:
    top = 2**31 - 1
    await world.publish(points=[gives(10), gives(-10, "Moins")])
    high, low = await world.lead(score=top - 3), await world.lead(score=3 - top)
    await world.event(high)
    await world.event(low, subject="Moins")
    await world.settle()
    assert (await score(world, high), await score(world, low)) == (top, -top)
    assert (await deltas(world, high), await deltas(world, low)) == ([3], [-3])


async def test_a_campaign_sees_at_its_door_the_points_the_same_event_gave(world: World) -> None:
    door = program(
        Act("a", HERE, (AddTag("Chaud"),), -1),
        entries=(on(FORM, "Essai", condition=above(Interest("velo"), 1)),),
    )
    await world.publish(door, points=[gives(2, topic="Vélo")])
    lead = await world.lead()
    await world.event(lead)
    await world.settle()
    assert await world.rows(select(lead_tags.c.name)) == [("Chaud",)]


async def test_an_interest_that_turns_lets_in(world: World) -> None:
    turned = Trigger(HERE, condition=above(Interest("Vélo"), 3))
    await world.publish(
        program(Act("a", HERE, (AddTag("Mordu"),), -1), entries=(turned,)),
        points=[gives(2, topic="Vélo")],
    )
    lead = await world.lead()
    await world.event(lead)
    await world.settle()
    assert await world.rows(select(lead_tags.c.name)) == []
    await world.event(lead)
    await world.settle()
    assert await world.rows(select(lead_tags.c.name)) == [("Mordu",)]


async def test_what_a_campaign_gives_is_in_the_history_under_its_name(world: World) -> None:
    act = Act("a", HERE, (ChangeScore(Change(7)), ChangeInterest("Vélo", Change(-4))), -1)
    again = Act("b", HERE, (ChangeInterest("vélo", Change(9, absolute=True)),), -1)
    await world.publish(program(Act("a", HERE, act.effects, 1), again, name="Accueil"))
    lead, other = await world.lead(), await world.lead()
    for each in (lead, other):
        await world.event(each)
    await world.settle()
    for each in (lead, other):
        assert await score(world, each) == 7
        assert await interest(world, each, "velo") == 9
        assert await deltas(world, each) == [7]
        assert await deltas(world, each, "velo") == [-4, 13]
    reasons = await world.rows(select(points.c.reason, points.c.rule).distinct())
    assert reasons == [("Accueil", None)]


async def test_points_fade_when_the_calendar_says_so(world: World) -> None:
    asleep = Compare(Count(Events(EventPattern("page_visited"))), Comparator.EQUAL, Literal(0))
    monday = Trigger(HERE, condition=asleep, schedule="0 9 * * 1")
    await world.publish(points=[PointRule("lundi", None, Change(-5), monday)])
    quiet, lively = await world.lead(score=50), await world.lead(score=50)
    await world.event(lively, "page_visited", "/tarifs")
    await world.settle()
    await a_week(world)
    assert await score(world, quiet) == 45
    assert await score(world, lively) == 50
    await a_week(world)
    assert await score(world, quiet) == 40
    await world.publish()
    await a_week(world)
    assert await score(world, quiet) == 40
    assert await world.rows(select(schedules)) == []


async def test_a_conversion_is_an_event_worth_what_made_it(world: World) -> None:
    sold = Conversion("Vente", on(FORM, "Essai"))
    again = Conversion("Vente", on(FORM, "*"))
    await world.publish(conversions=[sold, again])
    lead = await world.lead()
    then = world.clock.now() - timedelta(days=3)
    number = await world.event(lead, at=then)
    async with world.store.write() as conn:
        worth = update(events).where(events.c.id == number).values(amount=495000, currency="CAD")
        await conn.execute(worth)
    await world.settle()
    (found,) = await of_type(world, "converted")
    assert (found.lead_id, found.subject, found.subject_key) == (lead, "Vente", "vente")
    assert (found.amount, found.currency) == (495000, "CAD")
    assert found.occurred_at == to_micros(then)
    await world.event(lead)
    await world.settle()
    assert len(await of_type(world, "converted")) == 2


async def test_a_rule_that_fails_is_left_out_and_the_others_count(world: World) -> None:
    broken = gives(50, condition=above(Field("inconnu"), 1))
    await world.publish(points=[gives(1), broken, gives(2)])
    lead = await world.lead()
    await world.event(lead)
    await world.settle()
    assert await score(world, lead) == 3
    assert list(world.engine.stopped_rules) == ["+50 ici"]
    await world.publish(points=[gives(1)])
    assert not world.engine.stopped_rules


async def test_rules_that_answer_one_another_without_end_are_stopped(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("server.engine.rules.points._MOST_AN_HOUR", 20)
    echo = PointRule("écho", None, Change(1), Trigger(HERE, on=EventPattern("score_changed")))
    await world.publish(points=[gives(1), echo])
    lead = await world.lead()
    await world.event(lead)
    await world.settle()
    assert await score(world, lead) == 21
    await world.later(hours=2)
    await world.event(lead)
    await world.settle()
    assert await score(world, lead) == 42


def turns(key: str, amount: int, condition: Any, topic: str | None = None) -> PointRule:
    return PointRule(key, topic, Change(amount), Trigger(HERE, condition=condition))


async def test_a_state_gives_its_points_when_it_turns_true_and_not_while_it_lasts(
    world: World,
) -> None:
    hot = turns("chaud", 1, above(Interest("Vélo"), 4), topic="Chaud")
    await world.publish(points=[gives(5, topic="Vélo"), gives(-5, "Moins", topic="Vélo"), hot])
    lead = await world.lead()
    await world.event(lead)
    await world.settle()
    assert await interest(world, lead, "chaud") == 1
    await world.event(lead)
    await world.settle()
    assert await interest(world, lead, "chaud") == 1
    for subject in ("Moins", "Moins", "Essai"):
        await world.event(lead, subject=subject)
        await world.settle()
    assert await interest(world, lead, "chaud") == 2


async def test_a_state_that_holds_at_publication_does_not_turn(world: World) -> None:
    hot = turns("chaud", 10, above(Score(), 4), topic="Chaud")
    warm, cold = await world.lead(score=50), await world.lead()
    await world.publish(points=[gives(5), hot])
    for lead in (warm, cold):
        await world.event(lead)
    await world.settle()
    assert await interest(world, warm, "chaud") is None
    assert await interest(world, cold, "chaud") == 10


async def test_a_state_that_turned_while_the_server_was_away_is_not_lost(world: World) -> None:
    hot = turns("chaud", 10, above(Score(), 4), topic="Chaud")
    await world.publish(points=[gives(5), hot])
    lead = await world.lead(score=50)  # by some hand, no event told yet
    await world.event(lead, "score_changed", None)
    world.engine = Engine(world.store, world.clock, zone=UTC)
    await world.publish(points=[gives(1, "Autre"), gives(5), hot])
    await world.settle()
    assert await interest(world, lead, "chaud") == 10


async def test_time_alone_may_turn_a_state(world: World) -> None:
    idle = longer_than(Duration(days=2), Events(EventPattern(FORM)))
    await world.publish(points=[turns("froid", -3, idle)])
    lead, other = await world.lead(), await world.lead()
    await world.event(lead)
    await world.settle()
    await world.later(days=1)
    assert await score(world, lead) == 0
    await world.later(days=1, seconds=1)
    assert await score(world, lead) == -3
    await world.later(days=1)
    assert (await score(world, lead), await score(world, other)) == (-3, 0)
    await world.publish()
    await world.event(lead)
    await world.settle()
    for _ in range(4):
        await world.later(days=1)
    assert await score(world, lead) == -3
    assert await world.rows(select(flips).where(flips.c.owner == -1)) == []


async def test_what_time_would_have_given_while_a_rule_was_set_apart_is_given_when_it_is_back(
    world: World,
) -> None:
    cold = turns("froid", -3, longer_than(Duration(days=2), Events(EventPattern(FORM))))
    await world.publish(points=[cold])
    lead = await world.lead()
    await world.event(lead)
    await world.settle()
    running = world.engine._running
    (key,) = [each.key for each in running.rules.states]
    running.quarantine.add(RuleFailed(key, "règle"))
    await world.later(days=3)
    assert (await score(world, lead), world.engine.behind) == (0, False)
    await world.publish(points=[cold])
    await world.settle()
    assert await score(world, lead) == -3


def test_two_rules_never_have_one_number() -> None:
    # Their digests have the same 31 bits.
    rules = [gives(5, f"quand Page web (/p{n}) visitée") for n in (27667, 94004)]
    assert len({number for number, _ in numbered([*rules, *rules])}) == 4


async def test_a_state_may_count_a_conversion(world: World) -> None:
    condition = above(Score(), 9)
    client = Conversion("Chaud", Trigger(HERE, condition=condition))
    await world.publish(points=[gives(5)], conversions=[client])
    lead = await world.lead()
    for _ in range(3):
        await world.event(lead)
        await world.settle()
    assert len(await of_type(world, "converted")) == 1


async def test_the_rules_outlive_a_restart(world: World) -> None:
    rules = [gives(5, topic="Vélo", condition=above(Score(), 9)), gives(5)]
    await world.publish(points=rules, conversions=[Conversion("Vente", on(FORM, "Essai"))])
    lead = await world.lead(score=10)
    await world.event(lead)
    world.engine = Engine(world.store, world.clock, zone=UTC)
    await world.settle()
    assert (await score(world, lead), await interest(world, lead, "velo")) == (15, 5)
    assert len(await of_type(world, "converted")) == 1


async def test_points_no_longer_declared_are_no_longer_given(world: World) -> None:
    await world.publish(points=[gives(5)])
    await world.publish()
    lead = await world.lead()
    await world.event(lead)
    await world.settle()
    assert await score(world, lead) == 0


async def test_two_leads_found_to_be_one_have_the_points_and_the_history_of_both(
    world: World,
) -> None:
    await world.publish(points=[gives(5), gives(2, topic="Vélo"), gives(1, "B", topic="Ski")])
    source, target = await world.lead(), await world.lead()
    for lead in (source, target):
        await world.event(lead)
        await world.event(lead, subject="B")
    await world.settle()
    async with world.store.write() as conn:
        await merge(conn, world.store.fields.table, [(source, target)], now_micros(world.clock))
    assert await score(world, target) == 10
    assert await deltas(world, target) == [5, 5]
    assert (await interest(world, target, "velo"), await interest(world, target, "ski")) == (4, 2)
    assert await world.rows(select(points).where(points.c.lead_id == source)) == []
    assert await world.rows(select(interests).where(interests.c.lead_id == source)) == []


async def test_scores_too_high_for_one_column_are_merged_at_the_bound(world: World) -> None:
    top = 2**31 - 1
    source, target = await world.lead(score=top), await world.lead(score=top)
    async with world.store.write() as conn:
        await merge(conn, world.store.fields.table, [(source, target)], now_micros(world.clock))
    assert await score(world, target) == top


CHANGES = st.builds(Change, st.integers(-(10**9), 10**9), st.booleans())
SUBJECTS = ("A", "B", "C")


@settings(
    max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    rules=st.lists(st.tuples(CHANGES, st.sampled_from((*SUBJECTS, "*"))), max_size=5),
    happened=st.lists(st.tuples(st.integers(0, 1), st.sampled_from(SUBJECTS)), max_size=8),
)
async def test_a_score_is_what_the_rules_say_and_the_sum_of_its_history(
    tmp_path_factory: Any, rules: list[tuple[Change, str]], happened: list[tuple[int, str]]
) -> None:
    clock = VirtualClock()
    folder = tmp_path_factory.mktemp("points")
    store = await Store.open(f"sqlite:///{folder}/relance.db", clock)
    world = World(store, clock)
    try:
        made = [
            PointRule(str(place), None, change, on(FORM, subject))
            for place, (change, subject) in enumerate(rules)
        ]
        await world.publish(points=made)
        leads = [await world.lead(), await world.lead()]
        model = [0, 0]
        for who, subject in happened:
            await world.event(leads[who], subject=subject)
            for change, wanted in rules:
                if wanted in ("*", subject):
                    now = change.amount + (0 if change.absolute else model[who])
                    model[who] = max(-(2**31) + 1, min(2**31 - 1, now))
        await world.settle()
        sums = dict(
            await world.rows(
                select(points.c.lead_id, func.sum(points.c.delta)).group_by(points.c.lead_id)
            )
        )
        assert [await score(world, lead) for lead in leads] == model
        assert [sums.get(lead, 0) for lead in leads] == model
    finally:
        await store.close()
