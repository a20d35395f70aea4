"""The messages of the draft: listed, written, seen as their readers would, tried; each page in a browser."""

import asyncio
import re
from collections.abc import AsyncIterator
from dataclasses import replace
from html import unescape
from pathlib import Path

import pytest
from playwright.async_api import expect

from relance.access_role import AccessRole
from server.settings import PublishingMode, Settings
from server.web.messages import listing
from tests.chromium import chromium, needed, unfit
from tests.email.sink import Sink
from tests.http.conftest import Site, all_plugins, running
from tests.signed import sign_in
from tests.web.test_interface import NAMED, PICTURES, opened, plain, settled
from tests.whole import lay_out

MAIL = """\
---
nom: Bienvenue
objet: Bienvenue{% if prénom %}, {{ prénom }}{% endif %}
aperçu: Un guide pour {{ ville }}.
expéditeur: La Petite Roue <bonjour@roue.example>
---
Bonjour {{ prénom | default: "vous" }}, de {{ ville }}.

[Lire le guide](https://exemple.ca/guide)
"""
RULES = """\
campagne « Accueil »
  entrée
    quand Formulaire (Infolettre) rempli
  Envoyer courriel (Bienvenue)
fin
""".replace("« ", "«\u00a0").replace(" »", "\u00a0»")
FILE = "courriels/bienvenue.md"
HOSTILE = MAIL.replace("Lire le guide", "<script>alert(1)</script><img src=x onerror=alert(1)>")


@pytest.fixture
async def sink() -> AsyncIterator[Sink]:
    started = await Sink().start()
    yield started
    await started.stop()


@pytest.fixture
async def site(settings: Settings, sink: Sink) -> AsyncIterator[Site]:
    mail = {"serveur": "127.0.0.1", "port": sink.port, "securite": "aucune"}
    texts = {"regles.relance": RULES, FILE: MAIL, "sms/rappel.txt": "À demain, {{ prénom }} !"}
    lay_out(settings.folder, texts)
    chosen = replace(settings, publishing=PublishingMode.ON_DEMAND, plugins={"email": mail})
    async with running(chosen, all_plugins()) as opened_site:
        yield opened_site


def written(site: Site, file: str = FILE) -> str:
    return (site.runtime.settings.folder / file).read_text("utf-8")


async def looked_at(site: Site, text: str, file: str = FILE, asked: str = "") -> tuple[str, str]:
    """The mark of what is shown of a text being typed, and what stands around it."""
    answer = await site.client.post(f"/apercevoir/{file}{asked}", data={"text": text})
    assert answer.status_code == 200, answer.text
    found = answer.json()
    return found["mark"], plain(found["around"])


async def test_the_list_says_who_sends_each_message_and_is_searched_by_campaign(site: Site) -> None:
    page = plain((await site.client.get("/messages")).text)
    assert "Bienvenue courriels/bienvenue.md Accueil 0" in page
    assert "rappel sms/rappel.txt aucune campagne" in page
    found = plain((await site.client.get("/messages?cherche=accueil")).text)
    assert ("courriels/bienvenue.md" in found, "sms/rappel.txt" in found) == (True, False)
    (site.runtime.settings.folder / FILE).write_text("---\nnom: Bienvenue\n---\nBonjour", "utf-8")
    assert "à corriger" in plain((await site.client.get("/messages")).text)


async def test_a_long_list_of_messages_comes_by_parts(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(listing, "MOST", 1)
    seen, path = [], "/messages"
    while path:
        page = (await site.client.get(path)).text
        seen += re.findall(r'class="address">([^<]+)<', page)
        assert "2 messages" in plain(page)
        assert ("Revenir au début" in page) == (path != "/messages")
        then = re.search(r'href="([^"]+)">Voir la suite', page)
        path = unescape(then[1]) if then else ""
    assert sorted(seen) == sorted({FILE, "sms/rappel.txt"})


async def test_a_message_begins_in_the_draft_under_a_name_that_is_free(site: Site) -> None:
    taken = await site.client.post("/messages/nouveau", data={"nom": "bienvenue", "canal": "email"})
    assert (taken.status_code, "Un message s’appelle déjà" in taken.text) == (422, True)
    for name in ("", NAMED, "a (b)", "x" * 200, "../../etc"):
        refused = await site.client.post("/messages/nouveau", data={"nom": name, "canal": "email"})
        if refused.status_code != 422:
            assert refused.headers["location"] == "/messages/courriels/etc.md", name
    assert (
        await site.client.post("/messages/nouveau", data={"nom": "A", "canal": "fax"})
    ).status_code == 422
    made = await site.client.post("/messages/nouveau", data={"nom": "Au revoir", "canal": "sms"})
    assert made.headers["location"] == "/messages/sms/au-revoir.txt"
    page = await site.client.get("/messages/sms/au-revoir.txt")
    assert "1 partie" in plain(page.text)


async def test_a_message_is_seen_as_it_is_typed_and_a_fault_is_told_at_its_line(site: Site) -> None:
    mark, around = await looked_at(site, MAIL)
    assert "Bienvenue, Camille Un guide pour Montréal." in around
    assert "On peut s’y désabonner." in around
    shown = await site.client.get(f"/apercu/{mark}")
    assert "sandbox" in shown.headers["content-security-policy"]
    assert "img-src data:;" in shown.headers["content-security-policy"]
    assert (
        "https:"
        in (await site.client.get(f"/apercu/{mark}?images=oui")).headers["content-security-policy"]
    )
    assert "Bonjour Camille, de Montréal." in plain(shown.text)
    dark = (await site.client.get(f"/apercu/{mark}?teinte=sombre")).text
    assert ("@media all" in dark, "@media all" in shown.text) == (True, False)
    assert "invert(1)" in (await site.client.get(f"/apercu/{mark}?teinte=force")).text
    assert "Lire le guide : https" in (await site.client.get(f"/apercu/{mark}?vue=texte")).text
    broken = MAIL.replace("{{ prénom | default", "{{ prénom |")
    mark, around = await looked_at(site, broken)
    assert (mark, "ligne 7" in around) == ("", True)
    unnamed = MAIL.replace(
        "[Lire le guide]",
        "[](https://exemple.ca) ![](https://e.ca/a.png) <img src='https://e.ca/b.png'> [x]",
    )
    _, around = await looked_at(site, unnamed)
    assert "Un lien n’a pas de nom" in around
    assert written(site) == MAIL, "looking writes nothing"
    assert (await site.client.get("/apercu/rien")).status_code == 404
    assert (await site.client.get("/messages/relance.toml")).status_code == 404


async def test_what_runs_is_shown_while_the_draft_has_a_fault(site: Site) -> None:
    await site.client.post("/publier", data={"note": ""})
    async with asyncio.timeout(20):
        while site.runtime.publishing.rules.running is None:
            answer = await site.client.get("/publier")
            fields = dict(re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', answer.text))
            await site.client.post("/publier", data=fields)
            await asyncio.sleep(0.05)
    (site.runtime.settings.folder / FILE).write_text(MAIL.replace("%}, {{", "%}, {{ {{"), "utf-8")
    page = (await site.client.get(f"/messages/{FILE}")).text
    assert "l’aperçu est celui de la version publiée" in plain(page)
    (mark,) = re.findall(r'data-mark="([^"]+)"', page)
    assert "Bonjour Camille" in (await site.client.get(f"/apercu/{mark}")).text


async def test_a_field_that_some_lack_is_told_with_how_many(site: Site) -> None:
    for number, town in enumerate(("Laval", "", "")):
        data = {"courriel": f"p{number}@exemple.ca", "prénom": "Aline", "ville": town}
        await site.post("Infolettre", data=data)
    await site.post("Infolettre", data={"prénom": "Sans courriel"})
    await settled(site, "SELECT count(*) FROM leads", 4)
    _, around = await looked_at(site, MAIL)
    assert "«\u0020ville\u0020» peut être vide : 2 personnes n’ont pas de ville" in around
    assert "prénom\u0020» peut être vide" not in around, "a default stands in for it"
    _, around = await looked_at(site, "À demain, {{ prénom }}, à {{ ville }} !", "sms/rappel.txt")
    assert "caractères, 1 partie" in around


async def test_a_lead_is_shown_to_whoever_may_read_what_is_known_of_it(site: Site) -> None:
    await site.post("Infolettre", data={"courriel": "zoe@exemple.ca", "prénom": "Zoé"})
    await settled(site, "SELECT count(*) FROM leads", 1)
    found = await site.client.post(f"/lecteur/{FILE}", data={"lecteur": "zoe@exemple.ca"})
    assert found.headers["location"] == f"/messages/{FILE}?lead=1"
    _, around = await looked_at(site, MAIL, asked="?lead=1")
    assert "Bienvenue, Zoé" in around
    nobody = await site.client.post(f"/lecteur/{FILE}", data={"lecteur": "x@exemple.ca"})
    assert nobody.status_code == 422
    assert 'value="x@exemple.ca"' in nobody.text
    field = nobody.text.partition('id="lecteur-erreur"')[2].partition("</p>")[0]
    assert "Aucun lead ne répond à" in field, "beside its field"
    _, around = await looked_at(site, MAIL + "{% if %}", asked="?lead=1")
    assert "version publiée" not in around, "the frame keeps what was seen before the fault"
    await sign_in(site.runtime, site.client, [AccessRole.READ, AccessRole.WRITE], "e@exemple.ca")
    assert (await site.client.get(f"/messages/{FILE}?lead=1")).status_code == 404
    answer = await site.client.post(f"/apercevoir/{FILE}?lead=1", data={"text": MAIL})
    assert answer.status_code == 404


async def test_a_trial_goes_to_oneself_and_elsewhere_by_who_publishes(
    site: Site, sink: Sink
) -> None:
    there = {"text": MAIL.replace("Lire le guide", "Lire"), "adresse": "ailleurs@exemple.ca"}
    sent = await site.client.post(f"/essayer/{FILE}", data=there)
    assert sent.status_code == 303
    await sign_in(site.runtime, site.client, [AccessRole.READ, AccessRole.WRITE], "e@exemple.ca")
    refused = await site.client.post(f"/essayer/{FILE}", data=there)
    assert (refused.status_code, "rôle «\u0020publication" in plain(refused.text)) == (422, True)
    assert ">Lire<" in refused.text or "[Lire]" in refused.text, "nothing typed is lost"
    own = await site.client.post(f"/essayer/{FILE}", data=there | {"adresse": "e@exemple.ca"})
    assert own.status_code == 303
    messages = [one.content for one in sink.envelopes]
    assert [one.rcpt_tos for one in sink.envelopes] == [["ailleurs@exemple.ca"], ["e@exemple.ca"]]
    assert all(b"Essai" in one for one in messages)
    log = await site.rows("SELECT object, after FROM audit_log WHERE action = 'message.essai'")
    assert [one.object for one in log] == ["Bienvenue", "Bienvenue"]
    assert "ailleurs" not in log[0].after
    assert await site.count("outbox") == 0


async def test_two_who_write_one_message_lose_nothing(site: Site) -> None:
    page = (await site.client.get(f"/messages/{FILE}")).text
    (version,) = re.findall(r'name="version" value="(\w+)"', page)
    mine = MAIL.replace("Bonjour", "Salut")
    theirs = MAIL.replace("Lire le guide", "Voir le guide")
    for text in (mine, theirs):
        saved = await site.client.post(
            f"/enregistrer-message/{FILE}", data={"text": text, "version": version}
        )
        assert saved.status_code == 303, saved.text
    assert ("Salut" in written(site), "Voir le guide" in written(site)) == (True, True)
    clash = await site.client.post(
        f"/enregistrer-message/{FILE}",
        data={"text": MAIL.replace("Bonjour", "Allô"), "version": version},
    )
    assert (clash.status_code, "Allô" in clash.text, "Salut" in clash.text) == (409, True, True)
    long = MAIL + "mot " * 60_000
    kept = await site.client.post(
        f"/enregistrer-message/{FILE}", data={"text": long, "version": version}
    )
    assert kept.status_code in (303, 409)


@needed
async def test_a_message_is_written_beside_what_it_becomes_in_a_browser(site: Site) -> None:
    (site.runtime.settings.folder / FILE).write_text(HOSTILE, "utf-8")
    async with chromium(viewport={"width": 1280, "height": 900}) as browser:
        page, refused = await opened(browser, site)
        for name, path in (("messages", "/messages"), ("message", f"/messages/{FILE}")):
            await page.goto(site.runtime.url + path)
            for width, scheme in ((320, "light"), (390, "dark"), (768, "light"), (1920, "dark")):
                await page.set_viewport_size({"width": width, "height": 900})
                await page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
                assert await page.evaluate("document.documentElement.scrollWidth") <= width, name
                if width in (320, 1920):
                    assert await unfit(page) == [], (name, width)
                if PICTURES:
                    await page.screenshot(path=Path(PICTURES) / f"{name}-{width}.png")
        await page.set_viewport_size({"width": 1280, "height": 900})
        await page.goto(f"{site.runtime.url}/messages/{FILE}")
        frame = page.frame_locator("#page-apercu")
        await expect(frame.get_by_text("de Montréal")).to_be_visible()
        text = page.get_by_role("textbox", name="Texte de Bienvenue")
        await text.focus()
        await page.keyboard.press("Control+End")
        await page.keyboard.type("\nÀ très bientôt.")
        await expect(frame.get_by_text("À très bientôt.")).to_be_visible()
        await expect(page.locator("#script-state")).to_have_text("enregistré")
        assert "À très bientôt." in written(site)
        # What may be said by name is proposed between its braces, accents aside.
        await page.keyboard.type(" {{pren")
        await expect(page.get_by_role("option", name="prénom")).to_be_visible()
        # A list that has just opened takes no key meant for what was there before.
        await page.wait_for_timeout(150)
        await page.keyboard.press("Enter")
        await expect(page.locator(".cm-content")).to_contain_text("À très bientôt. {{ prénom }}")
        await page.keyboard.type("{{ ")
        await expect(page.locator(".checks .bad")).to_have_count(1)
        await expect(page.locator(".editor .remark-error")).to_have_count(1)
        await expect(frame.get_by_text("À très bientôt.")).to_be_visible()
        await page.get_by_role("link", name="Téléphone").click()
        box = await page.locator("#page-apercu").bounding_box()
        assert box is not None
        assert box["width"] <= 360
        await page.get_by_role("link", name="Texte seul").click()
        await expect(frame.locator("table")).to_have_count(0)
        assert refused == []
