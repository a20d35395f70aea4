"""A real browser, where the machine has one: Chromium, driven by Playwright, which downloads none."""

import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from axe_playwright_python.base import AXE_SCRIPT
from playwright.async_api import BrowserContext, Page, async_playwright

CHROMIUM = next(
    filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None
)
#: For the tests of a module that need one.
needed = pytest.mark.skipif(CHROMIUM is None, reason="no Chromium on this machine to try it in")
#: Nothing but what is asked of it: no update, no report, no other protocol.
_ARGUMENTS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
#: Without a screen it calls itself « HeadlessChrome », which is taken for a machine, rightly.
_NAME = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/156.0.0.0 Safari/537.36"


#: Answered by the page itself: of what else axe finds there, nothing is carried here.
_UNFIT = """axe.run({resultTypes: ["violations"]}).then(found => found.violations.flatMap(
    one => one.nodes.map(node => `${one.id}: ${node.html.slice(0, 200)}`)))"""


async def unfit(page: Page) -> list[str]:
    """What axe finds wrong in a page, for whoever does not see it, or does not use a mouse."""
    if not await page.evaluate("'axe' in window"):
        await page.evaluate(AXE_SCRIPT)
    found: list[str] = await page.evaluate(_UNFIT)
    return found


@asynccontextmanager
async def chromium(**context: object) -> AsyncIterator[BrowserContext]:
    """A fresh browser, its profile its own."""
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(
            executable_path=CHROMIUM, args=list(_ARGUMENTS), chromium_sandbox=False
        )
        usual = {"locale": "fr-CA", "user_agent": _NAME, **context}
        opened = await browser.new_context(**usual)  # type: ignore[arg-type]
        opened.set_default_timeout(15_000)
        try:
            yield opened
        finally:
            await browser.close()
