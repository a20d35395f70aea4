"""The page of a campaign: the draft in the editor, beside it its tree, and each lights the other."""

import re
from collections.abc import AsyncIterator
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from playwright.async_api import BrowserContext, Page, expect

from server.access.roles import AccessRole
from server.runtime import Runtime
from server.settings import load_settings
from tests.chromium import chromium, needed, unfit
from tests.http.conftest import Site, running
from tests.signed import sign_in
from tests.web.test_interface import opened, plain, settled
from tests.web.test_publish_page import shown
from tests.whole import lay_out

FILE = "regles.relance"
#: Another campaign stands first in the file.
SCRIPT = """\
campagne « Avant »
  entrée
    quand Formulaire (Contact) rempli
  Étiqueter (Vu)
fin

campagne « Accueil »
  entrée
    quand Formulaire (Infolettre) rempli

  étape « Début »
  Étiqueter (Venu)
  attendre au plus 3 jours
    dès que Événement (Oui) survenu
      Étiqueter (Curieux)
    passé ce délai
      Étiqueter (Froid)
  fin
fin
""".replace("« ", "«\u00a0").replace(" »", "\u00a0»")
#: A wait that hears one thing more, and a line that is no more.
CHANGED = SCRIPT.replace(
    "    passé ce délai",
    "    dès que Événement (Peut-être) survenu\n      Étiqueter (Tiède)\n    passé ce délai",
).replace("      Étiqueter (Froid)\n", "")
ENTERED = 3


@pytest.fixture
async def site(tmp_path: Path) -> AsyncIterator[Site]:
    """A server where « Accueil » runs, with people in it, and the draft is what runs."""
    lay_out(tmp_path, {FILE: SCRIPT})
    settings = load_settings(tmp_path, {"RELANCE_PORT": "0"})
    async with running(settings, Runtime(settings).plugins) as opened:
        published = await opened.client.post(
            "/publier", data={**await shown(opened), "activer": "oui"}
        )
        assert published.status_code == 303, plain(published.text)
        for number in range(ENTERED):
            await opened.post("Infolettre", data={"courriel": f"p{number}@exemple.ca"})
        await settled(opened, "SELECT count(*) FROM waits WHERE topic <> ''", ENTERED)
        yield opened


def draft(site: Site) -> Path:
    return site.runtime.settings.folder / FILE


async def number_of(site: Site, name: str = "Accueil") -> int:
    return int((await site.rows(f"SELECT id FROM campaigns WHERE name = '{name}'"))[0][0])


async def drawn(site: Site, text: str, before: str = "") -> str:
    path = f"/campagnes/{await number_of(site)}/brouillon/{FILE}"
    answer = await site.client.post(path, data={"text": text, "avant": before})
    assert answer.status_code == 200
    return answer.text


async def test_the_tree_of_a_draft_keeps_the_counts_of_what_still_stands_in_it(site: Site) -> None:
    tree = await drawn(site, CHANGED)
    said = plain(tree)
    assert "Le brouillon, avec les nombres de la version 1." in said
    assert "1 de ses lignes n’y est plus" in said
    assert f"Attendre au plus 3 jours 0 {ENTERED} attendent ici" in said
    assert f"Étiqueter Venu {ENTERED} y sont passés" in said
    assert tree.count(">nouveau<") == 1, "the branch, and nothing under it again"
    assert "Événement Peut-être survenu nouveau" in said
    # A number opens the people whom the version counts: by its statements, not by the draft's.
    links = [part.partition('"')[0] for part in tree.split('href="')[1:]]
    counted = [one.replace("&amp;", "&") for one in links if "/personnes?" in one]
    assert all(parse_qs(urlsplit(one).query)["version"] == ["1"] for one in counted)
    waiting = next(one for one in counted if "ou=ici" in one)
    assert (await site.client.get(waiting)).text.count('href="/leads/') == ENTERED

    # Read otherwise than it is written, the same draws nothing new.
    again = await drawn(site, SCRIPT.replace("\n\n", "\n# Rien de plus.\n\n"))
    assert ">nouveau<" not in again
    assert "n’y est plus" not in again


async def test_a_draft_that_does_not_read_leaves_the_last_tree_that_did(site: Site) -> None:
    wrong = "# Un mot.\n" * 30 + CHANGED.replace("Étiqueter (Venu)", "Étiquetter (Venu)")
    former = await drawn(site, wrong)
    assert "Parcours d’avant la faute." in former
    assert "Peut-être" not in former, "what runs"
    line = wrong.split("\n").index("  attendre au plus 3 jours") + 1
    assert f'data-line="{line}"' in former, "at its line of the text that is on screen"
    last = await drawn(site, wrong, CHANGED)
    assert "Parcours d’avant la faute." in last
    assert "Peut-être" in last, "what read last"
    draft(site).write_text(wrong, encoding="utf-8")
    page = (await site.client.get(f"/campagnes/{await number_of(site)}")).text
    assert "Parcours d’avant la faute." in page
    assert "Étiquetter (Venu)" in page
    # Renamed without saying so, it is another campaign; said so, it is the same.
    renamed = SCRIPT.replace("Accueil", "Salut")
    assert "Le script ne déclare plus cette campagne." in await drawn(site, renamed)
    same = renamed.replace("Salut\u00a0»", "Salut\u00a0»\n  anciennement : «\u00a0Accueil\u00a0»")
    assert f"Étiqueter Venu {ENTERED} y sont" in plain(await drawn(site, same))
    draft(site).write_text(same, encoding="utf-8")
    page = (await site.client.get(f"/campagnes/{await number_of(site)}")).text
    assert "Salut" in page.partition("<textarea")[2]


async def test_a_campaign_never_published_is_drawn_beside_its_script(site: Site) -> None:
    text = SCRIPT.partition("\n\n")[2].replace("Accueil", "Neuve")
    lay_out(site.runtime.settings.folder, {"neuve.relance": text})
    page = plain((await site.client.get("/scripts/neuve.relance")).text)
    assert "Personne n’y entre avant que vous ne l’ayez publiée" in page
    assert "Attendre au plus 3 jours 0" in page
    wrong = {"text": text.replace("Étiqueter", "Étiquetter"), "avant": text}
    answer = await site.client.post("/dessiner/neuve.relance", data=wrong)
    assert "Parcours d’avant la faute." in answer.text
    assert "Attendre au plus 3 jours 0" in plain(answer.text)
    # Of several, or once it runs, the tree is on a page of its own.
    assert 'id="arbre"' not in (await site.client.get(f"/scripts/{FILE}")).text


async def test_who_may_not_write_reads_the_version_and_is_offered_no_tool(site: Site) -> None:
    path = f"/campagnes/{await number_of(site)}"
    async with httpx.AsyncClient(base_url=site.runtime.url) as reader:
        await sign_in(site.runtime, reader, [AccessRole.READ], "lectrice@exemple.ca")
        page = (await reader.get(path)).text
        assert "Étiqueter Venu" in plain(page)
        for offered in ("<textarea", "Phrases", "Mettre en forme", "Publier", "editor.js"):
            assert offered not in page, offered
        sent = await reader.post(f"{path}/brouillon/{FILE}", data={"text": SCRIPT})
        assert sent.status_code == 403
        listed = plain((await reader.get("/scripts")).text)
        assert "Avant et Accueil regles.relance Active Active" in listed
    draft(site).write_text(CHANGED, encoding="utf-8")
    assert "<h1>Avant et Accueil</h1>" in (await site.client.get(f"/scripts/{FILE}")).text


async def at(browser: BrowserContext, site: Site) -> tuple[Page, list[str]]:
    page, refused = await opened(browser, site)
    await page.goto(f"{site.runtime.url}/campagnes/{await number_of(site)}")
    return page, refused


@needed
async def test_the_script_and_its_tree_light_each_other_while_one_writes(site: Site) -> None:
    async with chromium(viewport={"width": 1280, "height": 700}) as browser:
        page, refused = await at(browser, site)
        lit = page.locator("#arbre [aria-current]")
        line = page.locator(".cm-activeLine")
        state = page.locator("#script-state")
        press = page.keyboard.press

        # The whole file, from where this campaign begins.
        await expect(line).to_contain_text("Accueil")
        await expect(page.locator(".of-script header")).to_contain_text("Il contient aussi")

        # From the text to the tree, then back, by the keyboard.
        await page.locator(".cm-content").focus()
        for _ in range(5):
            await press("ArrowDown")
        await expect(lit).to_have_count(1)
        await expect(lit.locator("> .r")).to_contain_text("Venu")
        await page.get_by_role("link", name="Attendre au plus 3 jours", exact=True).focus()
        await press("Tab")
        await press("Shift+Tab")
        await expect(line).to_contain_text("attendre au plus 3 jours")
        await expect(lit.locator("> .r")).to_contain_text("Attendre au plus")
        await press("Enter")
        await expect(page.locator(".cm-content")).to_be_focused()

        # What is written is drawn at each pause, marked as new, and lit.
        await press("End")
        await press("Enter")
        await page.keyboard.insert_text("dès que Événement (Non) survenu\n      Étiqueter (Fini)")
        await expect(page.locator("#arbre")).to_contain_text("nouveau")
        await expect(lit.locator("> .r")).to_contain_text("Fini")
        await expect(state).to_have_text("enregistré")
        assert "Étiqueter (Fini)" in draft(site).read_text(encoding="utf-8")
        plan = page.locator(".of-tree .plan")  # what publishing it would do, once it is saved
        await expect(plan).to_contain_text("Si vous publiez la version 2", timeout=20_000)
        await press("End")
        await page.keyboard.type(" zut")
        await expect(page.get_by_text("Parcours d’avant la faute.")).to_be_visible()
        await expect(page.locator("#arbre")).to_contain_text("Fini")
        for _ in " zut":
            await press("Backspace")
        await expect(page.get_by_text("Parcours d’avant la faute.")).to_be_hidden()

        # Counts go on living; tools stay however far one reads; what is published is what is on screen.
        await site.post("Infolettre", data={"courriel": "neuve@exemple.ca"})
        await expect(page.locator(".n.entry .q")).to_have_text(str(ENTERED + 1), timeout=10_000)
        await expect(page.locator("#arbre")).to_contain_text("nouveau")
        await page.mouse.move(500, 500)
        await page.mouse.wheel(0, 4_000)
        for name in ("Phrases", "Mettre en forme", "Remarque suivante"):
            await expect(page.get_by_role("button", name=name)).to_be_in_viewport()
        await page.locator(".cm-content").focus()
        await page.keyboard.type("\n      Étiqueter (Enfin)")
        await press("Control+Enter")
        dialog = page.get_by_role("dialog", name="Publier le projet")
        await expect(dialog).to_contain_text("Accueil")
        assert "Étiqueter (Enfin)" in draft(site).read_text(encoding="utf-8")
        await dialog.get_by_role("button", name="Publier").click()
        await expect(page.get_by_role("status").first).to_contain_text("publi")
        await expect(page.locator("#arbre")).to_contain_text("Enfin")
        assert "nouveau" not in await page.locator("#arbre").inner_text()

        # On a phone, the tree first, then the script, in which a node opens its line.
        await page.set_viewport_size({"width": 390, "height": 844})
        await page.reload()
        await expect(page.locator("#arbre")).to_be_visible()
        await expect(page.locator(".cm-content")).to_be_hidden()
        await page.get_by_role("link", name="Étiqueter Curieux", exact=True).click()
        await expect(page.locator(".cm-content")).to_be_focused()
        await expect(line).to_contain_text("Curieux")
        await page.get_by_role("button", name="Phrases").click()
        await expect(page.get_by_role("listbox")).to_be_in_viewport()
        await expect(page.get_by_role("listbox")).to_contain_text("Décider")
        await expect(page.get_by_role("link", name="Publier…")).to_be_in_viewport()
        await press("Escape")
        assert await unfit(page) == []

        # A condition typed alone is proposed its phrases, then its names, by the same service.
        await page.goto(f"{site.runtime.url}/listes/nouvelle")
        await page.get_by_label("Sa condition").fill("")
        await page.keyboard.type("lead éti")
        proposed = page.get_by_role("listbox")
        await expect(proposed).to_contain_text("Lead étiqueté")
        await press("Enter")
        await expect(proposed).to_contain_text("Curieux")
        await page.keyboard.type("Cu")
        await expect(proposed.get_by_role("option")).to_have_count(1)
        await press("Enter")
        await expect(page.get_by_label("Sa condition")).to_have_value("Lead étiqueté (Curieux)")
        await expect(proposed).to_be_hidden()
        # What ends well is let be as one writes; asked for, what follows is written apart from it.
        field = page.get_by_label("Sa condition")
        await press("End")
        async with page.expect_response("**/language/complete"):
            await page.keyboard.type(" ")
        await page.wait_for_timeout(300)
        await expect(proposed).to_be_hidden()
        await press("Backspace")
        await press("Control+ ")
        await expect(proposed).to_contain_text("Relier")
        await press("Enter")
        await expect(field).to_have_value(re.compile(r"^Lead étiqueté \(Curieux\) \S"))
        assert refused == []


@needed
async def test_without_a_script_the_draft_is_saved_there_and_its_tree_drawn(site: Site) -> None:
    async with chromium(java_script_enabled=False) as browser:
        page, _ = await at(browser, site)
        main = page.get_by_role("main")
        await main.get_by_role("textbox", name="Script").fill(CHANGED)
        await main.get_by_role("button", name="Enregistrer").click()
        await expect(page.get_by_role("status").first).to_contain_text("Enregistré")
        await expect(page.locator("#arbre")).to_contain_text("nouveau")
        assert draft(site).read_text(encoding="utf-8") == CHANGED
        # Somebody else wrote the same line: nothing typed is lost, and both are there.
        mine = CHANGED.replace("(Venu)", "(Là)")
        await main.get_by_role("textbox", name="Script").fill(mine)
        draft(site).write_text(CHANGED.replace("(Venu)", "(Ici)"), encoding="utf-8")
        await main.get_by_role("button", name="Enregistrer").click()
        await expect(main).to_contain_text("Rien n’est enregistré.")
        await expect(main.locator("pre")).to_contain_text("(Ici)")
        assert "(Là)" in await main.get_by_role("textbox", name="Script").input_value()
        await expect(page.locator("#arbre")).to_contain_text("Là")
