"""One notification, handed to a stand-in for a push service over real HTTP, and opened there."""

from collections.abc import Callable
from urllib.parse import urlsplit

import jwt
import pytest

from plugins.push.channel import PushChannel
from plugins.push.encryption import decoded, public_key
from plugins.push.settings import read_settings
from plugins.push.vapid import Vapid
from relance.channel import Doubt, Doubtful, Message, Refused, Retry, Sent
from relance.errors import ConfigurationError
from relance.reach import Detach
from relance.testing import FakeHost
from tests.push.browser import Browser
from tests.sms.provider import CUT, Provider

Build = Callable[..., Message]
MARK = "m" * 24


@pytest.fixture
async def subscribed(call, browser: Browser) -> Browser:
    await call("POST", "/notifications/abonnement", browser.subscription(), cookie=MARK)
    return browser


async def test_the_browser_reads_what_was_written_for_its_lead(
    channel: PushChannel, subscribed: Browser, service: Provider, message: Build
) -> None:
    outcome = await channel.send(message())
    assert isinstance(outcome, Sent)
    assert [one.type for one in outcome.events] == ["push_sent"]
    (asked,) = service.asked
    shown = subscribed.shown(asked.body)
    assert shown["titre"] == "Votre panier, Aline"
    assert shown["texte"] == "Tout est là.\nÀ bientôt !"
    assert shown["mene"] is True
    assert asked.path == "/envoi/abc"
    assert asked.headers["content-encoding"] == "aes128gcm"
    assert asked.headers["ttl"] == "86400"
    assert len(asked.headers["topic"]) == 32


async def test_who_sends_is_proven_to_the_service(
    channel: PushChannel, subscribed: Browser, service: Provider, message: Build, host: FakeHost
) -> None:
    await channel.send(message())
    header = service.asked[0].headers["authorization"]
    scheme, _, rest = header.partition(" ")
    proof, key = (part.strip().partition("=")[2] for part in rest.split(","))
    assert scheme == "vapid"
    options = {"verify_exp": False}
    audience = f"http://127.0.0.1:{service.port}"
    claims = jwt.decode(
        proof, public_key(decoded(key)), ["ES256"], options=options, audience=audience
    )
    assert claims["sub"] == "mailto:a@exemple.ca"
    assert 0 < claims["exp"] - host.clock.now().timestamp() <= 86_400


def test_the_key_is_the_same_after_a_restart(host: FakeHost) -> None:
    first, second = (Vapid(host, read_settings(host)) for _ in range(2))
    assert first.public == second.public
    assert len(decoded(first.public)) == 65


async def test_a_proof_is_kept_for_hours_and_no_longer(host: FakeHost) -> None:
    vapid = Vapid(host, read_settings(host))
    first = vapid.authorization("https://a.ca/x")
    assert vapid.authorization("https://a.ca/y") == first
    assert vapid.authorization("https://b.ca/y") != first
    host.clock.advance(hours=7)  # type: ignore[attr-defined]
    assert vapid.authorization("https://a.ca/x") != first


@pytest.mark.parametrize(
    ("answer", "kind", "after"),
    [
        ((429, b"", ["retry-after: 60"]), Retry, 60.0),
        ((503, b"", []), Retry, None),
        ((500, b"", []), Doubtful, None),
        (CUT, Doubtful, None),
        ((400, b"", []), Refused, None),
        ((403, b"", []), Refused, None),
        ((413, b"", []), Refused, None),
        ((302, b"", ["location: http://127.0.0.1:9/"]), Refused, None),
    ],
)
async def test_what_the_service_answers_decides(
    channel: PushChannel,
    subscribed: Browser,
    service: Provider,
    message: Build,
    host: FakeHost,
    answer: object,
    kind: type,
    after: float | None,
) -> None:
    service.script.append(answer)
    outcome = await channel.send(message())
    assert isinstance(outcome, kind)
    assert getattr(outcome, "after", None) == after
    assert len(service.asked) == 1
    assert await host.attached("push", 1)


async def test_in_doubt_it_is_held() -> None:
    assert PushChannel.doubt is Doubt.HOLD


@pytest.mark.parametrize("status", [404, 410])
async def test_a_browser_that_is_gone_is_forgotten(
    channel: PushChannel,
    subscribed: Browser,
    service: Provider,
    message: Build,
    host: FakeHost,
    status: int,
) -> None:
    service.script.append((status, b"", []))
    outcome = await channel.send(message())
    assert isinstance(outcome, Refused)
    assert outcome.reach == (Detach("push", subscribed.endpoint, last="push_unsubscribed"),)


async def test_one_browser_is_enough(
    channel: PushChannel,
    subscribed: Browser,
    service: Provider,
    message: Build,
    host: FakeHost,
    call,
) -> None:
    other = Browser(subscribed.endpoint + "2")
    await call("POST", "/notifications/abonnement", other.subscription(), cookie=MARK)
    service.script.append((410, b"", []))
    outcome = await channel.send(message())
    assert isinstance(outcome, Sent)
    assert [one.type for one in outcome.events] == ["push_sent"]
    # Both are asked at once: whichever is served first is told that it is gone.
    gone, kept = service.asked
    here = {urlsplit(one.endpoint).path: one for one in (subscribed, other)}
    assert here[kept.path].shown(kept.body)["titre"] == "Votre panier, Aline"
    assert [one.name for one in outcome.reach] == [here[gone.path].endpoint]


@pytest.mark.parametrize("name", ["a..push.apple.com", "xn--a.push.apple.com", "a" * 64 + ".ca"])
async def test_a_browser_that_names_no_machine_keeps_none_of_the_others_waiting(
    channel: PushChannel,
    subscribed: Browser,
    message: Build,
    host: FakeHost,
    name: str,
) -> None:
    (kept,) = (await host.attached("push", 1)).values()
    wrong = f"https://{name}/envoi"
    host.addresses["push", wrong] = 1, kept.replace(subscribed.endpoint, wrong)
    outcome = await channel.send(message())
    assert isinstance(outcome, Sent)


async def test_a_lead_without_browser_gets_none(channel: PushChannel, message: Build) -> None:
    outcome = await channel.send(message())
    assert isinstance(outcome, Refused)
    assert "aucun navigateur" in outcome.reason


async def test_a_service_that_is_not_there_leaves_no_doubt(
    channel: PushChannel, subscribed: Browser, service: Provider, message: Build
) -> None:
    await service.stop()
    assert isinstance(await channel.send(message()), Retry)


async def test_values_that_swell_the_text_are_cut_to_what_a_browser_shows(
    channel: PushChannel, subscribed: Browser, service: Provider, message: Build
) -> None:
    await channel.send(message(fields={"prénom": "é" * 5_000}))
    assert len(subscribed.shown(service.asked[0].body)["titre"]) == 120


async def test_a_click_is_told_once_and_leads_where_the_author_said(
    channel: PushChannel,
    subscribed: Browser,
    service: Provider,
    message: Build,
    host: FakeHost,
    call,
) -> None:
    await channel.send(message())
    clic = subscribed.shown(service.asked[0].body)["clic"]
    path = clic[len(host.public_url) :]
    for _ in range(2):
        answer = await call("GET", path)
        assert (answer.status_code, answer.headers.get("location")) == (
            302,
            "https://www.exemple.ca/panier",
        )
    clicks = [one for one in host.recorded if one.events[0].type == "push_clicked"]
    (click,) = clicks
    assert click.identities.lead_id == 1
    assert click.events[0].subject == "Panier"


async def test_a_click_that_leads_nowhere_is_told_all_the_same(
    channel: PushChannel,
    subscribed: Browser,
    service: Provider,
    message: Build,
    host: FakeHost,
    folder,
    call,
) -> None:
    (folder / "notifications" / "Panier.txt").write_text("Bonjour", encoding="utf-8")
    await channel.send(message())
    shown = subscribed.shown(service.asked[0].body)
    assert shown["mene"] is False
    answer = await call("POST", shown["clic"][len(host.public_url) :])
    assert (answer.status_code, answer.headers.get("location")) == (204, None)
    assert host.recorded[-1].events[0].type == "push_clicked"


async def test_the_scripts_are_served_with_the_key(call, host: FakeHost) -> None:
    script = await call("GET", "/notifications/abonner.js")
    assert Vapid(host, read_settings(host)).public in script.body.decode()
    assert "{CLE}" not in script.body.decode()
    worker = await call("GET", "/notifications/travailleur.js")
    assert "notificationclick" in worker.body.decode()
    assert f'var relance = "{host.public_url}";' in worker.body.decode()
    for one in (script, worker):
        assert one.headers["content-type"] == "text/javascript; charset=utf-8"
        assert len(one.body) < 4_000


@pytest.mark.parametrize(
    "wrong",
    [
        {"sites": ["www.exemple.ca"]},
        {"sites": ["https://www.exemple.ca/page"]},
        {"contact": "personne"},
        {"duree": 1_000},
        {"durees": 1},
    ],
)
def test_a_wrong_setting_is_told_at_the_start(host: FakeHost, wrong: dict[str, object]) -> None:
    host._settings["push"] = wrong  # type: ignore[index]
    with pytest.raises(ConfigurationError, match=r"\[push\]"):
        read_settings(host)


def test_the_sites_are_those_that_are_followed_unless_said_otherwise(host: FakeHost) -> None:
    host._settings["push"] = {}  # type: ignore[index]
    host._settings["web"] = {"sites": ["https://a.ca", "nul"]}  # type: ignore[index]
    assert read_settings(host).sites == {"https://a.ca", "https://relance.exemple.ca"}
