"""One SMS, handed to the provider over real HTTP, and what each of its answers means."""

from collections.abc import Callable
from pathlib import Path

import pytest

from plugins.sms.channel import SmsChannel
from plugins.sms.settings import read_settings
from relance.channel import Doubt, Doubtful, Message, Refused, Retry, Sent
from relance.errors import ConfigurationError
from relance.reach import Suppress
from relance.testing import FakeHost
from tests.sms.provider import CUT, Provider, refused

Make = Callable[..., SmsChannel]
Build = Callable[..., Message]


async def test_a_message_is_written_for_its_lead_and_handed_over(
    channel: SmsChannel, provider: Provider, message: Build, host: FakeHost
) -> None:
    outcome = await channel.send(message())
    assert isinstance(outcome, Sent)
    assert outcome.reference == "SM" + "1".zfill(32)
    (event,) = outcome.events
    assert (event.type, event.subject, event.properties["parties"]) == ("sms_sent", "Rappel", 1)
    (asked,) = provider.asked
    assert (asked.method, asked.path) == (
        "POST",
        "/2010-04-01/Accounts/AC0123456789/Messages.json",
    )
    assert asked.headers["authorization"].startswith("Basic ")
    assert asked.fields["To"] == "+15145551234"
    assert asked.fields["From"] == "+15145550100"
    assert asked.fields["Body"] == "Bonjour Aline, votre essai vous attend samedi."
    assert asked.fields["StatusCallback"].startswith(f"{host.public_url}/webhooks/sms/statut/")


async def test_many_messages_share_a_connection(
    channel: SmsChannel, provider: Provider, message: Build
) -> None:
    for at in range(5):
        assert isinstance(await channel.send(message(key=f"k{at}")), Sent)
    assert len(provider.asked) == 5


async def test_a_sending_service_is_named_as_one(
    make: Make, provider: Provider, message: Build
) -> None:
    service = "MG" + "a" * 32
    await make(expediteur=service).send(message())
    assert provider.asked[0].fields["MessagingServiceSid"] == service
    assert "From" not in provider.asked[0].fields


async def test_the_notice_is_added_and_the_letters_simplified(
    make: Make, provider: Provider, message: Build
) -> None:
    await make(mention="ARRÊT pour cesser", simplifier=True).send(message())
    body = "Bonjour Aline, votre essai vous attend samedi.\nARRET pour cesser"
    assert provider.asked[0].fields["Body"] == body


@pytest.mark.parametrize(
    ("answer", "kind", "said"),
    [
        ((429, {}, ["retry-after: 7"]), Retry, "moins vite"),
        ((503, b"", []), Retry, "503"),
        (refused(20003, 401), Retry, "jeton"),
        ((404, b"", []), Retry, "jeton"),
        ((500, b"oops", []), Doubtful, "500"),
        ((502, b"", []), Doubtful, "502"),
        (CUT, Doubtful, "coupée"),
        (refused(21211), Refused, "pas valide"),
        (refused(21614), Refused, "cellulaire"),
        (refused(99999), Refused, "99999"),
        ((400, b"[" * 100_000, []), Refused, "400"),
        ((302, b"", ["location: http://127.0.0.1:9/"]), Refused, "302"),
    ],
)
async def test_what_the_provider_answers_decides(
    channel: SmsChannel,
    provider: Provider,
    message: Build,
    answer: object,
    kind: type,
    said: str,
) -> None:
    provider.script.append(answer)
    outcome = await channel.send(message())
    assert isinstance(outcome, kind)
    assert said in outcome.reason
    assert len(provider.asked) == 1
    if isinstance(outcome, Retry):
        assert outcome.after == (7.0 if "moins vite" in said else None)
    if isinstance(outcome, Refused):
        assert outcome.events[0].type == "sms_undelivered"


async def test_in_doubt_it_is_held() -> None:
    """At most once: a second copy of an SMS is worse than a person asked to decide."""
    assert SmsChannel.doubt is Doubt.HOLD


async def test_a_provider_that_is_not_there_leaves_no_doubt(
    channel: SmsChannel, provider: Provider, message: Build
) -> None:
    await provider.stop()
    assert isinstance(await channel.send(message()), Retry)


async def test_an_inner_address_is_refused(make: Make, message: Build, host: FakeHost) -> None:
    outcome = await make(adresse="http://10.0.0.1").send(message())
    assert isinstance(outcome, Retry)
    assert "hôtes_permis" in outcome.reason


async def test_a_person_who_left_by_the_provider_is_left_alone_from_then_on(
    channel: SmsChannel, provider: Provider, message: Build, host: FakeHost
) -> None:
    provider.script.append(refused(21610))
    outcome = await channel.send(message())
    assert isinstance(outcome, Refused)
    assert outcome.reach == (Suppress("sms", "+15145551234", "refusé par le fournisseur"),)


async def test_a_number_written_otherwise_is_the_one_that_left(
    channel: SmsChannel, provider: Provider, message: Build, host: FakeHost
) -> None:
    host.suppressions["sms", "+15145551234"] = "STOP"
    assert isinstance(await channel.send(message(address="(514) 555-1234")), Refused)
    assert provider.asked == []


@pytest.mark.parametrize("address", ["12", "bonjour", "+1 555 555 5555 5555 5555 5555", "\0", "１"])
async def test_a_number_that_is_none_is_never_called(
    channel: SmsChannel, provider: Provider, message: Build, address: str
) -> None:
    outcome = await channel.send(message(address=address))
    assert isinstance(outcome, Refused)
    assert outcome.events[0].type == "sms_undelivered"
    assert provider.asked == []


async def test_a_lead_whose_values_swell_the_text_gets_none(
    channel: SmsChannel, provider: Provider, message: Build
) -> None:
    outcome = await channel.send(message(fields={"prénom": "a" * 5_000}))
    assert isinstance(outcome, Refused)
    assert "trop long" in outcome.reason
    assert provider.asked == []


async def test_an_edited_message_counts_from_the_next_send(
    channel: SmsChannel, provider: Provider, message: Build, folder: Path
) -> None:
    await channel.send(message())
    (folder / "sms" / "Rappel.txt").write_text("Nouveau texte, plus court.")
    await channel.send(message())
    assert provider.asked[1].fields["Body"] == "Nouveau texte, plus court."


async def test_a_message_the_project_lost_waits_for_it(channel: SmsChannel, message: Build) -> None:
    outcome = await channel.send(message(template="Autre"))
    assert isinstance(outcome, Retry)
    assert outcome.ours


@pytest.mark.parametrize("key", ["compte", "jeton", "expediteur"])
async def test_without_an_account_messages_wait(make: Make, message: Build, key: str) -> None:
    outcome = await make(**{key: ""}).send(message())
    assert isinstance(outcome, Retry)
    assert key in outcome.reason


@pytest.mark.parametrize(
    "wrong",
    [
        {"compte": "../autre"},
        {"expediteur": "+1\r\nX: y"},
        {"adresse": "ftp://exemple.ca"},
        {"adresse": "exemple.ca"},
        {"pays": "Canada"},
        {"debit": -1},
        {"simplifier": "peut-être"},
        {"expediteurs": "x"},
    ],
)
async def test_a_wrong_setting_is_told_at_the_start(make: Make, wrong: dict[str, object]) -> None:
    with pytest.raises(ConfigurationError, match=r"\[sms\]"):
        make(**wrong)


@pytest.mark.parametrize(
    ("number", "countries", "why"),
    [
        ("+15145551234", ["CA"], None),
        ("+12125551234", ["CA"], "est d’un autre pays (US)"),
        ("+12125551234", ["CA", "US"], None),
        ("+33612345678", ["CA", "US"], "est d’un autre pays (FR)"),
        ("+33899123456", ["FR"], "est surtaxé"),
    ],
)
async def test_only_the_countries_of_the_project_are_written_to(
    make: Make,
    message: Build,
    provider: Provider,
    number: str,
    countries: list[str],
    why: str | None,
) -> None:
    outcome = await make(pays=countries).send(message(address=number))
    if why is None:
        assert isinstance(outcome, Sent)
        return
    assert isinstance(outcome, Refused)
    assert why in outcome.reason
    assert outcome.unreachable
    assert provider.asked == []


def test_the_countries_are_the_project_s_own_unless_they_are_said() -> None:
    assert read_settings(FakeHost(region="FR")).countries == ("FR",)
    assert read_settings(FakeHost({"sms": {"pays": "be"}})).countries == ("BE",)
    with pytest.raises(ConfigurationError, match="GB"):
        read_settings(FakeHost({"sms": {"pays": ["UK"]}}))
