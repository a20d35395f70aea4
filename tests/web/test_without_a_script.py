"""What are forms do all they do in a browser where no script runs: from the door to the publication."""

from collections.abc import AsyncIterator
from dataclasses import replace

import pytest
from argon2 import PasswordHasher
from playwright.async_api import expect

from server.access.passwords import Passwords
from server.settings import PublishingMode, Settings
from tests.chromium import chromium, needed
from tests.http.conftest import Site, all_plugins, running
from tests.web.test_interface import SCRIPT, settled
from tests.whole import lay_out

WORDS = "quatre mots sans rapport"
MAIL = "---\nnom: Salut\nobjet: Bonjour\n---\nBonjour.\n"


@pytest.fixture
async def site(settings: Settings) -> AsyncIterator[Site]:
    lay_out(settings.folder, {"regles.relance": SCRIPT, "courriels/salut.md": MAIL})
    chosen = replace(settings, publishing=PublishingMode.ON_DEMAND)
    async with running(chosen, all_plugins(), signed_in=False) as opened:
        opened.runtime.access.register.passwords = Passwords(PasswordHasher(1, 8, 1))
        yield opened


@needed
async def test_forms_do_all_they_do_where_no_script_runs(site: Site) -> None:
    url, folder = site.runtime.url, site.runtime.settings.folder
    async with chromium(
        viewport={"width": 390, "height": 844}, java_script_enabled=False
    ) as browser:
        page = await browser.new_page()
        main = page.get_by_role("main")

        # The door.
        await page.goto(url + (site.runtime.access.first_link or ""))
        await page.get_by_label("Courriel").fill("camille@exemple.ca")
        await page.get_by_label("Nom").fill("Camille")
        for field in await page.locator("input[type=password]").all():
            await field.fill(WORDS)
        await page.get_by_role("button").first.click()
        await page.goto(f"{url}/compte")
        await page.get_by_role("button", name="Se déconnecter").click()
        await page.get_by_label("Courriel").fill("camille@exemple.ca")
        await page.get_by_label("Mot de passe").fill(WORDS)
        await page.get_by_role("button", name="Se connecter").click()
        await expect(page).to_have_url(f"{url}/")

        # A script and a message saved, then published.
        await page.goto(f"{url}/scripts/regles.relance")
        await page.get_by_role("textbox", name="Script").fill(SCRIPT.replace("3 jours", "5 jours"))
        await main.get_by_role("button", name="Enregistrer").click()
        assert "5 jours" in (folder / "regles.relance").read_text("utf-8")
        await page.goto(f"{url}/messages/courriels/salut.md")
        await page.get_by_role("textbox", name="Texte de Salut").fill(MAIL + "À bientôt.\n")
        await main.get_by_role("button", name="Enregistrer").click()
        assert "À bientôt." in (folder / "courriels/salut.md").read_text("utf-8")
        await page.goto(f"{url}/scripts/regles.relance")
        await main.get_by_role("link", name="Publier…").click()
        await main.get_by_label("Activer aussitôt les campagnes nouvelles").check()
        await main.get_by_role("button", name="Publier").click()
        await expect(page.get_by_role("status").first).to_contain_text("publi")

        # A campaign put on pause, a list made, a lead made and corrected.
        await page.goto(f"{url}/campagnes/1")
        await main.get_by_role("link", name="Mettre en pause…").click()
        await main.get_by_label("Pourquoi").fill("essai")
        await main.get_by_role("button", name="Mettre en pause").click()
        await expect(page.get_by_role("status").first).to_contain_text("est en pause")
        await page.goto(f"{url}/listes/nouvelle")
        await main.get_by_label("Nom").first.fill("Salon")
        await main.locator("input[name=sorte][value=statique]").check()
        await main.get_by_role("button", name="Créer").click()
        await expect(page.get_by_role("status").first).to_contain_text("Salon")
        await page.goto(f"{url}/leads/nouveau")
        await main.get_by_label("Courriel").fill("ana@exemple.ca")
        await main.get_by_role("button", name="Créer le lead").click()
        await settled(site, "SELECT count(*) FROM leads", 1)
        await page.goto(f"{url}/leads/1/modifier")
        await main.get_by_label("Prénom").fill("Ana")
        await main.get_by_role("button", name="Enregistrer").click()
        await expect(page.get_by_role("heading", level=1)).to_contain_text("Ana")
