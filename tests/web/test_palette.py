"""« Aller à… »: what is found, for whom, and how the keyboard leads there."""

import re
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import expect

from relance.access_role import AccessRole
from server.runtime import Runtime
from server.store.search import search_key
from tests.chromium import chromium, needed, unfit
from tests.http.conftest import Site, running
from tests.signed import session_of, sign_in
from tests.whole import lay_out, saving

TWO = """\
campagne «\u00a0Bienvenue à tous\u00a0»
  entrée
    quand Formulaire (Infolettre) rempli
  Étiqueter (Venu)
fin

campagne «\u00a0Été : on revient\u00a0»
  entrée
    quand Formulaire (Retour) rempli
  Étiqueter (Revenu)
fin
"""


@pytest.fixture
async def site(tmp_path: Path) -> Any:
    lay_out(tmp_path, {"regles.relance": TWO})
    settings = saving(tmp_path, {"RELANCE_PORT": "0"})
    async with running(settings, Runtime(settings).plugins) as opened:
        yield opened


async def found(site: Site, sought: str) -> list[str]:
    page = await site.client.post("/aller", data={"cherche": sought})
    assert page.status_code == 200, page.text
    listed = page.text.partition('class="destinations"')[2].partition("</ul>")[0]
    return [
        re.sub(r"<[^>]+>|[ \n]+", " ", one).replace("\u202f", "\u00a0").strip()
        for one in re.findall(r"<span>(.*?)</span>", listed)
    ]


async def test_a_campaign_and_what_is_done_of_it_are_found_by_parts_of_their_words(
    site: Site,
) -> None:
    assert (await found(site, "bienv"))[0] == "Bienvenue à tous"
    assert (await found(site, "pause BIEN"))[0] == "Mettre en pause «\u00a0Bienvenue à tous\u00a0»"
    assert (await found(site, "ete revient"))[0] == "Été\u00a0: on revient"
    assert (await found(site, "versions on"))[
        0
    ] == "Versions de «\u00a0Été\u00a0: on revient\u00a0»"
    offered = await found(site, "rapport")
    assert offered[0] == "Rapports"
    reports = [one for one in offered if one.startswith("Rapport\u00a0:")]
    assert reports == sorted(reports, key=search_key)
    assert len(reports) > 5
    assert not [one for one in await found(site, "reprendre bien") if one.startswith("Reprendre")]


async def test_the_library_and_what_is_begun_and_not_yet_published_are_found_too(
    site: Site,
) -> None:
    for sought, words in {"biblio": "Bibliothèque", "creer lead": "Créer un lead"}.items():
        assert (await found(site, sought))[0] == words
    script = site.runtime.settings.folder / "autre.relance"
    # With a fault, so that saving it publishes nothing.
    script.write_text(TWO.partition("\n\n")[0].replace("à tous", "neuve") + "\n?\n", "utf-8")
    first = await site.client.post("/aller", data={"cherche": "neuve", "premier": "oui"})
    assert (first.status_code, first.headers["location"]) == (303, "/scripts/autre.relance")


async def test_enter_leads_to_the_first_found_and_else_to_who_bears_that_name(site: Site) -> None:
    first = await site.client.post("/aller", data={"cherche": "pause été", "premier": "oui"})
    assert (first.status_code, first.headers["location"]) == (303, "/campagnes/2/pause")
    sought = {"cherche": "marie@exemple.ca", "premier": "oui"}
    people = await site.client.post("/aller", data=sought, follow_redirects=True)
    assert "Personne ne répond à" in people.text
    assert "marie@" not in str(people.url)


async def test_nobody_finds_what_would_refuse_them(site: Site) -> None:
    await sign_in(site.runtime, site.client, [AccessRole.READ], "lit@exemple.ca")
    assert (await found(site, "bienvenue"))[0] == "Bienvenue à tous"
    assert not [one for one in await found(site, "bienvenue") if one.startswith("Mettre en pause")]
    assert await found(site, "leads") == []
    nothing = await site.client.post("/aller", data={"cherche": "zzz", "premier": "oui"})
    assert "Rien de ce nom" in nothing.text


@needed
async def test_the_keyboard_goes_anywhere_and_single_letters_may_be_put_out_of_use(
    site: Site,
) -> None:
    async with chromium(viewport={"width": 1280, "height": 900}) as browser:
        token = await session_of(site.runtime)
        kept = {"name": "relance_session", "value": token, "url": site.runtime.url}
        await browser.add_cookies([{**kept, "httpOnly": True}])  # type: ignore[list-item]
        page = await browser.new_page()
        wrong: list[str] = []
        page.on("console", lambda one: wrong.append(one.text) if one.type == "error" else None)
        await page.goto(site.runtime.url)
        await page.keyboard.press("Control+k")
        field = page.get_by_role("searchbox")
        await expect(field).to_be_focused()
        await page.keyboard.type("bienvenue")
        dialog = page.get_by_role("dialog")
        await expect(dialog.get_by_role("link").first).to_have_text(re.compile("Bienvenue"))
        assert await unfit(page) == []
        await page.keyboard.press("ArrowDown")
        await page.keyboard.press("ArrowDown")
        await page.keyboard.press("ArrowUp")
        await page.keyboard.press("Enter")
        await expect(page).to_have_url(site.runtime.url + "/campagnes/1")
        await page.wait_for_load_state()
        await page.keyboard.press("g")
        await page.keyboard.press("c")
        await expect(page).to_have_url(site.runtime.url + "/campagnes")
        await page.keyboard.press("j")
        await page.keyboard.press("j")
        await expect(page.get_by_role("link", name="Été : on revient")).to_be_focused()
        await page.keyboard.press("/")
        await page.keyboard.type("g?")
        await expect(page.get_by_role("searchbox")).to_have_value("g?")
        await page.get_by_role("heading", level=1).click()
        await page.keyboard.press("?")
        letters = page.get_by_role("checkbox", name="Touches d’une seule lettre")
        await expect(letters).to_be_checked()
        assert await unfit(page) == []
        await letters.uncheck()
        await page.keyboard.press("Escape")
        await page.keyboard.press("?")
        await expect(page.get_by_role("dialog")).to_have_count(0)
        assert wrong == []
