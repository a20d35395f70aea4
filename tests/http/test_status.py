"""The status page, the health address, and what the whole site owes."""

import json
import re

import httpx
import pytest

from relance.access_role import AccessRole
from relance.codec import contract
from relance.said import Said
from server.http.app import PATHS
from tests.cli.test_explain import relance
from tests.http.conftest import Site, Start
from tests.pages import CLOSED, ENDLESS, OPEN
from tests.signed import token_of

POLYGLOT = "\"'><script>alert(1)</script><img src=x onerror=alert(1)>{{7*7}}{%raw%}"


async def test_health_counts_what_waits(site: Site) -> None:
    answer = await site.client.get("/sante")
    assert answer.status_code == 200
    health = answer.json()
    assert health["ok"] is True
    assert health["regles_publiees"] is True
    assert health["constats"] == []
    assert {"evenements_en_attente", "echeances_en_retard"} <= set(health)


async def test_hostile_texts_are_shown_as_texts(site: Site) -> None:
    assert (
        await site.post(POLYGLOT.replace("/", ""), data={"courriel": "a@b.ca"})
    ).status_code == 201
    page = await site.client.get("/etat")
    assert "&lt;script&gt;" in page.text
    assert "<script>" not in page.text
    assert "<img" not in page.text
    assert "49" not in page.text.partition("Derniers")[2].partition("onerror")[2][:40]
    assert "'unsafe-inline'" not in page.headers["content-security-policy"]


async def test_doubtful_messages_are_shown_even_once_sent(site: Site) -> None:
    from sqlalchemy import text

    async with site.runtime.store.write() as conn:
        await conn.execute(
            text(
                "INSERT INTO outbox (lead_id, campaign_id, entry, move, ordinal, channel, message, "
                "state, created_at, doubted_at) VALUES (1, 1, 1, 1, 0, 'sms', 'x', 'sent', 1, 1)"
            )
        )
    page = (await site.client.get("/etat")).text
    assert "incertain" in page
    assert "SMS</th>" in page


async def test_a_campaign_taken_out_of_the_rules_says_that_who_is_inside_goes_on(
    site: Site,
) -> None:
    from sqlalchemy import text

    async with site.runtime.store.write() as conn:
        await conn.execute(
            text("INSERT INTO campaigns (key, name, present) VALUES ('vieille', 'Vieille', :no)"),
            {"no": False},
        )
    assert "retirée\u202f; qui y est la finit" in (await site.client.get("/etat")).text


async def test_how_far_a_condition_is_prepared_is_shown(site: Site) -> None:
    from sqlalchemy import text

    async with site.runtime.store.write() as conn:
        await conn.execute(
            text(
                "INSERT INTO notings (owner, number, said, at, last_lead, noted_to) "
                "VALUES (9, 0, :said, 1, 500, 200)"
            ),
            {"said": contract.to_json(Said("when", (), (Said("lists.tagged", (("name", "A"),)),)))},
        )
    page = (await site.client.get("/etat")).text
    assert "quand Lead étiqueté (A)" in page
    assert "en préparation\u00a0: 40\u202f%" in page


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"host": "127.0.0.1:8080"},
        {"host": "localhost"},
        {"cookie": "relance_session="},
        {"cookie": "relance_session=é; relance_session"},
        {"cookie": "relance_session=" + "x" * 5_000},
        {"authorization": "Bearer"},
        {"authorization": "Bearer " + "x" * 5_000},
        {"authorization": "Basic x"},
    ],
)
async def test_nothing_but_a_session_or_a_token_opens_it_even_on_the_machine_itself(
    site: Site, headers: dict[str, str]
) -> None:
    """A proxy beside the server asks from the machine too, and may forward no header at all."""
    await site.post("Secret", data={"courriel": "a@b.ca"})
    raw = {name: value.encode() for name, value in headers.items()}
    async with httpx.AsyncClient(base_url=site.runtime.url) as stranger:
        page = await stranger.get("/", headers=raw)
        assert page.status_code == 401
        assert "Secret" not in page.text


async def test_a_program_shows_a_token_as_a_bearer(site: Site) -> None:
    site.runtime.dispatch.cut = lambda: {"email": "smtp.interne ne répond pas"}  # type: ignore[method-assign]
    async with httpx.AsyncClient(base_url=site.runtime.url) as program:
        assert "smtp.interne" not in (await program.get("/sante")).text
        for role in AccessRole:
            shown = {"authorization": f"Bearer {await token_of(site.runtime, role)}"}
            said = "smtp.interne" in (await program.get("/sante", headers=shown)).text
            assert said is (role is AccessRole.READ), role


async def test_every_answer_carries_the_security_headers(
    site: Site, caplog: pytest.LogCaptureFixture
) -> None:
    asked = [one for one in (*PATHS, *OPEN, *CLOSED) if one not in ENDLESS]
    paths = [re.sub(r"{\w+(:int)?}", "1", path) for path in asked]
    others = ("HEAD", "POST", "OPTIONS", "TRACE")
    for at, path in enumerate(path for path in paths if path != "/deconnexion"):
        for method in ("GET", others[at % 4]):
            answer = await site.client.request(method, path)
            assert answer.headers["x-content-type-options"] == "nosniff", path
            assert "default-src 'none'" in answer.headers["content-security-policy"], path
            assert "server" not in answer.headers, path
            assert answer.status_code < 500, (method, path, answer.text, caplog.text)


async def test_an_unknown_page_is_told_in_french_to_people(site: Site) -> None:
    answer = await site.client.get("/rien/ici", headers={"accept": "text/html"})
    assert answer.status_code == 404
    assert "n’existe pas" in answer.text


async def test_only_the_sites_named_are_served_when_some_are(start: Start) -> None:
    async with start(hosts=frozenset({"relance.exemple.ca"})) as site:
        assert (await site.client.get("/sante")).status_code == 400
        good = await site.client.get("/sante", headers={"host": "relance.exemple.ca:443"})
        assert good.status_code == 200


async def test_a_poisoned_host_changes_no_decision(site: Site) -> None:
    for host in ("x/webhooks/forms/a", "x@y", ""):
        answer = await site.client.get("/rien", headers={"host": host})
        assert answer.status_code == 400, host


async def test_a_failing_task_is_seen_and_taken_up_again(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    import asyncio

    runs = []

    async def failing() -> None:
        runs.append(1)
        raise RuntimeError("panne")

    monkeypatch.setattr("server.supervision.FIRST_WAIT", 0.01)
    site.runtime._tasks.start("essai", failing)
    await asyncio.sleep(0.1)
    assert len(runs) > 1
    answer: httpx.Response = await site.client.get("/sante")
    assert answer.status_code == 503
    (concern,) = answer.json()["constats"]
    assert (concern["code"], concern["gravite"]) == ("tache", "arret")
    assert "«\u00a0essai\u00a0»" in concern["constat"]
    await site.runtime._tasks.stop("essai", 1)


async def test_a_channel_that_is_cut_is_told_with_its_reason(site: Site) -> None:
    assert "Tout va bien." in (await site.client.get("/etat")).text
    site.runtime.dispatch.cut = lambda: {"email": "le serveur <refuse>"}  # type: ignore[method-assign]
    page = (await site.client.get("/etat")).text
    assert "Tout va bien." not in page
    assert "Le canal « courriel » ne répond plus" in page.replace("\u00a0", " ")
    assert "le serveur &lt;refuse&gt;" in page


async def test_why_a_channel_is_cut_is_for_who_may_read(site: Site) -> None:
    site.runtime.dispatch.cut = lambda: {"email": "smtp.interne ne répond pas"}  # type: ignore[method-assign]
    assert "smtp.interne" in (await site.client.get("/sante")).text
    async with httpx.AsyncClient(base_url=site.runtime.url) as stranger:
        away = await stranger.get("/sante")
    assert away.json()["constats"] == [{"code": "canal.email", "gravite": "arret"}]


async def test_the_latest_events_are_still_there_after_a_restart(start: Start) -> None:
    async with start() as site:
        for form in ("Infolettre", "Essai routier"):
            await site.post(form, data={"courriel": "a@b.ca"})
    async with start() as site:
        shown = (await site.client.get("/etat")).text
        assert 0 < shown.index("Essai routier") < shown.index("Infolettre")


@pytest.mark.parametrize("path", ["/favicon.ico", "/favicon.svg"])
async def test_browsers_find_the_icon_they_ask_for(site: Site, path: str) -> None:
    answer = await site.client.get(path)
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "image/svg+xml"
    assert "max-age" in answer.headers["cache-control"]


async def test_what_found_no_place_is_shown_as_a_text(site: Site) -> None:
    await site.post("Concours", data={"input_3": "aline@exemple.ca", "prénom": "<b>"})
    page = (await site.client.get("/etat")).text
    assert "resté sans place" in page
    assert "name=&#34;courriel&#34;" in page


async def test_the_page_and_the_command_say_the_same_of_a_server_alone(site: Site) -> None:
    await site.post(data={"courriel": "a@b.ca"})
    page = (await site.client.get("/etat")).text
    part = (await site.client.get("/etat/tableau")).text
    said = await relance("etat", str(site.runtime.settings.folder))
    for text in (page, part, said.out):
        assert "Un seul processus fait tout" in text
        assert "Événements à traiter" in text
    assert 'data-live="/vif/etat"' in page
    found = json.loads((await relance("etat", str(site.runtime.settings.folder), "--json")).out)
    assert set(found) == {"processus", "attente", "canaux", "messages"}
    assert [one["quoi"] for one in found["attente"]] == ["evenements", "echeances", "envois"]
