"""The status page, the health address, and what the whole site owes."""

from typing import Any

import httpx
import pytest

from server.http.app import PATHS, is_local
from tests.http.conftest import Site, Start

POLYGLOT = "\"'><script>alert(1)</script><img src=x onerror=alert(1)>{{7*7}}{%raw%}"


async def test_health_counts_what_waits(site: Site) -> None:
    answer = await site.client.get("/sante")
    assert answer.status_code == 200
    told = answer.json()
    assert told["ok"] is True
    assert told["regles_publiees"] is True
    assert told["constats"] == []
    assert {"evenements_en_attente", "echeances_en_retard"} <= set(told)


async def test_hostile_texts_are_shown_as_texts(site: Site) -> None:
    assert (
        await site.post(POLYGLOT.replace("/", ""), data={"courriel": "a@b.ca"})
    ).status_code == 201
    page = await site.client.get("/")
    assert "&lt;script&gt;" in page.text
    assert "<script" not in page.text
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
    page = (await site.client.get("/")).text
    assert "incertain" in page
    assert "<td>SMS</td>" in page


async def test_a_campaign_taken_out_of_the_rules_says_that_who_is_inside_goes_on(
    site: Site,
) -> None:
    from sqlalchemy import text

    async with site.runtime.store.write() as conn:
        await conn.execute(
            text("INSERT INTO campaigns (key, name, active) VALUES ('vieille', 'Vieille', :no)"),
            {"no": False},
        )
    assert "retirée ; qui y est la finit" in (await site.client.get("/")).text


async def test_how_far_a_condition_is_prepared_is_shown(site: Site) -> None:
    from sqlalchemy import text

    async with site.runtime.store.write() as conn:
        await conn.execute(
            text(
                "INSERT INTO notings (owner, number, name, at, last_lead, noted_to) "
                "VALUES (9, 0, 'quand l’âge est de 18 ans', 1, 500, 200)"
            )
        )
    page = (await site.client.get("/")).text
    assert "quand l’âge est de 18 ans" in page
    assert "en préparation\u00a0: 40\u00a0%" in page


@pytest.mark.parametrize(
    ("headers", "client", "local"),
    [
        ({"host": "127.0.0.1:8080"}, "127.0.0.1", True),
        ({"host": "localhost"}, "::1", True),
        ({"host": "[::1]:8080"}, "::1", True),
        ({"host": "relance.exemple.ca"}, "127.0.0.1", False),
        ({"host": "localhost.pirate.ca"}, "127.0.0.1", False),
        ({"host": "localhost", "x-forwarded-for": "127.0.0.1"}, "127.0.0.1", False),
        ({"host": "localhost"}, "10.0.0.3", False),
        ({"host": "localhost"}, None, False),
        ({}, "127.0.0.1", False),
    ],
)
def test_only_the_machine_itself_sees_names(
    headers: dict[str, str], client: str | None, local: bool
) -> None:
    raw = [(name.encode(), value.encode()) for name, value in headers.items()]
    scope: dict[str, Any] = {"headers": raw, "client": (client, 1) if client else None}
    assert is_local(scope) is local


async def test_anyone_else_learns_only_that_it_runs(site: Site) -> None:
    await site.post("Secret", data={"courriel": "a@b.ca"})
    page = await site.client.get("/", headers={"host": "relance.exemple.ca"})
    assert page.status_code == 200
    assert "Secret" not in page.text


@pytest.mark.parametrize(
    "path", [path.replace("{form}", "x").replace("{nom}", "x") for path in PATHS]
)
@pytest.mark.parametrize("method", ["GET", "HEAD", "POST", "OPTIONS", "TRACE"])
async def test_every_answer_carries_the_security_headers(
    site: Site, path: str, method: str
) -> None:
    answer = await site.client.request(method, path)
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert "default-src 'none'" in answer.headers["content-security-policy"]
    assert "server" not in answer.headers
    assert answer.status_code < 500


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
    answer = await site.client.get("/rien", headers={"host": "x/webhooks/forms/a"})
    assert answer.status_code == 404


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
    assert "Tout va bien." in (await site.client.get("/")).text
    site.runtime.cut = lambda: {"email": "le serveur <refuse>"}  # type: ignore[method-assign]
    page = (await site.client.get("/")).text
    assert "Tout va bien." not in page
    assert "Le canal « courriel » ne répond plus" in page.replace("\u00a0", " ")
    assert "le serveur &lt;refuse&gt;" in page


async def test_why_a_channel_is_cut_stays_on_the_machine(site: Site) -> None:
    site.runtime.cut = lambda: {"email": "smtp.interne ne répond pas"}  # type: ignore[method-assign]
    assert "smtp.interne" in (await site.client.get("/sante")).text
    away = await site.client.get("/sante", headers={"x-forwarded-for": "203.0.113.9"})
    assert away.json()["constats"] == [{"code": "canal.email", "gravite": "arret"}]


async def test_the_latest_events_are_still_there_after_a_restart(start: Start) -> None:
    async with start() as site:
        for form in ("Infolettre", "Essai routier"):
            await site.post(form, data={"courriel": "a@b.ca"})
    async with start() as site:
        shown = (await site.client.get("/")).text
        assert 0 < shown.index("Essai routier") < shown.index("Infolettre")


@pytest.mark.parametrize("path", ["/favicon.ico", "/favicon.svg"])
async def test_browsers_find_the_icon_they_ask_for(site: Site, path: str) -> None:
    answer = await site.client.get(path)
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "image/svg+xml"
    assert "max-age" in answer.headers["cache-control"]
