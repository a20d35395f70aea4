"""A shop posts its transactions to a real server, once, twice, wrongly, late."""

import time
from typing import Any

import httpx
import pytest

from relance.currency import CODES
from relance.webhook_signature import sign
from server.settings import EventSettings
from tests.commerce.shop import (
    HELMET,
    LEAD,
    PATH,
    TOKEN,
    post,
    post_text,
    problems,
    refund,
    sale,
    stored,
)
from tests.http.conftest import Site, Start


async def test_a_purchase_is_told_whole_and_by_each_thing_a_rule_may_ask(site: Site) -> None:
    bike = {
        "nom": "Vélo",
        "sku": "VLO-1",
        "categories": ["Vélos", "Ville"],
        "prix": 500,
        "quantite": 2,
    }
    answer = await post(
        site, sale(articles=[HELMET, bike], infos={"Canal": "boutique", "fidèle": True})
    )
    assert answer.status_code == 202, answer.text
    assert answer.json() == {"statut": "reçu", "recus": 1, "deja_recus": 0, "refuses": 0}
    assert await stored(site) == [
        ("purchase", "C-1", None, 10_499_000, "CAD"),
        ("item_purchased", "Casque", None, None, None),
        ("sku_purchased", "CSQ-1", None, None, None),
        ("category_purchased", "Accessoires", None, None, None),
        ("item_purchased", "Vélo", None, None, None),
        ("sku_purchased", "VLO-1", None, None, None),
        ("category_purchased", "Vélos", None, None, None),
        ("category_purchased", "Ville", None, None, None),
        ("purchase_info", "Canal", "boutique", None, None),
        ("purchase_info", "fidèle", "oui", None, None),
    ]


async def test_the_same_transaction_twice_is_one(site: Site) -> None:
    assert (await post(site, sale())).status_code == 202
    again = await post(site, sale(articles=[{**HELMET, "prix": 49.900}]))
    assert (again.status_code, again.json()["statut"]) == (200, "déjà reçu")
    assert len(await site.rows("SELECT id FROM events WHERE type = 'purchase'")) == 1


async def test_the_same_number_with_another_content_is_refused_and_changes_nothing(
    site: Site,
) -> None:
    others: tuple[dict[str, Any], ...] = (
        {"articles": [{**HELMET, "prix": "49.91"}]},
        {"articles": [{**HELMET, "quantite": 2}]},
        {"articles": [{**HELMET, "categorie": "Vélos"}]},
        {"devise": "EUR"},
        {"lead": {"courriel": "bruno@exemple.ca"}},
        {"infos": {"canal": "web"}},
        {"date": "2026-01-01"},
        {"montant": 10},
    )
    await post(site, sale())
    before = await stored(site)
    for other in others:
        answer = await post(site, sale(**other))
        assert answer.status_code == 409, other
        assert "correction" in (await problems(answer))["/id"]
    assert await stored(site) == before


async def test_in_a_batch_the_conflict_is_pointed_out_and_the_rest_kept(site: Site) -> None:
    await post(site, sale())
    answer = await post(site, [sale("C-2"), sale(devise="EUR"), sale()])
    assert answer.status_code == 202
    answer_body = answer.json()
    assert (answer_body["recus"], answer_body["deja_recus"], answer_body["refuses"]) == (1, 1, 1)
    assert answer_body["errors"][0]["pointer"] == "/1/id"


async def test_a_refund_may_come_before_its_transaction(site: Site) -> None:
    assert (await post(site, refund(amount="20"))).status_code == 202
    assert (await post(site, sale())).status_code == 202
    correction = {
        "type": "correction",
        "id": "K-1",
        "transaction": "C-1",
        "montant": -5,
        "lead": LEAD,
    }
    assert (await post(site, correction)).status_code == 202
    sums = [(row[0], row[2], row[3]) for row in await stored(site) if row[3]]
    assert sums == [
        ("refund", "C-1", -200_000),
        ("purchase", None, 499_000),
        ("purchase_corrected", "C-1", -50_000),
    ]


async def test_a_transaction_keeps_its_own_date_in_whatever_order_it_comes(site: Site) -> None:
    for id_, date in (("C-2", "2026-03-08T02:30:00"), ("C-1", "2025-11-01T12:00:00-04:00")):
        assert (await post(site, sale(id_, date=date))).status_code == 202
    rows = await site.rows(
        "SELECT subject FROM events WHERE type = 'purchase' ORDER BY occurred_at"
    )
    assert [row[0] for row in rows] == ["C-1", "C-2"]


async def test_an_amount_says_its_currency_or_is_in_the_servers_own(start: Start) -> None:
    async with start(currency="EUR") as site:
        await post(site, [sale("C-1"), sale("C-2", devise="usd")])
        assert [row[4] for row in await stored(site) if row[3]] == ["EUR", "USD"]
    assert {"CAD", "EUR", "USD"} <= CODES


@pytest.mark.parametrize("several", [False, True])
async def test_what_is_wrong_is_told_with_its_place_and_nothing_is_stored(
    site: Site, several: bool
) -> None:
    for pointer, change in (
        ("/articles/0/prix", {"articles": [{**HELMET, "prix": -1}]}),
        ("/lead/courriel", {"lead": {"courriel": "personne"}}),
        ("/champs/ville", {"champs": {"ville": "x" * 5_000}}),
        ("/date", {"date": "2999-01-01"}),
    ):
        data: Any = [sale("C-9"), sale(**change)] if several else sale(**change)
        answer = await post(site, data)
        assert answer.status_code == 422, answer.text
        assert ("/1" if several else "") + pointer in await problems(answer)
    assert await stored(site) == []
    assert await site.count("leads") == 0


async def test_what_is_no_document_is_refused(site: Site) -> None:
    for body in (b"", b"{", b"\xff\xfe", b"[" * 100_000, b"[]", b"3", b'"x"', b"null"):
        assert (await post_text(site, body)).status_code == 422, body[:9]
    assert await stored(site) == []


async def test_ten_megabytes_are_refused_and_nothing_is_stored(site: Site) -> None:
    answer = await post_text(site, b'{"id": "' + b"x" * 10_000_000 + b'"}')
    assert answer.status_code == 413
    assert await stored(site) == []


async def test_the_door_is_the_one_of_events_token_signature_or_closed(start: Start) -> None:
    async with start() as site:
        assert (await site.client.post(PATH, json=sale())).status_code == 401
        assert (await site.client.get(PATH, headers=TOKEN)).status_code == 405
    secret, stamp, body = (
        b"k" * 32,
        int(time.time()),
        b'{"id": 7, "lead": {"courriel": "a@b.ca"}, "montant": 5}',
    )
    async with start(events=EventSettings(secret=secret)) as signed:

        async def send(key: bytes) -> httpx.Response:
            headers = {
                "webhook-id": "m1",
                "webhook-timestamp": str(stamp),
                "webhook-signature": sign(key, "m1", stamp, body),
            }
            return await signed.client.post(PATH, content=body, headers=headers)

        assert (await send(b"z" * 32)).status_code == 401
        assert (await send(secret)).status_code == 202
    async with start(events=EventSettings()) as closed:
        answer = await post(closed, sale())
        assert answer.status_code == 401
        assert "evenements" in answer.json()["detail"]


async def test_a_purchase_cannot_be_told_as_a_plain_event(site: Site) -> None:
    for type_ in ("purchase", "refund", "item_purchased", "purchase_corrected"):
        data = {"type": type_, "sujet": "C-1", "lead": LEAD, "proprietes": {"montant": 1}}
        answer = await site.client.post("/webhooks/events", json=data, headers=TOKEN)
        assert answer.status_code == 422
