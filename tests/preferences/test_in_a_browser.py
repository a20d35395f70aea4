"""The page of preferences in a real browser, by the keyboard alone; it fits a telephone and a screen."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from playwright.async_api import BrowserContext, expect

from server.runtime import Runtime
from tests.chromium import chromium, needed
from tests.confirmation.test_in_a_browser import fits
from tests.databases import put_sqlite
from tests.email.sink import Sink
from tests.preferences.conftest import NUMBER, fill, mailed

pytestmark = needed


@pytest.fixture
def store_url(tmp_path: Path) -> str:
    """Of one kind: what pages look like does not depend on it."""
    return put_sqlite(tmp_path / "relance.db")


@pytest.fixture
async def browser() -> AsyncIterator[BrowserContext]:
    async with chromium(viewport={"width": 390, "height": 844}) as opened:
        yield opened


async def test_choices_are_made_with_the_keyboard_then_all_is_left(
    server: Runtime, sink: Sink, browser: BrowserContext
) -> None:
    long = "aline.tremblay-de-la-rochefoucauld+infolettre@courrier.exemple.ca"
    await fill(server, 2, courriel=long, cellulaire=NUMBER)
    page = await browser.new_page()
    await page.goto(server.url + mailed(server, sink).path)
    await expect(page).to_have_title("Vos préférences")
    await fits(page, "preferences")
    await page.keyboard.press("Tab")
    mails = page.get_by_label("Je veux recevoir vos courriels.")
    await expect(mails).to_be_focused()
    await page.keyboard.press("Tab")
    await page.keyboard.press("Space")
    await page.get_by_label("Votre langue").select_option("English")
    await page.get_by_role("button", name="Enregistrer").press("Enter")
    await expect(page.get_by_role("status")).to_have_text("C’est enregistré.")
    await expect(page.get_by_label("Je veux recevoir vos SMS.")).not_to_be_checked()
    await expect(page.get_by_label("Votre langue")).to_have_value("en")
    await expect(mails).to_be_checked()
    await page.get_by_role("button", name="Ne plus rien recevoir").press("Enter")
    await expect(page.get_by_role("status")).to_contain_text("vous ne recevrez plus rien")
    await expect(mails).not_to_be_checked()
    await fits(page, "preferences-quittees")
