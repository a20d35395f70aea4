"""The page to publish: what is shown is what is agreed to, in the words of the command that compares."""

import re
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from sqlalchemy import insert

from server.runtime import Runtime
from server.settings import load_settings
from server.store.schema.leads import leads
from server.web.buttons import by_buttons
from server.web.prose import own, prose
from tests.http.conftest import Site, running
from tests.web.test_interface import plain
from tests.whole import lay_out

FIRST = """\
campagne « Accueil »
  entrée
    quand Formulaire (Infolettre) rempli
  Étiqueter (Venu)
  attendre pendant 3 jours
  Étiqueter (Froid)
fin
""".replace("« ", "«\u00a0").replace(" »", "\u00a0»")
BY_STATE = """\
campagne « Chauds »
  entrée
    quand Pointage lead au-dessus de (50)
  Étiqueter (Chaud)
fin
""".replace("« ", "«\u00a0").replace(" »", "\u00a0»")
CHANGED = FIRST.replace("3 jours", "2 jours").replace("  Étiqueter (Froid)\n", "")
ANOTHER = FIRST.replace("Accueil", "Autre")


@pytest.fixture
async def site(tmp_path: Path) -> AsyncIterator[Site]:
    lay_out(tmp_path, {"regles.relance": FIRST})
    settings = load_settings(tmp_path, {"RELANCE_PORT": "0", "RELANCE_ENTREES_MAX": "1"})
    async with running(settings, Runtime(settings).plugins) as opened:
        yield opened


async def shown(site: Site) -> dict[str, str]:
    """What the form of the page sends back of what it shows."""
    page = (await site.client.get("/publier")).text
    return dict(re.findall(r'name="(vu)" value="(\w*)"', page))


async def test_what_changed_since_it_was_shown_is_shown_again_and_not_published(site: Site) -> None:
    script = site.runtime.settings.folder / "regles.relance"
    seen = await shown(site)
    script.write_text(FIRST + ANOTHER, encoding="utf-8")
    refused = await site.client.post("/publier", data=seen)
    assert refused.status_code == 409
    assert "a changé depuis que cette page a été ouverte" in plain(refused.text)
    assert "Autre" in refused.text, "what it would do now is shown"
    assert (await site.client.post("/publier", data={"note": "sans rien voir"})).status_code == 409
    assert await site.count("publications") == 0
    again = dict(re.findall(r'name="(vu)" value="(\w+)"', refused.text))
    assert (await site.client.post("/publier", data=again)).status_code == 303
    assert await site.count("publications") == 1
    # What is shown is a change of what runs, too: another publication makes another of it.
    assert (await site.client.post("/publier", data=again)).status_code == 409


async def test_a_crowd_is_confirmed_before_a_campaign_is_activated(site: Site) -> None:
    (site.runtime.settings.folder / "regles.relance").write_text(BY_STATE, encoding="utf-8")
    assert (await site.client.post("/publier", data=await shown(site))).status_code == 303
    async with site.runtime.store.write() as conn:
        await conn.execute(insert(leads), [{"created_at": 0, "score": 60}] * 2)
    asked = plain((await site.client.get("/campagnes/1/activer")).text)
    assert "2 personnes y entrent aussitôt" in asked
    switched = {"depuis": "liste", "pourquoi": "la saison"}
    refused = await site.client.post("/campagnes/1/activer", data=switched)
    assert refused.status_code == 409
    said = plain(refused.text).replace("\u00a0", " ")
    assert "2 personnes entreraient aussitôt dans la campagne « Chauds »" in said
    assert "--autoriser" not in said
    assert "la saison</textarea>" in refused.text, "nothing typed is lost"
    assert 'name="depuis" value="liste"' in refused.text
    allowed = re.findall(r'name="(autoriser)" value="(\d+)"', refused.text)
    done = await site.client.post("/campagnes/1/activer", data={**switched, **dict(allowed)})
    assert (done.status_code, done.headers["location"]) == (303, "/campagnes")


async def test_the_page_says_rule_by_rule_what_the_command_says(site: Site) -> None:
    assert (await site.client.post("/publier", data=await shown(site))).status_code == 303
    (site.runtime.settings.folder / "regles.relance").write_text(CHANGED, encoding="utf-8")
    page = plain((await site.client.get("/publier")).text)
    assert "attente plus courte" in page
    assert "retiré" in page
    assert "Étiqueter (Froid)" in page


async def test_a_draft_that_is_wrong_leads_to_its_script_and_no_page_to_a_terminal(
    site: Site,
) -> None:
    page = (await site.client.get("/publier")).text
    assert "relance activer" not in page
    assert "elle attend « Activer »" in plain(page).replace("\u00a0", " ")
    assert "regles.relance : aucun scénario ne l’essaie" in plain(page).replace("\u00a0", " ")
    (site.runtime.settings.folder / "regles.relance").write_text(FIRST + "fin\n", encoding="utf-8")
    assert 'href="/scripts/regles.relance"' in (await site.client.get("/publier")).text
    assert by_buttons("ajoutez «\u00a0--autoriser 12\u00a0»") == "cochez-le ci-dessous"


def test_the_script_of_a_campaign_begins_at_its_campaign() -> None:
    lines = prose(ANOTHER + FIRST)
    assert own(lines, "Accueil") == (7, 14)
    assert own(lines, "AUTRE") == (0, 7)
    assert own(lines, "Renommée") == (0, 14)
