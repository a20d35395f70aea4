"""`relance liens`, beside a running server."""

import asyncio
import json
from pathlib import Path

import pytest

from dsl.rules import TrackedLink
from server.cli.main import main
from tests.web.conftest import SITE, Browser, Site


async def relance(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    def run() -> None:
        with pytest.raises(SystemExit) as ended:
            main(["liens", *arguments])
        assert not ended.value.code

    await asyncio.to_thread(run)
    return capsys.readouterr().out.replace("\u00a0", " ")


async def test_links_are_listed_with_their_clicks(
    site: Site, browser: Browser, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    assert "Aucun lien suivi" in await relance(capsys, str(tmp_path))
    host = site.runtime.host
    await host.declare_links([TrackedLink("Dépliant", SITE + "/d"), TrackedLink("Mai", SITE)])
    await host.declare_links([TrackedLink("Mai", SITE + "/mai", {"utm_source": "x"})])
    (mai,) = [link for link in await host.links() if link.name == "Mai"]
    for _ in range(2):
        await browser.get(f"/l/{mai.slug}")
    links = json.loads(await relance(capsys, str(tmp_path), "--json"))
    assert [(one["nom"], one["clics"], one["leads"], one["retire"]) for one in links] == [
        ("Dépliant", 0, 0, True),
        ("Mai", 2, 1, False),
    ]
    assert links[1]["adresse_courte"].endswith(f"/l/{mai.slug}")
    assert links[1]["mene_a"] == SITE + "/mai"
    assert "2 liens suivis" in await relance(capsys, str(tmp_path))


async def test_a_short_address_is_shown_whole_in_a_narrow_terminal(
    site: Site,
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    await site.runtime.host.declare_links(
        [TrackedLink("Infolettre de mai, aux anciens clients", SITE + "/tarifs/de/cette/saison")]
    )
    (link,) = await site.runtime.host.links()
    assert f"/l/{link.slug} " in await relance(capsys, str(tmp_path))
