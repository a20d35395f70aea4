"""What a hostile visitor posts: refused as his fault, never as ours, and never let through."""

import base64
import json
import time

import pytest

from relance.webhook_signature import sign
from server.store.fields import FieldCatalogue
from tests.http.conftest import Site, Start

SECRET = b"s" * 32
JSON = {"content-type": "application/json"}
FORM_EVENTS = "SELECT id FROM events WHERE type = 'form_submitted'"


def signed(body: bytes, message_id: str = "msg_1", **more: str) -> dict[str, str]:
    stamp = int(time.time())
    return {
        **JSON,
        "webhook-id": message_id,
        "webhook-timestamp": str(stamp),
        "webhook-signature": sign(SECRET, message_id, stamp, body),
        **more,
    }


@pytest.mark.parametrize(
    "body",
    [
        b'{"courriel": "a@b.ca", "\\ud800": "x"}',
        b'{"courriel": "a@b.ca", "nom": {"\\udfff": 1}}',
        b'{"courriel": "a@b.ca", "\\ud800": "\\u0000"}',
        b'{"courriel": "a@\\ud800.ca"}',
    ],
)
async def test_half_a_character_is_refused_and_told(site: Site, body: bytes) -> None:
    answer = await site.post(content=body, headers=JSON)
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["detail"] == "Ce texte contient un caractère interdit."
    assert await site.count("leads") == 0


@pytest.mark.parametrize("target", ["/\\ud800", "https://boutique.ca/\\ud800"])
async def test_a_return_page_that_is_no_text_is_ignored(start: Start, target: str) -> None:
    async with start(forms={"redirects": frozenset({"https://boutique.ca"})}) as site:
        body = f'{{"courriel": "a@b.ca", "_redirect": "{target}"}}'.encode()
        answer = await site.post(content=body, headers=JSON)
        assert answer.status_code == 201
        assert await site.count("leads") == 1


@pytest.mark.parametrize(
    "body",
    [
        b'{"\\ud800": 1}',
        b'{"type": "\\ud800", "lead": {"courriel": "a@b.ca"}}',
        b'{"evenement": "x", "lead": {"courriel": "a@\\ud800.ca"}}',
        b'{"evenement": "x", "lead": {"\\ud800": "a@b.ca"}}',
        b'{"evenement": "\\ud800", "lead": {"courriel": "a@b.ca"}}',
    ],
)
async def test_half_a_character_in_an_event_is_refused(site: Site, body: bytes) -> None:
    headers = {**JSON, "authorization": "Bearer jeton-de-test-assez-long"}
    answer = await site.client.post("/webhooks/events", content=body, headers=headers)
    assert answer.status_code == 422, answer.text
    assert await site.count("events") == 0


@pytest.mark.parametrize(
    "spelling",
    [
        "Essai routier",
        "essai-routier",
        "essai.routier",
        "essai--routier",
        "Essai  routier",
        "Essai’routier",
        "Essai routier!",
        "-ESSAI_routier-",
    ],
)
async def test_no_other_spelling_of_a_signed_form_does_without_signature(
    start: Start, tmp_path, spelling: str
) -> None:
    from server.settings import load_settings

    secret = "whsec_" + base64.b64encode(SECRET).decode()
    (tmp_path / "relance.toml").write_text(f'[formulaires.secrets]\n"Essai routier" = "{secret}"\n')
    forms = {"secrets": load_settings(tmp_path, {}).forms.secrets}
    async with start(forms=forms) as site:
        answer = await site.post(spelling, data={"courriel": "a@b.ca"})
        assert answer.status_code == 401
        assert await site.count("leads") == 0


async def test_a_signed_form_played_again_under_another_key_is_one(start: Start) -> None:
    body = b'{"courriel": "a@b.ca"}'
    async with start(forms={"secrets": {"contact": SECRET}}) as site:
        await site.post(content=body, headers=signed(body))
        await site.post(content=body, headers=signed(body, **{"idempotency-key": "autre"}))
        assert len(await site.rows(FORM_EVENTS)) == 1


async def test_a_signed_form_played_again_under_another_spelling_is_one(start: Start) -> None:
    body = b'{"courriel": "a@b.ca"}'
    async with start(forms={"secrets": {"contact": SECRET}}) as site:
        for name in ("Contact", "CONTACT", "contact!", "cöntact"):
            await site.post(name, content=body, headers=signed(body))
        assert len(await site.rows(FORM_EVENTS)) == 1


async def test_a_signed_event_played_again_under_another_key_is_one(start: Start) -> None:
    from server.settings import EventSettings

    body = json.dumps({"evenement": "Achat", "lead": {"courriel": "a@b.ca"}}).encode()
    async with start(events=EventSettings(secret=SECRET)) as site:
        for key in ({}, {"idempotency-key": "autre"}):
            answer = await site.client.post(
                "/webhooks/events", content=body, headers=signed(body, **key)
            )
            assert answer.status_code == 202
        assert len(await site.rows("SELECT id FROM events WHERE type = 'custom'")) == 1


@pytest.mark.parametrize("name", ["!!!", "%20", "%2e%2e", "-_-"])
async def test_a_form_without_a_name_to_know_it_by_is_not_found(site: Site, name: str) -> None:
    assert (await site.post(name, data={"courriel": "a@b.ca"})).status_code == 404
    assert await site.count("leads") == 0


async def test_a_byte_order_mark_is_no_obstacle(site: Site) -> None:
    answer = await site.post(content=b'\xef\xbb\xbf{"courriel": "a@b.ca"}', headers=JSON)
    assert answer.status_code == 201


async def test_a_content_type_nobody_writes_is_not_read_through(site: Site) -> None:
    for kind in ("multipart/form-data; boundary=x", "application/json", "text/html"):
        endless = f'{kind}; a="' + ";" * 2_000 + '"'
        answer = await site.post(content=b"{}", headers={"content-type": endless})
        assert answer.status_code == 415


_PART = b'--x\r\nContent-Disposition: form-data; name="a"\r\n\r\n1\r\n'


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        ("application/x-www-form-urlencoded", b"&".join(b"c%d=1" % n for n in range(4_000))),
        ("multipart/form-data; boundary=x", _PART * 1_000 + b"--x--\r\n"),
        ("application/json", json.dumps({f"champ {n}": n for n in range(3_000)}).encode()),
    ],
)
async def test_thousands_of_fields_are_refused_before_any_is_looked_at(
    site: Site, kind: str, body: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(FieldCatalogue, "meant", None)
    answer = await site.post(content=body, headers={"content-type": kind})
    assert answer.status_code == 422, answer.text
    assert answer.json()["errors"][0]["detail"] == "Il y a plus de 100 champs."


async def test_the_parameters_of_a_part_are_few(site: Site) -> None:
    name = b'a="";' * 700 + b'name="b"'
    part = b"--x\r\nContent-Disposition: form-data; " + name + b"\r\n\r\n1\r\n"
    kind = {"content-type": "multipart/form-data; boundary=x"}
    answer = await site.post(content=part + b"--x--\r\n", headers=kind)
    assert answer.status_code == 400
