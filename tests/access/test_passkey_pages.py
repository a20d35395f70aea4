"""Passkeys in a real browser, with its virtual authenticator: by keyboard alone, and without a script."""

import socket
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from argon2 import PasswordHasher
from playwright.async_api import BrowserContext, Page, expect

from server.access.passwords import Passwords
from tests.access.test_pages_of_the_team import PICTURES, WORDS, look, refusals, typed
from tests.chromium import chromium, needed
from tests.http.conftest import Site, all_plugins, running
from tests.whole import lay_out, saving

pytestmark = needed
MAIL = "camille@exemple.ca"


@pytest.fixture
async def site(tmp_path: Path) -> AsyncIterator[Site]:
    """A server that has a name: keys are bound to one."""
    lay_out(tmp_path, {})
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = str(free.getsockname()[1])
    given = {"RELANCE_PORT": port, "RELANCE_ADRESSE": f"http://localhost:{port}"}
    async with running(saving(tmp_path, given), all_plugins(), signed_in=False) as opened:
        opened.runtime.access.register.passwords = Passwords(PasswordHasher(1, 8, 1))
        yield opened


async def pictured(page: Page, name: str) -> None:
    """What is made of pieces that others try: looked at when pictures are asked for."""
    if PICTURES:
        await look(page, name)


async def with_a_key(context: BrowserContext, page: Page) -> None:
    """A computer that has a key of its own, which says yes to whatever it is asked."""
    cdp = await context.new_cdp_session(page)
    await cdp.send("WebAuthn.enable")
    options = {
        "protocol": "ctap2",
        "transport": "internal",
        "hasResidentKey": True,
        "hasUserVerification": True,
        "isUserVerified": True,
        "automaticPresenceSimulation": True,
    }
    await cdp.send("WebAuthn.addVirtualAuthenticator", {"options": options})


async def test_a_key_is_added_opens_and_is_removed_by_keyboard_alone(site: Site) -> None:
    url, first = site.runtime.settings.public_url, site.runtime.access.first_link or ""
    async with chromium() as browser:
        refused, page = refusals(browser), await browser.new_page()
        await with_a_key(browser, page)
        await page.goto(url + first)
        await page.get_by_label("Courriel").focus()
        await typed(page, MAIL, "Camille Morin", WORDS, WORDS)
        await page.wait_for_url(f"{url}/")
        await page.goto(f"{url}/connexion/confirmer")
        await expect(page.get_by_role("button", name="Confirmer par une clé")).to_have_count(0)

        # Added, under a name: it is the first second factor, so that recovery codes come with it.
        await page.goto(f"{url}/compte")
        await page.get_by_role("link", name="Ajouter une clé d’accès").press("Enter")
        await expect(page.get_by_text("Ce navigateur, ou JavaScript arrêté")).to_be_hidden()
        await look(page, "cle-ajouter")
        await page.get_by_label("Nom de la clé").fill("")
        await page.get_by_label("Nom de la clé").focus()
        await typed(page, "Portable <b>")
        await expect(page.locator(".codes li")).to_have_count(10)
        await page.get_by_role("link", name="C’est noté").press("Enter")
        await expect(page.get_by_text("n’a pas encore servi")).to_be_visible()
        await look(page, "cle-compte")

        # The same computer has it already, which is said where one asked.
        await page.goto(f"{url}/compte/cles")
        await page.get_by_role("button", name="Ajouter cette clé").press("Enter")
        await expect(page.get_by_role("alert")).to_contain_text("déjà ajoutée")

        # It lets in by itself; what it answered lets in nobody a second time.
        await page.goto(f"{url}/compte")
        await page.get_by_role("button", name="Se déconnecter").press("Enter")
        await expect(page.get_by_role("button", name="Entrer par une clé d’accès")).to_be_visible()
        await pictured(page, "cle-connexion")
        async with page.expect_request(f"{url}/connexion/cle") as sent:
            await page.get_by_role("button", name="Entrer par une clé d’accès").press("Enter")
        await page.wait_for_url(f"{url}/")
        answer = (await sent.value).post_data or ""
        await page.goto(f"{url}/compte")
        await expect(page.get_by_text("a servi le")).to_be_visible()
        form = {"content-type": "application/x-www-form-urlencoded"}
        again = await browser.request.post(f"{url}/connexion/cle", data=answer, headers=form)
        assert again.status == 422
        assert "a vieilli, ou elle a déjà servi" in await again.text()

        # After the password, it is the second factor; to confirm, it stands for the password.
        await page.get_by_role("button", name="Se déconnecter").press("Enter")
        await page.get_by_label("Courriel").focus()
        await typed(page, MAIL, WORDS)
        await page.wait_for_url("**/connexion/code?suite=/")
        await pictured(page, "cle-code")
        await page.get_by_role("button", name="Employer ma clé d’accès").press("Enter")
        await page.wait_for_url(f"{url}/")
        await page.goto(f"{url}/connexion/confirmer?suite=/jetons")
        await pictured(page, "cle-confirmer")
        await page.get_by_role("button", name="Confirmer par une clé d’accès").press("Enter")
        await page.wait_for_url(f"{url}/jetons")

        # Removed, once asked; then it opens nothing, which is said beside it.
        await page.goto(f"{url}/compte")
        await page.get_by_role("link", name="Retirer la clé Portable").press("Enter")
        dialog = page.get_by_role("dialog")
        await expect(dialog).to_contain_text("votre seul second facteur")
        await look(page, "cle-retirer")
        await dialog.get_by_role("button", name="Retirer cette clé").press("Enter")
        await expect(page.get_by_role("status")).to_contain_text("n’ouvre plus rien")
        await page.get_by_role("link", name="Ajouter une clé d’accès").press("Enter")
        await page.get_by_role("button", name="Ajouter cette clé").press("Enter")
        await expect(page.locator(".codes li")).to_have_count(10)
        async with site.runtime.store.write() as conn:
            await conn.exec_driver_sql("UPDATE passkeys SET credential = 'autre'")
        await page.goto(f"{url}/compte")
        await page.get_by_role("button", name="Se déconnecter").press("Enter")
        await page.get_by_role("button", name="Entrer par une clé d’accès").press("Enter")
        await expect(page.get_by_role("alert")).to_contain_text("n’ouvre aucun compte")
        await look(page, "cle-refusee")
        assert refused == []

        # Without a script nothing of it is shown, and the password still lets in.
        plain = await browser.browser.new_context(java_script_enabled=False)  # type: ignore[union-attr]
        other = await plain.new_page()
        await other.goto(f"{url}/connexion")
        await expect(other.get_by_role("button")).to_have_count(1)
        await other.get_by_label("Courriel").fill(MAIL)
        await other.get_by_label("Mot de passe").fill(WORDS)
        await other.get_by_role("button", name="Se connecter").click()
        await expect(other.get_by_label("Code")).to_be_visible()
        await expect(other.get_by_role("button")).to_have_count(1)
