"""The pages in a real browser, by the keyboard alone; they fit a telephone and a screen."""

import asyncio
import os
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from playwright.async_api import BrowserContext, Page, expect

from server.runtime import Runtime
from tests.chromium import chromium, needed, unfit
from tests.confirmation.conftest import Visitor, code_of, letter, link_of
from tests.databases import put_sqlite
from tests.email.sink import Sink
from tests.sms.provider import Provider

pytestmark = needed
#: Where to leave pictures of the pages, for whoever wants to look at them.
PICTURES = os.environ.get("RELANCE_IMAGES")


@pytest.fixture
def store_url(tmp_path: Path) -> str:
    """Of one kind: what pages look like does not depend on it."""
    return put_sqlite(tmp_path / "relance.db")


@pytest.fixture
async def browser() -> AsyncIterator[BrowserContext]:
    async with chromium(viewport={"width": 390, "height": 844}) as opened:
        yield opened


async def fits(page: Page, name: str) -> None:
    """Nothing is cut at either width, in either light; what is pressed is large enough."""
    await page.wait_for_load_state()  # its title is there before its look is
    for width in (390, 1280):
        for scheme in ("light", "dark"):
            await page.set_viewport_size({"width": width, "height": 844})
            await page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
            async with asyncio.timeout(10):  # beside load, a window takes its width a little later
                while await page.evaluate("document.documentElement.scrollWidth") > width:
                    await asyncio.sleep(0.05)
            assert await unfit(page) == []
            if PICTURES:
                await page.screenshot(path=Path(PICTURES) / f"{name}-{width}-{scheme}.png")
    for button in await page.get_by_role("button").all():
        box = await button.bounding_box()
        assert box is not None
        assert min(box["width"], box["height"]) >= 24  # WCAG 2.2, 2.5.8


async def test_the_button_is_pressed_with_the_keyboard(
    server: Runtime, sink: Sink, browser: BrowserContext
) -> None:
    long = "aline.tremblay-de-la-rochefoucauld+infolettre@courrier.exemple.ca"
    await Visitor(server).fills("Inscription", courriel=long)
    page = await browser.new_page()
    await page.goto(server.url + link_of(letter(sink)))
    await expect(page).to_have_title("Confirmer votre adresse")
    await fits(page, "bouton")
    await page.keyboard.press("Tab")
    await expect(page.get_by_role("button", name="Confirmer")).to_be_focused()
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("heading", name="C’est confirmé")).to_be_visible()
    await expect(page.get_by_role("link", name="Continuer")).to_be_visible()
    await fits(page, "confirme")


async def test_a_code_is_typed_again_until_it_is_right(
    server: Runtime, provider: Provider, browser: BrowserContext
) -> None:
    await Visitor(server).fills("Cellulaire", cellulaire="514 555-0142")
    code = code_of(provider.asked[-1].fields["Body"])
    page = await browser.new_page()
    await page.goto(f"{server.url}/confirmer")
    await expect(page.get_by_label("Numéro ou courriel")).to_be_focused()
    await fits(page, "code")
    field = page.get_by_label("Code")  # what makes a telephone offer it, and its keys be figures
    await expect(field).to_have_attribute("autocomplete", "one-time-code")
    await expect(field).to_have_attribute("inputmode", "numeric")
    await page.keyboard.type("514 555-0142")
    await page.keyboard.press("Tab")
    await page.keyboard.type("000")
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("alert")).to_contain_text("pas le bon")
    await expect(page.get_by_label("Code")).to_be_focused()
    await expect(page.get_by_label("Numéro ou courriel")).to_have_value("514 555-0142")
    await fits(page, "code-faux")
    await page.keyboard.type(f"{code[:3]} {code[3:]}")
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("heading", name="C’est confirmé")).to_be_visible()
