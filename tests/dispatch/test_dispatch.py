"""What becomes of a message between the outbox and a channel."""

import asyncio
import time
from datetime import timedelta
from typing import Any

import pytest

from relance.channel import Doubt, Doubtful, Limits, Message, Outcome, Refused, Retry, Sent
from relance.events import NewEvent
from relance.testing import FakeChannel, Slow, VirtualClock
from server.dispatch.allowance import Allowance
from server.dispatch.breaker import Circuit
from server.dispatch.dispatch import Dispatch
from server.dispatch.terms import Terms
from server.health.operation import operation
from server.store import leftovers
from server.store.instants import to_micros
from server.store.schema.messages import suppressions
from server.store.store import Store
from tests.dispatch.outbox import Noticed, Outbox, at


def dispatch(outbox: Outbox, intake: Noticed, *channels: Any) -> Dispatch:
    # One lead stands here for many: how much it is written to is another matter.
    return Dispatch(outbox.store, outbox.clock, channels, intake, Terms(Allowance(proven=0)))


async def test_a_due_message_is_sent_with_the_fields_of_its_lead(
    outbox: Outbox, intake: Noticed
) -> None:
    channel = FakeChannel()
    await outbox.put(1)
    assert await dispatch(outbox, intake, channel).drain()
    (message,) = channel.sent
    assert message.address == "aline@exemple.ca"
    assert message.fields == {"courriel": "aline@exemple.ca", "prénom": "Aline"}
    assert (message.template, message.campaign, message.attempt) == ("Tarifs", "Accueil", 1)
    row = await outbox.row()
    assert (row["state"], row["due_at"], row["reference"]) == ("sent", None, message.key)
    assert at(row, "settled_at") == outbox.clock.now()


async def test_the_events_of_an_outcome_are_stored_with_it_and_the_engine_is_woken(
    outbox: Outbox, intake: Noticed
) -> None:
    def outcome_of(message: Message) -> Outcome:
        return Sent(events=(NewEvent("email_sent", message.template),))

    await outbox.put(1)
    await outbox.put(2, "Témoignages")
    await dispatch(outbox, intake, FakeChannel(otherwise=outcome_of)).drain()
    assert await outbox.events() == [(1, "email_sent", "Tarifs"), (2, "email_sent", "Témoignages")]
    assert intake.times >= 1


async def test_a_message_due_later_waits(outbox: Outbox, intake: Noticed) -> None:
    channel = FakeChannel()
    await outbox.put(1)
    outbox.clock.advance(hours=1)
    await outbox.put(1)
    early = VirtualClock(outbox.clock.now() - timedelta(minutes=30))
    await Dispatch(outbox.store, early, [channel], intake).drain()
    assert await outbox.states() == ["sent", "pending"]


@pytest.mark.parametrize("state", ["cancelled", "sent", "refused", "failed", "suppressed"])
async def test_a_settled_message_never_leaves(outbox: Outbox, intake: Noticed, state: str) -> None:
    channel = FakeChannel()
    await outbox.put(1, state=state)
    await dispatch(outbox, intake, channel).drain()
    assert (channel.attempts, await outbox.states()) == ([], [state])


async def test_a_suppressed_address_is_never_called(
    outbox: Outbox, intake: Noticed, store: Store
) -> None:
    async with store.write() as conn:
        await conn.execute(
            suppressions.insert().values(
                channel="email", address_key="aline@exemple.ca", reason="désabonné", at=0
            )
        )
    channel = FakeChannel(limits=Limits(concurrency=1))
    await outbox.lead(3, " Aline@Exemple.ca")
    for lead in (1, 3, 2):
        await outbox.put(lead)
    await dispatch(outbox, intake, channel).drain()
    assert [message.address for message in channel.attempts] == ["bob@exemple.ca"]
    assert await outbox.states() == ["suppressed", "suppressed", "sent"]
    assert (await outbox.row(1))["reason"]


@pytest.mark.parametrize("address", [None, "", "   "])
async def test_a_lead_without_an_address_is_told_unreachable_with_the_reason(
    outbox: Outbox, intake: Noticed, address: str | None
) -> None:
    channel = FakeChannel()
    await outbox.lead(9, address)
    await outbox.put(9)
    await dispatch(outbox, intake, channel).drain()
    row = await outbox.row()
    assert (channel.attempts, row["state"], row["due_at"]) == ([], "unreachable", None)
    assert "adresse" in row["reason"]
    async with outbox.store.read() as conn:
        (left,) = await leftovers.of_lead(conn, 9)
    assert (left.source, left.reason) == (leftovers.MESSAGES, "no_address")


async def test_a_merged_lead_is_written_to_as_the_one_it_became(
    outbox: Outbox, intake: Noticed
) -> None:
    channel = FakeChannel()
    await outbox.lead(7, None, merged_into=1)
    await outbox.put(7)
    await dispatch(outbox, intake, channel).drain()
    assert [(one.address, one.lead_id) for one in channel.sent] == [("aline@exemple.ca", 1)]


async def test_a_retry_comes_back_later_under_the_same_key_then_fails_for_good(
    outbox: Outbox, intake: Noticed
) -> None:
    channel = FakeChannel(
        outcomes=[Retry("occupé")] * 9, limits=Limits(max_attempts=3), otherwise=_never
    )
    await outbox.put(1)
    sender = dispatch(outbox, intake, channel)
    for attempt in (1, 2, 3):
        await sender.drain()
        assert len(channel.attempts) == attempt
        await sender.drain()
        assert len(channel.attempts) == attempt, "never before its time"
        due = await sender.next_due()
        if due is not None:
            assert due > outbox.clock.now()
            outbox.clock.set(due)
    assert {message.key for message in channel.attempts} == {channel.attempts[0].key}
    assert [message.attempt for message in channel.attempts] == [1, 2, 3]
    row = await outbox.row()
    assert (row["state"], row["reason"], row["due_at"]) == ("failed", "occupé", None)


def _never(message: Message) -> Outcome:
    raise AssertionError("never called")


async def test_what_the_provider_asks_to_wait_is_honoured(outbox: Outbox, intake: Noticed) -> None:
    channel = FakeChannel(outcomes=[Retry("doucement", after=3600)])
    await outbox.put(1)
    sender = dispatch(outbox, intake, channel)
    await sender.drain()
    outbox.clock.advance(minutes=59)
    await sender.drain()
    assert len(channel.attempts) == 1
    outbox.clock.advance(minutes=2)
    await sender.drain()
    assert await outbox.states() == ["sent"]


async def test_a_refusal_is_final_and_its_events_are_kept(outbox: Outbox, intake: Noticed) -> None:
    bounce = NewEvent("email_bounced", "Tarifs")
    channel = FakeChannel(outcomes=[Refused("inconnu", (bounce,))])
    await outbox.put(1)
    await dispatch(outbox, intake, channel).drain()
    assert await outbox.states() == ["refused"]
    assert await outbox.events() == [(1, "email_bounced", "Tarifs")]


async def test_a_held_doubt_stays_for_a_person(outbox: Outbox, intake: Noticed) -> None:
    channel = FakeChannel(outcomes=[Doubtful("coupure")], doubt=Doubt.HOLD)
    await outbox.put(1)
    sender = dispatch(outbox, intake, channel)
    await sender.drain()
    outbox.clock.advance(days=30)
    await sender.drain()
    row = await outbox.row()
    assert (row["state"], row["reason"], len(channel.attempts)) == ("doubtful", "coupure", 1)
    assert row["doubted_at"] is not None


async def test_a_doubt_to_resend_leaves_again_with_its_key_and_stays_listed(
    outbox: Outbox, intake: Noticed
) -> None:
    channel = FakeChannel(outcomes=[Doubtful("coupure")], doubt=Doubt.RESEND)
    await outbox.put(1)
    sender = dispatch(outbox, intake, channel)
    await sender.drain()
    outbox.clock.advance(days=1)
    await sender.drain()
    first, second = channel.attempts
    row = await outbox.row()
    assert first.key == second.key
    assert (row["state"], row["doubted_at"] is not None) == ("sent", True)


async def test_a_doubt_to_look_up_is_settled_by_the_provider(
    outbox: Outbox, intake: Noticed
) -> None:
    channel = FakeChannel(outcomes=[Doubtful("coupure")], doubt=Doubt.LOOKUP)
    await outbox.put(1)
    sender = dispatch(outbox, intake, channel)
    await sender.drain()
    row = await outbox.row()
    assert (row["state"], len(channel.lookups)) == ("doubtful", 1)
    channel.known[channel.attempts[0].key] = Sent(reference="abc")
    outbox.clock.advance(days=1)
    await sender.drain()
    row = await outbox.row()
    assert (row["state"], row["doubted_at"], len(channel.attempts)) == ("sent", None, 1)


async def test_a_channel_that_raises_is_in_doubt(outbox: Outbox, intake: Noticed) -> None:
    channel = FakeChannel(outcomes=[RuntimeError("bogue")], doubt=Doubt.HOLD)
    await outbox.put(1)
    await dispatch(outbox, intake, channel).drain()
    assert await outbox.states() == ["doubtful"]


async def test_a_channel_that_never_answers_is_in_doubt(outbox: Outbox, intake: Noticed) -> None:
    channel = FakeChannel(outcomes=[Slow(30)], doubt=Doubt.HOLD, limits=Limits(timeout=0.05))
    await outbox.put(1)
    await dispatch(outbox, intake, channel).drain()
    row = await outbox.row()
    assert row["state"] == "doubtful"
    assert "à temps" in row["reason"]


async def test_never_more_calls_at_once_than_the_channel_bears(
    outbox: Outbox, intake: Noticed
) -> None:
    channel = _Counting(limits=Limits(concurrency=3))
    for _ in range(12):
        await outbox.put(1)
    await dispatch(outbox, intake, channel).drain()
    assert channel.most == 3
    assert await outbox.states() == ["sent"] * 12


class _Counting(FakeChannel):
    now = 0
    most = 0

    async def send(self, message: Message) -> Outcome:
        self.now += 1
        self.most = max(self.most, self.now)
        await asyncio.sleep(0.005)
        self.now -= 1
        return Sent()


async def test_what_is_ours_to_mend_cuts_no_channel(outbox: Outbox, intake: Noticed) -> None:
    wanting = [Retry("message absent", ours=True)] * 20
    channel = FakeChannel(outcomes=wanting, limits=Limits(concurrency=1))
    for _ in range(20):
        await outbox.put(1)
    sender = dispatch(outbox, intake, channel)
    await sender.drain()
    assert len(channel.attempts) == 20
    assert sender.status()[0].circuit is Circuit.CLOSED


async def shown_cut(outbox: Outbox) -> dict[str, tuple[int | None, str | None]]:
    """The channels that whoever looks at the base is told are cut, until when and why."""
    async with outbox.store.read() as conn:
        found = await operation(conn, to_micros(outbox.clock.now()))
    return {one.channel: (one.cut, one.why) for one in found.channels}


async def test_the_breaker_leaves_a_dead_provider_in_peace_then_probes_it(
    outbox: Outbox, intake: Noticed
) -> None:
    channel = FakeChannel(outcomes=[Retry("en panne", after=1)] * 6, limits=Limits(concurrency=1))
    other = FakeChannel("sms", "courriel")
    for _ in range(20):
        await outbox.put(1)
    await outbox.put(2, channel="sms")
    sender = dispatch(outbox, intake, channel, other)
    await sender.drain()
    assert len(channel.attempts) == 5, "five failures in a row open it"
    assert len(other.sent) == 1, "other channels are not concerned"
    status = sender.status()[0]
    assert (status.circuit, status.reason) == (Circuit.OPEN, "en panne")
    assert status.until is not None
    assert await shown_cut(outbox) == {"email": (to_micros(status.until), "en panne")}
    outbox.clock.advance(seconds=11)
    await sender.drain()
    assert len(channel.attempts) == 6, "one probe, which fails"
    outbox.clock.advance(seconds=21)
    await sender.drain()
    assert sender.status()[0].circuit is Circuit.CLOSED
    assert await shown_cut(outbox) == {}
    outbox.clock.advance(hours=12)
    await sender.drain()
    assert await outbox.states() == ["sent"] * 21


async def test_what_a_dead_process_was_sending_is_listed_as_uncertain(
    outbox: Outbox, intake: Noticed
) -> None:
    channels = [
        FakeChannel("email", doubt=Doubt.HOLD),
        FakeChannel("sms", "courriel", doubt=Doubt.RESEND),
        FakeChannel("push", "courriel", doubt=Doubt.LOOKUP),
    ]
    for name in ("email", "sms", "push", "gone"):
        await outbox.put(1, channel=name, state="sending", attempts=1)
    await outbox.put(2, state="sent")
    sender = dispatch(outbox, intake, *channels)
    assert await sender.recover() == 4
    assert await outbox.states() == ["doubtful", "pending", "doubtful", "doubtful", "sent"]
    await sender.drain()
    rows = await outbox.rows()
    assert [row["doubted_at"] is not None for row in rows] == [True, True, True, True, False]
    assert [len(one.attempts) for one in channels] == [0, 1, 0]
    assert len(channels[2].lookups) == 1
    assert await sender.recover() == 0


# --- Running ------------------------------------------------------------------------------


async def running(sender: Dispatch) -> asyncio.Task[None]:
    task = asyncio.create_task(sender.run())
    await asyncio.sleep(0.02)
    return task


async def until(holds: Any, seconds: float = 5.0) -> None:
    end = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < end, "it never came"
        await asyncio.sleep(0.002)


async def stopped(task: asyncio.Task[None]) -> None:
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


async def test_a_wake_up_sends_at_once(outbox: Outbox, intake: Noticed) -> None:
    channel = FakeChannel()
    sender = dispatch(outbox, intake, channel)
    task = await running(sender)
    spent = []
    for count in range(1, 21):
        await outbox.put(1)
        start = time.monotonic()
        sender.wake()
        await until(lambda count=count: len(channel.sent) == count)
        spent.append(time.monotonic() - start)
        await asyncio.sleep(0.02)
    await stopped(task)
    # The bench holds the real figure; here, only that nothing waits for a next look.
    assert sorted(spent)[10] < 0.25
    assert await outbox.states() == ["sent"] * 20


async def test_a_slow_channel_does_not_delay_another(
    outbox: Outbox, intake: Noticed, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("server.dispatch.dispatch.GRACE", 0.1)
    slow = FakeChannel("sms", "courriel", otherwise=lambda _: Slow(10))
    quick = FakeChannel()
    for _ in range(20):
        await outbox.put(1, channel="sms")
    for _ in range(50):
        await outbox.put(1)
    sender = dispatch(outbox, intake, slow, quick)
    task = asyncio.create_task(sender.run())
    await until(lambda: len(quick.sent) == 50, 8)
    assert len(slow.sent) == 0
    await stopped(task)


async def test_a_stop_lets_calls_under_way_end_and_claims_no_more(
    outbox: Outbox, intake: Noticed
) -> None:
    channel = FakeChannel(otherwise=lambda _: Slow(0.3), limits=Limits(concurrency=2))
    for _ in range(5):
        await outbox.put(1)
    sender = dispatch(outbox, intake, channel)
    task = await running(sender)
    await until(lambda: len(channel.attempts) == 2)
    start = time.monotonic()
    await stopped(task)
    assert time.monotonic() - start < 2, "it ends with the last call, not with its patience"
    assert sorted(await outbox.states()) == ["pending"] * 3 + ["sent"] * 2


async def test_a_call_that_outlives_the_stop_is_listed_as_uncertain(
    outbox: Outbox, intake: Noticed, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("server.dispatch.dispatch.GRACE", 0.2)
    channel = FakeChannel(otherwise=lambda _: Slow(60), limits=Limits(concurrency=2))
    for _ in range(3):
        await outbox.put(1)
    sender = dispatch(outbox, intake, channel)
    task = await running(sender)
    await until(lambda: len(channel.attempts) == 2)
    start = time.monotonic()
    await stopped(task)
    assert time.monotonic() - start < 3
    rows = await outbox.rows()
    assert sum(row["doubted_at"] is not None for row in rows) == 2
    assert all(row["state"] == "pending" for row in rows), "RESEND: they will leave again"


async def test_no_more_leaves_a_second_than_the_channel_allows(
    outbox: Outbox, intake: Noticed
) -> None:
    channel = FakeChannel(limits=Limits(concurrency=8, per_second=2))
    for _ in range(10):
        await outbox.put(1)
    sender = dispatch(outbox, intake, channel)
    task = await running(sender)
    await until(lambda: len(channel.sent) == 2)
    await asyncio.sleep(0.1)
    assert len(channel.sent) == 2, "the clock has not moved"
    outbox.clock.advance(seconds=1)
    sender.wake()
    await until(lambda: len(channel.sent) == 4)
    await asyncio.sleep(0.1)
    assert len(channel.sent) == 4
    await stopped(task)
