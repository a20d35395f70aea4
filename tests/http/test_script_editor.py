"""The editor of scripts in a real browser, under the policy of every page, by the keyboard."""

import re
import shutil
import subprocess
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from jinja2 import ChoiceLoader, DictLoader
from playwright.async_api import Page, expect
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from server.web import templates
from server.web.frame import Frame
from tests.chromium import chromium, needed, unfit
from tests.http.conftest import Site
from tests.whole import lay_out

ROOT = Path(__file__).parents[2]
BUNDLE = ROOT / "server" / "web" / "look" / "editor"
SCRIPT = (ROOT / "rules" / "bienvenue.relance").read_text(encoding="utf-8")
FILES = {
    "bienvenue.relance": SCRIPT,
    **{f"courriels/{one.name}": one.read_text() for one in (ROOT / "rules/courriels").glob("*.md")},
}
PAGE = """{% extends "frame.html" %}{% block content %}<h1>Bienvenue</h1>
<form class="card" method="post">{% include "_script_tools.html" %}{% include "_script_editor.html" %}</form>{% endblock %}"""


def serve(site: Site, text: str) -> None:
    """A page of the server that edits that text, as those of campaigns do."""
    environment = templates._environment()
    assert environment.loader is not None
    environment.loader = ChoiceLoader([DictLoader({"essai.html": PAGE}), environment.loader])
    frame = Frame(ZoneInfo("America/Montreal"), "La Petite Roue")

    async def page(request: Request) -> Response:
        script = {"file": "bienvenue.relance", "text": text, "may_change": True}
        return frame.page(
            request, "essai.html", here="", title="Essai", edits=True, script=script,
            label="Script de la campagne Bienvenue", begins="", at_once=False, publishes=False,
        )  # fmt: skip

    site.runtime.app._pages.router.routes.append(Route("/essai", page))


@asynccontextmanager
async def editing(site: Site, text: str = SCRIPT, **context: object) -> AsyncIterator[Page]:
    """The editor open on that text; nothing it does is reported against the policy."""
    lay_out(site.runtime.settings.folder, FILES)
    serve(site, text)
    said: list[str] = []
    async with chromium(**context) as browser:
        page = await browser.new_page()
        page.on("console", lambda one: said.append(one.text) if one.type == "error" else None)
        page.on("pageerror", lambda one: said.append(str(one)))
        path = await site.runtime.access.team.entry_link("camille@exemple.ca", "Camille")
        await page.goto(site.runtime.url + path)
        await page.goto(f"{site.runtime.url}/essai")
        await page.locator(".cm-content").wait_for()
        yield page
    assert said == []


@needed
async def test_a_slip_is_remarked_under_its_line_and_mended_at_a_touch(site: Site) -> None:
    wrong = SCRIPT.replace("Envoyer courriel (Bienvenue)", "Envoyer couriel (Bienvenue)")
    async with editing(site, wrong) as page:
        remark = page.get_by_role("group", name=re.compile("Erreur, ligne"))
        await expect(remark).to_contain_text("courriel")
        await remark.get_by_role("button").first.click()
        await expect(remark).to_have_count(0)
        await expect(page.locator("#script-remarks")).to_have_text("Rien à redire")
        # What the form posts is what is on the screen.
        assert await page.locator("textarea").input_value() == SCRIPT
        # Whoever is led to a line of it stands there.
        await page.goto("about:blank")
        await page.goto(f"{site.runtime.url}/essai#l3")
        third = SCRIPT.splitlines()[2]
        await expect(page.locator(".cm-activeLine.cm-line")).to_have_text(third.strip())


async def accept(page: Page, text: str) -> None:
    """Take the first proposal, once it may be taken: what comes up under a key is not taken by it."""
    await expect(page.get_by_role("option").first).to_contain_text(text)
    await page.wait_for_timeout(150)
    await page.keyboard.press("Enter")


@needed
async def test_a_script_is_written_by_the_keyboard_alone(site: Site) -> None:
    text = "campagne «\u00a0Essai\u00a0»\n  entrée\n    quand Formulaire (Infolettre) rempli\n"
    async with editing(site, text) as page:
        box = page.get_by_role("textbox", name="Script de la campagne Bienvenue")
        await box.focus()
        await page.keyboard.press("Control+End")
        await page.keyboard.type("  envoyer cour")
        await accept(page, "Envoyer courriel")
        await page.keyboard.type("rapp")
        await accept(page, "Rappel du guide")
        await page.keyboard.press("Control+End")
        await page.keyboard.type('\n  étape "Suite')
        await page.keyboard.press("Control+End")
        await page.keyboard.type("\nfin\n")
        await expect(page.locator("#script-remarks")).to_have_text("Rien à redire")
        written = await page.locator("textarea").input_value()
        assert "Envoyer courriel (Rappel du guide)\n" in written
        assert "étape «\u00a0Suite\u00a0»\n" in written
        await page.keyboard.press("Escape")
        await page.keyboard.press("Tab")
        assert not await page.evaluate("document.activeElement.closest('.editor')")
        # Only « attendre au plus » opens a block, which the next line stands further in.
        await box.focus()
        await page.keyboard.press("Control+End")
        for line, further in (("Attendre pendant 2 heures", 4), ("attendre au plus 2 heures", 6)):
            await page.keyboard.type(f"{line}\nx")
            assert await page.locator(".cm-activeLine.cm-line").inner_text() == " " * further + "x"
            await page.keyboard.press("Backspace")


@needed
async def test_a_name_is_explained_and_renamed_where_it_stands(site: Site) -> None:
    async with editing(site) as page:
        step = page.locator(".cm-line", has_text="étape").first
        await page.locator(".tok-words", has_text="Ajouter").first.hover()
        await expect(page.locator(".bubble")).to_contain_text("Ajouter à la liste")
        await step.click()
        await page.keyboard.press("End")
        for _ in range(3):
            await page.keyboard.press("ArrowLeft")
        await page.keyboard.press("F2")
        name = page.get_by_label("Nouveau nom")
        await name.fill("Essai")
        await expect(page.locator(".rename-preview")).to_contain_text("existe déjà")
        await name.fill("Premier pas")
        await expect(page.locator(".rename-preview")).to_contain_text(
            "bienvenue.relance, lignes 19, "
        )
        await name.press("Enter")
        written = await page.locator("textarea").input_value()
        assert "Accueil\u00a0»" not in written
        assert written.count("Premier pas") == 2


@needed
async def test_remarks_are_gone_through_and_the_plain_field_is_one_button_away(site: Site) -> None:
    wrong = SCRIPT.replace("(Bienvenue)", "(Bienvenu)")
    async with editing(site, wrong, viewport={"width": 390, "height": 800}) as page:
        await page.get_by_role("group", name=re.compile("ligne")).first.wait_for()
        await page.get_by_role("textbox").first.focus()
        await page.keyboard.press("F8")
        selected = await page.evaluate("getSelection().toString()")
        assert "Bienvenu" in selected
        assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        assert await unfit(page) == []
        await page.get_by_role("button", name="Texte simple").click()
        field = page.locator("textarea")
        await expect(field).to_be_visible()
        await field.fill("campagne « A »\nfin\n")
        await page.get_by_role("button", name="Texte simple").click()
        await expect(page.locator(".cm-content")).to_contain_text("campagne")
        await expect(page.get_by_role("group", name=re.compile("ligne")).first).to_be_visible()


@pytest.mark.skipif(
    shutil.which("node") is None or not (ROOT / "web" / "node_modules").is_dir(),
    reason="no Node with the packages of web/ on this machine (npm ci) to build the editor again",
)
def test_the_editor_served_is_the_one_its_sources_make(tmp_path: Path) -> None:
    subprocess.run(["node", "build.mjs", str(tmp_path)], cwd=ROOT / "web", check=True)
    for name in ("editor.js", "LICENSES-editor"):
        assert (tmp_path / name).read_bytes() == (BUNDLE / name).read_bytes()


def test_the_lock_file_of_the_editor_names_no_host() -> None:
    locked = (ROOT / "web" / "package-lock.json").read_text()
    assert "http" not in locked.replace("https://github.com/sponsors", "")
    assert '"resolved"' not in locked
