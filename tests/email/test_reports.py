"""What mail servers and providers tell of the messages sent: as they write it, and as nobody should."""

import json
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from time import perf_counter
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import plugins.email as plugin
from plugins.email.bounces import HARD, SOFT, kind_of
from plugins.email.channel import EmailChannel
from plugins.email.reports import KeptOut, read_mail
from relance.channel import Message, Refused, Sent
from relance.errors import Unacceptable
from relance.route import Guard
from relance.testing import FakeHost, asked
from tests.email.sink import Sink

Make = Callable[..., EmailChannel]
Build = Callable[..., Message]
SAMPLES = Path(__file__).parent / "rapports"
ADDRESS = "aline@exemple.ca"


class Door:
    """`POST /webhooks/email`, its signature already checked by the host."""

    def __init__(self, host: FakeHost) -> None:
        self.host = host
        host.leads[1] = {"courriel": ADDRESS}

    async def post(self, body: bytes, kind: str = "message/rfc822") -> Any:
        (route,) = [
            one for one in plugin.relance_routes(self.host) if one.path == "/webhooks/email"
        ]
        assert route.guard is Guard.SIGNED
        headers = {"content-type": f"{kind}; charset=utf-8"}
        request = asked("POST", route.path, headers=headers, body=body)
        return json.loads((await route.handler(request)).body)

    async def sample(self, name: str, identity: str) -> Any:
        data = (SAMPLES / f"{name}.eml").read_text().replace("%ID%", identity)
        return await self.post(data.replace("\n", "\r\n").encode())

    async def tell(self, *items: object) -> Any:
        return await self.post(json.dumps(list(items)).encode(), "application/json")

    def events(self) -> list[tuple[str, str | None, object]]:
        return [
            (event.type, event.subject, event.properties.get("genre"))
            for item in self.host.recorded
            for event in item.events
        ]

    @property
    def stopped(self) -> str | None:
        return self.host.suppressions.get(("email", ADDRESS))


@pytest.fixture
def door(host: FakeHost) -> Door:
    return Door(host)


@pytest.fixture
async def identity(make: Make, message: Build) -> str:
    """The Message-ID of a message sent to Aline, of a project that awaits reports."""
    outcome = await make(rapports="fournisseur").send(message())
    assert isinstance(outcome, Sent)
    return str(outcome.reference)


COUNTED = [
    ("postfix-inconnu", ("email_bounced", "Tarifs", "dur"), "rebond : 550 5.1.1"),
    ("exim-inconnu", ("email_bounced", "Tarifs", "dur"), "rebond : 550 No such user here"),
    ("exchange-pleine", ("email_bounced", "Tarifs", "mou"), None),
    ("postfix-expire", ("email_bounced", "Tarifs", "mou"), None),
    ("gmail-filtre", ("email_bounced", "Tarifs", "mou"), None),
    ("postfix-livre", ("email_delivered", "Tarifs", None), None),
    ("arf-plainte", ("email_complained", "Tarifs", None), "plainte"),
    ("arf-depart", ("email_unsubscribed", "Tarifs", None), "désabonnement"),
]


@pytest.mark.parametrize(("sample", "event", "stopped"), COUNTED)
async def test_a_report_counts_once_for_the_message_it_carries(
    door: Door, identity: str, sample: str, event: tuple[str, str, str], stopped: str | None
) -> None:
    assert await door.sample(sample, identity) == {"comptes": 1, "ecartes": []}
    assert door.events() == [event]
    assert (door.stopped or "").startswith(stopped or "")
    assert (door.stopped is None) == (stopped is None)
    assert door.host.recorded[0].identities.lead_id == 1
    await door.sample(sample, identity)
    assert door.events() == [event]


@pytest.mark.parametrize("sample", ["postfix-retarde", "arf-pas-indesirable"])
async def test_what_changes_nothing_is_kept_out_with_a_reason(
    door: Door, identity: str, sample: str
) -> None:
    answer = await door.sample(sample, identity)
    assert answer["comptes"] == 0
    assert answer["ecartes"][0]["raison"]
    assert (door.events(), door.stopped) == ([], None)


@pytest.mark.parametrize("sample", [name for name, _, stopped in COUNTED])
@pytest.mark.parametrize(
    "forged",
    ["<quelqu.un@exemple.ca>", "<>", "", "<WyIxIiwiayIsIjEiLCIwIl0@lapetiteroue.example>"],
)
async def test_an_address_alone_makes_no_report_count(
    door: Door, identity: str, sample: str, forged: str
) -> None:
    answer = await door.sample(sample, forged)
    assert answer["comptes"] == 0
    assert (door.events(), door.stopped) == ([], None)


async def test_the_message_id_of_another_address_stops_nobody_else(
    door: Door, identity: str
) -> None:
    sample = (SAMPLES / "postfix-inconnu.eml").read_text().replace("%ID%", identity)
    door.host.leads[1] = {"courriel": "nouvelle@exemple.ca"}
    await door.post(sample.replace("aline@exemple.ca", "victime@exemple.ca").encode())
    assert door.events() == [("email_bounced", "Tarifs", "dur")]
    assert door.host.suppressions == {}


async def test_a_lead_that_is_gone_is_told(door: Door, identity: str) -> None:
    door.host.leads.clear()
    answer = await door.sample("postfix-inconnu", identity)
    assert "n’existe plus" in answer["ecartes"][0]["raison"]
    assert door.events() == []


async def test_a_provider_tells_in_json_each_report_by_itself(door: Door, identity: str) -> None:
    answer = await door.tell(
        {"type": "livré", "message": identity, "date": "2026-12-03T09:59:00-05:00"},
        {"type": "bounced", "message": identity, "genre": "soft", "raison": "plus\r\ntard"},
        {"type": "rebond", "message": identity},
        {"type": "mystère", "message": identity},
        {"type": "plainte", "message": "<inconnu@ailleurs.example>"},
        {"type": "plainte"},
        "plainte",
        {"type": "complaint", "message": identity, "courriel": ADDRESS, "date": "NaN"},
    )
    assert answer["comptes"] == 3
    assert [one["rang"] for one in answer["ecartes"]] == [2, 3, 4, 5, 6]
    assert [kind for kind, _, _ in door.events()] == [
        "email_delivered",
        "email_bounced",
        "email_complained",
    ]
    delivered, bounced, _ = (item.events[0] for item in door.host.recorded)
    assert delivered.occurred_at is not None
    assert door.host.clock.now() - delivered.occurred_at == timedelta(minutes=1)
    assert bounced.properties["raison"] == "plus tard"
    assert door.stopped == "plainte"


async def test_deliveries_count_only_where_reports_are_awaited(
    make: Make, message: Build, door: Door
) -> None:
    outcome = await make(rapports="non").send(message())
    assert isinstance(outcome, Sent)
    assert [event.type for event in outcome.events] == ["email_sent", "email_delivered"]
    answer = await door.sample("postfix-livre", str(outcome.reference))
    assert answer["comptes"] == 0
    bounced = await door.sample("postfix-inconnu", str(outcome.reference))
    assert bounced["comptes"] == 1, "bounces count all the same"


async def test_where_a_provider_reports_what_the_server_accepts_is_only_sent(
    make: Make, message: Build
) -> None:
    outcome = await make(rapports="fournisseur").send(message())
    assert isinstance(outcome, Sent)
    assert [event.type for event in outcome.events] == ["email_sent"]


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (b"{", "application/json"),
        (b"[]", "application/json"),
        (b"[" * 100_000, "application/json"),
        (b"\xff\xfe", "application/json"),
        (json.dumps([{}] * 1_001).encode(), "application/json"),
        (b"a=b", "application/x-www-form-urlencoded"),
    ],
)
async def test_what_is_no_report_at_all_is_refused(door: Door, body: bytes, kind: str) -> None:
    with pytest.raises(Unacceptable) as caught:
        await door.post(body, kind)
    assert caught.value.problems[0].message.endswith(".")


HOSTILE = [
    b"",
    b"\0" * 1_000,
    b"Content-Type: message/rfc822\r\n\r\n" * 20_000,
    b"".join(
        b"Content-Type: multipart/mixed; boundary=b%d\r\n\r\n--b%d\r\n" % (at, at)
        for at in range(2_000)
    ),
    b"Content-Type: multipart/report; boundary=\r\n\r\n--\r\n",
    b"Content-Type: message/delivery-status\r\n\r\n" + b"Action: failed\r\n" * 50_000,
    b"Content-Type: message/feedback-report\r\n\r\nFeedback-Type: " + b"x" * 1_000_000,
    b"Message-ID: " + b"<" * 100_000,
    b"Subject: =?utf-8?B?" + b"=" * 100_000,
    b"Content-Type: text/rfc822-headers; charset=nimporte\r\n\r\n\xff\xfe",
    b"Content-Type: message/delivery-status\r\nContent-Transfer-Encoding: base64\r\n\r\n!!!!",
]


@pytest.mark.parametrize("data", HOSTILE, ids=range(len(HOSTILE)))
def test_a_hostile_message_is_kept_out(data: bytes) -> None:
    report = read_mail(data)
    assert isinstance(report, KeptOut) or not report.references


@pytest.mark.parametrize("fold", [b"", b"\r\n ", b"\n\t", b"\r "])
@pytest.mark.parametrize("before", [b"", b"X: y\r\n", b"X: y\r"])
def test_a_header_the_parser_would_never_be_done_with_is_not_handed_to_it(
    before: bytes, fold: bytes
) -> None:
    mail = before + b'Content-Type: multipart/report; a="' + (b';\\"' + fold) * 30_000
    began = perf_counter()
    assert isinstance(read_mail(mail + b"\r\n\r\n--x"), KeptOut)
    assert perf_counter() - began < 2


@given(st.binary(max_size=300), st.sampled_from([name for name, _, _ in COUNTED]), st.data())
def test_a_mangled_report_never_raises(noise: bytes, sample: str, data: st.DataObject) -> None:
    whole = (SAMPLES / f"{sample}.eml").read_bytes()
    at = data.draw(st.integers(0, len(whole)))
    until = data.draw(st.integers(at, len(whole)))
    read_mail(whole[:at] + noise + whole[until:])


@pytest.mark.parametrize(
    ("status", "text", "kind"),
    [
        ("5.1.1", "", HARD),
        ("5.1.10", "", HARD),
        ("5.2.1", "disabled", HARD),
        ("5.2.2", "full", SOFT),
        ("5.7.1", "user unknown to our filter", SOFT),
        ("4.4.7", "", SOFT),
        ("5.0.0", "550 5.1.1 inconnu", HARD),
        ("5.0.0", "550 bloqué par spamhaus", SOFT),
        ("", "550 no such user", HARD),
        ("", "550 blocked using zen.spamhaus.org", SOFT),
        ("", "450 user unknown", SOFT),
        ("", "553 L’adresse n’existe pas", HARD),
    ],
)
def test_only_what_says_that_nobody_is_there_is_for_good(status: str, text: str, kind: str) -> None:
    assert kind_of(status, text) == kind


async def test_a_blocked_sender_does_not_cost_the_lead_its_address(
    channel: EmailChannel, message: Build, sink: Sink, host: FakeHost
) -> None:
    sink.answer_to["RCPT"] = "550 blocked using zen.spamhaus.org"
    outcome = await channel.send(message())
    assert isinstance(outcome, Refused)
    assert outcome.events[0].properties["genre"] == "mou"
    assert host.suppressions == {}
