"""The contract suite of a CRM: what the channel answers, whatever the CRM does to it."""

import asyncio
from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

import plugins.crm as plugin
from plugins.crm.channel import NOT_SET, CrmChannel
from relance.channel import Doubt, Doubtful, Message, Refused, Retry, Sent
from relance.testing import FakeHost, check_channel, check_plugin
from server.egress import Egress
from tests.crm.standin import Say, StandIn

EMAIL = "aline@exemple.ca"
Make = Callable[..., CrmChannel]
Build = Callable[..., Message]


def test_the_plugin_keeps_the_contract() -> None:
    assert check_plugin(plugin) == ()


async def test_any_message_gets_an_outcome(make: Make) -> None:
    assert isinstance(await check_channel(make()), Sent)


# --- What is written ------------------------------------------------------------------------


async def test_an_unknown_lead_is_made_whole_with_the_key_of_the_message(
    crm: StandIn, make: Make, message: Build
) -> None:
    outcome = await make().send(message())
    assert isinstance(outcome, Sent)
    assert [event.type for event in outcome.events] == ["crm_synced"]
    assert outcome.reference == crm.contacts[EMAIL]["id"]
    (written,) = crm.did("write")
    assert written.body["inputs"][0]["objectWriteTraceId"] == "1.1.1.2.1.99"
    assert crm.written == [{"email": EMAIL, "firstname": "Aline", "city": "Québec"}]


async def test_only_what_differs_is_written(crm: StandIn, make: Make, message: Build) -> None:
    crm.holds(EMAIL, firstname="Aline", city="Laval", lastname="Roy", notes="les nôtres")
    await make().send(message())
    assert crm.written == [{"email": EMAIL, "city": "Québec"}]
    assert crm.contacts[EMAIL]["properties"]["lastname"] == "Roy"


async def test_nothing_is_written_when_nothing_differs_and_it_is_a_success(
    crm: StandIn, make: Make, message: Build
) -> None:
    crm.holds(EMAIL, firstname="Aline", city="Québec")
    outcome = await make().send(message())
    assert isinstance(outcome, Sent)
    assert crm.did("write") == []


async def test_sending_twice_writes_once(crm: StandIn, make: Make, message: Build) -> None:
    channel = make()
    await channel.send(message())
    await channel.send(message(attempt=2))
    assert len(crm.did("write")) == 1


async def test_values_are_written_as_the_api_reads_them(
    crm: StandIn, make: Make, message: Build
) -> None:
    names = {"pointure": "shoe_size", "date d’achat": "bought_on", "abonné": "subscriber"}
    fields = {"pointure": Decimal("42.50"), "date d’achat": date(2026, 2, 28), "abonné": True}
    await make(champs=names).send(message(fields=fields))
    (written,) = crm.written
    assert written == {
        "email": EMAIL,
        "shoe_size": "42.5",
        "bought_on": "2026-02-28",
        "subscriber": "true",
    }


async def test_an_address_with_signs_is_one_piece_of_the_path(
    crm: StandIn, make: Make, message: Build
) -> None:
    await make().send(message(address="a/b?c=d#e@exemple.ca"))
    assert crm.did("find")[0].path.endswith("/a%2Fb%3Fc%3Dd%23e%40exemple.ca")
    assert "a/b?c=d#e@exemple.ca" in crm.contacts


# --- Who is right ---------------------------------------------------------------------------


async def test_what_the_crm_is_right_about_is_read_back_and_never_overwritten(
    crm: StandIn, make: Make, message: Build
) -> None:
    crm.holds(EMAIL, "2026-11-20T12:00:00Z", firstname="Alyne", city="Laval")
    outcome = await make(maitre_crm=["ville"]).send(message())
    assert isinstance(outcome, Sent)
    assert crm.written == [{"email": EMAIL, "firstname": "Aline"}]
    assert outcome.fields == {"ville": "Laval"}
    assert outcome.as_of == datetime(2026, 11, 20, 12, tzinfo=UTC)


async def test_a_new_contact_is_given_everything(crm: StandIn, make: Make, message: Build) -> None:
    outcome = await make(maitre_crm=["ville"]).send(message())
    assert isinstance(outcome, Sent)
    assert crm.written[0]["city"] == "Québec"
    assert outcome.fields == {}


async def test_neither_side_erases_what_the_other_knows(
    crm: StandIn, make: Make, message: Build
) -> None:
    crm.holds(EMAIL, firstname="", city="Laval", lastname="Roy")
    outcome = await make(maitre_crm=["prénom"]).send(message(fields={"courriel": EMAIL}))
    assert isinstance(outcome, Sent)
    assert outcome.fields == {}
    assert crm.did("write") == []


# --- What goes wrong ------------------------------------------------------------------------

ERROR = b'{"status":"error","message":"Property \\"x\\" does not exist"}'
STEPS = ["find", "write"]


@pytest.mark.parametrize("step", STEPS)
@pytest.mark.parametrize("status", [401, 403, 408, 409, 423, 500, 502, 503, 504])
async def test_what_may_pass_is_tried_again(
    crm: StandIn, make: Make, message: Build, step: str, status: int
) -> None:
    crm.script[step] = [Say(status, ERROR)]
    channel = make()
    assert isinstance(await channel.send(message()), Retry)
    assert isinstance(await channel.send(message(attempt=2)), Sent)


@pytest.mark.parametrize("step", STEPS)
@pytest.mark.parametrize(
    ("asked", "seconds"),
    [
        ("7", 7.0),
        ("Sun, 22 Nov 2026 15:01:00 GMT", 60.0),
        ("Sun, 22 Nov 2026 14:00:00 GMT", None),
        ("demain", None),
        ("-4", None),
        ("99999999", 86_400.0),
        ("²", None),
        ("9" * 400, None),
    ],
)
async def test_a_crm_that_asks_for_patience_gets_it(
    crm: StandIn, make: Make, message: Build, step: str, asked: str, seconds: float | None
) -> None:
    crm.script[step] = [Say(429, headers=(f"retry-after: {asked}",))]
    outcome = await make().send(message())
    assert isinstance(outcome, Retry)
    assert outcome.after == seconds


@pytest.mark.parametrize("step", STEPS)
@pytest.mark.parametrize("status", [400, 301, 418, 422])
async def test_what_will_never_do_is_refused_with_the_crm_s_own_words(
    crm: StandIn, make: Make, message: Build, step: str, status: int
) -> None:
    crm.script[step] = [Say(status, ERROR, headers=("location: http://169.254.169.254/",))]
    outcome = await make().send(message())
    assert isinstance(outcome, Refused)
    assert 'Property "x" does not exist' in outcome.reason
    assert len(crm.asked) == STEPS.index(step) + 1


async def test_a_record_refused_within_a_batch_is_refused(
    crm: StandIn, make: Make, message: Build
) -> None:
    body = b'{"status":"COMPLETE","results":[],"errors":[{"message":"bad\\r\\nemail"}]}'
    crm.script["write"] = [Say(207, body)]
    outcome = await make().send(message())
    assert isinstance(outcome, Refused)
    assert outcome.reason.endswith("bad email")


@pytest.mark.parametrize("body", [b"<html>", b"[]", b"\xff", b"", b"[" * 100_000])
async def test_an_answer_that_is_no_answer_leaves_a_doubt_once_written(
    crm: StandIn, make: Make, message: Build, body: bytes
) -> None:
    crm.script["write"] = [Say(200, body, obeys=True)]
    assert isinstance(await make().send(message()), Doubtful)


@pytest.mark.parametrize("body", [b"<html>", b"[]"])
async def test_while_only_reading_it_leaves_none(
    crm: StandIn, make: Make, message: Build, body: bytes
) -> None:
    crm.script["find"] = [Say(200, body)]
    assert isinstance(await make().send(message()), Retry)
    assert crm.did("write") == []


async def test_a_write_whose_result_is_not_told_is_in_doubt(
    crm: StandIn, make: Make, message: Build
) -> None:
    crm.script["write"] = [Say(200, b'{"results":[7]}', obeys=True)]
    assert isinstance(await make().send(message()), Doubtful)


@pytest.mark.parametrize("step", STEPS)
async def test_a_slow_crm_is_not_waited_for_longer_than_agreed(
    crm: StandIn, make: Make, message: Build, step: str
) -> None:
    crm.script[step] = [Say(delay=5)]
    outcome = await make(delai=0.2).send(message())
    assert isinstance(outcome, Doubtful if step == "write" else Retry)


async def test_a_closed_door_is_tried_again(crm: StandIn, make: Make, message: Build) -> None:
    channel = make()
    await crm.stop()
    assert isinstance(await channel.send(message()), Retry)


async def test_the_guard_of_the_network_is_not_gone_round(crm: StandIn, message: Build) -> None:
    host = FakeHost({"crm": {"adresse": crm.url, "jeton": "x" * 20}}, network=Egress())
    (channel,) = plugin.relance_channels(host)
    outcome = await channel.send(message())
    await channel.close()
    assert isinstance(outcome, Retry)
    assert "interne" in outcome.reason
    assert crm.asked == []


async def test_without_a_crm_it_is_refused_and_said(message: Build) -> None:
    (channel,) = plugin.relance_channels(FakeHost())
    assert await channel.send(message()) == Refused(NOT_SET)


# --- Doubt ----------------------------------------------------------------------------------


async def test_a_connection_cut_after_the_write_is_asked_after_and_found(
    crm: StandIn, make: Make, message: Build
) -> None:
    channel = make(propriete_cle="relance_cle")
    assert channel.doubt is Doubt.LOOKUP
    crm.script["write"] = [Say(cut=True, obeys=True)]
    assert isinstance(await channel.send(message()), Doubtful)
    found = await channel.lookup(message().key)
    assert isinstance(found, Sent)
    assert found.reference == crm.contacts[EMAIL]["id"]
    assert len(crm.did("write")) == 1


async def test_what_the_search_does_not_show_is_written_again(
    crm: StandIn, make: Make, message: Build
) -> None:
    channel = make(propriete_cle="relance_cle")
    crm.script["write"] = [Say(cut=True)]
    assert isinstance(await channel.send(message()), Doubtful)
    assert isinstance(await channel.lookup(message().key), Retry)
    assert isinstance(await channel.send(message(attempt=2)), Sent)
    assert crm.contacts[EMAIL]["properties"]["relance_cle"] == message().key


async def test_a_search_that_fails_tells_nothing(crm: StandIn, make: Make, message: Build) -> None:
    crm.script["search"] = [Say(503)]
    assert await make(propriete_cle="relance_cle").lookup(message().key) is None


async def test_without_a_property_for_the_key_it_is_written_again(make: Make) -> None:
    assert make().doubt is Doubt.RESEND


@pytest.mark.parametrize("step", STEPS)
async def test_an_answer_without_end_is_not_read_to_its_end(
    crm: StandIn, make: Make, message: Build, step: str
) -> None:
    crm.script[step] = [Say(200, b" " * 5_000_000, obeys=True)]
    channel = make()
    assert isinstance(await channel.send(message()), Retry)
    assert isinstance(await channel.send(message(attempt=2)), Sent)


async def test_two_leads_at_once_share_the_way(crm: StandIn, make: Make, message: Build) -> None:
    channel = make()
    sent = [message(address=f"lead{n}@exemple.ca", key=str(n)) for n in range(8)]
    outcomes = await asyncio.gather(*map(channel.send, sent))
    assert all(isinstance(one, Sent) for one in outcomes)
    assert len(crm.contacts) == 8
