"""The forms of the project: what came, what was refused and why, the code to copy, an answer tried."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from html import unescape
from pathlib import Path

import pytest
from playwright.async_api import expect

from relance.access_role import AccessRole
from server.http.form_refusals import FormRefusals
from server.settings import FormSettings, PublishingMode, Settings
from tests.chromium import chromium, needed, unfit
from tests.http.conftest import Site, all_plugins, running
from tests.signed import sign_in
from tests.web.test_interface import PICTURES, POISON, opened, plain, settled
from tests.whole import lay_out

RULES = """\
campagne « Accueil »
  entrée
    quand Formulaire (Demande de tarif) rempli
  Étiqueter (Venu)
fin
""".replace("« ", "«\u00a0").replace(" »", "\u00a0»")
HERE = "/formulaires/demande-de-tarif"


@pytest.fixture
async def site(settings: Settings) -> AsyncIterator[Site]:
    lay_out(settings.folder, {"regles.relance": RULES})
    forms = FormSettings(
        rate=0, origins=frozenset({"https://roue.example"}), secrets={"caisse": b"s" * 32}
    )
    chosen = replace(settings, publishing=PublishingMode.ON_SAVING, forms=forms)
    async with running(chosen, all_plugins()) as opened_site:
        async with asyncio.timeout(20):
            await opened_site.runtime.prepared.wait()
        yield opened_site


async def test_a_form_shows_what_came_and_why_the_rest_was_refused(site: Site) -> None:
    answer = {"courriel": "zoe@exemple.ca", "prénom": POISON, "couleur": "bleu"}
    assert (await site.post("demande-de-tarif", data=answer)).status_code == 201
    wrong = {"courriel": "secret chez exemple"}
    assert (await site.post("demande-de-tarif", data=wrong)).status_code == 422
    stranger = {"origin": "https://ailleurs.example"}
    refused = await site.post("demande-de-tarif", data=answer, headers=stranger)
    assert refused.status_code == 403
    browser = {**stranger, "accept": "text/html"}
    seen = await site.post("demande-de-tarif", data=answer, headers=browser)
    assert ("Ce n’est pas votre faute" in seen.text, "origines" in seen.text) == (True, False)
    robot = {"courriel": "r@exemple.ca", "_piege": "oui"}
    assert (await site.post("demande-de-tarif", data=robot)).status_code == 201
    await settled(site, "SELECT count(*) FROM leads", 1)
    listed = plain((await site.client.get("/formulaires")).text)
    assert "Demande de tarif 1 1 4" in listed
    assert "caisse signé" in listed
    text = (await site.client.get(HERE)).text
    page = plain(text)
    assert "Sites permis : https://roue.example. Collé" in page
    assert 'href="/reglages#s-formulaires">Permettre un autre site' in text
    assert "1 aujourd’hui, 1 en 14 jours" in page
    assert POISON not in text
    assert "couleur gardé dans la réponse seule" in page
    assert "courriel remplit « courriel »" in page
    assert "<label>Prénom <input" in unescape(text), (
        "the words of the field, not the name it is sent under"
    )
    refusals = page.partition("Refus")[2].partition("Le mettre dans votre site")[0]
    assert ("(courriel)" in refusals, "https://ailleurs.example" in refusals) == (True, True)
    assert "Un robot a rempli le champ caché" in refusals
    assert "secret" not in refusals, "nothing of what was sent is kept"
    again = FormRefusals(site.runtime.clock)
    await site.runtime.forms.refusals.keep(site.runtime.store)
    await again.recall(site.runtime.store)
    assert len(again.latest("Demande de tarif")) == 4
    for _ in range(300):
        again.trapped("Demande de tarif", "")
    assert len(again.latest("Demande de tarif")) == 200
    assert (await site.client.get("/formulaires/inconnu")).status_code == 404


async def test_what_an_answer_says_is_for_whoever_may_read_what_is_personal(site: Site) -> None:
    await site.post("demande-de-tarif", data={"courriel": "zoe@exemple.ca"})
    await settled(site, "SELECT count(*) FROM leads", 1)
    assert "zoe@exemple.ca" in (await site.client.get(f"{HERE}/arrivees")).text
    await sign_in(site.runtime, site.client, [AccessRole.READ], "lit@exemple.ca")
    for path in (HERE, f"{HERE}/arrivees"):
        assert "zoe@exemple.ca" not in (await site.client.get(path)).text, path


async def test_an_answer_is_tried_without_a_trace(site: Site) -> None:
    tried = {"champ:courriel": "zoe@exemple.ca", "champ:ville": "Laval", "champ:couleur": "bleu"}
    answer = await site.client.post(f"{HERE}/essayer", data=tried)
    page = plain(answer.text)
    assert "Elle serait reçue. Rien n’est enregistré." in page
    assert "ville : Laval" in page
    wrong = await site.client.post(f"{HERE}/essayer", data={"champ:courriel": "zoe chez"})
    assert (wrong.status_code, "n’est pas valide" in plain(wrong.text)) == (422, True)
    assert "zoe chez" in wrong.text, "nothing typed is lost"
    for table in ("leads", "events", "receipts"):
        assert await site.count(table) == 0, table


async def test_a_program_asks_of_forms_what_the_page_shows(site: Site) -> None:
    await site.post("demande-de-tarif", data={"courriel": "zoe@exemple.ca"})
    await settled(site, "SELECT count(*) FROM leads", 1)
    listed = (await site.client.get("/api/v1/forms")).json()["items"]
    assert [one["name"] for one in listed] == ["caisse", "Demande de tarif"]
    one = (await site.client.get("/api/v1/forms/demande-de-tarif")).json()
    assert (one["days"][-1]["count"], one["refusals"]) == (1, [])
    answers = (await site.client.get("/api/v1/forms/Demande de tarif/answers")).json()["items"]
    assert answers[0]["values"] == {"courriel": "zoe@exemple.ca"}
    tried = await site.client.post(
        "/api/v1/forms/Demande de tarif/try", json={"values": {"courriel": "x"}}
    )
    assert (tried.json()["accepted"], await site.count("leads")) == (False, 1)


@needed
async def test_an_arrival_shows_by_itself_and_the_code_is_copied_in_a_browser(site: Site) -> None:
    async with chromium(
        viewport={"width": 1280, "height": 900}, permissions=["clipboard-read", "clipboard-write"]
    ) as browser:
        page, refused = await opened(browser, site)
        for name, path in (("formulaires", "/formulaires"), ("formulaire", HERE)):
            await page.goto(site.runtime.url + path)
            for width, scheme in ((320, "light"), (390, "dark"), (768, "light"), (1920, "dark")):
                await page.set_viewport_size({"width": width, "height": 900})
                await page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
                assert await page.evaluate("document.documentElement.scrollWidth") <= width, name
                if width in (320, 1920):
                    assert await unfit(page) == [], (name, width)
                if PICTURES:
                    await page.screenshot(path=Path(PICTURES) / f"{name}-{width}.png")
        await page.get_by_role("button", name="Copier : HTML").click()
        await expect(page.locator("#copie")).to_have_text("Copié")
        copied = await page.evaluate("navigator.clipboard.readText()")
        assert "/webhooks/forms/demande-de-tarif" in copied
        await site.post("demande-de-tarif", data={"courriel": "zoe@exemple.ca"})
        await expect(page.get_by_text("zoe@exemple.ca")).to_be_visible()
        assert refused == []
