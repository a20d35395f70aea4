"""What the provider posts: receipts, replies, STOP and HELP; only well signed posts count."""

from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

import pytest

import plugins.sms as plugin
from plugins.sms.channel import SmsChannel
from plugins.sms.keywords import KeywordKind, asked
from plugins.sms.signature import signature
from relance.channel import Message
from relance.host import Identities
from relance.testing import FakeHost
from tests.sms.provider import TOKEN, Provider

Post = Callable[..., Any]


def signed(host: FakeHost, path: str, **fields: str) -> tuple[str, str, str]:
    return path, urlencode(fields), signature(TOKEN, host.public_url + path, fields)


def wrote(host: FakeHost, body: str, **more: str) -> tuple[str, str, str]:
    fields = {"From": "+15145551234", "To": "+15145550100", "Body": body, "MessageSid": "SM1"}
    return signed(host, "/webhooks/sms", **(fields | more))


@pytest.fixture
async def status(
    channel: SmsChannel, provider: Provider, host: FakeHost, message: Callable[..., Message]
) -> str:
    """The path where the provider reports on a message that was sent."""
    await channel.send(message())
    return provider.asked[0].fields["StatusCallback"][len(host.public_url) :]


def test_the_signature_is_that_of_the_provider_s_own_example() -> None:
    fields = {
        "CallSid": "CA1234567890ABCDE",
        "Caller": "+14158675310",
        "Digits": "1234",
        "From": "+14158675310",
        "To": "+18005551212",
    }
    url = "https://mycompany.com/myapp.php?foo=1&bar=2"
    assert signature("12345", url, fields) == "GvWf1cFY/Q7PnoempGyD5oXAezc="


async def test_a_delivery_is_an_event_of_the_lead(post: Post, host: FakeHost, status: str) -> None:
    report = signed(host, status, MessageStatus="delivered", To="+15145551234")
    for _ in range(2):  # the provider repeats itself
        assert (await post(*report)).status_code == 204
    (incoming,) = host.recorded
    (event,) = incoming.events
    assert (event.type, event.subject) == ("sms_delivered", "Rappel")
    assert incoming.identities == Identities(lead_id=7, phone="+15145551234")


@pytest.mark.parametrize("said", ["queued", "sending", "sent", "", "n’importe quoi"])
async def test_a_step_on_the_way_is_no_event(
    post: Post, host: FakeHost, status: str, said: str
) -> None:
    assert (await post(*signed(host, status, MessageStatus=said))).status_code == 204
    assert host.recorded == []


async def test_a_failure_is_an_event_and_a_dead_number_is_left_alone(
    post: Post, host: FakeHost, status: str
) -> None:
    given = {"MessageStatus": "undelivered", "To": "+15145551234"}
    await post(*signed(host, status, **given, ErrorCode="30003"))
    assert host.recorded[0].events[0].type == "sms_undelivered"
    assert not await host.suppressed("sms", "+15145551234")
    await post(*signed(host, status, **given, ErrorCode="30005"))
    assert await host.suppressed("sms", "+15145551234")


@pytest.mark.parametrize("to", ["", "\0", "x" * 60_000, "+1514"])
async def test_a_report_about_no_number_silences_nobody(
    post: Post, host: FakeHost, status: str, to: str
) -> None:
    given = {"MessageStatus": "failed", "To": to, "ErrorCode": "30005"}
    assert (await post(*signed(host, status, **given))).status_code == 204
    assert host.suppressions == {}
    assert host.recorded[0].identities == Identities(lead_id=7)


async def test_a_report_nobody_signed_is_refused(post: Post, host: FakeHost, status: str) -> None:
    path, body, good = signed(host, status, MessageStatus="delivered")
    for bad in ("", "x", good[:-2], "é", signature("autre", host.public_url + path, {})):
        assert (await post(path, body, bad)).status_code == 403
    assert (await post(path, body + "&To=x", good)).status_code == 403
    twice = signature(TOKEN, host.public_url + path, {"MessageStatus": "failed"})
    assert (await post(path, body + "&MessageStatus=failed", twice)).status_code == 403
    assert host.recorded == []


async def test_without_a_token_nothing_is_received(post: Post, host: FakeHost) -> None:
    host._settings["sms"]["jeton"] = ""  # type: ignore[index]
    fields = {"From": "+15145551234", "Body": "STOP"}
    empty = signature("", host.public_url + "/webhooks/sms", fields)
    assert (await post("/webhooks/sms", urlencode(fields), empty)).status_code == 403
    assert host.suppressions == {}


async def test_an_answer_is_an_event_of_who_holds_the_number(post: Post, host: FakeHost) -> None:
    reply = await post(*wrote(host, " « Oui !  samedi. » "))
    assert (reply.status_code, reply.headers["content-type"]) == (200, "text/xml; charset=utf-8")
    assert "<Message>" not in reply.body.decode()
    (incoming,) = host.recorded
    (event,) = incoming.events
    assert (event.type, event.subject) == ("sms_replied", "Oui ! samedi")
    assert event.properties["texte"] == " « Oui !  samedi. » "
    assert incoming.identities == Identities(phone="+15145551234")
    assert incoming.fields == {"cellulaire": "+15145551234"}
    await post(*wrote(host, "Oui"))  # the same MessageSid: posted twice
    assert len(host.recorded) == 1


@pytest.mark.parametrize("body", ["", "\0", "🚲" * 2_000, "<script>alert(1)</script>", "?!"])
async def test_any_text_is_kept_as_it_came(post: Post, host: FakeHost, body: str) -> None:
    assert (await post(*wrote(host, body))).status_code == 200
    (event,) = host.recorded[0].events
    assert event.type == "sms_replied"
    assert len(event.subject or "") <= 500


LEAVE = ["STOP", "stop", " Stop! ", "STOPALL", "Arret", "ARRÊT", "arrêt.", "Désabonner", "END"]
LEAVE += ["QUIT", "cancel", "Unsubscribe", "S T O P", "arrêt".replace("ê", "e\u0302")]


@pytest.mark.parametrize("body", LEAVE)
async def test_whoever_says_stop_is_left_alone(post: Post, host: FakeHost, body: str) -> None:
    reply = await post(*wrote(host, body))
    assert await host.suppressed("sms", "+15145551234")
    assert host.recorded[0].events[0].type == "sms_unsubscribed"
    assert reply.body.decode().count("<Message>") == 1


@pytest.mark.parametrize("body", ["stop demain svp", "Je m’arrête là", "ne stoppez pas", "aidez"])
async def test_a_sentence_is_no_order(post: Post, host: FakeHost, body: str) -> None:
    await post(*wrote(host, body))
    assert host.suppressions == {}
    assert host.recorded[0].events[0].type == "sms_replied"


async def test_each_is_answered_in_the_language_of_the_word(post: Post, host: FakeHost) -> None:
    assert "plus nos textos" in (await post(*wrote(host, "Arrêt"))).body.decode()
    assert "no more texts" in (await post(*wrote(host, "stop", MessageSid="SM2"))).body.decode()


async def test_stop_is_french_where_the_lead_speaks_french(post: Post, host: FakeHost) -> None:
    host._ids[Identities(phone="+15145551234")] = 7
    host.leads[7] = {"langue": "fr"}
    assert "plus nos textos" in (await post(*wrote(host, "STOP"))).body.decode()


@pytest.mark.parametrize(("body", "said"), [("AIDE", "ARRET"), ("help", "STOP"), ("Info", "STOP")])
async def test_help_is_given_and_nobody_leaves(
    post: Post, host: FakeHost, body: str, said: str
) -> None:
    host._settings["sms"]["aide"] = "La Petite Roue <514 & 555>."  # type: ignore[index]
    reply = await post(*wrote(host, body))
    assert "La Petite Roue &lt;514 &amp; 555&gt;. Rep" in reply.body.decode()
    assert said in reply.body.decode()
    assert host.suppressions == {}
    assert host.recorded == []


async def test_when_the_provider_has_answered_we_do_not(post: Post, host: FakeHost) -> None:
    reply = await post(*wrote(host, "STOP", OptOutType="STOP"))
    assert "<Message>" not in reply.body.decode()
    assert await host.suppressed("sms", "+15145551234")


@pytest.mark.parametrize("sender", ["", "12345", "Boutique", "+1", "\0", "x" * 5_000])
async def test_who_cannot_be_answered_is_heard_and_no_more(
    post: Post, host: FakeHost, sender: str
) -> None:
    assert (await post(*wrote(host, "STOP", From=sender))).status_code == 200
    assert host.recorded == []


@pytest.mark.parametrize("body", ["START", "unstop", " Start. "])
async def test_who_left_may_come_back(post: Post, host: FakeHost, body: str) -> None:
    await post(*wrote(host, "STOP"))
    reply = await post(*wrote(host, body, MessageSid="SM2"))
    assert "again" in reply.body.decode()
    assert not await host.suppressed("sms", "+15145551234")
    assert host.recorded[-1].events[0].type == "sms_subscribed"


async def test_an_old_start_told_again_brings_back_nobody_who_left_since(
    post: Post, host: FakeHost
) -> None:
    await post(*wrote(host, "STOP"))
    start = wrote(host, "START", MessageSid="SM2")
    await post(*start)
    await post(*wrote(host, "STOP", MessageSid="SM3"))
    assert (await post(*start)).status_code == 200
    assert await host.suppressed("sms", "+15145551234")


async def test_who_never_left_does_not_come_back(post: Post, host: FakeHost) -> None:
    assert (await post(*wrote(host, "START"))).status_code == 200
    assert host.recorded == []


def test_nothing_is_obeyed_on_a_get(host: FakeHost) -> None:
    assert {method for route in plugin.relance_routes(host) for method in route.methods} == {"POST"}


def test_a_word_is_read_alone() -> None:
    assert asked("ARRÊT !") == (KeywordKind.LEAVE, "fr")
    assert asked("stop " * 40) is None
