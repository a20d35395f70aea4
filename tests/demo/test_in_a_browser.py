"""The demonstration as a newcomer walks through it, in a real browser: form, mail, click, branch."""

import asyncio
import re
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest
from playwright.async_api import BrowserContext, Page, expect
from sqlalchemy import text

from server.demo.run import Demo, demonstration
from tests.chromium import chromium, needed

pytestmark = needed


@pytest.fixture
async def demo(tmp_path: Path) -> AsyncIterator[Demo]:
    async with demonstration(tmp_path / "demo", 0, 0) as running:
        yield running


@pytest.fixture
async def browser() -> AsyncIterator[BrowserContext]:
    async with chromium() as opened:
        yield opened


async def visits(demo: Demo) -> list[str]:
    async with demo.runtime.store.read() as conn:
        query = text("SELECT subject FROM events WHERE type = 'page_visited' ORDER BY id")
        return [str(one) for one in await conn.scalars(query)]


async def sign_up(page: Page, demo: Demo) -> None:
    await page.goto(demo.shop_url)
    await page.get_by_role("button", name="Je m’inscris").click()


async def test_a_newcomer_goes_from_the_form_to_the_branch(
    demo: Demo, browser: BrowserContext
) -> None:
    page = await browser.new_page()
    refused: list[str] = []
    page.on("response", lambda one: refused.append(one.url) if one.status >= 400 else None)
    await sign_up(page, demo)
    await page.wait_for_url(f"{demo.shop_url}/merci")
    await expect(page.get_by_role("heading", name="Merci !")).to_be_visible()

    await page.get_by_role("link", name="Courriels reçus").click()
    letter = page.frame_locator("iframe")
    await expect(letter.get_by_role("link", name="Lire le guide")).to_be_visible()

    await demo.skip(timedelta(minutes=1))  # nobody reads in a second
    async with browser.expect_page() as opened:
        await letter.get_by_role("link", name="Lire le guide").click()
    guide = await opened.value
    await guide.wait_for_url(f"{demo.shop_url}/guide")

    await page.goto(f"{demo.shop_url}/parcours")
    await expect(page.get_by_role("listitem").get_by_text("Étiqueter (Curieux)")).to_be_visible()
    await expect(page.get_by_role("link", name=re.compile("Aline 10.points"))).to_be_visible()
    assert refused == []


async def test_a_page_that_looks_again_by_itself_is_seen_once(
    demo: Demo, browser: BrowserContext
) -> None:
    page = await browser.new_page()
    await sign_up(page, demo)
    await page.wait_for_url(f"{demo.shop_url}/merci")
    looked = 0
    while looked < 2:
        async with page.expect_request(f"{demo.shop_url}/merci"):
            looked += 1
    await asyncio.sleep(0.2)
    assert await visits(demo) == ["/merci"]


@pytest.mark.parametrize("policy", ["no-referrer", "same-origin"])
async def test_a_site_whose_pages_hide_it_is_heard(
    demo: Demo, browser: BrowserContext, policy: str
) -> None:
    """The shop served as many sites are: the browser posts « Origin: null »."""
    page = await browser.new_page()
    posted: list[str | None] = []

    async def hidden(route) -> None:  # type: ignore[no-untyped-def]
        answer = await route.fetch()
        headers = {**answer.headers, "referrer-policy": policy}
        await route.fulfill(response=answer, headers=headers)

    async def note(request) -> None:  # type: ignore[no-untyped-def]
        if request.method == "POST":
            posted.append((await request.all_headers()).get("origin"))

    await page.route(f"{demo.shop_url}/", hidden)
    page.on("request", note)
    await sign_up(page, demo)
    await page.wait_for_url(f"{demo.shop_url}/merci")
    assert posted == ["null"]
