"""A domain is not written to faster than it bears, nor a new sender's messages sent all at once."""

from collections import Counter
from datetime import timedelta

import pytest
from sqlalchemy import update

from relance.channel import Limits
from relance.testing import FakeChannel, VirtualClock
from server.dispatch.dispatch import Dispatch
from server.intake.intake import Intake
from server.store.instants import from_micros
from server.store.schema.messages import outbox as rows
from server.store.store import Store
from tests.dispatch.outbox import Outbox


async def written(outbox: Outbox, *addresses: str) -> None:
    for number, address in enumerate(addresses, 10):
        await outbox.lead(number, address)
        await outbox.put(number)


def sending(store: Store, clock: VirtualClock, limits: Limits) -> tuple[Dispatch, FakeChannel]:
    channel = FakeChannel(limits=limits)
    return Dispatch(store, clock, [channel], Intake(store, clock)), channel


async def test_a_domain_is_written_to_at_its_own_pace(
    outbox: Outbox, store: Store, clock: VirtualClock
) -> None:
    slow = [f"a{number}@lent.example" for number in range(6)]
    await written(outbox, *slow, "b@vite.example", "c@vite.example")
    dispatch, channel = sending(store, clock, Limits(paces={"lent.example": 2}))
    await dispatch.drain()
    assert Counter(one.address.partition("@")[2] for one in channel.sent) == {
        "lent.example": 2,
        "vite.example": 2,
    }
    waiting = [row for row in await outbox.rows() if row["state"] == "pending"]
    assert {row["reason"] for row in waiting} == {
        "différé : son domaine reçoit 2 par seconde au plus"
    }
    slots = [(from_micros(row["due_at"]) - clock.now()).total_seconds() for row in waiting]
    assert slots == [0.5, 1.0, 1.5, 2.0]
    for _ in slots:
        clock.advance(timedelta(seconds=0.5))
        await dispatch.drain()
    assert len(channel.sent) == 8


async def test_a_turn_once_given_is_kept_whatever_held_the_server_up(
    outbox: Outbox, store: Store, clock: VirtualClock
) -> None:
    await written(outbox, *(f"a{number}@lent.example" for number in range(20)))
    dispatch, channel = sending(store, clock, Limits(paces={"lent.example": 1}))
    await dispatch.drain()
    clock.advance(timedelta(seconds=10))
    await outbox.lead(90, "nouveau@lent.example")
    await outbox.put(90)
    await dispatch.drain()
    written_to = {one.address for one in channel.sent}
    assert len(written_to) == 11
    assert "nouveau@lent.example" not in written_to
    (late,) = [row for row in await outbox.rows() if row["lead_id"] == 90]
    assert from_micros(late["due_at"]) - clock.now() == timedelta(seconds=10)


async def test_a_provider_of_mailboxes_has_its_pace_too(
    outbox: Outbox, store: Store, clock: VirtualClock
) -> None:
    await written(outbox, "a@gmail.com", "b@gmail.com", "c@orange.fr", "d@orange.fr")
    dispatch, channel = sending(store, clock, Limits(paces={"gmail.com": 1, "*": 1}))
    await dispatch.drain()
    assert sorted(one.address for one in channel.sent) == ["a@gmail.com", "c@orange.fr"]


async def test_domains_that_no_pace_names_have_one_each(
    outbox: Outbox, store: Store, clock: VirtualClock
) -> None:
    await written(outbox, "a@un.example", "b@un.example", "c@deux.example", "d@deux.example")
    dispatch, channel = sending(store, clock, Limits(paces={"*": 1}))
    await dispatch.drain()
    assert sorted(one.address for one in channel.sent) == ["a@un.example", "c@deux.example"]


async def test_a_new_sender_sends_twice_as_much_each_day(
    outbox: Outbox, store: Store, clock: VirtualClock
) -> None:
    await written(outbox, *(f"a{number}@exemple.ca" for number in range(60)))
    dispatch, channel = sending(store, clock, Limits(first_day=5))
    days = []
    for _ in range(4):
        for _ in range(24):
            await dispatch.drain()
            clock.advance(timedelta(hours=1))
        days.append(len(channel.sent))
    assert days == [5, 15, 35, 60]


async def test_what_waits_for_a_new_sender_is_not_gone_through_each_hour(
    outbox: Outbox, store: Store, clock: VirtualClock
) -> None:
    await written(outbox, *(f"a{number}@exemple.ca" for number in range(60)))
    dispatch, _ = sending(store, clock, Limits(first_day=5))
    await dispatch.drain()
    waiting = [row for row in await outbox.rows() if row["state"] == "pending"]
    waits = [from_micros(row["due_at"]) - clock.now() for row in waiting]
    assert Counter(wait // timedelta(hours=25) for wait in waits) == {1: 10, 2: 20, 3: 25}


async def test_what_is_tried_again_is_not_counted_twice(
    outbox: Outbox, store: Store, clock: VirtualClock
) -> None:
    await written(outbox, "a@exemple.ca", "b@exemple.ca")
    async with store.write() as conn:
        await conn.execute(update(rows).where(rows.c.lead_id == 10).values(attempts=3))
    dispatch, channel = sending(store, clock, Limits(first_day=1))
    await dispatch.drain()
    assert len(channel.sent) == 2


async def test_domains_that_strangers_bring_are_not_all_remembered(
    outbox: Outbox, store: Store, clock: VirtualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("server.dispatch.paces._REMEMBERED", 2)
    await written(outbox, *(f"a@{number}.example" for number in range(5)), "b@4.example")
    dispatch, channel = sending(store, clock, Limits(paces={"*": 1}))
    await dispatch.drain()
    assert len(channel.sent) == 5
