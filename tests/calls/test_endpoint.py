"""One receiver: what each of its answers means, and what settings say of it."""

from datetime import UTC, datetime

import pytest

import plugins.calls as plugin
from plugins.calls.settings import read_settings
from relance.channel import Retry, Sent
from relance.errors import ConfigurationError
from relance.sink import Delivery, SinkGone
from relance.testing import FakeHost, VirtualClock
from server.deliveries import schedule
from server.deliveries.wanted import subscriptions
from server.egress import Egress
from server.engine.own_events import EVENT_TYPES
from tests.calls.receiver import Receiver

NOW = datetime(2026, 11, 22, 15, tzinfo=UTC)
SECRET = "whsec_" + "a2tra2tra2tra2tra2tra2tra2tra2tra2tra2tra2s="
DELIVERY = Delivery("k", 1, NOW, "form_submitted", 7, NOW, NOW, "Devis")


def calls(url: str, *allowed: str, events: tuple[str, ...] = ()):
    section = {"x": {"adresse": url, "secret": SECRET, "delai": 1, "evenements": list(events)}}
    host = FakeHost({"appels": section}, VirtualClock(NOW), Egress(allowed))
    (sink,) = plugin.relance_sinks(host)
    return sink


@pytest.mark.parametrize(
    ("answer", "handed"),
    [
        ("204 No Content", Sent()),
        ("410 Gone", SinkGone("il a répondu 410 : il ne veut plus rien recevoir")),
        ("302 Found", Retry("il a répondu 302 (une redirection n’est pas suivie)")),
        ("503 Busy\r\nretry-after: 90", Retry("il a répondu 503", 90)),
    ],
)
async def test_an_answer_means_what_standard_webhooks_says(answer: str, handed: object) -> None:
    async with Receiver(answers=[answer]) as receiver:
        sink = calls(receiver.url, "127.0.0.1")
        assert await sink.deliver(DELIVERY) == handed
        await sink.close()


async def test_an_address_that_leads_inside_is_called_only_if_the_operator_named_it() -> None:
    async with Receiver() as receiver:
        handed = await calls(receiver.url).deliver(DELIVERY)
    assert isinstance(handed, Retry)
    assert "hôtes_permis" in handed.reason
    assert receiver.calls == []


def test_a_receiver_is_tried_for_three_days_and_a_half_then_given_up() -> None:
    waits = [schedule.after("k", attempt, None) for attempt in range(1, 11)]
    assert waits[-1] is None
    total = sum(wait.total_seconds() for wait in waits if wait)
    assert 75 * 3600 < total < 85 * 3600


def test_an_event_that_nobody_records_is_refused_with_the_nearest() -> None:
    sink = calls("https://exemple.ca", events=("formulaire rampli",))
    with pytest.raises(ConfigurationError, match="formulaire rempli"):
        subscriptions([sink], EVENT_TYPES)


@pytest.mark.parametrize(
    ("section", "said"),
    [
        ({"x": "y"}, "que des sections"),
        ({"x": {"adresse": "ftp://x", "secret": SECRET}}, "adresse"),
        ({"x": {"adresse": "http://exemple.ca", "secret": SECRET}}, "https"),
        ({"x": {"adresse": "https://exemple.ca", "secret": "abc"}}, "whsec_"),
        (
            {"x": {"adresse": "https://exemple.ca", "secret": SECRET, "evenement": "x"}},
            "evenements",
        ),
    ],
)
def test_a_receiver_that_is_ill_set_is_refused_in_french(section, said: str) -> None:
    with pytest.raises(ConfigurationError, match=said):
        read_settings(section)
