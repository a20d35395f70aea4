"""The script and the pixel in a real browser, on a page of another origin of the same site."""

import asyncio
import json
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.chromium import CHROMIUM, chromium, needed
from tests.web.conftest import FIREFOX, Site, visits

pytestmark = needed

PAGE = """<!doctype html><html lang="fr"><head><title>Nos tarifs</title>
<script>%(before)s</script>
<script src="%(relance)s/suivi.js" defer></script>
</head><body>
<a id="nomme" href="https://ailleurs.example/essai?plan=2" data-relance-lien="Essai">Essai</a>
<a id="anonyme" href="https://ailleurs.example/autre">Autre</a>
<script>addEventListener("click", function (e) { e.preventDefault(); });
addEventListener("load", function () { %(after)s });</script>
<noscript><img src="%(relance)s/suivi.gif?p=/sans-script" alt=""></noscript>
</body></html>"""

#: In such a frame no script runs: it is as if the browser had none.
FRAME = b'<!doctype html><title>Cadre</title><iframe sandbox="allow-same-origin" src="/"></iframe>'


class Pages:
    """A small site, each page with the scripts the test gives it."""

    def __init__(self) -> None:
        self.relance = self.before = self.after = ""
        self.origin = ""
        self.asked: Counter[str] = Counter()

    async def answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            asked = await reader.readuntil(b"\r\n\r\n")
        except asyncio.IncompleteReadError:  # a connection opened ahead, of no use in the end
            writer.close()
            return
        self.asked[asked.split(b" ")[1].decode()] += 1
        framed = asked.startswith(b"GET /cadre ")
        body = FRAME if framed else (PAGE % vars(self)).encode()
        # What the documentation tells the site to allow, and nothing else but its own lines.
        policy = (
            f"default-src 'none'; script-src 'unsafe-inline' {self.relance}; "
            f"connect-src {self.relance}; img-src {self.relance}; frame-src 'self'"
        )
        writer.write(
            b"HTTP/1.1 200 OK\r\ncontent-type: text/html; charset=utf-8\r\nconnection: close\r\n"
            b"content-security-policy: %s\r\ncontent-length: %d\r\n\r\n%s"
            % (policy.encode(), len(body), body)
        )
        await writer.drain()
        writer.close()


class Visit:
    """A site, a server that follows it, and a browser with a profile of its own."""

    def __init__(self, pages: Pages, site: Site, profile: Path) -> None:
        self.pages, self.site, self._profile = pages, site, profile

    async def of(self, path: str, *, before: str = "", after: str = "") -> None:
        self.pages.before, self.pages.after = before, after
        assert CHROMIUM is not None
        running = await asyncio.create_subprocess_exec(
            CHROMIUM,
            "--headless",
            "--no-sandbox",
            "--disable-gpu",
            "--disable-quic",
            "--no-first-run",
            f"--user-data-dir={self._profile}",
            f"--user-agent={FIREFOX}",
            "--virtual-time-budget=3000",
            "--dump-dom",
            self.pages.origin + path,
            stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.DEVNULL,
        )
        assert await asyncio.wait_for(running.wait(), 60) == 0

    async def events(self, count: int) -> list[tuple[str, str | None]]:
        """What was stored, once there is that much of it."""
        for _ in range(50):
            found = await visits(self.site)
            if len(found) >= count:
                break
            await asyncio.sleep(0.05)
        return [(type_, subject) for _, type_, subject, _ in found]


@asynccontextmanager
async def visiting(start: Any, tmp_path: Path, **section: Any) -> AsyncIterator[Visit]:
    pages = Pages()
    server = await asyncio.start_server(pages.answer, "127.0.0.1", 0)
    pages.origin = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    async with server, start(sections={"web": {"sites": [pages.origin], **section}}) as site:
        pages.relance = site.runtime.url
        yield Visit(pages, site, tmp_path / "profil")


async def test_a_browser_tells_its_pages_and_its_clicks(start: Any, tmp_path: Path) -> None:
    async with visiting(start, tmp_path) as visit:
        await visit.of(
            "/tarifs?utm_source=mai#prix",
            after="""
              history.pushState({}, "", "/tarifs/deux");
              document.getElementById("nomme").click();
              document.getElementById("anonyme").click();
              setTimeout(function () { history.pushState({}, "", "#chapitre"); }, 50);
              setTimeout(function () { history.back(); }, 100);
            """,
        )
        await visit.of("/contact")
        found = await visit.events(4)
        assert sorted(found) == [
            ("link_clicked", "Essai"),
            ("page_visited", "/contact"),
            ("page_visited", "/tarifs"),
            ("page_visited", "/tarifs/deux"),
        ]
        rows = await visit.site.rows("SELECT DISTINCT lead_id FROM events")
        assert len(rows) == 1
        said = await visit.site.rows("SELECT properties FROM events WHERE subject = '/tarifs'")
        assert json.loads(said[0].properties) == {"utm-source": "mai", "titre": "Nos tarifs"}


async def test_a_browser_says_nothing_before_its_visitor_agrees(start: Any, tmp_path: Path) -> None:
    async with visiting(start, tmp_path, consentement="requis") as visit:
        await visit.of("/avant", after="document.getElementById('nomme').click();")
        assert await visit.events(0) == []
        await visit.of("/accord", after="relance.consentir();")
        await visit.of("/apres")
        agreed = [("page_visited", "/accord"), ("page_visited", "/apres")]
        assert await visit.events(2) == agreed
        await visit.of("/retrait", after="setTimeout(relance.retirer, 300);")
        await visit.of("/ensuite")
        assert await visit.events(3) == [*agreed, ("page_visited", "/retrait")]


async def test_a_browser_that_asks_not_to_be_followed_says_nothing(
    start: Any, tmp_path: Path
) -> None:
    async with visiting(start, tmp_path) as visit:
        await visit.of(
            "/",
            before="Object.defineProperty(navigator, 'globalPrivacyControl', {value: true});",
            after="document.getElementById('nomme').click();",
        )
        assert await visit.events(0) == []
        assert await visit.site.count("leads") == 0


async def test_a_browser_without_scripts_shows_the_pixel(start: Any, tmp_path: Path) -> None:
    async with visiting(start, tmp_path) as visit:
        await visit.of("/cadre", after="document.title = 'jamais';")
        assert await visit.events(1) == [("page_visited", "/sans-script")]


async def test_a_page_that_loads_itself_again_is_seen_once(start: Any, tmp_path: Path) -> None:
    async with visiting(start, tmp_path) as visit, chromium() as browser:
        page = await browser.new_page()
        visit.pages.before = visit.pages.after = ""
        home = visit.pages.origin
        await page.goto(f"{home}/suivi-en-direct")
        for _ in range(2):
            async with page.expect_navigation():
                await page.evaluate("location.reload()")
        async with page.expect_navigation():
            await page.evaluate("location.href = location.href")
        await page.goto(f"{home}/ailleurs")
        await page.goto(f"{home}/suivi-en-direct")
        assert await visit.events(3) == [
            ("page_visited", "/suivi-en-direct"),
            ("page_visited", "/ailleurs"),
            ("page_visited", "/suivi-en-direct"),
        ]


#: What Chromium answers of a page opened behind another, or prepared and not yet shown.
UNSEEN = """Object.defineProperty(document, "visibilityState", {get: () => window.vu || "hidden"});
addEventListener("montrer", () => { window.vu = "visible";
  document.dispatchEvent(new Event("visibilitychange")); });"""


async def test_a_page_that_nobody_has_looked_at_is_seen_once_shown(
    start: Any, tmp_path: Path
) -> None:
    async with visiting(start, tmp_path) as visit, chromium() as browser:
        visit.pages.before, visit.pages.after = UNSEEN, ""
        page = await browser.new_page()
        await page.goto(f"{visit.pages.origin}/derriere")
        await asyncio.sleep(0.3)
        assert await visits(visit.site) == []
        await page.evaluate("dispatchEvent(new Event('montrer'))")
        assert await visit.events(1) == [("page_visited", "/derriere")]


async def test_a_page_prepared_ahead_is_seen_once_it_is_activated(
    start: Any, tmp_path: Path
) -> None:
    """Speculation rules have Chromium prerender the next page before anybody asks for it."""
    rules = '{"prerender": [{"urls": ["/ensuite"], "eagerness": "immediate"}]}'
    async with visiting(start, tmp_path) as visit, chromium() as browser:
        visit.pages.before = ""
        visit.pages.after = f"""
          if (location.pathname !== "/") return;
          var regles = document.createElement("script");
          regles.type = "speculationrules";
          regles.textContent = '{rules}';
          document.head.append(regles);
        """
        page = await browser.new_page()
        await page.goto(visit.pages.origin + "/")
        for _ in range(100):
            if visit.pages.asked.get("/ensuite"):
                break
            await asyncio.sleep(0.05)
        else:
            pytest.skip("this Chromium prepares no page ahead")
        await asyncio.sleep(0.3)
        assert await visit.events(1) == [("page_visited", "/")]
        await page.evaluate("location.href = '/ensuite'")
        assert await visit.events(2) == [("page_visited", "/"), ("page_visited", "/ensuite")]
        assert visit.pages.asked["/ensuite"] == 1, "the page prepared is the page shown"
