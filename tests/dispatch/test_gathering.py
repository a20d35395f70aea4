"""Messages of one kind to one recipient: the first at once, the rest together, none lost or told twice."""

from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import insert

from relance.channel import Doubt, Limits, Message, Outcome, Refused, Retry, Sent
from relance.events import NewEvent
from relance.testing import FakeChannel
from server.dispatch import held
from server.dispatch.dispatch import Dispatch
from server.reports.glossary import Glossary
from server.reports.ledger import read_ledger
from server.reports.timeline import timeline_of
from server.store.schema.messages import suppressions
from tests.dispatch.outbox import Noticed, Outbox

WINDOW = timedelta(minutes=10)
MARC = "Marc Tremblay"
UTC = ZoneInfo("UTC")


def outcome_of(message: Message) -> Outcome:
    return Sent(events=(NewEvent("alert_sent", message.template),))


def alerts(**options: Any) -> FakeChannel:
    limits = Limits(concurrency=4, gathers=WINDOW, max_attempts=3)
    return FakeChannel("alert", None, otherwise=outcome_of, limits=limits, **options)


async def put(outbox: Outbox, *leads: int, message: str = "Chaud", to: str = MARC) -> None:
    for lead in leads:
        await outbox.put(lead, message, "alert", recipient=to)


def counts(channel: FakeChannel) -> list[tuple[int, list[int]]]:
    return [(one.count, [other.lead_id for other in one.gathered]) for one in channel.attempts]


async def test_the_first_leaves_at_once_and_what_follows_leaves_as_one(
    outbox: Outbox, intake: Noticed
) -> None:
    channel = alerts()
    dispatch = Dispatch(outbox.store, outbox.clock, [channel], intake)
    await put(outbox, 1)
    await dispatch.drain()
    for _ in range(15):
        outbox.clock.advance(seconds=20)
        await put(outbox, 2, 1)
        await dispatch.drain()
    assert counts(channel) == [(1, [])]
    assert await dispatch.next_due() == outbox.clock.now() + timedelta(minutes=5)
    outbox.clock.advance(minutes=5)
    await dispatch.drain()
    _, (count, others) = counts(channel)
    assert (count, sorted([channel.attempts[1].lead_id, *others])) == (30, [1] * 15 + [2] * 15)
    assert set(await outbox.states()) == {"sent"}
    assert len(await outbox.events()) == 31, "it was sent about each of them"
    rows = await outbox.rows()
    assert {row["gathering"] for row in rows[1:]} == {channel.attempts[1].key}
    assert rows[0]["gathering"] is None


async def test_another_person_and_another_alert_do_not_wait(
    outbox: Outbox, intake: Noticed
) -> None:
    channel = alerts()
    dispatch = Dispatch(outbox.store, outbox.clock, [channel], intake)
    await put(outbox, 1)
    await dispatch.drain()
    await put(outbox, 1, to="Zoé Roy")
    await put(outbox, 1, message="Rappel")
    await dispatch.drain()
    assert counts(channel) == [(1, [])] * 3


async def test_each_attempt_says_the_same_ones_and_all_share_its_fate(
    outbox: Outbox, intake: Noticed
) -> None:
    channel = alerts(outcomes=[Retry("plus tard"), Retry("plus tard"), Refused("jamais")])
    dispatch = Dispatch(outbox.store, outbox.clock, [channel], intake)
    await put(outbox, 1, 2, 2)
    for _ in range(2):
        await dispatch.drain()
        await put(outbox, 1)
        outbox.clock.advance(minutes=3)
    assert await outbox.states() == ["pending", "gathered", "gathered", "pending", "pending"]
    await dispatch.drain()
    assert counts(channel)[:3] == [(3, [2, 2])] * 3
    rows = await outbox.rows()
    assert [(row["state"], row["reason"]) for row in rows[:3]] == [("refused", "jamais")] * 3
    outbox.clock.advance(WINDOW)
    await dispatch.drain()
    assert counts(channel)[3:] == [(2, [1])], "those that came since are told, not lost"


@pytest.mark.parametrize("doubt", [Doubt.RESEND, Doubt.HOLD])
async def test_a_server_killed_as_it_sent_takes_up_the_same(
    outbox: Outbox, intake: Noticed, doubt: Doubt
) -> None:
    channel = alerts(doubt=doubt)
    await put(outbox, 1, 2)
    async with outbox.store.write() as conn:
        (taken,) = await outbox.claims(channel).claim(conn, outbox.clock.now(), 4)
    assert taken.message.count == 2
    dispatch = Dispatch(outbox.store, outbox.clock, [channel], intake)
    await dispatch.recover()
    outbox.clock.advance(hours=1)
    await dispatch.drain()
    if doubt is Doubt.RESEND:
        assert counts(channel) == [(2, [2])]
        assert await outbox.states() == ["sent", "sent"]
    else:
        assert await outbox.states() == ["doubtful", "gathered"], (
            "both are the operator's to settle"
        )
        await put(outbox, 1)
        await dispatch.drain()
        assert counts(channel) == [(1, [])], "what nobody can tell keeps no other waiting"


async def test_what_is_given_up_after_a_restoration_is_with_all_it_stood_for(
    outbox: Outbox, intake: Noticed
) -> None:
    await put(outbox, 1, 2)
    async with outbox.store.write() as conn:
        await outbox.claims(alerts()).claim(conn, outbox.clock.now(), 4)
        assert await held.hold(conn) == 1
        assert await held.abandon(conn, held.RESTORED, "alert", None, 1) == 1
    assert await outbox.states() == ["cancelled", "cancelled"]


async def test_a_crowd_goes_by_thousands(outbox: Outbox, intake: Noticed) -> None:
    channel = alerts()
    dispatch = Dispatch(outbox.store, outbox.clock, [channel], intake)
    await put(outbox, *([1] * 1_020))
    await dispatch.drain()
    outbox.clock.advance(minutes=10)
    await dispatch.drain()
    assert [(one.count, len(one.gathered)) for one in channel.sent] == [(1_000, 100), (20, 19)]


async def test_each_lead_s_line_says_in_which_alert_it_went(
    outbox: Outbox, intake: Noticed
) -> None:
    dispatch = Dispatch(outbox.store, outbox.clock, [alerts()], intake)
    await put(outbox, 1, 2)
    await dispatch.drain()
    said = {}
    for lead in (1, 2):
        ledger = await read_ledger(outbox.store, lead, Glossary())
        (line,) = [one for one in timeline_of(ledger, UTC) if one.kind == "message"]
        said[lead] = line.reason
    assert said == {
        1: "avec d’autres leads, en un seul envoi",
        2: "dit dans l’envoi qui parle d’abord du lead n° 1",
    }


async def test_what_was_tied_leaves_alone_once_nothing_is_gathered_any_more(
    outbox: Outbox, intake: Noticed
) -> None:
    gathering = alerts(outcomes=[Retry("plus tard")])
    dispatch = Dispatch(outbox.store, outbox.clock, [gathering], intake)
    await put(outbox, 1, 2, 2)
    await dispatch.drain()
    assert await outbox.states() == ["pending", "gathered", "gathered"]
    each = FakeChannel("alert", None, otherwise=outcome_of)
    dispatch = Dispatch(outbox.store, outbox.clock, [each], intake)
    await dispatch.recover()
    outbox.clock.advance(hours=1)
    await dispatch.drain()
    assert counts(each) == [(1, [])] * 3
    assert await outbox.states() == ["sent"] * 3


async def test_what_stops_before_another_attempt_stops_what_it_stands_for(
    outbox: Outbox, intake: Noticed
) -> None:
    limits = Limits(gathers=WINDOW, max_attempts=3)
    channel = FakeChannel("alert", "courriel", limits=limits, outcomes=[Retry("plus tard")])
    dispatch = Dispatch(outbox.store, outbox.clock, [channel], intake)
    await put(outbox, 1, 2, to=(address := "marc@exemple.ca"))
    await dispatch.drain()
    assert await outbox.states() == ["pending", "gathered"]
    async with outbox.store.write() as conn:
        row = {"channel": "alert", "address_key": address, "reason": "il est parti", "at": 0}
        await conn.execute(insert(suppressions).values(**row))
    outbox.clock.advance(hours=1)
    await dispatch.drain()
    assert await outbox.states() == ["suppressed", "suppressed"]
