"""Forms, posted to a real server."""

import asyncio
import base64
import json
import time

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from relance.webhook_signature import sign
from tests.http.conftest import Site, Start

EMAIL = {"courriel": "aline@exemple.ca"}


@pytest.mark.parametrize(
    "post",
    [
        {"data": {**EMAIL, "prénom": "Zoé", "Code postal": "H2X 1Y4"}},
        {"json": {**EMAIL, "prénom": "Zoé", "Code postal": "H2X 1Y4"}},
        {
            "files": {
                "courriel": (None, "aline@exemple.ca"),
                "prénom": (None, "Zoé"),
                "Code postal": (None, "H2X 1Y4"),
            }
        },
    ],
    ids=["urlencoded", "json", "multipart"],
)
async def test_a_form_becomes_a_lead_and_an_event(site: Site, post: dict) -> None:
    answer = await site.post("Essai routier", **post)
    assert answer.status_code == 201
    assert answer.json() == {"statut": "reçu"}
    assert (await site.rows("SELECT f_courriel, f_prenom FROM leads"))[0] == (
        "aline@exemple.ca",
        "Zoé",
    )
    query = "SELECT subject, subject_key, properties FROM events WHERE type = 'form_submitted'"
    subject, key, properties = (await site.rows(query))[0]
    assert (subject, key) == ("Essai routier", "essai routier")
    assert json.loads(properties)["code-postal"] == "H2X 1Y4"


async def test_common_english_names_of_fields_are_understood(site: Site) -> None:
    await site.post(data={"Email": "a@b.ca", "first_name": "Zoé", "phone": "514 555-0199"})
    row = (await site.rows("SELECT f_courriel, f_prenom, f_telephone FROM leads"))[0]
    assert tuple(row) == ("a@b.ca", "Zoé", "+15145550199")


async def test_a_form_never_says_who_owns_a_lead(site: Site) -> None:
    await site.post("Essai", data={**EMAIL, "Vendeur": "Luc"})
    assert (await site.rows("SELECT f_vendeur FROM leads"))[0][0] is None


async def test_a_browser_is_known_again_by_its_cookie(site: Site) -> None:
    first = await site.post(data={"message": "bonjour"})
    cookie = first.headers["set-cookie"]
    assert "relance_visiteur=" in cookie
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
    await site.post(data=EMAIL)
    assert await site.count("leads") == 1


async def test_a_machine_that_says_who_it_is_about_gets_no_cookie(site: Site) -> None:
    assert "set-cookie" not in (await site.post(data=EMAIL)).headers


@pytest.mark.parametrize(
    ("status", "slug", "post"),
    [
        (415, "format-inconnu", {"content": b"x", "headers": {"content-type": "text/plain"}}),
        (415, "format-inconnu", {"content": b"a=b"}),
        (
            400,
            "corps-illisible",
            {"content": b"{", "headers": {"content-type": "application/json"}},
        ),
        (
            400,
            "corps-illisible",
            {"content": b"[1]", "headers": {"content-type": "application/json"}},
        ),
        (
            400,
            "corps-illisible",
            {"content": b'{"a": NaN}', "headers": {"content-type": "application/json"}},
        ),
        (
            400,
            "corps-illisible",
            {"content": b"[" * 60_000, "headers": {"content-type": "application/json"}},
        ),
        (
            400,
            "corps-illisible",
            {"content": b"a=%81", "headers": {"content-type": "application/x-www-form-urlencoded"}},
        ),
        (
            400,
            "corps-illisible",
            {"content": b"x", "headers": {"content-type": "multipart/form-data"}},
        ),
        (
            400,
            "corps-illisible",
            {
                "content": b"--b\r\n\r\ncut",
                "headers": {"content-type": "multipart/form-data; boundary=b"},
            },
        ),
        (413, "corps-trop-grand", {"data": {"a": "x" * 70_000}}),
        (422, "contenu-refuse", {"data": {"courriel": "pas une adresse"}}),
        (422, "contenu-refuse", {"data": {**EMAIL, "nom": "x" * 5_000}}),
        (422, "contenu-refuse", {"data": {**EMAIL, "nom": "a\0b"}}),
        (422, "contenu-refuse", {"json": {**EMAIL, "a": [[[[[[[[["x"]]]]]]]]]}}),
        (422, "contenu-refuse", {"data": {"courriel": ""}}),
        (422, "contenu-refuse", {"files": {"cv": ("cv.pdf", b"%PDF", "application/pdf")}}),
    ],
)
async def test_what_cannot_be_read_is_refused_and_nothing_is_stored(
    site: Site, status: int, slug: str, post: dict
) -> None:
    answer = await site.post(**post)
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json; charset=utf-8"
    problem = answer.json()
    assert problem["type"].endswith(f"/problemes/{slug}")
    assert problem["status"] == status
    assert await site.count("leads") == 0
    assert (await site.client.get(f"/problemes/{slug}")).status_code == 200


async def test_a_body_is_counted_as_it_comes_whatever_it_announces(site: Site) -> None:
    async def endless():  # type: ignore[no-untyped-def]
        for _ in range(100):
            yield b"a=" + b"x" * 4_096 + b"&"

    headers = {"content-type": "application/x-www-form-urlencoded"}
    answer = await site.post(content=endless(), headers=headers)
    assert answer.status_code == 413


@pytest.mark.parametrize("by", ["header", "field"])
async def test_a_form_sent_twice_with_its_key_is_one(site: Site, by: str) -> None:
    hidden = {"_cle": "k-1"} if by == "field" else {}
    headers = {"idempotency-key": "k-1"} if by == "header" else {}
    answers = [await site.post(data={**EMAIL, **hidden}, headers=headers) for _ in range(3)]
    assert [answer.status_code for answer in answers] == [201, 201, 201]
    assert len(await site.rows("SELECT id FROM events WHERE type = 'form_submitted'")) == 1
    other = await site.post(data={"courriel": "autre@exemple.ca", **hidden}, headers=headers)
    assert other.status_code == 422
    assert other.json()["type"].endswith("cle-reutilisee")


async def test_control_fields_are_not_kept(site: Site) -> None:
    await site.post(data={**EMAIL, "_cle": "k", "_redirect": "/merci", "nom": "Roy"})
    query = "SELECT properties FROM events WHERE type = 'form_submitted'"
    assert set(json.loads((await site.rows(query))[0][0])) == {"courriel", "nom"}


async def test_a_robot_that_fills_the_trap_is_answered_and_forgotten(site: Site) -> None:
    answer = await site.post(data={**EMAIL, "_piege": "http://pub"})
    assert answer.status_code == 201
    assert await site.count("leads") == await site.count("events") == 0


async def test_a_visitor_goes_where_the_form_says_when_it_is_allowed(start: Start) -> None:
    async with start(forms={"redirects": frozenset({"https://boutique.ca"})}) as site:
        good = await site.post(data={**EMAIL, "_redirect": "https://boutique.ca/merci?a=é"})
        assert good.status_code == 303
        assert good.headers["location"] == "https://boutique.ca/merci?a=%C3%A9"
        own = await site.post(data={**EMAIL, "_redirect": "/merci"})
        assert own.headers["location"].endswith(":8080/merci")
        bad = await site.post(data={**EMAIL, "_redirect": "https://boutique.ca@pirate.ca/"})
        assert bad.status_code == 201
        assert "location" not in bad.headers


async def test_a_form_has_its_own_return_page(start: Start) -> None:
    returns = {"essai routier": "https://boutique.ca/merci"}
    async with start(forms={"returns": returns}) as site:
        answer = await site.post("Essai routier", data=EMAIL)
        assert answer.headers["location"] == "https://boutique.ca/merci"


async def test_a_person_without_return_page_is_thanked_in_french(site: Site) -> None:
    answer = await site.post(data=EMAIL, headers={"accept": "text/html"})
    assert "Merci" in answer.text
    assert "script" not in answer.headers["content-security-policy"]


async def test_only_allowed_sites_may_post_and_read(start: Start) -> None:
    async with start(forms={"origins": frozenset({"https://boutique.ca"})}) as site:
        good = {"origin": "https://boutique.ca"}
        for bad in ("https://pirate.ca", "https://boutique.ca.pirate.ca"):
            refused = await site.post(data=EMAIL, headers={"origin": bad})
            assert refused.status_code == 403
            assert "access-control-allow-origin" not in refused.headers
        assert await site.count("leads") == 0
        posted = await site.post(data=EMAIL, headers=good)
        assert posted.headers["access-control-allow-origin"] == "https://boutique.ca"
        before = await site.client.options("/webhooks/forms/Contact", headers=good)
        assert before.status_code == 204
        assert before.headers["access-control-allow-methods"] == "POST"
        assert (await site.post(data=EMAIL)).status_code == 201  # no browser, no origin


#: What browsers add when a person leaves a page for the answer to a form.
LEAVING = {"sec-fetch-mode": "navigate", "sec-fetch-dest": "document", "accept": "text/html"}
HIDDEN = {"origin": "null", **LEAVING, "sec-fetch-site": "cross-site"}


async def test_a_page_that_hides_its_site_is_heard_but_joined_to_nobody_s_past(
    start: Start, caplog: pytest.LogCaptureFixture
) -> None:
    async with start(forms={"origins": frozenset({"https://boutique.ca"})}) as site:
        mark = "relance_visiteur=une-marque-deja-connue"
        taken = await site.post(data=EMAIL, headers={**HIDDEN, "cookie": mark})
        assert taken.status_code == 201
        assert "set-cookie" not in taken.headers
        assert "access-control-allow-origin" not in taken.headers
        assert await site.rows("SELECT kind FROM identities") == [("email",)]
        for _ in range(2):
            await site.post(data=EMAIL, headers=HIDDEN)
        said = [r.getMessage() for r in caplog.records if "cache son site" in r.getMessage()]
        assert len(said) == 1, "the operator is told once a form"


async def test_a_page_of_our_own_domain_that_hides_its_site_keeps_its_visitor(
    start: Start,
) -> None:
    async with start(forms={"origins": frozenset({"https://boutique.ca"})}) as site:
        headers = {**HIDDEN, "sec-fetch-site": "same-site"}
        taken = await site.post(data=EMAIL, headers=headers)
        assert taken.status_code == 201
        assert "relance_visiteur=" in taken.headers["set-cookie"]


@pytest.mark.parametrize(
    "behind",
    [
        {"sec-fetch-mode": "no-cors", "sec-fetch-dest": "empty"},
        {"sec-fetch-mode": "cors", "sec-fetch-dest": "empty"},
        {"sec-fetch-dest": "iframe"},
    ],
)
async def test_a_hidden_page_that_posts_behind_its_visitor_s_back_is_refused(
    start: Start, behind: dict[str, str]
) -> None:
    async with start(forms={"origins": frozenset({"https://boutique.ca"})}) as site:
        refused = await site.post(data=EMAIL, headers={**HIDDEN, **behind})
        assert refused.status_code == 403
        assert "Referrer-Policy" in refused.text
        assert await site.count("leads") == 0


async def test_the_operator_is_told_of_the_sites_refused_once_each_and_not_of_too_many(
    start: Start, caplog: pytest.LogCaptureFixture
) -> None:
    async with start(forms={"origins": frozenset({"https://boutique.ca"})}) as site:
        for _ in range(2):
            for number in range(30):
                await site.post(data=EMAIL, headers={"origin": f"https://s{number}.example"})
        await site.post(data=EMAIL, headers={"origin": "https://" + "x" * 5_000})
        said = [r.getMessage() for r in caplog.records if "a été refusé" in r.getMessage()]
        assert len(said) == len(set(said)) == 20


async def test_without_allowed_sites_a_page_may_post_but_not_read(site: Site) -> None:
    answer = await site.post(data=EMAIL, headers={"origin": "https://ailleurs.ca"})
    assert answer.status_code == 201
    assert "access-control-allow-origin" not in answer.headers


async def test_one_address_cannot_flood(start: Start) -> None:
    async with start(forms={"rate": 1.0, "burst": 3}) as site:
        answers = [await site.post(data=EMAIL) for _ in range(5)]
        assert [answer.status_code for answer in answers] == [201, 201, 201, 429, 429]
        assert int(answers[-1].headers["retry-after"]) >= 1


SECRET = b"s" * 32


def _signed(body: bytes, at: float | None = None, secret: bytes = SECRET) -> dict[str, str]:
    stamp = int(at or time.time())
    return {
        "content-type": "application/json",
        "webhook-id": "msg_1",
        "webhook-timestamp": str(stamp),
        "webhook-signature": f"v1,{base64.b64encode(b'x' * 32).decode()} {sign(secret, 'msg_1', stamp, body)}",
    }


async def test_a_form_with_a_secret_wants_a_signature(start: Start) -> None:
    body = b'{"courriel": "a@b.ca"}'
    async with start(forms={"secrets": {"contact": SECRET}}) as site:
        assert (await site.post(content=body, headers=_signed(body))).status_code == 201
        assert (await site.post(content=body, headers=_signed(body))).status_code == 201
        assert len(await site.rows("SELECT id FROM events WHERE type = 'form_submitted'")) == 1
        for wrong in (
            {"content-type": "application/json"},
            _signed(body + b" "),
            _signed(body, at=time.time() - 3_600),
            _signed(body, secret=b"t" * 32),
        ):
            assert (await site.post(content=body, headers=wrong)).status_code == 401
        assert (await site.post("Autre", data=EMAIL)).status_code == 201


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE", "PATCH"])
async def test_forms_are_posted_only(site: Site, method: str) -> None:
    answer = await site.client.request(method, "/webhooks/forms/Contact")
    assert answer.status_code == 405
    assert "POST" in answer.headers["allow"]


@pytest.mark.parametrize("path", ["", "a/b", "a%0Ab", "x" * 200])
async def test_what_is_no_form_name_is_not_found(site: Site, path: str) -> None:
    assert (await site.client.post(f"/webhooks/forms/{path}", data=EMAIL)).status_code == 404


async def test_a_full_store_is_said_and_never_answered_as_received(site: Site) -> None:
    from relance.errors import StoreUnavailable

    async def full(*_: object, **_named: object) -> None:
        raise StoreUnavailable("database or disk is full")

    site.runtime.store.transact = full  # type: ignore[assignment, method-assign]
    answer = await site.post(data=EMAIL)
    assert answer.status_code == 503
    assert int(answer.headers["retry-after"]) > 0


async def test_a_bug_tells_nothing_outside(site: Site) -> None:
    async def broken(*_: object, **_named: object) -> None:
        raise RuntimeError("mot de passe : azerty")

    site.runtime.store.transact = broken  # type: ignore[assignment, method-assign]
    answer = await site.post(data=EMAIL)
    assert answer.status_code == 500
    assert "azerty" not in answer.text
    assert answer.json()["instance"].startswith("urn:relance:")


async def test_what_is_answered_2xx_is_stored_under_many_at_once(site: Site) -> None:
    async def one(number: int) -> int:
        fields = {"courriel": f"a{number}@exemple.ca" if number % 3 else "mauvais"}
        return (await site.post(data=fields)).status_code

    codes = await asyncio.gather(*(one(number) for number in range(120)))
    assert codes.count(201) == 80
    assert await site.count("leads") == 80
    assert len(await site.rows("SELECT id FROM events WHERE type = 'form_submitted'")) == 80


@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    body=st.binary(max_size=300) | st.text(max_size=200).map(str.encode),
    kind=st.sampled_from(
        [
            "application/json",
            "application/x-www-form-urlencoded",
            "multipart/form-data; boundary=b",
            'multipart/form-data; boundary="',
            'application/json; charset="',
            "",
        ]
    ),
)
def test_no_body_breaks_the_reading(body: bytes, kind: str) -> None:
    from relance.errors import Unacceptable
    from server.http.bodies import UnknownFormat, UnreadableBody, read_form

    for content in (
        body,
        b"--b\r\ncontent-disposition: form-data; name=a\r\n\r\n" + body + b"\r\n--b--",
    ):
        try:
            fields = read_form(kind, content)
        except (Unacceptable, UnreadableBody, UnknownFormat):
            continue
        assert all(isinstance(name, str) for name in fields)


async def test_a_slow_client_does_not_hold_the_others(site: Site) -> None:
    _reader, writer = await asyncio.open_connection(
        "127.0.0.1", int(site.runtime.url.rpartition(":")[2])
    )
    writer.write(
        b"POST /webhooks/forms/Contact HTTP/1.1\r\nhost: x\r\ncontent-length: 50\r\n"
        b"content-type: application/x-www-form-urlencoded\r\n\r\ncourriel="
    )
    await writer.drain()
    async with httpx.AsyncClient(base_url=site.runtime.url) as other:
        assert (await other.post("/webhooks/forms/Contact", data=EMAIL)).status_code == 201
    writer.close()
    assert await site.count("leads") == 1


BROWSER = {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"}


async def test_who_fills_a_form_in_a_browser_reads_a_page_when_it_is_refused(site: Site) -> None:
    answer = await site.post("Essai", data={"courriel": "pas une adresse"}, headers=BROWSER)
    assert answer.status_code == 422
    assert answer.headers["content-type"].startswith("text/html")
    assert "<b>courriel</b>" in answer.text
    assert "n’est pas valide" in answer.text
    assert "Revenez à la page précédente" in answer.text
    assert "errors" not in answer.text
    assert await site.count("leads") == 0


async def test_a_refusal_shown_as_a_page_keeps_its_headers_and_escapes_what_it_shows(
    start: Start,
) -> None:
    async with start(forms={"rate": 0.001, "burst": 1}) as site:
        hostile = {"<script>x</script>": "y" * 5_000}
        answer = await site.post("Essai", data=hostile, headers=BROWSER)
        assert answer.status_code == 422
        assert "<script>" not in answer.text
        again = await site.post("Essai", data=EMAIL, headers=BROWSER)
        assert again.status_code == 429
        assert int(again.headers["retry-after"]) > 0
        assert "Rien n’a été gardé" in again.text


async def test_a_page_script_still_reads_its_refusal_as_data(site: Site) -> None:
    answer = await site.post("Essai", data={"courriel": "x"}, headers={"Accept": "*/*"})
    assert answer.headers["content-type"].startswith("application/problem+json")
