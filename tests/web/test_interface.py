"""The interface over a running server: its figures, its orders, and each page in a real browser."""

import asyncio
import os
import re
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any, cast

import pytest
from playwright.async_api import Page, expect
from sqlalchemy import insert

from server.reports.performance.crowd import crowd
from server.reports.performance.reading import EVER
from server.runtime import Runtime
from server.store.schema.messages import outbox
from server.web.live import Live
from server.web.office import Office
from tests.chromium import chromium, needed, unfit
from tests.http.conftest import Site, running
from tests.signed import session_of
from tests.whole import lay_out, saving

#: Where to leave pictures of the pages, for whoever wants to look at them.
PICTURES = os.environ.get("RELANCE_IMAGES")
POISON = "\"'><script>alert(1)</script><img src=x onerror=alert(1)>{{7*7}}{%raw%}"
NAMED = "<b>\"'&lt;x> {{7*7}} {%raw%}"
SCRIPT = """\
campagne « <b>"'&lt;x> {{7*7}} {%raw%} »
  description : accueillir
  entrée
    quand Formulaire (Infolettre) rempli
  sortie échouée
    quand Événement (Non) survenu

  étape « Début »
  Étiqueter (Venu)
  attendre au plus 3 jours
    dès que Événement (Oui) survenu
      Étiqueter (Curieux)
    dès que Événement (Peut-être) survenu
      Étiqueter (Tiède)
    passé ce délai
      Étiqueter (Froid)
  fin
  si Lead étiqueté (Curieux)
    Attendre pendant 1 jour
  sinon
    sortir (réussite)
  fin
fin
""".replace("« ", "«\u00a0").replace(" »", "\u00a0»")
TRIED = """
scénario « vient, et dit oui »
  lead (A) : courriel (a@exemple.ca)
  le 2026-12-01 à 9 h, (A) : Formulaire (Infolettre) rempli
  vérifier (A) : Lead étiqueté (Venu)
  vérifier (A) : Lead étiqueté (Froid)
fin
""".replace("« ", "«\u00a0").replace(" »", "\u00a0»")
#: Of those who entered, who did what next.
ANSWERS = {"Oui": 3, "Peut-être": 2, "Non": 1}
ENTERED = 8


@pytest.fixture
async def site(tmp_path: Path) -> AsyncIterator[Site]:
    lay_out(tmp_path, {"regles.relance": SCRIPT + TRIED})
    settings = saving(tmp_path, {"RELANCE_PORT": "0", "RELANCE_EVENEMENTS_JETON": "j" * 32})
    async with running(settings, Runtime(settings).plugins) as opened:
        for number in range(ENTERED):
            fields = {"courriel": f"p{number}@exemple.ca", "prénom": POISON}
            await opened.post("Infolettre", data=fields)
        await settled(opened, "SELECT count(*) FROM waits WHERE topic <> ''", ENTERED)
        await answer(opened)
        yield opened


async def answer(site: Site) -> None:
    bearer = {"authorization": f"Bearer {'j' * 32}"}
    number = 0
    for name, count in ANSWERS.items():
        for _ in range(count):
            event = {"type": "custom", "sujet": name, "lead": {"courriel": f"p{number}@exemple.ca"}}
            said = await site.client.post("/webhooks/events", json=event, headers=bearer)
            assert said.status_code < 300, said.text
            number += 1
    gone = ANSWERS["Peut-être"] + ANSWERS["Non"]
    await settled(site, "SELECT count(*) FROM enrolments WHERE NOT active", gone)
    passed = ANSWERS["Oui"] + ANSWERS["Peut-être"]
    await settled(site, "SELECT count(*) FROM journal WHERE kind = 'decided'", passed)


async def settled(site: Site, query: str, expected: int) -> None:
    async with asyncio.timeout(60):
        while (await site.rows(query))[0][0] < expected:
            await asyncio.sleep(0.02)


def plain(text: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", text).replace("\u202f", " "))


async def test_each_fork_of_the_tree_adds_up_and_so_does_the_whole(site: Site) -> None:
    (version,) = await site.rows("SELECT id, campaign_id FROM versions")
    async with site.runtime.store.read() as conn:
        found = await crowd(conn, version.campaign_id, version.id, EVER)
    assert found.entered == ENTERED
    assert found.arrived == found.inside + found.left.total() == ENTERED
    forks = {at for at, branch in found.passed if branch is not None}
    assert len(forks) == 2
    wait, choice = sorted(forks)
    assert found.through(wait) == 5
    assert [found.taking(wait, branch) for branch in (0, 1, -1)] == [3, 2, 0]
    assert found.waiting[wait] == ENTERED - 5 - ANSWERS["Non"]
    assert [found.taking(choice, branch) for branch in (1, 0)] == [3, 2]
    page = plain((await site.client.get(f"/campagnes/{version.campaign_id}")).text)
    assert "Événement Oui survenu 3 y sont passés 60 %" in page
    assert "2 attendent ici" in page
    assert "1 sortie échouée" in page


async def test_a_count_of_the_tree_opens_the_people_it_counts(site: Site) -> None:
    page = (await site.client.get("/campagnes/1")).text
    links = re.findall(r'href="(/campagnes/1/personnes[^"]+)">(?:<svg.*?</svg>)?(\d+)<', page)
    assert len(links) >= 6
    for link, count in dict(links).items():
        people = (await site.client.get(link.replace("&amp;", "&"))).text
        assert people.count('href="/leads/') == int(count), link
        assert POISON not in people


async def test_an_order_says_what_it_did_and_offers_to_take_it_back(site: Site) -> None:
    asked = await site.client.get("/campagnes/1/pause")
    assert "leurs attentes gardent leurs dates" in asked.text
    paused = await site.client.post("/campagnes/1/pause", data={"pourquoi": "<i>stock"})
    assert (paused.status_code, paused.headers["location"]) == (303, "/campagnes/1")
    said = await site.client.get("/campagnes/1")
    assert "est en pause" in plain(said.text)
    assert 'action="/campagnes/1/reprendre"' in said.text
    assert "est en pause :" not in plain((await site.client.get("/campagnes/1")).text)
    history = (await site.client.get("/campagnes/1/versions")).text
    assert "&lt;i&gt;stock" in history
    refused = await site.client.post("/campagnes/1/restaurer", data={"pourquoi": "x" * 1_001})
    assert refused.status_code == 409
    assert "1 000 caractères au plus, et celle-ci 1 001" in plain(refused.text)
    assert "x" * 1_001 in refused.text, "nothing typed is lost"
    # What was so already is nothing to take back.
    again = await site.client.post("/campagnes/1/pause")
    assert again.status_code == 303
    said = await site.client.get("/campagnes/1")
    assert "est déjà en pause" in plain(said.text)
    assert 'action="/campagnes/1/reprendre"' not in said.text
    await late(site)
    asked = plain((await site.client.get("/campagnes/1/reprendre")).text)
    assert "Message « Bonjour » courriel" in asked.replace("\u00a0", " "), (
        "by its name, not its code"
    )
    ages = {"comment": "spread", "duree": "9999 ans", "pourquoi": "tard"}
    endless = await site.client.post("/campagnes/1/reprendre", data=ages)
    assert (endless.status_code, "9999 ans" in endless.text) == (409, True)
    beside = re.search(r'id="duree".*?id="duree-faux" role="alert">([^<]*)', endless.text)
    assert beside is not None, "said beside its field"
    assert "Au-delà d’un an" in plain(beside[1])
    back = await site.client.post(
        "/campagnes/1/reprendre", data={"comment": "spread", "duree": "10 heures"}
    )
    assert back.status_code == 303
    history = plain((await site.client.get("/campagnes/1/versions")).text)
    assert "étalé, sur 10 heures" in history
    assert (await site.client.post("/campagnes/1/detruire")).status_code == 404


async def late(site: Site) -> None:
    """A message of it came due while it was paused."""
    async with site.runtime.store.write() as conn:
        await conn.execute(
            insert(outbox).values(
                lead_id=1, campaign_id=1, entry=1, move=99, ordinal=0, channel="email",
                message="Bonjour", state="pending", created_at=1, due_at=1, overdue_at=1,
            )
        )  # fmt: skip


async def test_a_model_becomes_a_campaign_and_a_refused_one_keeps_what_was_typed(
    site: Site,
) -> None:
    shelves = plain((await site.client.get("/bibliotheque")).text)
    assert "Accueillir qui s’inscrit à l’infolettre." in shelves
    taken = {"nom": NAMED, "canal": "courriel"}
    refused = await site.client.post("/bibliotheque/bienvenue", data=taken)
    assert refused.status_code == 409
    assert "existe déjà" in refused.text
    made = await site.client.post("/bibliotheque/bienvenue", data={**taken, "nom": "Bonjour"})
    assert (made.status_code, made.headers["location"]) == (303, "/scripts/bonjour.relance")
    assert (site.runtime.settings.folder / "bonjour.relance").exists()
    asked = plain((await site.client.get("/campagnes/1/cloner")).text)
    assert "elles ont tout deux fois" in asked, "what scenarios will say of it is said before"
    cloned = await site.client.post("/campagnes/1/cloner", data={"nom": "Autre accueil"})
    assert cloned.status_code == 303, cloned.text


async def test_publishing_is_shown_before_it_is_done(site: Site) -> None:
    script = site.runtime.settings.folder / "regles.relance"
    script.write_text(SCRIPT.replace("3 jours", "5 jours"), encoding="utf-8")
    asked = (await site.client.get("/publier")).text
    assert "attendre au plus 5 jours" in asked or "modifiée" in asked
    script.write_text(SCRIPT.replace("Étiqueter (Froid)", "Étiquetter (Froid)"), encoding="utf-8")
    wrong = plain((await site.client.get("/publier")).text)
    assert "Le brouillon a des erreurs" in wrong
    assert "regles.relance, ligne" in wrong


async def test_scenarios_are_played_apart_and_say_which_line_does_not_hold(site: Site) -> None:
    shown = plain((await site.client.get("/campagnes/1/scenarios")).text)
    assert "vérifier (A)" in shown.replace(" )", ")").replace("( ", "(")
    assert "échoue" not in shown
    played = await site.client.post("/campagnes/1/jouer", timeout=60)
    assert played.status_code == 200, plain(played.text)
    assert "0 sur 1 passent" in plain(played.text)
    assert played.text.count('class="why"') == 1
    assert "Lead étiqueté (Froid)" in plain(played.text.partition('class="why"')[2])


async def test_a_report_may_be_taken_away_as_a_sheet(site: Site) -> None:
    sheet = await site.client.get("/campagnes/1/rapport/etapes.csv")
    assert sheet.headers["content-type"].startswith("text/csv")
    assert "Début" in sheet.text
    wrong = await site.client.get("/campagnes/1/rapport?du=2026-12-31&au=2026-01-01")
    assert wrong.status_code == 422
    assert "échangez-les" in wrong.text
    assert (await site.client.get("/campagnes/1/rapport/rien.csv")).status_code == 404


async def opened(browser: Any, site: Site) -> tuple[Page, list[str]]:
    """A page of somebody of the team, and what its console complains of: the policy too."""
    token = await session_of(site.runtime)
    await browser.add_cookies(
        [{"name": "relance_session", "value": token, "url": site.runtime.url, "httpOnly": True}]
    )
    page = await browser.new_page()
    refused: list[str] = []
    page.on("console", lambda one: refused.append(one.text) if one.type == "error" else None)
    page.on("pageerror", lambda error: refused.append(str(error)))
    return page, refused


@needed
async def test_a_campaign_is_paused_and_taken_up_again_by_keyboard_alone(site: Site) -> None:
    async with chromium(viewport={"width": 1280, "height": 900}) as browser:
        page, refused = await opened(browser, site)
        await page.goto(f"{site.runtime.url}/campagnes/1")
        ask = page.get_by_role("link", name="Mettre en pause…")
        await ask.focus()
        await page.keyboard.press("Enter")
        dialog = page.get_by_role("dialog", name="Mettre en pause")
        await expect(dialog).to_be_visible()
        assert await unfit(page) == []
        await page.keyboard.press("Escape")
        await expect(ask).to_be_focused()
        await page.keyboard.press("Enter")
        await dialog.get_by_label("Pourquoi").focus()
        await page.keyboard.type("stock épuisé")
        await page.keyboard.press("Tab")
        await page.keyboard.press("Tab")
        await page.keyboard.press("Enter")
        await expect(page.get_by_role("status").first).to_contain_text("est en pause")
        undo = page.get_by_role("button", name="Annuler")
        await undo.focus()
        await page.keyboard.press("Enter")
        await expect(page.get_by_role("status").first).to_contain_text("reprend")
        await page.goto(f"{site.runtime.url}/campagnes")
        switch = page.get_by_role("switch")
        await expect(switch).to_have_attribute("aria-checked", "true")
        await switch.focus()
        await page.keyboard.press("Space")
        await expect(switch).to_have_attribute("aria-checked", "false")
        assert refused == []


@needed
async def test_what_is_searched_is_found_as_one_types_and_without_any_script(site: Site) -> None:
    async with chromium(viewport={"width": 390, "height": 844}) as browser:
        page, refused = await opened(browser, site)
        await page.goto(f"{site.runtime.url}/campagnes")
        await page.get_by_role("searchbox").fill("zzz")
        await expect(page.get_by_text("Aucune campagne n’y répond.")).to_be_visible()
        assert refused == []
    async with chromium(java_script_enabled=False) as browser:
        page, _ = await opened(browser, site)
        await page.goto(f"{site.runtime.url}/campagnes?cherche=x")
        await page.get_by_role("switch").click()
        await expect(page.get_by_role("switch")).to_have_attribute("aria-checked", "false")


@needed
async def test_an_open_page_follows_what_happens_and_lights_what_is_read(site: Site) -> None:
    async with chromium(viewport={"width": 1280, "height": 900}) as browser:
        page, refused = await opened(browser, site)
        await page.goto(f"{site.runtime.url}/campagnes/1?version=1")
        await expect(page.locator(".live.on")).to_be_visible()
        await site.post("Infolettre", data={"courriel": "neuve@exemple.ca"})
        await expect(page.locator(".n.entry .q")).to_have_text(str(ENTERED + 1), timeout=10_000)
        await expect(page.locator("#chiffres")).to_contain_text(f"{ENTERED + 1} ")
        await page.get_by_role("link", name="Ligne 10", exact=True).click()
        lit = page.locator(".n[aria-current]")
        await expect(lit).to_contain_text("Attendre au plus 3 jours")
        assert refused == []


async def test_a_stream_says_that_something_changed_and_ends_with_the_server(site: Site) -> None:
    words: list[str] = []

    async def listen() -> None:
        async with site.client.stream("GET", "/campagnes/1/vif") as stream:
            assert stream.headers["content-type"].startswith("text/event-stream")
            async for line in stream.aiter_lines():
                words.append(line)

    listening = asyncio.create_task(listen())
    async with asyncio.timeout(20):
        while words.count("event: change") < 1:
            await asyncio.sleep(0.02)
        await asyncio.sleep(1.2)
        await site.client.post("/campagnes/1/pause")
        while words.count("event: change") < 2:
            await asyncio.sleep(0.02)
        site.runtime.stop()
        await listening


async def test_a_bounded_number_of_pages_hear_at_once_those_that_wait_longest_first() -> None:
    live = Live(cast(Office, None))
    early, late = ([asyncio.Event() for _ in range(3)] for _ in range(2))
    live._open[1], live._open[2] = set(early), set(late)
    live._note({1})
    live._rouse(2)
    live._note({1, 2})
    assert sum(one.is_set() for one in early) == 2
    live._rouse(1)
    assert all(one.is_set() for one in early)
    assert not any(one.is_set() for one in late)
    live._rouse(9)
    assert all(one.is_set() for one in late)


async def test_a_stream_ends_for_whom_it_is_no_longer(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("server.web.live._QUIET_SECONDS", 0.1)
    async with asyncio.timeout(20), site.client.stream("GET", "/campagnes/1/vif") as stream:
        lines = stream.aiter_lines()
        assert await anext(lines) == "event: change"
        async with site.runtime.access.register.store.write() as conn:
            await conn.exec_driver_sql("DELETE FROM sessions")
        async for _ in lines:
            pass
    assert (await site.client.get("/campagnes/1/vif")).status_code == 401
