"""A server whose `[web]` section follows one site, and browsers that visit it."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from relance.testing import VirtualClock
from server.store.store import Store
from tests.engine.world import World
from tests.http.conftest import Site, settings, start  # noqa: F401 — fixtures

SITE = "https://www.exemple.ca"
#: A click is believed at once: what weighs it is tried elsewhere.
SECTIONS = {"web": {"sites": [SITE]}, "email": {"attente_des_clics": "0 s"}}
FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:143.0) Gecko/20100101 Firefox/143.0"


@pytest.fixture
def world(store: Store, clock: VirtualClock) -> World:
    return World(store, clock)


@pytest.fixture
async def site(start: Any) -> AsyncIterator[Site]:  # noqa: F811
    async with start(sections=SECTIONS) as opened:
        yield opened


class Browser:
    """A browser on the site: it keeps its cookies, and says what browsers say."""

    def __init__(self, site: Site, **headers: str) -> None:
        self.site = site
        usual = {"user-agent": FIREFOX, "accept": "text/html,*/*", "sec-fetch-mode": "no-cors"}
        self.client = httpx.AsyncClient(
            base_url=site.runtime.url, headers={**usual, **headers}, timeout=10
        )

    async def tell(self, hit: Any, origin: str | None = SITE, **headers: str) -> httpx.Response:
        given = {"origin": origin} if origin is not None else {}
        given |= {name.replace("_", "-"): value for name, value in headers.items()}
        if isinstance(hit, bytes):
            return await self.client.post("/suivi", content=hit, headers=given)
        return await self.client.post("/suivi", json=hit, headers=given)

    async def see(self, path: str, **headers: str) -> httpx.Response:
        return await self.tell({"e": "page", "u": SITE + path, "c": 1}, **headers)

    async def click(self, name: str, href: str) -> httpx.Response:
        hit = {"e": "lien", "u": SITE + "/", "n": name, "h": href, "c": 1}
        return await self.tell(hit)

    async def get(self, path: str, **headers: str) -> httpx.Response:
        given = {name.replace("_", "-"): value for name, value in headers.items()}
        return await self.client.get(path, headers=given)

    @property
    def mark(self) -> str | None:
        return self.client.cookies.get("relance_visiteur")


@pytest.fixture
async def browser(site: Site) -> AsyncIterator[Browser]:
    opened = Browser(site)
    yield opened
    await opened.client.aclose()


async def visits(site: Site) -> list[tuple[int, str, str | None, str | None]]:
    """What was told, all of it stored: nobody who visits waits for the base."""
    async with asyncio.timeout(10):
        while site.runtime.visit_buffer.oldest() is not None:
            await asyncio.sleep(0.02)
    rows = await site.rows("SELECT lead_id, type, subject, address FROM events ORDER BY id")
    return [tuple(row) for row in rows if row.type != "lead_updated"]
