"""The whole way on a running server: rules on disk, a browser on the site, what the rules then do."""

import asyncio
from pathlib import Path
from typing import Any

import pytest

from server.cli.main import main
from tests.web.conftest import SECTIONS, SITE, Browser, Site

RULES = """\
lien suivi « Infolettre de mai » : https://www.exemple.ca/promo#prix
  source : infolettre
  campagne : mai
fin

campagne « Curieux »
  entrée
    quand Page web (/tarifs) visitée
  Étiqueter (Curieux)
  attendre au plus 1 heure
    dès que Lien (Infolettre de mai) cliqué
      Étiqueter (Intéressé)
    passé ce délai
      Étiqueter (Perdu)
  fin
fin

campagne « Fidèles »
  entrée
    quand Nombre de pages visitées (au moins)(3)
  Étiqueter (Fidèle)
fin
""".replace("« ", "«\u00a0").replace(" »", "\u00a0»")


async def tags(site: Site, wanted: set[str]) -> set[str]:
    for _ in range(100):
        found = {row.name for row in await site.rows("SELECT name FROM lead_tags")}
        if found >= wanted:
            break
        await asyncio.sleep(0.05)
    return found


async def test_rules_follow_a_visitor_from_page_to_link(start: Any, tmp_path: Path) -> None:
    (tmp_path / "regles.relance").write_text(RULES, encoding="utf-8")
    async with start(sections=SECTIONS) as site:
        assert site.runtime.rules.problems == ()
        browser = Browser(site)
        await browser.see("/tarifs?utm_source=x")
        assert await tags(site, {"Curieux"}) == {"Curieux"}
        (link,) = await site.runtime.host.links()
        answer = await browser.get(f"/l/{link.slug}")
        assert answer.headers["location"] == (
            SITE + "/promo?utm_source=infolettre&utm_campaign=mai#prix"
        )
        assert await tags(site, {"Intéressé"}) == {"Curieux", "Intéressé"}
        await browser.see("/promo")
        await browser.see("/promo")
        await browser.client.aclose()
        assert await tags(site, {"Fidèle"}) == {"Curieux", "Intéressé", "Fidèle"}
        assert await site.count("leads") == 1


async def test_a_link_taken_out_of_the_rules_is_withdrawn(start: Any, tmp_path: Path) -> None:
    rules = tmp_path / "regles.relance"
    rules.write_text(RULES, encoding="utf-8")
    async with start(sections=SECTIONS) as site:
        (link,) = await site.runtime.host.links()
        assert not link.withdrawn
        rules.write_text(
            RULES[RULES.index("campagne « C".replace("« ", "«\u00a0")) :], encoding="utf-8"
        )
        site.runtime.rules.reload()
        for _ in range(100):
            (now,) = await site.runtime.host.links()
            if now.withdrawn:
                break
            await asyncio.sleep(0.05)
        assert (now.slug, now.withdrawn) == (link.slug, True)


async def test_what_strangers_call_pages_and_links_repaints_nobodys_screen(
    start: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "regles.relance").write_text(RULES.replace("(/tarifs)", "(*)"), encoding="utf-8")
    (tmp_path / "relance.toml").write_text("", encoding="utf-8")
    async with start(sections=SECTIONS) as site:
        browser = Browser(site)
        await browser.see("/[red]a'\";--{{7*7}}")
        await browser.see("/[red]a';--{{7*7}}%1b[2J")
        await browser.click("<b>[bold]nom\x1b[2J</b>", SITE)
        await browser.client.aclose()
        await tags(site, {"Curieux"})
        page = (await site.client.get("/etat")).text
        assert "<b>[bold]" not in page

        def explain() -> None:
            with pytest.raises(SystemExit):
                main(["explain", "toutes", "1", "--dossier", str(tmp_path)])

        await asyncio.to_thread(explain)
        said = capsys.readouterr().out
        assert "/[red]a';--{{7*7}}%1b[2J" in said.replace("\n", "")
        assert "<b>[bold]nom [2J</b>" in said.replace("\n", "")
        assert "\x1b[2J" not in said
