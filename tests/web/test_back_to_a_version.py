"""« Revenir à »: an earlier version written again in the draft, in the place of what it says now."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from relance.access_role import AccessRole
from server.runtime import Runtime
from server.settings import load_settings
from tests.http.conftest import Site, running
from tests.signed import sign_in
from tests.web.test_interface import plain
from tests.web.test_publish_page import ANOTHER, FIRST, shown
from tests.whole import lay_out

AROUND = "# Une note à garder.\n{campaign}\n" + ANOTHER


@pytest.fixture
async def site(tmp_path: Path) -> AsyncIterator[Site]:
    lay_out(tmp_path, {"regles.relance": AROUND.format(campaign=FIRST)})
    settings = load_settings(tmp_path, {"RELANCE_PORT": "0"})
    async with running(settings, Runtime(settings).plugins) as opened:
        await publish(opened)
        yield opened


async def publish(site: Site) -> None:
    done = await site.client.post("/publier", data=await shown(site))
    assert done.status_code == 303, plain(done.text)


def write(site: Site, text: str) -> Path:
    script = site.runtime.settings.folder / "regles.relance"
    script.write_text(text, encoding="utf-8")
    return script


async def test_the_draft_says_again_what_a_version_said_and_nothing_else_of_it_changes(
    site: Site,
) -> None:
    changed = FIRST.replace("3 jours", "8 jours").replace("  Étiqueter (Froid)\n", "")
    script = write(site, AROUND.format(campaign=changed).replace("à garder", "plus récente"))
    await publish(site)
    asked = await site.client.get("/campagnes/1/versions/1")
    assert "Revenir à la version 1 de «\u202fAccueil" in asked.text.replace("\u00a0", "\u202f")
    back = await site.client.post("/campagnes/1/versions/1", follow_redirects=True)
    assert str(back.url).endswith("/scripts/regles.relance")
    assert "Rien ne change pour personne" in plain(back.text)
    held = AROUND.format(campaign=FIRST).replace("à garder", "plus récente")
    assert script.read_text(encoding="utf-8") == held
    assert await site.count("publications") == 2, "nothing is published by it"


async def test_a_campaign_renamed_since_keeps_the_name_by_which_it_is_known(site: Site) -> None:
    renamed = FIRST.replace(
        "«\u00a0Accueil\u00a0»", "«\u00a0Bonjour\u00a0»\n  anciennement : Accueil"
    )
    script = write(site, AROUND.format(campaign=renamed.replace("3 jours", "8 jours")))
    await publish(site)
    assert (await site.client.post("/campagnes/1/versions/1")).status_code == 303
    text = script.read_text(encoding="utf-8")
    assert text.startswith("# Une note à garder.\ncampagne «\u00a0Bonjour\u00a0»\n  entrée")
    assert "3 jours" in text


async def test_who_only_reads_sees_the_versions_and_no_way_back(site: Site) -> None:
    await sign_in(site.runtime, site.client, [AccessRole.READ], "lit@exemple.ca")
    page = await site.client.get("/campagnes/1/versions")
    assert page.status_code == 200
    assert "Y revenir" not in page.text


async def test_what_cannot_be_put_back_says_why_and_writes_nothing(site: Site) -> None:
    broken = AROUND.format(campaign=FIRST.replace("Étiqueter (Venu)", "Étiquetter"))
    script = write(site, broken)
    refused = await site.client.post("/campagnes/1/versions/1")
    assert refused.status_code == 409
    assert "a des erreurs" in plain(refused.text)
    assert script.read_text(encoding="utf-8") == broken
    assert (await site.client.get("/campagnes/1/versions/99")).status_code == 404
