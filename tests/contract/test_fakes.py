"""The fakes behave as the server does, as far as a plugin can see."""

from datetime import UTC, datetime, timedelta

import pytest

from relance.channel import Channel, Doubtful, Message, Retry, Sent
from relance.errors import NetworkRefused
from relance.events import NewEvent
from relance.host import Clock, Host, Identities, Incoming
from relance.reach import Suppress
from relance.testing import FakeChannel, FakeHost, Slow, VirtualClock

NOON = datetime(2026, 12, 1, 12, tzinfo=UTC)
MESSAGE = Message("k", "Tarifs", 1, "a@b.ca", {}, "Essai", 1, NOON)


def test_the_fakes_are_what_the_contract_asks_for():
    clock: Clock = VirtualClock()
    host: Host = FakeHost()
    channel: Channel = FakeChannel()
    assert clock
    assert host
    assert channel


def test_the_clock_moves_only_when_told_and_only_forward():
    clock = VirtualClock(NOON)
    assert clock.now() == clock.now() == NOON
    clock.advance(days=2)
    clock.advance(timedelta(hours=1))
    assert clock.now() == NOON + timedelta(days=2, hours=1)
    with pytest.raises(ValueError, match="cannot go back"):
        clock.set(NOON)
    with pytest.raises(ValueError, match="time zone"):
        VirtualClock(datetime(2026, 1, 1))


async def test_a_channel_answers_what_was_scripted_then_accepts():
    channel = FakeChannel(outcomes=[Retry("plus tard"), Slow(0.001, Doubtful("?")), OSError("non")])
    assert await channel.send(MESSAGE) == Retry("plus tard")
    assert await channel.send(MESSAGE) == Doubtful("?")
    with pytest.raises(OSError, match="non"):
        await channel.send(MESSAGE)
    assert await channel.send(MESSAGE) == Sent(reference="k")
    assert len(channel.attempts) == 4
    assert channel.sent == [MESSAGE]


async def test_a_channel_tells_what_became_of_a_key():
    channel = FakeChannel()
    channel.known["k"] = Sent("ref")
    assert await channel.lookup("k") == Sent("ref")
    assert await channel.lookup("autre") is None
    await channel.close()
    assert channel.closed


async def test_a_host_records_a_keyed_fact_once_and_knows_the_lead_again():
    host = FakeHost()
    aline = Identities(email="aline@exemple.ca")
    fact = Incoming("essai", aline, {"ville": "Montréal"}, (NewEvent("custom", "A"),), key="1")
    first, again = await host.record([fact, fact])
    (later,) = await host.record([Incoming("essai", aline)])
    (other,) = await host.record([Incoming("essai", Identities(email="b@exemple.ca"))])
    assert (first.duplicate, again.duplicate) == (False, True)
    assert first.lead_id == again.lead_id == later.lead_id != other.lead_id
    assert await host.fields(first.lead_id) == {"ville": "Montréal"}
    assert await host.fields(99) is None


async def test_a_host_suppresses_whatever_the_case():
    host = FakeHost()
    leaves = Suppress("email", "Aline@Exemple.ca ", "désabonnement")
    await host.record([Incoming("essai", Identities(lead_id=1), reach=[leaves])])
    assert await host.suppressed("email", "aline@exemple.ca")
    assert not await host.suppressed("sms", "aline@exemple.ca")


async def test_a_host_keeps_each_text_once():
    host = FakeHost()
    assert await host.keep(["a", "b", "a"]) == [1, 2, 1]
    assert await host.kept(2) == "b"
    assert await host.kept(3) is None


def test_a_token_is_read_back_for_its_own_purpose_only():
    host = FakeHost()
    token = host.sign("clic", 12, "é/è")
    assert host.unsign("clic", token) == ("12", "é/è")
    assert host.unsign("ouverture", token) is None
    assert host.unsign("clic", token[1:]) is None
    assert host.unsign("clic", "") is None


def test_a_test_reaches_no_network():
    with pytest.raises(NetworkRefused):
        FakeHost().network.http(timeout=1)
