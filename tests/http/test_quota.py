"""What one address may have kept in a day, and bodies that are not worth reading."""

import asyncio
import logging
import time

import httpx
import pytest
from starlette.requests import Request
from starlette.responses import Response

from relance.route import Guard
from relance.testing import VirtualClock
from relance.webhook_signature import secret_bytes, sign
from server.housekeeping import sweep
from server.http.quota import DAY, EACH, Quota, TooMuch, veiled
from server.store.store import Store
from server.tokens import Signer
from tests.http.conftest import Start, plugin, route

SECRET = "whsec_" + "QUFB" * 8


def test_a_share_is_given_back_little_by_little() -> None:
    now = [0.0]
    quota = Quota(10_000, lambda: now[0])
    for _ in range(4):
        quota.charge("203.0.113.9", 2_500 - EACH)
    with pytest.raises(TooMuch) as refused:
        quota.charge("203.0.113.9", 2_500 - EACH)
    assert refused.value.after == pytest.approx(DAY / 4)
    quota.charge("203.0.113.10", 2_500 - EACH)
    now[0] += DAY / 4 + 1
    quota.charge("203.0.113.9", 2_500 - EACH)


def test_who_reached_its_share_is_shown_for_a_day_and_told_once(
    caplog: pytest.LogCaptureFixture,
) -> None:
    now = [0.0]
    quota = Quota(1, lambda: now[0])
    with caplog.at_level(logging.WARNING):
        for last in range(1, 40):
            for _ in range(2):
                with pytest.raises(TooMuch):
                    quota.charge(f"203.0.113.{last}", 1)
    assert len(caplog.records) == 39
    assert "volume_par_jour" in caplog.text
    assert len(quota.reached()) == 20, "a stranger does not fill the memory"
    assert quota.reached()["203.0.113.39"] == 2
    now[0] += DAY
    assert quota.reached() == {}


def test_a_share_of_zero_sets_no_bound() -> None:
    Quota(0).charge("203.0.113.9", 10**12)


async def test_forms_past_the_share_of_a_day_are_refused_and_told(start: Start) -> None:
    async with start(forms={"daily": 3_000.0}) as site:
        form = {"courriel": "a@b.ca", "message": "x" * 1_500}
        assert (await site.post(data=form)).status_code == 201
        refused = await site.post(data=form)
        assert refused.status_code == 429
        assert refused.json()["type"].endswith("/problemes/quota")
        assert int(refused.headers["retry-after"]) > 1_000
        assert list(site.runtime.quota.reached()) == ["127.0.0.1"]
        kept = await site.rows("SELECT count(*) FROM events WHERE type = 'form_submitted'")
        assert kept[0][0] == 1
        concerns = (await site.client.get("/sante")).json()["constats"]
        assert (
            "127.0.0.1" in {one["code"]: one["constat"] for one in concerns}["formulaires.volume"]
        )


async def test_signed_forms_are_not_counted(start: Start) -> None:
    async with start(forms={"daily": 1.0, "secrets": {"contact": secret_bytes(SECRET)}}) as site:
        body, stamp = b'{"courriel": "a@b.ca"}', int(time.time())
        headers = {
            "content-type": "application/json",
            "webhook-id": "m",
            "webhook-timestamp": str(stamp),
            "webhook-signature": sign(secret_bytes(SECRET), "m", stamp, body),
        }
        assert (await site.post(content=body, headers=headers)).status_code == 201
        assert (await site.post("Autre", data={"courriel": "a@b.ca"})).status_code == 429


async def test_public_routes_count_as_forms_do_unless_they_know_who_calls(start: Start) -> None:
    async def kept(request: Request) -> Response:
        return Response("gardé")

    opened = plugin(
        route("/boutique", kept, methods=("GET", "POST")),
        route("/fournisseur", kept, methods=("POST",), counted=False),
    )
    async with start(plugins=opened, forms={"daily": 2_000.0}) as site:
        assert (await site.client.post("/boutique", content=b"x" * 1_000)).status_code == 200
        assert (await site.client.get("/boutique", params={"p": "x" * 1_000})).status_code == 429
        assert (await site.client.post("/fournisseur", content=b"x" * 1_000)).status_code == 200


@pytest.mark.parametrize("secret", [None, SECRET])
async def test_what_must_be_signed_and_is_not_is_refused_unread(
    start: Start, secret: str | None
) -> None:
    async def never(request: Request) -> Response:
        raise AssertionError

    opened = plugin(route("/retour", never, Guard.SIGNED, ("POST",), max_body=2_000_000))
    sections = {"essai": {"secret": secret}} if secret else {}
    forms = {"secrets": {"contact": secret_bytes(SECRET)}}
    async with start(plugins=opened, sections=sections, forms=forms) as site:
        port = httpx.URL(site.runtime.url).port
        for path in ("/retour", "/webhooks/forms/Contact", "/webhooks/events"):
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            head = f"POST {path} HTTP/1.1\r\nhost: x\r\ncontent-length: 1000000\r\n"
            if path == "/retour" and secret is None:
                head += "webhook-id: m\r\nwebhook-timestamp: 1\r\nwebhook-signature: v1,x\r\n"
            writer.write(head.encode() + b"\r\n")
            async with asyncio.timeout(2):
                assert (await reader.readline()).split()[1] == b"401", path
            writer.close()


async def test_a_share_outlives_the_server_and_tells_no_address(
    start: Start, store_url: str
) -> None:
    form = {"courriel": "a@b.ca", "message": "x" * 1_500}
    settings = {"database": store_url, "forms": {"daily": 3_000.0}}
    async with start(**settings) as site:
        assert (await site.post(data=form)).status_code == 201
        assert await site.count("sender_shares") == 0, "a form alone writes none of it"
    async with start(**settings) as site:
        assert (await site.post(data=form)).status_code == 429
        ((sender, spent),) = await site.rows("SELECT sender, spent FROM sender_shares")
        assert 1_500 < spent < 3_000
        assert "127" not in sender


async def test_shares_are_written_together_and_forgotten_after_their_day(
    store: Store, clock: VirtualClock
) -> None:
    signer = Signer(b"s" * 32)
    quota = veiled(10_000, clock, signer)
    for last in range(40):
        quota.charge(f"203.0.113.{last}", 9_000)
    await quota.keep(store)
    clock.advance(minutes=1)
    quota.charge("203.0.113.7", 1)
    await quota.keep(store)
    again = veiled(10_000, clock, signer)
    await again.recall(store)
    for last in range(40):
        with pytest.raises(TooMuch):
            again.charge(f"203.0.113.{last}", 1_500)
    again.charge("203.0.113.99", 9_000)
    assert await sweep(store, clock) == 0
    clock.advance(days=3)
    assert await sweep(store, clock) == 40
    later = veiled(10_000, clock, signer)
    await later.recall(store)
    later.charge("203.0.113.7", 9_000)


async def test_a_share_made_larger_is_so_for_what_was_kept_before(
    store: Store, clock: VirtualClock
) -> None:
    quota = veiled(10_000, clock, Signer(b"s" * 32))
    quota.charge("203.0.113.9", 9_000)
    await quota.leave(store)
    larger = veiled(20_000, clock, Signer(b"s" * 32))
    await larger.recall(store)
    larger.charge("203.0.113.9", 9_000)
    with pytest.raises(TooMuch):
        larger.charge("203.0.113.9", 9_000)


def test_a_clock_set_back_takes_nothing() -> None:
    now = [DAY]
    quota = Quota(10_000, lambda: now[0])
    quota.charge("203.0.113.9", 1_000)
    now[0] = 0.0
    quota.charge("203.0.113.9", 1_000)
