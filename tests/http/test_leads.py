"""The leads and the page of one, over a running server: found, told why, and shown in a browser."""

import asyncio
import os
import re
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from playwright.async_api import expect
from sqlalchemy import insert

from server.reports import finding
from server.runtime import Runtime
from server.store.schema.leads import leads
from tests.chromium import chromium, needed, unfit
from tests.http.conftest import Site, running
from tests.processes import command
from tests.signed import session_of
from tests.whole import lay_out, saving

#: Where to leave pictures of the pages, for whoever wants to look at them.
PICTURES = os.environ.get("RELANCE_IMAGES")
POISON = "\"'><script>alert(1)</script><img src=x onerror=alert(1)>{{7*7}}{%raw%}"
SCRIPT = """\
pointage
  +30 quand Formulaire (Infolettre) rempli
fin

campagne « Bienvenue <b>"' {{7*7}} »
  description : accueillir
  entrée
    quand Formulaire (Infolettre) rempli

  étape « Début »
  Envoyer le courriel (Bonjour)
  Étiqueter (Curieux)
  attendre au plus 5 jours
    dès que Événement (Oui) survenu
      Étiqueter (Chaud)
      sortir (réussite)
    passé ce délai
      si Lead étiqueté (Curieux)
        Envoyer le courriel (Nous joindre)
      fin
  fin
fin

campagne « Tirage »
  entrée
    quand Formulaire (Tirage) rempli

  Attendre pendant 1 jour
  Donner (10) points
  Attendre pendant 2 jours
  si Pointage lead au-dessus de (35)
    Envoyer le courriel (Bonjour)
  fin
fin

campagne « Écartée »
  exclusion : Lead étiqueté (Curieux)
  entrée
    quand Formulaire (Rappel) rempli

  Étiqueter (Rappel)
fin

campagne « Relance »
  entrée
    quand Formulaire (Devis) rempli et Pointage lead au-dessus de (500)

  Étiqueter (Devis)
fin

campagne « Nommée »
  entrée
    quand Formulaire (Salon) rempli et non Champ lead (courriel) est vide et non [Lead étiqueté (VIP) ou Champ lead (nom) est vide]

  Attendre pendant 2 jours
fin
""".replace("« ", "«\u00a0").replace(" »", "\u00a0»")
LETTER = "---\nobjet: Nous joindre\n---\nBonjour\n"
NAMED = """\
SELECT max(c.id) FROM enrolments e JOIN campaigns c ON c.id = e.campaign_id WHERE c.name = 'Nommée'
"""
WAITING = "SELECT count(*) FROM waits WHERE topic <> ''"


@pytest.fixture
async def site(tmp_path: Path) -> AsyncIterator[Site]:
    lay_out(
        tmp_path,
        {
            "regles.relance": SCRIPT,
            "courriels/Nous joindre.md": LETTER,
            "courriels/Bonjour.md": LETTER,
        },
    )
    settings = saving(tmp_path, {"RELANCE_PORT": "0"})
    async with running(settings, Runtime(settings).plugins) as opened:
        fields = {"courriel": "aline@exemple.ca", "prénom": "Aline", "nom": "Gagnon", "tel": "514 555-0134", "ville": "Montréal"}  # fmt: skip
        await opened.post("Infolettre", data=fields)
        await opened.post("Devis", data={"courriel": "aline@exemple.ca"})
        await opened.post("Rappel", data={"courriel": "aline@exemple.ca"})
        hostile = {"courriel": "b@exemple.ca", "prénom": POISON, "nom": "Éloïse-Marie", "ville": POISON}  # fmt: skip
        await opened.post("Infolettre", data=hostile)
        async with asyncio.timeout(20):
            while (await opened.rows(WAITING))[0][0] < 2:
                await asyncio.sleep(0.02)
        yield opened


def plain(text: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", text).replace("\u202f", " "))


async def test_the_page_says_why_a_message_has_not_left_and_when_it_will(site: Site) -> None:
    """It is the next message of where the lead stands, unless another question is asked."""
    page = plain((await site.client.get("/leads/1")).text)
    assert "Pas encore. Attend : Événement (Oui) survenu" in page
    assert "Pour que « Nous joindre » (courriel) parte, tout ceci doit être vrai" in page
    assert "encore 4 jours et 23 heures" in page
    assert "vrai : si Lead étiqueté (Curieux)" in page
    assert "Si rien ne change, il partira le" in page
    assert "Envoyer courriel (Nous joindre)" in page.split("À venir", 1)[1]


async def test_the_page_says_why_a_lead_is_in_a_campaign_or_is_not(site: Site) -> None:
    names = dict(map(tuple, await site.rows("SELECT name, id FROM campaigns")))
    inside = min(names.values())
    entered = plain((await site.client.get(f"/leads/1?campagne={inside}&message=")).text)
    assert "Oui. Entré le" in entered
    assert "Il attend l’une de ces choses :" in entered
    greeting = f"/leads/1?campagne={inside}&message=email:Bonjour"
    waiting = plain((await site.client.get(greeting)).text)
    assert "Pas encore. Message « Bonjour » : en attente d’envoi (le courriel" in waiting
    barred = plain((await site.client.get(f"/leads/1?campagne={names['Écartée']}")).text)
    assert "Non. L’entrée lui a été refusée le" in barred
    assert "la campagne l’exclut (exclusion)" in barred
    outside = plain((await site.client.get(f"/leads/1?campagne={names['Relance']}")).text)
    assert "Non. " in outside
    assert re.search(r"faux : Pointage lead au-dessus de \(500\) 30", outside), outside


async def test_another_campaign_is_asked_about_by_its_name(site: Site) -> None:
    sought = (await site.client.get("/leads/1?autre=ECARTEE")).text
    names = dict(map(tuple, await site.rows("SELECT name, id FROM campaigns")))
    assert f'<option value="{names["Écartée"]}" selected>' in sought
    assert 'name="autre" value="ECARTEE"' in sought
    answered = plain(sought)
    assert "N’entre pas" in answered or "Non" in answered
    torn = (await site.client.get("/leads/1?autre=ECART%00")).text  # PostgreSQL keeps no such sign
    assert f'<option value="{names["Écartée"]}" selected>' in torn
    nobody = plain((await site.client.get("/leads/1?autre=zzz")).text).replace("\u00a0", " ")
    assert "Aucune campagne ne répond à « zzz »." in nobody
    usual = (await site.client.get("/leads/1")).text
    assert 'id="autre"' not in usual, "all are in the list"
    assert '<div class="top">' in usual
    assert '<div class="top">' not in (await site.client.get("/leads")).text


async def test_a_condition_written_with_a_non_is_shown_as_met(site: Site) -> None:
    """In the page and by the command: no cross, no « faux » under what let the lead in."""
    await site.post("Salon", data={"courriel": "aline@exemple.ca"})
    async with asyncio.timeout(20):
        while not (found := await site.rows(NAMED))[0][0]:
            await asyncio.sleep(0.02)
    ((number,),) = found
    asked = plain((await site.client.get(f"/leads/1?campagne={number}")).text)
    asked = asked.partition("L’entrée demandait :")[2].partition("Le fil")[0]
    folder = str(site.runtime.settings.folder)
    _, out, err = await asyncio.to_thread(command, "explain", "Nommée", "1", "--dossier", folder)
    explained = plain(out).replace("\u00a0", " ")
    for phrase in (
        "non Champ lead (courriel) est vide",
        "non Lead étiqueté (VIP)",
        "non Champ lead (nom) est vide",
    ):
        assert f"vrai : {phrase}" in asked, asked
        assert f"{phrase} : vrai" in explained, out + err
    assert " faux" not in explained


async def test_nothing_is_promised_of_what_the_journey_itself_will_change(site: Site) -> None:
    await site.post("Tirage", data={"courriel": "aline@exemple.ca"})
    async with asyncio.timeout(20):
        while (await site.rows("SELECT count(*) FROM enrolments"))[0][0] < 3:
            await asyncio.sleep(0.02)
    names = dict(map(tuple, await site.rows("SELECT name, id FROM campaigns")))
    page = plain((await site.client.get(f"/leads/1?campagne={names['Tirage']}")).text)
    assert "Quand, et si ce sera le cas, dépend de ce qu’il fera d’ici là." in page
    assert "Puis, selon ce qu’il en sera alors : si Pointage lead au-dessus de (35)" in page


async def test_the_thread_is_narrowed_by_its_address(site: Site) -> None:
    points = (await site.client.get("/leads/1?fil=points")).text.partition('id="fil"')[2]
    assert "+30" in points
    assert "Étiqueter" not in points
    assert "Rien de tel" in (await site.client.get("/leads/2?fil=refus")).text
    assert (await site.client.get("/leads/1?fil=x&apres=²&campagne=²&message=²")).status_code == 200


@pytest.mark.parametrize(
    ("sought", "number"),
    [("aline@", 1), ("514 555-0134", 1), ("2", 2), ("eloise", 2), ("gagnon ali", 1), ("%", None)],
)
async def test_leads_are_found_by_what_is_known_of_them(
    site: Site, sought: str, number: int | None
) -> None:
    asked = {"cherche": sought}
    page = (await site.client.post("/leads", data=asked, follow_redirects=True)).text
    found = [int(one) for one in re.findall(r'href="/leads/(\d+)"', page)]
    assert found == ([] if number is None else [number])
    assert ("Personne ne répond" in page) is (number is None)


async def test_a_name_is_looked_for_among_the_latest_then_further(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(finding, "PAGE", 2)
    monkeypatch.setattr(finding, "SPAN", 10)
    async with site.runtime.store.write() as conn:
        rows = [{"id": one, "created_at": 1, "f_nom": "Autre"} for one in range(3, 14)]
        await conn.execute(insert(leads), rows)
        seen, before = [], None
        for _ in range(4):
            page = await finding.find_leads(conn, "Gagnon", before)
            seen += [row["id"] for row in page.rows]
            before = page.then
            if before is None:
                break
        assert seen == [1]
        first = await finding.find_leads(conn, "")
        assert [row["id"] for row in first.rows] == [13, 12]
        assert [row["id"] for row in (await finding.find_leads(conn, "", first.then)).rows] == [
            11,
            10,
        ]


async def test_the_file_of_a_person_is_handed_out_to_who_just_signed_in(site: Site) -> None:
    answer = await site.client.get("/leads/1/dossier")
    assert 'filename="dossier-1.json"' in answer.headers["content-disposition"]
    assert "aline@exemple.ca" in answer.text
    assert "b@exemple.ca" not in answer.text
    assert (await site.client.get("/leads/99/dossier")).status_code == 404
    assert "a pris le dossier du lead n° 1" in plain((await site.client.get("/journal")).text)


@needed
async def test_leads_fit_every_screen_and_are_found_as_one_types(site: Site) -> None:
    async with chromium(viewport={"width": 1280, "height": 844}) as browser:
        token = await session_of(site.runtime)
        await browser.add_cookies(
            [{"name": "relance_session", "value": token, "url": site.runtime.url}]
        )
        page = await browser.new_page()
        wrong: list[str] = []
        page.on("console", lambda one: wrong.append(one.text) if one.type == "error" else None)
        page.on("dialog", lambda one: wrong.append(one.message))
        await site.client.post("/leads/2/etiquettes", data={"nom": POISON.replace("(1)", "")})
        shown = {
            "leads": "/leads",
            "lead": "/leads/1",
            "hostile": "/leads/2",
            "nouveau": "/leads/nouveau",
            "modifier": "/leads/2/modifier",
            "reunir": "/leads/2/reunir",
            "oublier": "/leads/2/oublier",
        }
        for name, path in shown.items():
            await page.goto(site.runtime.url + path)
            for width in (320, 390, 1280):
                await page.set_viewport_size({"width": width, "height": 844})
                wide = await page.evaluate("document.documentElement.scrollWidth")
                assert wide <= width, (path, width)
            for scheme in ("light", "dark"):
                await page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
                assert await unfit(page) == []
                for width in (390, 1280) if PICTURES else ():
                    await page.set_viewport_size({"width": width, "height": 844})
                    picture = Path(PICTURES or "") / f"{name}-{width}-{scheme}.png"
                    await page.screenshot(path=picture, full_page=True)
        await page.goto(site.runtime.url + "/leads")
        await page.get_by_role("searchbox").press_sequentially("Gagn")
        await expect(page.get_by_role("row")).to_have_count(2)
        await expect(page).to_have_url(re.compile(r"/leads\?cherche=Gagn$"))
        await page.get_by_role("link", name="Aline Gagnon").click()
        await page.go_back()
        await expect(page.get_by_role("row")).to_have_count(2)
        # A sentence too has an address; that of what names somebody does not say whom.
        await page.get_by_text("Filtrer par une phrase").click()
        # What is to be corrected is said as one types, and mended at a touch; F1 says what one writes.
        field = page.get_by_label("Ceux pour qui")
        await field.fill("Lead étiqueté (VIP) et Champ lead ville est vide")
        said = page.locator("#filtre-a-corriger")
        await expect(said).to_contain_text("n’est pas entre parenthèses")
        await expect(field).to_have_attribute("aria-invalid", "true")
        await field.press("Home")
        await field.press("F8")
        chosen = "getSelection().toString()"
        assert await page.evaluate(chosen) == "Champ lead ville est vide"
        assert await unfit(page) == []
        await page.keyboard.press("Tab")
        await page.keyboard.press("Enter")
        await expect(field).to_have_value("Lead étiqueté (VIP) et Champ lead (ville) est vide")
        await expect(field).to_be_focused()
        await expect(said).to_be_hidden()
        await field.press("Escape")
        await field.press("F1")
        meaning = page.locator(".meaning")
        await expect(meaning).to_contain_text("Champ lead (champ) est vide")
        assert await unfit(page) == []
        await field.press("Escape")
        await expect(meaning).to_be_hidden()
        await field.hover(position={"x": 60, "y": 22})
        await expect(meaning).to_contain_text("Lead étiqueté (étiquette)")
        await field.fill("non Champ lead (ville) est égal à (Lévis)")
        await page.get_by_role("button", name="Filtrer").click()
        await expect(page).to_have_url(re.compile(r"/leads\?filtre=non"))
        await page.get_by_role("link", name="Aline Gagnon").click()
        await page.go_back()
        await expect(page.get_by_label("Ceux pour qui")).to_have_value(re.compile("^non Champ"))
        await page.get_by_role("searchbox").fill("aline@")
        await expect(page.get_by_role("row")).to_have_count(2)
        await expect(page).to_have_url(re.compile(r"/leads\?recherche=[\w-]{22}$"))
        await page.get_by_role("link", name="Aline Gagnon").click()
        await page.go_back()
        await expect(page.get_by_role("searchbox")).to_have_value("aline@")
        await page.get_by_role("link", name="Aline Gagnon").click()
        await expect(page).to_have_url(re.compile(r"/leads/1$"))
        await page.wait_for_load_state()  # what asks again by itself is there by then
        await page.get_by_label("Campagne", exact=True).select_option("Relance")
        await expect(page.locator("#pourquoi")).to_contain_text("au-dessus de (500)")
        assert wrong == []
