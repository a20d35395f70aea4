"""The journey of a lead, as the operator sees it: in the text of the page, and in a real browser."""

import asyncio
import os
import re
import threading
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import expect
from sqlalchemy import insert, select

from server.reports.drawing import Drawing
from server.runtime import Runtime
from server.store.schema.campaigns import enrolments
from tests.chromium import chromium, needed, unfit
from tests.http.conftest import Site, running
from tests.whole import lay_out, saving

#: Where to leave pictures of the page, for whoever wants to look at them.
PICTURES = os.environ.get("RELANCE_IMAGES")
SCRIPT = """\
campagne « Infolettre »
  entrée
    quand Formulaire (Infolettre) rempli

  Étiqueter (Curieux)
  Attendre pendant 2 jours
  si Pointage lead au-dessus de (50)
    Étiqueter (Un intérêt dont le nom est long, comme en donnent ceux qui n’en ont qu’un à donner)
  sinon
    Étiqueter (Patient)
  fin
fin
""".replace("« ", "«\u00a0").replace(" »", "\u00a0»")
POISON = "<img src=x onerror=alert(1)>"


@pytest.fixture
async def site(tmp_path: Path) -> AsyncIterator[Site]:
    lay_out(tmp_path, {"regles.relance": SCRIPT})
    settings = saving(tmp_path, {"RELANCE_PORT": "0"})
    async with running(settings, Runtime(settings).plugins) as opened:
        for name in ("Aline", POISON):
            fields = {"courriel": f"{len(name)}@exemple.ca", "prénom": name, "tel": "514 555-0142"}
            await opened.post("Infolettre", data=fields)
        async with asyncio.timeout(60):
            while await opened.count("enrolments") < 2:
                await asyncio.sleep(0.01)
        yield opened


async def test_the_page_tells_where_a_lead_stands_and_why(site: Site) -> None:
    page = (await site.client.get("/parcours/1")).text
    assert 'aria-label="Parcours dans la campagne' in page
    assert "Étiqueter (Curieux)</b>" in page
    assert "Formulaire (Infolettre) rempli" in page
    latest = (await site.client.get("/parcours")).text
    assert POISON not in latest
    assert "&lt;img" in latest
    assert "lead n°\u00a02" in latest


async def test_of_a_lead_who_came_often_the_latest_stays_are_drawn_and_apart(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An open page asks each second: what it costs is bounded, and forms do not wait for it."""
    made: list[int] = []

    def counted(*given: Any) -> Drawing:
        made.append(threading.get_ident())
        return Drawing(*given)

    monkeypatch.setattr("server.web.journeys.Drawing", counted)
    async with site.runtime.store.write() as conn:
        first = (await conn.execute(select(enrolments).where(enrolments.c.lead_id == 1))).one()
        later = [{**first._mapping, "entry": entry, "active": False} for entry in range(2, 302)]
        await conn.execute(insert(enrolments), later)
    page = (await site.client.get("/parcours/1")).text.replace("\u00a0", " ")
    assert page.count('class="dessin"') == 20
    assert "Seules ses 20 dernières entrées en campagne sont dessinées, sur 301" in page
    assert len(made) == 1
    assert threading.get_ident() not in made


async def test_of_a_long_timeline_the_latest_lines_are_shown(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("server.web.journeys._LINES", 2)
    page = (await site.client.get("/parcours/1")).text.replace("\u00a0", " ")
    assert page.count("<time>") == 2
    assert re.search(r"Et \d lignes plus anciennes : « relance explain 1 »", page)


@pytest.mark.parametrize("sought", ["5@exemple.ca", " 5@EXEMPLE.CA ", "1"])
async def test_a_lead_is_found_by_what_is_known_of_them(site: Site, sought: str) -> None:
    found = await site.client.post("/parcours", data={"qui": sought})
    assert (found.status_code, found.headers["location"]) == (303, "/parcours/1")


async def test_who_is_not_found_is_told_so_in_their_own_words(site: Site) -> None:
    missed = await site.client.post("/parcours", data={"qui": POISON})
    assert missed.status_code == 404
    assert "Aucun lead ne répond à" in missed.text
    assert POISON not in missed.text


@needed
async def test_the_page_fits_a_telephone_and_a_screen_and_looks_again_by_itself(site: Site) -> None:
    async with chromium(viewport={"width": 390, "height": 844}) as browser:
        page = await browser.new_page()
        refused: list[str] = []
        page.on("console", lambda one: refused.append(one.text) if one.type == "error" else None)
        path = await site.runtime.access.team.entry_link("camille@exemple.ca", "Camille")
        await page.goto(site.runtime.url + path)
        await page.goto(f"{site.runtime.url}/parcours")
        await expect(page.get_by_role("heading", name="Parcours")).to_be_visible()
        for width in (390, 1280):
            for scheme in ("light", "dark"):
                await page.set_viewport_size({"width": width, "height": 844})
                await page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
                if PICTURES:
                    picture = Path(PICTURES) / f"parcours-{width}-{scheme}.png"
                    await page.screenshot(path=picture, full_page=True)
                assert await page.evaluate("document.documentElement.scrollWidth") <= width
                assert await unfit(page) == []
        await page.get_by_label("Courriel, téléphone").fill("5@exemple.ca")
        await page.keyboard.press("Enter")
        await page.wait_for_url("**/parcours/1")
        await site.post("Autre", data={"courriel": "5@exemple.ca"})
        await expect(page.get_by_text("Formulaire (Autre) rempli")).to_be_visible()
        assert refused == []
