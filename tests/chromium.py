"""A real browser, where the machine has one: Chromium, driven by Playwright, which downloads none."""

import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from axe_playwright_python.async_playwright import Axe
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


async def unfit(page: Page) -> list[str]:
    """What axe finds wrong in a page, for whoever does not see it, or does not use a mouse."""
    found = await Axe().run(page, options={"resultTypes": ["violations"]})
    return [
        f"{one['id']}: {node['html'][:200]}"
        for one in found.response["violations"]
        for node in one["nodes"]
    ]


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
