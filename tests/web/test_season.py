"""A season of a campaign, led from the door to the report by the keyboard alone, as its page says."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace

import pytest
from argon2 import PasswordHasher
from playwright.async_api import Locator, Page, expect

from server.access.passwords import Passwords
from server.settings import PublishingMode, Settings
from tests.chromium import chromium, needed, unfit
from tests.email.sink import Sink
from tests.http.conftest import Site, all_plugins, running
from tests.web.test_interface import settled
from tests.whole import lay_out

WORDS = "quatre mots sans rapport"
CAMPAIGN = "Bienvenue à tous"
#: No page asks for more presses of one key than that to come to what it is for.
MOST_TABS = 80


@pytest.fixture
async def site(settings: Settings) -> AsyncIterator[Site]:
    sink = await Sink().start()
    mail = {
        "serveur": "127.0.0.1",
        "port": sink.port,
        "securite": "aucune",
        "expediteur": "La Petite Roue <bonjour@roue.example>",
    }
    lay_out(settings.folder, {})
    chosen = replace(settings, publishing=PublishingMode.ON_DEMAND, plugins={"email": mail})
    async with running(chosen, all_plugins(), signed_in=False) as opened:
        opened.runtime.access.register.passwords = Passwords(PasswordHasher(1, 8, 1))
        yield opened
    await sink.stop()


class Hands:
    """Somebody's, on a keyboard."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.press = page.keyboard.press
        self.type = page.keyboard.type

    async def reach(self, there: Locator, key: str = "Tab") -> None:
        """Go there by Tab, or back; an editor keeps it until Escape, as is written below it."""
        await expect(there).to_be_visible()
        for _ in range(MOST_TABS):
            if await there.evaluate("one => one === document.activeElement"):
                return
            if await self.page.evaluate("!!document.activeElement?.closest('.cm-editor')"):
                await self.press("Escape")
            await self.press(key)
        pytest.fail(f"the keyboard does not come to {there}")

    async def take(self, there: Locator) -> None:
        await self.reach(there)
        await self.press("Enter")

    async def go(self, words: str, to: str) -> None:
        """Where « Aller à… » leads by these words."""
        await self.press("Control+k")
        await expect(self.page.get_by_role("dialog").get_by_role("searchbox")).to_be_focused()
        await self.type(words)
        await self.press("Enter")
        await self.page.wait_for_url(f"**{to}")


async def sign_in(site: Site, hands: Hands) -> None:
    page, url = hands.page, site.runtime.url
    await page.goto(url + (site.runtime.access.first_link or ""))
    await hands.reach(page.get_by_label("Courriel"))
    for words in ("camille@exemple.ca", "Camille Morin", WORDS, WORDS):
        await hands.type(words)
        await hands.press("Tab")
    await hands.press("Enter")
    await page.wait_for_url(f"{url}/")
    await hands.go("mon compte", "/compte")
    await hands.take(page.get_by_role("button", name="Se déconnecter"))
    await expect(page.get_by_text("Vous avez quitté Relance")).to_be_visible()
    await expect(page.get_by_label("Courriel")).to_be_focused()
    await hands.type("camille@exemple.ca")
    await hands.press("Tab")
    await hands.type(WORDS)
    await hands.press("Enter")
    await page.wait_for_url(f"{url}/")


async def change_a_sentence(site: Site, hands: Hands, file: str) -> None:
    page, script = hands.page, site.runtime.settings.folder / file
    editor = page.get_by_role("textbox", name="Script")
    await hands.reach(editor)
    await hands.press("Control+Home")
    # Lines too long for the editor take several: one goes down until one is there.
    for _ in range(MOST_TABS):
        if await page.locator(".cm-activeLine").inner_text() == "  attendre au plus 5 jours":
            break
        await hands.press("ArrowDown")
    await hands.press("End")
    for _ in "5 jours":
        await hands.press("Backspace")
    await hands.type("4 jours")
    await expect(page.locator("#script-state")).to_have_text("enregistré")
    assert "  attendre au plus 4 jours\n" in await asyncio.to_thread(script.read_text, "utf-8")


@needed
async def test_a_season_is_led_from_the_door_to_the_report_by_the_keyboard_alone(
    site: Site,
) -> None:
    async with chromium(viewport={"width": 1280, "height": 900}) as browser:
        page = await browser.new_page()
        wrong: list[str] = []
        page.on("console", lambda one: wrong.append(one.text) if one.type == "error" else None)
        page.on("pageerror", lambda error: wrong.append(str(error)))
        hands = Hands(page)
        await sign_in(site, hands)

        # A campaign of the library is theirs, and one of its sentences.
        await hands.go("biblio", "/bibliotheque")
        await hands.take(page.get_by_role("link", name="Utiliser Bienvenue"))
        name = page.get_by_role("dialog").get_by_label("Nom de votre campagne")
        await hands.reach(name)
        await hands.press("Control+a")
        await hands.type(CAMPAIGN)
        await hands.press("Enter")
        await page.wait_for_url("**/scripts/*.relance")
        file = page.url.rpartition("/")[2]
        await change_a_sentence(site, hands, file)

        # A message of it.
        await hands.go("messages", "/messages")
        await hands.take(page.get_by_role("link", name="Bienvenue", exact=True).first)
        await hands.reach(page.get_by_role("textbox", name="Texte de Bienvenue"))
        await hands.press("Control+End")
        await hands.type("\nÀ très bientôt.")
        await expect(page.locator("#script-state")).to_have_text("enregistré")

        # It is tried.
        await hands.go(CAMPAIGN, f"/scripts/{file}")
        await hands.take(page.get_by_role("main").get_by_role("link", name="Essayer"))
        await hands.take(page.get_by_role("button", name="Jouer les scénarios"))
        await expect(page.get_by_text("4 sur 4 passent")).to_be_visible(timeout=60_000)

        # It is published, by who saw what that does.
        await hands.take(page.get_by_role("link", name="Publier…"))
        dialog = page.get_by_role("dialog", name="Publier le projet")
        await expect(dialog).to_contain_text(CAMPAIGN)
        assert await unfit(page) == []
        await hands.reach(dialog.get_by_label("Pourquoi"))
        await hands.type("La saison commence.")
        await hands.reach(
            dialog.get_by_label("Activer aussitôt les campagnes nouvelles"), "Shift+Tab"
        )
        await hands.press("Space")
        await expect(dialog).to_contain_text("scénarios passent", timeout=60_000)
        await hands.take(dialog.get_by_role("button", name="Publier"))
        await page.wait_for_url("**/campagnes/1")  # the one that is new
        await expect(page.get_by_role("status").first).to_contain_text("publi")
        await hands.go(f"rapport {CAMPAIGN}", "/campagnes/1/rapport")

        # Somebody comes, and is where the tree says.
        fields = {"courriel": "aline@exemple.ca", "prénom": "Aline"}
        assert (await site.post("Infolettre", data=fields)).status_code == 201
        await settled(site, "SELECT count(*) FROM waits WHERE topic <> ''", 1)
        await hands.go(CAMPAIGN, "/campagnes/1")
        await hands.take(page.get_by_role("link", name="Passer le script, aller au parcours"))
        await hands.take(page.locator("a[href^='/campagnes/1/personnes?']", has_text="1").last)
        await hands.take(page.get_by_role("link", name="Aline"))

        # Why they received what they did.
        await hands.reach(page.get_by_label("Quoi", exact=True))
        await hands.type("courriel Bienvenue")
        await expect(page.locator("#pourquoi .answer").first).to_contain_text("Bienvenue")

        # What became of it all.
        await hands.go(f"rapport {CAMPAIGN}", "/campagnes/1/rapport")
        row = page.get_by_role("row", name="Entrées 1", exact=True)
        await expect(row).to_be_visible()
        await expect(page.get_by_role("main")).to_contain_text("Messages envoyés")
        assert wrong == []
