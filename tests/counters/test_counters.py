"""Counters are kept with what they count, whoever writes it; whoever breaks one is found out."""

import json
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import text

from dsl.program import END, Act, Await, Branch, Decide, Leave, Place, Program, Reentry, Step
from dsl.program import Exit as Outcome
from relance.effects import Send
from relance.facts import Compare, Leaf, Literal, Score
from relance.message_mark import MessageMark
from relance.said import Said
from relance.testing import VirtualClock
from relance.values import Comparator, Duration
from server.reports.as_json import as_json
from server.reports.glossary import Glossary
from server.reports.performance.campaign import campaign_performance, campaign_reports
from server.reports.performance.house import campaign_lines, campaigns_report
from server.reports.performance.listing import busiest, summaries
from server.reports.performance.lists import list_lines
from server.reports.performance.places import places
from server.reports.performance.reading import (
    EVER,
    HOUSE,
    DaySpan,
    counted,
    date_of,
    number_of,
)
from server.store import marks
from server.store.arrivals import EventRow
from server.store.counters import keeping
from server.store.counters.agreement import disagreements
from server.store.counters.counted import _stepped, stepped
from server.store.counters.folding import fold
from server.store.counters.keeping import shifts
from server.store.counters.triggers import COLUMNS
from server.store.instants import to_micros
from server.store.merges import merge
from server.store.separation import separate
from server.store.store import Store
from tests.counters import counters_agree
from tests.engine.world import HERE, UTC, World, heard, program

MONTREAL = ZoneInfo("America/Montreal")


@pytest.fixture
async def world(store: Store, clock: VirtualClock) -> World:
    await keeping.keep(store, MONTREAL)
    return World(store, clock)


async def kept(store: Store) -> dict[str, int]:
    """What was counted, by kind, whatever the day."""
    query = text(
        "SELECT kind, CAST(sum(n) AS BIGINT) AS n FROM (SELECT kind, n FROM counters UNION ALL "
        "SELECT kind, n FROM counter_changes) AS both_of_them GROUP BY kind HAVING sum(n) <> 0"
    )
    async with store.read() as conn:
        return {row.kind: row.n for row in await conn.execute(query)}


SUCCESS = program(
    Step("arrivée", Place(1, Said("arrivée")), "Arrivée", 1),
    Decide(
        "choix",
        HERE,
        Leaf(Said("chaud"), Compare(Score(), Comparator.GREATER, Literal(50))),
        2,
        3,
    ),
    Leave("gagné", HERE, Outcome.SUCCESS),
    Act("rien", HERE, (), END),
)


async def test_who_enters_passes_and_leaves_is_counted_by_the_tick(world: World) -> None:
    await world.publish(SUCCESS)
    for score in (80, 20, 60):
        await world.event(await world.lead(score=score))
    await world.settle()
    assert await kept(world.store) == {
        "lead": 3,
        "entered": 3,
        "passed": 3 + 3 + 1,
        "left": 3,
        "succeeded": 2,
        "succeeded block": 2,
        "ever entered": 3,
        "ever left": 3,
        "ever succeeded": 2,
        "house entered": 3,
        "house left": 3,
    }
    async with world.store.read() as conn:
        (line,) = await summaries(conn)
    assert (line.entered, line.inside, line.left, line.succeeded) == (3, 0, 3, 2)
    assert line.success == 2 / 3
    await counters_agree(world.store)


async def test_the_most_crowded_come_first_and_those_that_run_where_nobody_is(world: World) -> None:
    await world.publish(SUCCESS, program(exits=(), statements=(), name="Attente"))
    async with world.store.read() as conn:
        assert len(await busiest(conn, 5)) == len(await summaries(conn)) == 2
        assert len(await busiest(conn, 1)) == 1
        shown = campaigns_report(await campaign_lines(conn, EVER, 1), EVER, 1)
        assert (len(shown.rows), bool(shown.cut)) == (1, True)
    now = to_micros(world.clock.now())
    stay = (
        "INSERT INTO enrolments (lead_id, campaign_id, entry, version_id, active, statement, moves, "
        "entered_at, since_at, since_event) VALUES (:lead, 2, 1, 2, true, 0, 1, :now, :now, 0)"
    )
    async with world.store.write() as conn:
        await conn.execute(text(stay), [{"lead": lead, "now": now} for lead in (1, 2)])
    async with world.store.read() as conn:
        assert [(one.id, one.inside) for one in await busiest(conn, 5)] == [(2, 2)]


async def test_a_merge_and_its_undoing_keep_counters_right(world: World) -> None:
    waiting = program(exits=(), statements=(), name="Attente")
    await world.publish(SUCCESS, waiting)
    one, other = await world.lead(score=1), await world.lead(score=99)
    for lead in (one, other):
        await world.event(lead)
    await world.settle()
    leads, now = world.store.fields.table, to_micros(world.clock.now())
    async with world.store.write() as conn:
        await merge(conn, leads, [(one, other)], now)
    assert (await kept(world.store))["lead"] == 1
    await counters_agree(world.store)
    async with world.store.write() as conn:
        await separate(conn, leads, one, now)
    assert (await kept(world.store))["lead"] == 2
    await counters_agree(world.store)


async def test_a_row_that_is_changed_or_erased_by_hand_is_counted_so(world: World) -> None:
    await world.publish(SUCCESS)
    await world.event(await world.lead(score=80))
    await world.settle()
    for by_hand in (
        "UPDATE enrolments SET active = true, outcome = NULL, left_at = NULL, step = 'Arrivée'",
        "UPDATE enrolments SET step = NULL",
        "DELETE FROM journal WHERE kind = 'stepped'",
        "DELETE FROM enrolments",
    ):
        async with world.store.write() as conn:
            await conn.execute(text(by_hand))
        await counters_agree(world.store)
    assert await kept(world.store) == {
        "lead": 1,
        "entered": 1,
        "ever entered": 1,
        "house entered": 1,
        "passed": 1,
    }


async def test_who_is_on_a_list_and_has_an_address_is_counted_whichever_of_the_two_changes(
    world: World,
) -> None:
    one, other, third = [
        await world.lead(courriel=at) for at in ("a@x.example", None, "c@x.example")
    ]
    query = text(
        "SELECT CAST(sum(n) AS BIGINT), CAST(sum(total) AS BIGINT) FROM (SELECT * FROM counters "
        f"UNION ALL SELECT {COLUMNS} FROM counter_changes) AS both_of_them WHERE kind = 'listed'"
    )

    async def after(*statements: str) -> tuple[int, int]:
        async with world.store.write() as conn:
            for statement in statements:
                await conn.execute(text(statement))
        await counters_agree(world.store)
        async with world.store.read() as conn:
            members, reached = (await conn.execute(query)).one()
            lines = await list_lines(conn, ["Clients"], EVER, MONTREAL)
        assert [(line.members, line.reachable) for line in lines] == [(members, reached)]
        return members, reached

    listed = "INSERT INTO list_members (lead_id, list_key, since) VALUES ({}, 'clients', 5)"
    assert await after(*map(listed.format, (one, other, third))) == (3, 2)
    assert await after(f"UPDATE leads SET f_courriel = 'b@x.example' WHERE id = {other}") == (3, 3)
    assert await after(f"UPDATE leads SET f_courriel = 'b@y.example' WHERE id = {other}") == (3, 3)
    assert await after(f"UPDATE leads SET f_courriel = NULL WHERE id = {one}") == (3, 2)
    assert await after(f"UPDATE list_members SET lead_id = 99 WHERE lead_id = {third}") == (3, 1)
    assert await after(f"UPDATE list_members SET lead_id = {third} WHERE lead_id = 99") == (3, 2)
    assert await after(f"DELETE FROM leads WHERE id = {other}") == (3, 1)
    assert await after("DELETE FROM list_members WHERE list_key = 'clients'") == (0, 0)


async def test_where_each_stands_is_counted_through_its_moves(world: World) -> None:
    day = Duration(days=1)
    await world.publish(
        program(
            Await("un", HERE, (Branch(HERE, heard("custom", "a"), 1),), day, 1, ("custom",)),
            Await("deux", HERE, (Branch(HERE, heard("custom", "b"), END),), day, END, ("custom",)),
        )
    )
    await world.event(await world.lead())
    stands = []
    for _ in range(3):
        await world.settle()
        async with world.store.read() as conn:
            stands.append([(at, n) for _, at, n in await places(conn, 1)])
        await counters_agree(world.store)
        world.clock.advance(timedelta(days=2))
    assert stands == [[(0, 1)], [(1, 1)], []]


def mailing(name: str) -> Program:
    """Enters, is sent that message, and is out."""
    return program(Act("envoi", HERE, (Send("email", name),), END), reentry=Reentry.AFTER_EXIT)


async def test_what_becomes_of_a_message_is_told_of_the_version_that_decided_it(
    world: World,
) -> None:
    lead = await world.lead()
    for message in ("Avant", "Après"):
        await world.publish(mailing(message))
        await world.event(lead)
        await world.settle()
        world.clock.advance(timedelta(days=1))
    now = to_micros(world.clock.now())
    async with world.store.write() as conn:
        query = text("SELECT *, message = 'Avant' AS first FROM outbox ORDER BY created_at")
        rows = (await conn.execute(query)).all()
        await conn.execute(
            text("UPDATE outbox SET state = 'sent', due_at = NULL, settled_at = :now"), {"now": now}
        )
        for row in rows:
            key = (row.lead_id, row.campaign_id, row.entry, row.move, row.ordinal, row.created_at)
            said = json.dumps({"message": ".".join(map(str, key))})
            # The former one is read as the new version has taken its place.
            read = EventRow(lead, "opened" if row.first else "other", 1, now, now, properties=said)
            await marks.keep(conn, [read], {"opened": MessageMark.READ})
    async with world.store.read() as conn:
        (campaign,) = await summaries(conn)
        found = await campaign_performance(conn, campaign.id, campaign.name, EVER)
    lines: Any = as_json(campaign_reports(found, Glossary()).parts["messages_par_version"])
    lines_read = [(one["version"], one["message"], one["envoyes"], one["lus"]) for one in lines]
    assert lines_read == [(1, "Avant", 1, 1), (2, "Après", 1, 0)]
    async with world.store.write() as conn:
        await conn.execute(text("UPDATE outbox SET version_id = NULL WHERE message = 'Avant'"))
    await counters_agree(world.store)
    async with world.store.read() as conn:
        found = await campaign_performance(conn, campaign.id, campaign.name, EVER)
    lines = as_json(campaign_reports(found, Glossary()).parts["messages_par_version"])
    lines_read = [(one["version"], one["envoyes"], one["lus"]) for one in lines]
    assert lines_read == [(None, 1, 0), (1, 0, 1), (2, 1, 0)]


async def test_a_transaction_that_fails_counts_nothing(world: World) -> None:
    await world.lead()

    async def fail() -> None:
        async with world.store.write() as conn:
            await conn.execute(text("DELETE FROM leads"))
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await fail()
    assert await kept(world.store) == {"lead": 1}
    await counters_agree(world.store)


@pytest.mark.parametrize(
    "breaking",
    [
        "UPDATE counters SET n = n + 1 WHERE kind = 'lead'",
        "UPDATE counters SET total = total + 1 WHERE kind = 'lead'",
        "DELETE FROM counters WHERE kind = 'lead'",
        "INSERT INTO counters VALUES (7, 'left', 1, 1, 0, '', '', 2, 0)",
    ],
)
async def test_a_counter_that_is_wrong_is_seen_and_made_anew(world: World, breaking: str) -> None:
    await world.lead()
    await fold(world.store)
    async with world.store.write() as conn:
        await conn.execute(text(breaking))
    async with world.store.read() as conn:
        (wrong,) = await disagreements(conn, 10)
    assert (wrong.kept, wrong.kept_total) != (wrong.counted, wrong.counted_total)
    async with world.store.write() as conn:
        await keeping.recount(conn, MONTREAL)
    await counters_agree(world.store)


async def test_a_base_from_before_is_counted_whole_when_it_is_first_opened(
    store: Store, clock: VirtualClock
) -> None:
    world = World(store, clock)
    await world.publish(SUCCESS)
    await world.event(await world.lead(score=80))
    await world.settle()
    assert await kept(store) == {}
    await keeping.keep(store, MONTREAL)
    counted = await kept(store)
    assert counted["entered"] == counted["succeeded"] == 1
    await world.event(await world.lead(score=80))
    await world.settle()
    assert (await kept(store))["entered"] == 2
    await counters_agree(store)


async def test_days_are_those_of_the_house_and_follow_its_zone(
    store: Store, clock: VirtualClock
) -> None:
    clock.set(datetime(2026, 7, 2, 3, 59, tzinfo=UTC))  # still the 1st in Montreal, by a minute
    leads = store.fields.table
    async with store.write() as conn:
        await conn.execute(leads.insert().values(created_at=to_micros(clock.now())))
    days = {}
    for zone in (MONTREAL, UTC):
        await keeping.keep(store, zone)
        async with store.read() as conn:
            (days[zone],) = await conn.scalars(text("SELECT day FROM counters"))
    assert date(1970, 1, 1) + timedelta(days=days[MONTREAL]) == date(2026, 7, 1)
    assert date(1970, 1, 1) + timedelta(days=days[UTC]) == date(2026, 7, 2)


def test_clocks_are_put_forward_and_back_to_the_second() -> None:
    turned = [since for since, _ in shifts(MONTREAL)]
    assert to_micros(datetime(2026, 3, 8, 7, tzinfo=UTC)) in turned
    assert to_micros(datetime(2026, 11, 1, 6, tzinfo=UTC)) in turned
    assert len(list(shifts(UTC))) == 1


async def test_steps_of_duration_are_the_same_in_both_languages(store: Store) -> None:
    minutes = [0, 1, 99, 100, 109, 999, 1_000, 9_999, 10_000, 99_999, 100_000, 1_234_567]
    async with store.read() as conn:
        for each in minutes:
            assert await conn.scalar(text(f"SELECT {_stepped(str(each))}")) == stepped(each)


async def test_folding_leaves_what_is_counted_as_it_is(world: World) -> None:
    for _ in range(3):
        await world.lead()
    before = await kept(world.store)
    assert await reported(world.store) == 3
    await fold(world.store)
    assert await kept(world.store) == before == {"lead": 3}
    async with world.store.read() as conn:
        assert await conn.scalar(text("SELECT count(*) FROM counter_changes")) == 0
    await world.lead()
    assert await reported(world.store) == 4
    await counters_agree(world.store)


async def reported(store: Store) -> int:
    """The leads, which came when time began, as reports read them."""
    begun = date(1970, 1, 1)
    async with store.read() as conn:
        (row,) = await counted(conn, HOUSE, ("lead",), DaySpan(begun, begun))
    return int(row.n)


def test_a_span_is_whole_blocks_and_the_days_at_its_ends() -> None:
    for first, length in ((0, 1), (31, 2), (32, 32), (5, 400), (63, 33), (1, 62)):
        days = DaySpan(date_of(first + 1_000), date_of(first + length + 999))
        blocks, ends = days.blocks(32)
        assert sorted(day for one in (*blocks, *ends) for day in one) == list(days)
        assert all(number_of(one.first) % 32 == 0 for one in blocks)
        assert sum(len(list(one)) for one in ends) <= 62
