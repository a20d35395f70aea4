"""Events posted by other systems."""

import time
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from relance.webhook_signature import sign
from server.settings import EventSettings
from tests.http.conftest import Site, Start

TOKEN = {"authorization": "Bearer jeton-de-test-assez-long"}
LEAD = {"courriel": "aline@exemple.ca"}


async def post(site: Site, data: Any, headers: dict[str, str] | None = None) -> httpx.Response:
    return await site.client.post(
        "/webhooks/events", json=data, headers=TOKEN if headers is None else headers
    )


def event(**more: Any) -> dict[str, Any]:
    return {"evenement": "Commande passée", "lead": LEAD, **more}


async def test_an_event_is_stored_about_its_lead(site: Site) -> None:
    posted = event(
        proprietes={"Montant": 50}, champs={"ville": "Lévis"}, adresse="https://b.ca/c/1"
    )
    answer = await post(site, posted)
    assert answer.status_code == 202, answer.text
    assert answer.json() == {"statut": "reçu", "recus": 1, "deja_recus": 0, "refuses": 0}
    row = (
        await site.rows(
            "SELECT type, subject, subject_key, address, properties FROM events WHERE type='custom'"
        )
    )[0]
    assert tuple(row) == (
        "custom",
        "Commande passée",
        "commande passee",
        "https://b.ca/c/1",
        '{"montant": 50}',
    )
    assert (await site.rows("SELECT f_ville FROM leads"))[0][0] == "Lévis"


async def test_without_any_secret_the_door_is_closed_and_says_why(start: Start) -> None:
    async with start(events=EventSettings()) as site:
        answer = await post(site, event(), {"authorization": "Bearer x"})
        assert answer.status_code == 401
        assert "evenements" in answer.json()["detail"]


@pytest.mark.parametrize(
    "authorization", [None, "Bearer faux", "Basic x", "Bearer", "jeton-de-test-assez-long"]
)
async def test_a_wrong_token_is_refused(site: Site, authorization: str | None) -> None:
    answer = await post(site, event(), {"authorization": authorization} if authorization else {})
    assert answer.status_code == 401
    assert await site.count("leads") == 0


async def test_a_signature_opens_too_and_its_id_is_the_key(start: Start) -> None:
    secret = b"k" * 32
    body = b'[{"evenement": "x", "lead": {"courriel": "a@b.ca"}}]'
    stamp = int(time.time())
    headers = {
        "content-type": "application/json",
        "webhook-id": "m1",
        "webhook-timestamp": str(stamp),
        "webhook-signature": sign(secret, "m1", stamp, body),
    }
    async with start(events=EventSettings(secret=secret)) as site:
        for _ in range(2):
            answer = await site.client.post("/webhooks/events", content=body, headers=headers)
            assert answer.status_code == 202
        assert answer.json()["deja_recus"] == 1
        assert len(await site.rows("SELECT id FROM events WHERE type='custom'")) == 1
        forged = {**headers, "webhook-signature": sign(b"z" * 32, "m1", stamp, body)}
        assert (
            await site.client.post("/webhooks/events", content=body, headers=forged)
        ).status_code == 401


@pytest.mark.parametrize(
    "type_",
    [
        "email_sent",
        "email_opened",
        "link_clicked",
        "score_changed",
        "list_added",
        "lead_updated",
        "converted",
    ],
)
async def test_what_only_the_server_may_assert_is_refused(site: Site, type_: str) -> None:
    answer = await post(site, event(type=type_))
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["pointer"] == "/type"


async def test_settings_open_a_vendors_type_but_never_a_reserved_one(start: Start) -> None:
    opened = EventSettings(
        token="jeton-de-test-assez-long", types=frozenset({"panier_abandonne", "email_sent"})
    )
    async with start(events=opened) as site:
        assert (await post(site, event(type="panier_abandonne"))).status_code == 202
        assert (await post(site, event(type="email_sent"))).status_code == 422


@pytest.mark.parametrize(
    ("pointer", "data"),
    [
        ("", 3),
        ("", []),
        ("/lead", {"evenement": "x"}),
        ("/lead", {"evenement": "x", "lead": {}}),
        ("/evenement", {"lead": LEAD}),
        ("/evenemnt", {"evenemnt": "x", "lead": LEAD}),
        ("/lead/adresse", {"evenement": "x", "lead": {"adresse": "a@b.ca"}}),
        ("/lead/courriel", {"evenement": "x", "lead": {"courriel": "mauvais"}}),
        ("/lead/courriel", {"evenement": "x", "lead": {"courriel": 3}}),
        ("/proprietes", event(proprietes=[1])),
        ("/date", event(date="hier")),
        ("/date", event(date="1970-01-01")),
        ("/date", event(date="0001-01-01T00:00:00+14:00")),
        ("/date", event(date="9999-12-31T23:59:59-14:00")),
        ("/sujet", event(sujet="y")),
        ("/1/date", [event(), event(date="hier")]),
        ("/0/lead", [{"evenement": "x", "lead": {}}, event()]),
        ("/adresse", event(adresse="x" * 5_000)),
    ],
)
async def test_what_is_wrong_is_pointed_at_and_nothing_is_stored(
    site: Site, pointer: str, data: Any
) -> None:
    answer = await post(site, data)
    assert answer.status_code == 422, answer.text
    assert answer.json()["errors"][0]["pointer"] == pointer
    assert await site.count("leads") == 0


async def test_a_late_event_keeps_its_time_and_a_fast_clock_is_now(site: Site) -> None:
    await post(
        site,
        [
            event(date="2024-05-01T12:00:00"),
            event(date=(datetime.now(UTC) + timedelta(hours=2)).isoformat()),
        ],
    )
    rows = await site.rows(
        "SELECT occurred_at, received_at FROM events WHERE type='custom' ORDER BY occurred_at"
    )
    assert rows[0][0] == datetime(2024, 5, 1, 16, tzinfo=UTC).timestamp() * 1_000_000
    assert rows[1][0] <= rows[1][1] + 1_000_000


async def test_many_events_are_taken_at_once_up_to_a_bound(site: Site) -> None:
    lot = [event(lead={"courriel": f"a{n}@b.ca"}) for n in range(1_001)]
    assert (await post(site, lot)).status_code == 422
    assert (await post(site, lot[:1_000])).json()["recus"] == 1_000
    assert await site.count("leads") == 1_000


async def test_a_key_used_for_something_else_is_told(site: Site) -> None:
    await post(site, event(cle="c1"))
    assert (await post(site, event(cle="c1"))).json()["deja_recus"] == 1
    other = await post(site, event(cle="c1", adresse="https://autre.ca"))
    assert other.status_code == 422
    assert other.json()["type"].endswith("cle-reutilisee")


async def test_only_json_is_read(site: Site) -> None:
    answer = await site.client.post("/webhooks/events", data={"a": "b"}, headers=TOKEN)
    assert answer.status_code == 415
    assert "multipart" not in answer.text
    bad = {**TOKEN, "content-type": "application/json"}
    assert (
        await site.client.post("/webhooks/events", content=b"{", headers=bad)
    ).status_code == 400
    big = b'"' + b"x" * 1_100_000 + b'"'
    assert (await site.client.post("/webhooks/events", content=big, headers=bad)).status_code == 413
    assert (await site.client.get("/webhooks/events")).status_code == 405


async def recorded(site: Site) -> list[tuple[Any, ...]]:
    rows = await site.rows(
        "SELECT type, subject, context FROM events WHERE type <> 'lead_updated' ORDER BY id"
    )
    return [tuple(row) for row in rows]


async def test_a_type_nobody_knows_is_kept_as_an_event_of_that_name(site: Site) -> None:
    assert (await post(site, {"type": "order.created", "lead": LEAD})).status_code == 202
    named = {"type": "order.created", "sujet": "C-981", "lead": LEAD}
    assert (await post(site, named)).status_code == 202
    assert (await post(site, event(type="order.paid"))).status_code == 202
    assert await recorded(site) == [
        ("custom", "order.created", None),
        ("custom", "order.created", "C-981"),
        ("custom", "Commande passée", None),
    ]


async def test_a_type_plugins_declare_is_told_by_its_french_name_too(site: Site) -> None:
    for name in ({"type": "Formulaire rempli"}, {"evenement": "formulaire rempli"}):
        answer = await post(site, {**name, "sujet": "Contact", "lead": LEAD})
        assert answer.status_code == 202, answer.text
    assert await recorded(site) == [("form_submitted", "Contact", None)] * 2


async def test_null_and_empty_are_absent_and_the_lead_s_names_are_those_of_forms(
    site: Site,
) -> None:
    posted = event(
        lead={"Email": "aline@exemple.ca", "mobile": None, "visiteur": ""},
        date=None,
        cle="",
        champs={"Nom de famille": "Roy", "ville": None, "prénom": ["Aline", ""]},
        proprietes={"montant": None},
    )
    assert (await post(site, posted)).status_code == 202
    row = (await site.rows("SELECT f_courriel, f_nom, f_prenom, f_ville FROM leads"))[0]
    assert tuple(row) == ("aline@exemple.ca", "Roy", "Aline", None)


async def test_a_whole_number_is_a_subject_or_a_key(site: Site) -> None:
    assert (await post(site, event(sujet=None, evenement=42, cle=7))).status_code == 202
    assert (await site.rows("SELECT subject FROM events WHERE type = 'custom'")) == [("42",)]
