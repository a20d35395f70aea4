"""The pages of accounts in a real browser: by keyboard, without a script of ours, on a telephone too."""

import os
from collections.abc import AsyncIterator
from pathlib import Path

import pyotp
import pytest
from argon2 import PasswordHasher
from playwright.async_api import BrowserContext, Page, expect

from server.access.passwords import Passwords
from server.settings import Settings
from tests.chromium import chromium, needed, unfit
from tests.http.conftest import Site, all_plugins, running
from tests.whole import lay_out, saving

pytestmark = needed
#: Where to put what the pages look like, for whoever looks at them.
PICTURES = os.environ.get("RELANCE_PICTURES", "")
WORDS = "quatre mots sans rapport"
HOSTILE = "\"'><img src=x onerror=alert(1)>{{7*7}}"


@pytest.fixture
async def site(tmp_path: Path) -> AsyncIterator[Site]:
    lay_out(tmp_path, {})
    settings: Settings = saving(tmp_path, {"RELANCE_PORT": "0"})
    async with running(settings, all_plugins(), signed_in=False) as opened:
        opened.runtime.access.register.passwords = Passwords(PasswordHasher(1, 8, 1))
        yield opened


async def look(page: Page, name: str) -> None:
    """It fits, it is fit for whoever does not see it, and it is pictured for who asked."""
    for width in (390, 1280):
        await page.set_viewport_size({"width": width, "height": 844})
        if PICTURES:
            await page.screenshot(path=f"{PICTURES}/{name}-{width}.png", full_page=True)
        assert await page.evaluate("document.documentElement.scrollWidth") <= width, name
    if PICTURES:
        await page.emulate_media(color_scheme="dark")
        await page.screenshot(path=f"{PICTURES}/{name}-sombre.png", full_page=True)
        assert await unfit(page) == [], f"{name}, dark"
        await page.emulate_media(color_scheme="light")
    assert await unfit(page) == [], name


async def typed(page: Page, *values: str) -> None:
    """Fill fields from the one that has the focus on, and send, by the keyboard alone.

    A browser gives a field the focus its page asks for when it first draws it, after it was loaded.
    """
    await expect(page.locator("input:focus")).to_have_count(1)
    for value in values[:-1]:
        await page.keyboard.type(value)
        await page.keyboard.press("Tab")
    await page.keyboard.type(values[-1])
    await page.keyboard.press("Enter")


def refusals(context: BrowserContext) -> list[str]:
    """What the browser refuses or complains of."""
    found: list[str] = []
    context.on(
        "console",
        lambda one: (
            found.append(one.text)
            if one.type == "error" and "status of 4" not in one.text
            else None
        ),
    )
    return found


async def test_a_team_is_made_and_let_in_by_keyboard_alone(site: Site) -> None:
    url = site.runtime.url
    async with chromium(java_script_enabled=True) as browser:
        refused, page = refusals(browser), await browser.new_page()
        await page.goto(f"{url}/connexion")
        await expect(page.get_by_text("Personne n’a encore de compte")).to_be_visible()
        await look(page, "connexion-vide")

        # The first account, a slip included: nothing typed is lost but the passwords.
        await page.goto(url + (site.runtime.access.first_link or ""))
        await look(page, "premiere")
        await page.get_by_label("Courriel").focus()
        await typed(page, "camille@exemple.ca", HOSTILE, "court", "court")
        await expect(page.get_by_role("alert")).to_contain_text("12 caractères")
        await expect(page.get_by_label("Nom")).to_have_value(HOSTILE)
        await expect(page.get_by_label("Mot de passe")).to_have_value("")
        await look(page, "premiere-faute")
        await page.get_by_label("Mot de passe").focus()
        await typed(page, WORDS, WORDS)
        await page.wait_for_url(f"{url}/")

        # Signed out, and in again.
        await page.goto(f"{url}/compte")
        await look(page, "compte")
        await page.get_by_role("button", name="Se déconnecter").press("Enter")
        await expect(page.get_by_text("Vous avez quitté Relance")).to_be_visible()
        await page.goto(f"{url}/utilisateurs")
        await page.wait_for_url("**/connexion?suite=/utilisateurs")
        await expect(page.get_by_label("Courriel")).to_be_focused()
        await typed(page, "camille@exemple.ca", "autre chose que cela")
        await expect(page.get_by_role("alert")).to_contain_text("n’est pas le bon")
        await expect(page.get_by_label("Courriel")).to_have_value("camille@exemple.ca")
        await look(page, "connexion-faute")
        await typed(page, WORDS)
        await page.wait_for_url("**/utilisateurs")
        assert "onerror" not in await page.locator("main img").evaluate_all("x => x.join()")

        # Somebody is invited, a slip included.
        await page.get_by_label("Nom").focus()
        await typed(page, "Zoé", "pas une adresse")
        await expect(page.get_by_label("Courriel")).to_have_value("pas une adresse")
        await page.get_by_label("Courriel").fill("")
        await page.get_by_label("Courriel").focus()
        await typed(page, "zoe@exemple.ca")
        link = await page.locator(".once code").inner_text()
        await look(page, "utilisateurs")
        await page.get_by_role("link", name="Zoé").press("Enter")
        await look(page, "utilisateur")

        # A token, shown once.
        await page.goto(f"{url}/jetons")
        await page.get_by_label("Programme").focus()
        await typed(page, "Le CRM")
        token = await page.locator(".once code").inner_text()
        assert token.startswith("rlc_")
        await page.get_by_role("button", name="Copier").press("Enter")
        await expect(page.get_by_text("Copié", exact=True)).to_be_visible()
        await look(page, "jetons")
        await page.goto(f"{url}/jetons")
        assert token not in await page.content()

        # All of it is in the log.
        await page.goto(f"{url}/journal/verifier")
        await expect(page.get_by_role("status")).to_contain_text("Le journal est entier")
        await expect(page.get_by_text("a invité Zoé")).to_be_visible()
        await look(page, "journal")
        assert refused == []
    async with chromium(java_script_enabled=False) as other:
        invited = await other.new_page()
        await invited.goto(link)
        await look_plainly(invited)
        await invited.get_by_label("Mot de passe").fill(WORDS)
        await invited.get_by_label("Le même").fill(WORDS)
        await invited.get_by_role("button", name="Continuer").click()
        await invited.goto(f"{url}/utilisateurs")
        await expect(invited.get_by_role("heading", level=1)).to_have_text(
            "Cette page n’est pas pour vous."
        )
        await invited.goto(link)
        await expect(invited.get_by_role("heading", level=1)).to_have_text(
            "Ce lien n’ouvre plus rien"
        )


async def look_plainly(page: Page) -> None:
    await expect(page.get_by_text("zoe@exemple.ca")).to_be_visible()


async def test_a_second_factor_is_added_and_asked_for_and_a_session_ended_elsewhere(
    site: Site,
) -> None:
    url, team = site.runtime.url, site.runtime.access.team
    async with chromium() as browser, chromium() as elsewhere:
        refused, page = refusals(browser), await browser.new_page()
        await page.goto(url + (site.runtime.access.first_link or ""))
        await page.get_by_label("Courriel").focus()
        await typed(page, "camille@exemple.ca", "Camille Morin", WORDS, WORDS)
        await page.wait_for_url(f"{url}/")  # the account is made, and may be used elsewhere
        other = await elsewhere.new_page()
        await other.goto(f"{url}/connexion")
        await typed(other, "camille@exemple.ca", WORDS)
        await other.wait_for_url(f"{url}/")
        await page.goto(f"{url}/compte")
        await look(page, "compte-deux")
        await page.get_by_role("button", name="Déconnecter Chrome").press("Enter")
        await expect(page.get_by_role("status")).to_contain_text("C’est fermé")
        await other.reload()
        await other.wait_for_url("**/connexion?suite=/")

        await page.get_by_role("link", name="Ajouter un second facteur").press("Enter")
        await expect(page.locator("svg.qr")).to_be_visible()
        await look(page, "facteur")
        key = (await page.locator("code.key").inner_text()).replace(" ", "")
        await page.get_by_label("Code à six chiffres").focus()
        await typed(page, "000000")
        await expect(page.get_by_role("alert")).to_be_visible()
        assert key == (await page.locator("code.key").inner_text()).replace(" ", "")
        await page.get_by_label("Code à six chiffres").focus()
        await typed(page, pyotp.TOTP(key).now())
        await expect(page.locator(".codes li")).to_have_count(10)
        code = await page.locator(".codes li").first.inner_text()
        await look(page, "codes")

        await other.get_by_label("Courriel").focus()
        await typed(other, "camille@exemple.ca", WORDS)
        await other.wait_for_url("**/connexion/code?suite=/")
        await look(other, "code")
        await typed(other, "123456")
        await expect(other.get_by_role("alert")).to_contain_text("n’est pas le bon")
        await other.get_by_label("Code").focus()
        await typed(other, code)
        await other.wait_for_url(f"{url}/")
        assert refused == []
    assert (await team.everybody())[0].factor
