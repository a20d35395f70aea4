"""A campaign assembled from its tree: what one does there is an edit of its script, seen, undone, and saved."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from playwright.async_api import expect

from server.runtime import Runtime
from server.settings import load_settings
from tests.chromium import chromium, needed, unfit
from tests.http.conftest import Site, running
from tests.web.test_interface import opened, plain
from tests.whole import lay_out

FILE = "neuve.relance"
EMPTY = """\
campagne « Neuve »
  entrée
    quand Formulaire (Infolettre) rempli
fin
""".replace("« ", "«\u00a0").replace(" »", "\u00a0»")
BEGUN = EMPTY.replace(
    "fin\n",
    "  étape «\u00a0Début\u00a0»\n"
    "  Étiqueter (Venu)\n"
    "  attendre au plus 3 jours\n"
    "    dès que Formulaire (Contact) rempli\n"
    "      Étiqueter (Curieux)\n"
    "    passé ce délai\n"
    "      Étiqueter (Froid)\n"
    "  fin\n"
    "  Étiqueter (Fini)\n"
    "fin\n",
)


@pytest.fixture
async def site(tmp_path: Path) -> AsyncIterator[Site]:
    lay_out(tmp_path, {FILE: EMPTY})
    settings = load_settings(tmp_path, {"RELANCE_PORT": "0"})
    async with running(settings, Runtime(settings).plugins) as opened:
        yield opened


def draft(site: Site) -> str:
    return (site.runtime.settings.folder / FILE).read_text(encoding="utf-8")


def line_of(words: str) -> int:
    return next(at for at, row in enumerate(BEGUN.split("\n"), 1) if words in row)


async def test_without_a_script_a_block_is_moved_led_elsewhere_and_taken_away_by_forms(
    site: Site,
) -> None:
    lay_out(site.runtime.settings.folder, {FILE: BEGUN})
    tree = (await site.client.get(f"/scripts/{FILE}")).text
    assert f'href="/blocs/{FILE}?a={line_of("(Venu)")}"' in tree

    async def ordered(words: str, **given: str) -> str:
        page = await site.client.get(f"/blocs/{FILE}?a={line_of(words)}")
        version = page.text.partition('name="version" value="')[2].partition('"')[0]
        sent = {"a": str(line_of(words)), "version": version, **given}
        answer = await site.client.post(f"/blocs/{FILE}", data=sent)
        return "" if answer.status_code == 303 else plain(answer.text)

    assert await ordered("(Venu)", ordre="descendre") == ""
    assert draft(site).index("(Venu)") > draft(site).index("(Froid)")
    lay_out(site.runtime.settings.folder, {FILE: BEGUN})
    there = f"{line_of('dès que')}:dans"
    assert await ordered("(Venu)", ordre="deplacer", place=there) == ""
    assert "rempli\n      Étiqueter (Venu)\n      Étiqueter (Curieux)" in draft(site)
    lay_out(site.runtime.settings.folder, {FILE: BEGUN})
    step = str(line_of("étape"))
    assert await ordered("(Froid)", ordre="mener", etape=step) == ""
    assert "(Froid)\n      aller à l’étape «\u00a0Début\u00a0», 2 fois au plus\n" in draft(site)
    lay_out(site.runtime.settings.folder, {FILE: BEGUN})
    page = plain((await site.client.get(f"/blocs/{FILE}?a={line_of('attendre')}")).text)
    assert "Retirer 6 lignes" in page
    assert await ordered("attendre", ordre="retirer") == ""
    assert draft(site).endswith("(Venu)\n  Étiqueter (Fini)\nfin\n")
    lay_out(site.runtime.settings.folder, {FILE: BEGUN})
    assert "Rien n’est changé" in await ordered("(Venu)", ordre="monter", version="ailleurs")
    assert "Ce qui suit ne se ferait plus" in plain(
        (await site.client.get(f"/blocs/{FILE}?a={line_of('(Venu)')}")).text
    )
    refused = await ordered("(Venu)", ordre="mener", etape=step)
    assert "un bloc qui mène ailleurs est le dernier de sa branche" in refused
    assert draft(site) == BEGUN

    # The « sinon » that a decision has not is written with what is added there.
    asked = EMPTY.replace("fin\n", "  si Lead étiqueté (A)\n    Étiqueter (B)\n  fin\nfin\n")
    lay_out(site.runtime.settings.folder, {FILE: asked})
    tree = (await site.client.get(f"/scripts/{FILE}")).text
    assert f'href="/blocs/{FILE}?a=4:sinon&amp;ajouter=oui"' in tree
    added = await site.client.get(f"/blocs/{FILE}?a=4:sinon&ajouter=oui")
    assert "Ajouter dans le « sinon » de" in plain(added.text)
    version = added.text.partition('name="version" value="')[2].partition('"')[0]
    sent = {"a": "4:sinon", "version": version, "ordre": "ajouter", "phrase": "Étiqueter (C)"}
    assert (await site.client.post(f"/blocs/{FILE}", data=sent)).status_code == 303
    assert "(B)\n  sinon\n    Étiqueter (C)\n  fin\nfin\n" in draft(site)


@needed
async def test_a_campaign_is_assembled_by_the_mouse_and_arranged_by_the_keyboard(
    site: Site,
) -> None:
    async with chromium(viewport={"width": 1280, "height": 800}) as browser:
        page, refused = await opened(browser, site)
        await page.goto(f"{site.runtime.url}/scripts/{FILE}")
        field, said = page.locator("#texte-du-script"), page.locator("#block-said")
        dialog, press = page.get_by_role("dialog"), page.keyboard.press
        rows = page.locator("#arbre .n > .r > .d > a")
        await expect(page.locator(".cm-content")).to_be_visible()

        # By the mouse: what is chosen is written there, and its slot is what one types.
        async def add(after: str, sought: str, phrase: str) -> None:
            row = page.locator(".r", has=page.get_by_text(after)).last
            await row.hover()
            await row.get_by_role("link", name="Ajouter après").click()
            await expect(dialog.get_by_label("Que faire ici")).to_be_focused()
            await page.keyboard.type(sought)
            await dialog.get_by_role("button", name=phrase).first.click()
            await expect(page.locator(".cm-content")).to_be_focused()

        await add("Entrée", "etiqueter", "Étiqueter (étiquette)")
        await page.keyboard.type("Venu")
        await expect(rows).to_have_text(["Entrée", "Étiqueter Venu"])
        await add("Venu", "attendre pendant", "Attendre pendant (durée)")
        await expect(rows).to_have_text(["Entrée", "Étiqueter Venu", "Attendre pendant 3 jours"])
        await add("Attendre pendant", "decision", "Décision")
        await page.keyboard.type("Lead étiqueté (Venu)")
        await expect(page.locator(".n.decide .branches > li")).to_have_count(2)

        # Dragged, a block goes where it is let go.
        begin = page.locator(".n.entry > .r")
        await page.locator(".r.grip", has_text="Attendre pendant").drag_to(begin)
        await expect(rows.nth(1)).to_have_text("Attendre pendant 3 jours")
        await expect(said).to_contain_text("déplacé au début de la campagne")
        order = ["  Attendre pendant 3 jours", "  Étiqueter (Venu)", "  si Lead étiqueté (Venu)"]
        assert (await field.input_value()).split("\n")[3:6] == order
        branch = page.locator(".branches > li > .r").last
        await page.locator(".r.grip", has_text="Étiqueter").drag_to(branch)
        await expect(branch.locator("xpath=..").locator(".n")).to_contain_text("Étiqueter Venu")
        assert "  sinon\n    Étiqueter (Venu)\n  fin\n" in await field.input_value()

        # By the keyboard alone, then undone by the editor's own undoing.
        before = await field.input_value()
        await page.get_by_role("link", name="Arranger « Attendre pendant").focus()
        await press("Enter")
        await dialog.get_by_role("button", name="Descendre").focus()
        await press("Enter")
        await expect(said).to_contain_text("déplacé après")
        await expect(rows.last).to_have_text("Attendre pendant 3 jours")
        after = await field.input_value()
        assert after.endswith("  fin\n  Attendre pendant 3 jours\nfin\n")
        await expect(page.get_by_role("link", name="Arranger « Attendre pendant")).to_be_focused()
        await press("Alt+ArrowUp")
        await expect(rows.nth(1)).to_have_text("Attendre pendant 3 jours")
        await page.locator(".cm-content").focus()
        await press("Control+z")
        assert await field.input_value() == after
        await press("Control+z")
        assert await field.input_value() == before
        await expect(rows.nth(1)).to_have_text("Attendre pendant 3 jours")

        await page.get_by_role("link", name="Arranger").first.click()
        await expect(dialog).to_be_visible()
        assert await unfit(page) == []
        await press("Escape")
        await page.set_viewport_size({"width": 390, "height": 844})
        assert await unfit(page) == []
        assert refused == []
