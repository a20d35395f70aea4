"""Messages on a real SMTP server, and what its answers lead to."""

import asyncio
import re
import time
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from plugins.email.channel import EmailChannel
from relance.channel import Doubtful, Message, Refused, Retry, Sent
from relance.reach import Suppress
from relance.testing import FakeHost
from tests.email.sink import Sink

Make = Callable[..., EmailChannel]
Build = Callable[..., Message]


@pytest.fixture(params=[False, True], ids=["one at a time", "together"])
async def sink(request: pytest.FixtureRequest) -> AsyncIterator[Sink]:
    """A mail server that lets several commands be said at once, or not: all comes to the same."""
    started = await Sink(pipelining=request.param).start()
    yield started
    await started.stop()


async def test_a_message_arrives_with_its_headers_and_its_two_parts(
    channel: EmailChannel, message: Build, sink: Sink
) -> None:
    outcome = await channel.send(message())
    assert isinstance(outcome, Sent)
    assert [event.type for event in outcome.events] == ["email_sent", "email_delivered"]
    assert {event.subject for event in outcome.events} == {"Tarifs"}
    (envelope,) = sink.envelopes
    assert envelope.mail_from == "bonjour@lapetiteroue.example"
    assert envelope.rcpt_tos == ["aline@exemple.ca"]
    (mail,) = sink.messages
    assert mail["From"] == "La Petite Roue <bonjour@lapetiteroue.example>"
    assert mail["To"] == "aline@exemple.ca" or mail["To"] == "<aline@exemple.ca>"
    assert mail["Subject"] == "Nos tarifs, Aline"
    assert mail["Message-ID"] == outcome.reference
    assert mail["Date"].datetime.isoformat() == "2026-12-03T15:00:00+00:00"
    assert mail.get_content_type() == "multipart/alternative"
    text, page = mail.iter_parts()
    assert (text.get_content_type(), page.get_content_type()) == ("text/plain", "text/html")
    assert "Bonjour Aline," in text.get_content()
    assert "tarifs & conditions" in text.get_content()
    assert "<strong>tarifs</strong> &amp; conditions" in page.get_content()
    assert "Tout ce que vous vouliez savoir." in page.get_content()
    assert not mail.defects


async def test_the_message_id_is_the_same_at_each_attempt_and_differs_between_messages(
    channel: EmailChannel, message: Build, sink: Sink
) -> None:
    await channel.send(message())
    await channel.send(message(attempt=2))
    await channel.send(message(key="1.1.1.3.1.99"))
    first, second, third = (mail["Message-ID"] for mail in sink.messages)
    assert first == second != third


async def test_a_connection_serves_many_messages(
    channel: EmailChannel, message: Build, sink: Sink
) -> None:
    for number in range(20):
        await channel.send(message(key=f"k{number}"))
    assert (len(sink.envelopes), sink.connections) == (20, 1)


async def test_a_kept_connection_that_the_server_closed_is_replaced_at_once(
    channel: EmailChannel, message: Build, sink: Sink
) -> None:
    await channel.send(message())
    sink.hang_up()
    await asyncio.sleep(0.05)
    assert isinstance(await channel.send(message(key="k2")), Sent)
    assert sink.connections == 2


async def test_a_refused_recipient_bounces(
    channel: EmailChannel, message: Build, sink: Sink, host: FakeHost
) -> None:
    sink.answer_to["RCPT"] = "550 5.1.1 inconnu ici"
    outcome = await channel.send(message())
    assert isinstance(outcome, Refused)
    assert "550" in outcome.reason
    assert [(one.type, one.subject) for one in outcome.events] == [("email_bounced", "Tarifs")]
    (dead,) = outcome.reach
    assert isinstance(dead, Suppress)
    assert dead.address == "aline@exemple.ca", "no such mailbox: never again"
    sink.answer_to.clear()
    assert isinstance(await channel.send(message()), Sent), "the connection still serves"
    assert sink.connections == 1


async def test_a_full_mailbox_is_no_reason_never_to_write_again(
    channel: EmailChannel, message: Build, sink: Sink, host: FakeHost
) -> None:
    sink.answer_to["RCPT"] = "552 5.2.2 boite pleine"
    outcome = await channel.send(message())
    assert isinstance(outcome, Refused)
    assert outcome.reach == ()


@pytest.mark.parametrize("stage", ["MAIL", "RCPT", "DATA"])
async def test_a_temporary_refusal_is_tried_again(
    channel: EmailChannel, message: Build, sink: Sink, stage: str
) -> None:
    sink.answer_to[stage] = "451 4.7.1 plus tard"
    outcome = await channel.send(message())
    assert isinstance(outcome, Retry)
    assert "451" in outcome.reason
    sink.answer_to.clear()
    assert isinstance(await channel.send(message()), Sent)


async def test_a_temporary_refusal_at_the_last_attempt_bounces_softly(
    make: Make, message: Build, sink: Sink
) -> None:
    sink.answer_to["RCPT"] = "451 4.2.1 plus tard"
    outcome = await make(essais=3).send(message(attempt=3))
    assert isinstance(outcome, Refused)
    assert outcome.events[0].properties["genre"] == "mou"


async def test_a_message_refused_for_what_it_says_is_no_bounce(
    channel: EmailChannel, message: Build, sink: Sink
) -> None:
    sink.answer_to["DATA"] = "554 5.7.1 indesirable"
    outcome = await channel.send(message())
    assert isinstance(outcome, Refused)
    assert outcome.events == ()


@pytest.mark.parametrize(
    ("stage", "said"), [("MAIL", "503 5.5.1 HELO"), ("MAIL", "530 5.7.0 login")]
)
async def test_what_the_server_says_of_our_manners_waits_for_the_operator(
    channel: EmailChannel, message: Build, sink: Sink, stage: str, said: str
) -> None:
    sink.answer_to[stage] = said
    assert isinstance(await channel.send(message()), Retry)


async def test_a_connection_lost_after_the_message_leaves_a_doubt(
    channel: EmailChannel, message: Build, sink: Sink
) -> None:
    sink.drop_at = "DATA"
    assert isinstance(await channel.send(message()), Doubtful)


@pytest.mark.parametrize("stage", ["MAIL", "RCPT"])
async def test_a_connection_lost_before_the_message_is_tried_again(
    channel: EmailChannel, message: Build, sink: Sink, stage: str
) -> None:
    sink.drop_at = stage
    assert isinstance(await channel.send(message()), Retry)


async def test_a_server_that_is_silent_after_the_message_leaves_a_doubt(
    make: Make, message: Build, sink: Sink
) -> None:
    sink.delay = 5
    start = time.monotonic()
    assert isinstance(await make(delai=0.2).send(message()), Doubtful)
    assert time.monotonic() - start < 2


async def test_a_server_that_is_down_is_tried_again(
    channel: EmailChannel, message: Build, sink: Sink
) -> None:
    await sink.stop()
    outcome = await channel.send(message())
    assert isinstance(outcome, Retry)
    assert outcome.reason == (
        "le serveur refuse la connexion : est-il en marche, à cette adresse et à ce port ?"
    )


async def test_a_server_that_accepts_and_says_nothing_is_tried_again(
    make: Make, message: Build
) -> None:
    async def mute(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()
        writer.close()

    server = await asyncio.start_server(mute, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    assert isinstance(await make(port=port, delai=0.2).send(message()), Retry)
    server.close()


async def test_tls_is_not_given_up_when_the_server_does_not_offer_it(
    make: Make, message: Build, sink: Sink
) -> None:
    outcome = await make(securite="starttls").send(message())
    assert isinstance(outcome, Retry)
    assert "STARTTLS" in outcome.reason
    assert sink.envelopes == []


async def test_a_host_inside_the_network_is_refused_unless_trusted(
    host: FakeHost, make: Make, message: Build
) -> None:
    from server.egress import Egress

    host.network = Egress()
    outcome = await make().send(message())
    assert isinstance(outcome, Retry)
    assert "hôtes_permis" in outcome.reason


async def test_an_accented_address_needs_a_server_that_takes_it(
    channel: EmailChannel, message: Build, sink: Sink
) -> None:
    outcome = await channel.send(message(address="hélène@exemple.ca"))
    assert isinstance(outcome, Refused)
    assert isinstance(await channel.send(message(address="h@éxemple.ca")), Sent)
    assert sink.envelopes[0].rcpt_tos == ["h@xn--xemple-9ua.ca"]


async def test_an_accented_address_goes_as_it_is_to_a_server_that_takes_it(
    make: Make, message: Build
) -> None:
    sink = await Sink(options={"enable_SMTPUTF8": True}).start()
    outcome = await make(port=sink.port).send(message(address="hélène@exemple.ca"))
    assert isinstance(outcome, Sent)
    assert sink.envelopes[0].rcpt_tos == ["hélène@exemple.ca"]
    assert "SMTPUTF8" in sink.envelopes[0].mail_options
    await sink.stop()


@pytest.mark.parametrize(
    "address", ["pas une adresse", "a@b@c.ca", "a b@c.ca", "@c.ca", "a@localhost"]
)
async def test_an_address_that_is_none_is_refused_and_bounces(
    channel: EmailChannel, message: Build, sink: Sink, address: str
) -> None:
    outcome = await channel.send(message(address=address))
    assert isinstance(outcome, Refused)
    assert [event.type for event in outcome.events] == ["email_bounced"]
    assert sink.connections == 0


async def test_a_message_the_project_does_not_have_waits_for_it_and_stops_no_other(
    channel: EmailChannel, message: Build
) -> None:
    outcome = await channel.send(message(template="Rien"))
    assert isinstance(outcome, Retry)
    assert outcome.ours


async def test_an_edited_message_counts_from_the_next_send(
    channel: EmailChannel, message: Build, sink: Sink, folder: Path
) -> None:
    path = folder / "courriels" / "tarifs.md"
    source = path.read_text()
    await channel.send(message())
    path.write_text(source.replace("Nos tarifs", "Nos nouveaux tarifs"))
    await channel.send(message())
    assert [mail["Subject"] for mail in sink.messages] == [
        "Nos tarifs, Aline",
        "Nos nouveaux tarifs, Aline",
    ]


async def test_a_missing_field_is_empty(channel: EmailChannel, message: Build, sink: Sink) -> None:
    await channel.send(message(prénom=None))
    assert sink.messages[0]["Subject"] == "Nos tarifs,"


async def test_authentication_is_used_and_its_failure_waits_for_the_operator(
    make: Make, message: Build
) -> None:
    from aiosmtpd.smtp import AuthResult, LoginPassword

    def check(*given: object) -> AuthResult:
        login = given[-1]
        good = isinstance(login, LoginPassword) and login.password == b"secret"
        return AuthResult(success=good, handled=False)

    sink = await Sink(
        options={"authenticator": check, "auth_required": True, "auth_require_tls": False}
    ).start()
    wrong = await make(port=sink.port, utilisateur="moi", mot_de_passe="faux").send(message())
    assert isinstance(wrong, Retry)
    assert "535" in wrong.reason
    right = await make(mot_de_passe="secret").send(message())
    assert isinstance(right, Sent)
    await sink.stop()


async def test_a_server_without_authentication_leaves_no_doubt_and_is_told_in_french(
    make: Make, message: Build, sink: Sink
) -> None:
    outcome = await make(utilisateur="moi", mot_de_passe="secret").send(message())
    assert isinstance(outcome, Retry)
    assert "n’offre pas l’identification" in outcome.reason


@pytest.mark.parametrize("said", [b"", b"\x16\x03\r\n", b"HTTP/1.1 400 Bad Request\r\n\r\n"])
async def test_what_is_no_mail_server_is_told_in_french_whatever_it_says(
    make: Make, message: Build, said: bytes
) -> None:
    async def stranger(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(said)
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(stranger, "127.0.0.1", 0)
    outcome = await make(port=server.sockets[0].getsockname()[1], delai=1).send(message())
    server.close()
    assert isinstance(outcome, Retry)
    assert outcome.reason.startswith("le serveur ")
    assert not re.search(
        r"\b(?:the|error|unexpected|failed|connection|not)\b", outcome.reason.lower()
    )


async def test_several_connections_serve_messages_at_once(
    channel: EmailChannel, message: Build, sink: Sink
) -> None:
    sink.delay = 0.2
    start = time.monotonic()
    await asyncio.gather(*(channel.send(message(key=f"k{at}")) for at in range(8)))
    assert time.monotonic() - start < 1.0
    assert sink.connections == 8
