"""The server stopped and started again under open pages: each says so, nothing typed is lost."""

from dataclasses import replace

from playwright.async_api import expect

from server.settings import PublishingMode, Settings
from tests.chromium import chromium, needed
from tests.http.conftest import all_plugins, running
from tests.web.test_interface import SCRIPT, opened
from tests.whole import lay_out

#: What a browser says by itself of an answer that does not come.
_CUT = (
    *("ERR_CONNECTION_REFUSED", "ERR_INCOMPLETE_CHUNKED_ENCODING", "ERR_EMPTY_RESPONSE"),
    "Failed to fetch",  # a block that was asked for anew as the server went
)


@needed
async def test_pages_open_while_the_server_starts_again_say_so_and_lose_nothing(
    settings: Settings,
) -> None:
    lay_out(settings.folder, {"regles.relance": SCRIPT})
    script = settings.folder / "regles.relance"
    chosen = replace(settings, publishing=PublishingMode.ON_SAVING)
    async with chromium(viewport={"width": 1280, "height": 900}) as browser:
        async with running(chosen, all_plugins()) as site:
            board, wrong = await opened(browser, site)
            await board.goto(f"{site.runtime.url}/campagnes/1")
            await expect(board.locator(".live.on")).to_be_visible()
            page = await browser.new_page()
            await page.goto(f"{site.runtime.url}/scripts/regles.relance")
            await page.locator(".cm-content").wait_for()
            port = int(site.runtime.url.rpartition(":")[2])
        await board.bring_to_front()
        await expect(board.locator(".live")).to_contain_text("hors ligne depuis")
        await page.bring_to_front()
        await page.get_by_role("textbox", name="Script").focus()
        await page.keyboard.press("Control+Home")
        await page.keyboard.type("# Tapé pendant l’arrêt\n")
        await page.get_by_role("button", name="Enregistrer").press("Enter")
        said = page.locator("#script-state")
        await expect(said).to_contain_text("la connexion est perdue, ce que vous écrivez reste ici")
        async with running(replace(chosen, port=port), all_plugins(), signed_in=False):
            await expect(page.locator(".cm-content")).to_contain_text("Tapé pendant l’arrêt")
            await page.get_by_role("button", name="Enregistrer").press("Enter")
            await expect(page.locator(".flashes")).to_contain_text("nregistré")
            assert script.read_text("utf-8").startswith("# Tapé pendant l’arrêt\n")
            await board.bring_to_front()
            await expect(board.locator(".live.on")).to_be_visible(timeout=30_000)
            assert await board.locator(".live.on").inner_text() != "hors ligne"
    assert [one for one in wrong if not any(cut in one for cut in _CUT)] == []
