"""An identity provider of another site, from a real browser: by keyboard alone, refusals included."""

import socket
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from argon2 import PasswordHasher
from playwright.async_api import Page, expect

from server.access import roles
from server.access.actor import SERVER
from server.access.passwords import Passwords
from tests.access.provider import CLIENT, SECRET, Provider, provider
from tests.access.test_pages_of_the_team import PICTURES, WORDS, look, refusals, typed
from tests.chromium import chromium, needed
from tests.http.conftest import Site, all_plugins, running
from tests.whole import lay_out, saving

pytestmark = needed
MAIL = "camille@exemple.ca"


@pytest.fixture
async def both(tmp_path: Path) -> AsyncIterator[tuple[Site, Provider]]:
    """A server, and a provider which asks before it lets through."""
    lay_out(tmp_path, {})
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = str(free.getsockname()[1])
    async with provider() as there:
        there.asks = True
        given = {
            "RELANCE_PORT": port,
            "RELANCE_ADRESSE": f"http://localhost:{port}",
            "RELANCE_RESEAU_HOTES_PERMIS": "127.0.0.1",
            "RELANCE_OIDC_EMETTEUR": there.issuer,
            "RELANCE_OIDC_CLIENT": CLIENT,
            "RELANCE_OIDC_SECRET": SECRET,
            "RELANCE_OIDC_NOM": "Essai <b>",
        }
        async with running(saving(tmp_path, given), all_plugins(), signed_in=False) as opened:
            opened.runtime.access.register.passwords = Passwords(PasswordHasher(1, 8, 1))
            yield opened, there


async def pictured(page: Page, name: str) -> None:
    """What is made of pieces that others try: looked at when pictures are asked for."""
    if PICTURES:
        await look(page, name)


async def passes(page: Page, link: str) -> None:
    """To the provider by that link, and back."""
    await page.get_by_role("link", name=link).press("Enter")
    await page.get_by_role("link", name="Je suis Zoé").press("Enter")


async def test_one_comes_in_by_a_provider_confirms_and_is_refused_by_keyboard_alone(
    both: tuple[Site, Provider],
) -> None:
    site, there = both
    url, team = site.runtime.settings.public_url, site.runtime.access.team
    async with chromium() as browser, chromium() as elsewhere:
        refused, page = refusals(elsewhere), await browser.new_page()
        await page.goto(url + (site.runtime.access.first_link or ""))
        await page.get_by_label("Courriel").focus()
        await typed(page, MAIL, "Camille Morin", WORDS, WORDS)
        await page.wait_for_url(f"{url}/")
        account, _ = await team.invite(SERVER, "zoe@exemple.ca", "Zoé", roles.ALL)

        # Nobody is awaited at that address: it is said, and where to go from there.
        other = await elsewhere.new_page()
        there.person["email"] = "personne@exemple.ca"
        await other.goto(f"{url}/leads")
        await pictured(other, "fournisseur-connexion")
        await passes(other, "Continuer avec Essai <b>")
        await expect(other.get_by_role("alert")).to_contain_text("demandez une invitation")
        await look(other, "fournisseur-refus")

        # Zoé is: from there she comes in where she wanted to go, without a password.
        there.person["email"] = "zoe@exemple.ca"
        await passes(other, "Continuer avec Essai <b>")
        await other.wait_for_url(f"{url}/leads")
        await other.goto(f"{url}/compte")
        await expect(other.get_by_text("relié à zoe@exemple.ca")).to_be_visible()
        await expect(other.get_by_label("Mot de passe actuel")).to_have_count(0)
        await pictured(other, "fournisseur-compte")
        async with site.runtime.store.write() as conn:
            await conn.exec_driver_sql("UPDATE sessions SET proved_at = 0")
        await other.goto(f"{url}/jetons")
        await expect(other.get_by_label("Mot de passe")).to_have_count(0)
        await pictured(other, "fournisseur-confirmer")
        await passes(other, "Continuer avec Essai <b>")
        await other.wait_for_url(f"{url}/jetons")

        # Camille cannot be her as well; as herself, she binds her account and undoes it.
        await page.goto(f"{url}/compte")
        await page.get_by_role("link", name="Relier mon compte à Essai <b>").press("Enter")
        await expect(page.get_by_label("Mot de passe")).to_be_focused()
        await typed(page, WORDS)
        await page.wait_for_url(f"{url}/compte/fournisseur")
        await passes(page, "Continuer avec Essai <b>")
        await expect(page.get_by_role("alert")).to_contain_text("déjà relié")
        await look(page, "fournisseur-relier")
        there.person |= {"sub": "c-1", "email": MAIL}
        await passes(page, "Continuer avec Essai <b>")
        await expect(page.get_by_text("votre compte est relié à Essai <b>")).to_be_visible()
        await page.get_by_role("link", name="Revenir à mon compte").press("Enter")
        await page.get_by_role("button", name="Délier mon compte").press("Enter")
        await expect(page.get_by_role("status")).to_contain_text("n’est plus relié")

        # Who administers undoes it too; the account is out at once.
        await page.goto(f"{url}/utilisateurs/{account.id}")
        await pictured(page, "fournisseur-utilisateur")
        await page.get_by_role("button", name="Défaire le lien avec Essai <b>").press("Enter")
        await expect(page.get_by_role("status")).to_contain_text("partout déconnecté")
        await other.goto(f"{url}/compte")
        await other.wait_for_url("**/connexion?suite=**")
        assert refused == []
