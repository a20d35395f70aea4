"""The first quarter of an hour: from a model to a campaign of one's own, published."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from relance.access_role import AccessRole
from server.runtime import Runtime
from server.settings import load_settings
from tests.http.conftest import Site, running
from tests.signed import sign_in
from tests.web.test_interface import plain
from tests.web.test_publish_page import played as rehearsed
from tests.web.test_publish_page import shown
from tests.whole import lay_out


@pytest.fixture
async def site(tmp_path: Path) -> AsyncIterator[Site]:
    lay_out(tmp_path, {})
    settings = load_settings(tmp_path, {"RELANCE_PORT": "0"})
    async with running(settings, Runtime(settings).plugins) as opened:
        yield opened


async def board(site: Site) -> str:
    return plain((await site.client.get("/")).text)


async def test_three_steps_lead_from_a_model_to_a_campaign_that_runs(site: Site) -> None:
    assert "Votre premier quart d’heure" in await board(site)
    taken = {"nom": "Accueil", "canal": "courriel"}
    made = await site.client.post("/bibliotheque/bienvenue", data=taken, follow_redirects=True)
    assert str(made.url).endswith("/scripts/accueil.relance")
    assert "est à vous, dans le brouillon" in plain(made.text)
    assert 'href="/scripts/accueil.relance"' in (await site.client.get("/")).text
    listed = (await site.client.get("/campagnes")).text
    assert "Pas encore publiées" in listed
    assert 'href="/scripts/accueil.relance">Accueil' in listed

    # Of two, the way goes on with the one just taken, whatever its name.
    later = {"nom": "Zone", "canal": "courriel"}
    assert (await site.client.post("/bibliotheque/bienvenue", data=later)).status_code == 303
    assert "Ouvrir « Zone »" in await board(site)
    asked = plain((await site.client.get("/publier")).text)
    assert "n’ont jamais été envoyés : courriel « " in asked
    assert "zone.relance : 4 scénarios l’essaient" in asked
    (site.runtime.settings.folder / "zone.relance").unlink()
    played = await site.client.post("/rejouer/accueil.relance", timeout=60)
    assert "4 sur 4 passent" in plain(played.text)

    seen = await shown(site)
    assert "4 scénarios passent." in plain(await rehearsed(site.client)).replace("\u00a0", " ")
    published = await site.client.post("/publier", data=seen)
    assert published.status_code == 303, plain(published.text)
    assert published.headers["location"] == "/campagnes/1", "where one activates it"
    said = plain((await site.client.get("/campagnes/1")).text)
    assert "« Accueil » est nouvelle : personne n’y entre avant « Activer »." in said
    assert 'href="/campagnes/1/activer"' in (await site.client.get("/")).text
    assert (await site.client.post("/campagnes/1/activer")).status_code == 303
    assert "Votre premier quart d’heure" not in await board(site)
    # By going back, the question is not asked again.
    again = await site.client.get("/campagnes/1/activer", follow_redirects=True)
    assert str(again.url).endswith("/campagnes/1")
    assert "est déjà active" in plain(again.text)
    report = plain((await site.client.get("/campagnes/1/rapport")).text)
    assert "Rien à montrer pour l’instant : sorties, " in report
    assert "Wilson" not in report
    assert "Pas encore publiées" not in (await site.client.get("/campagnes")).text

    script = site.runtime.settings.folder / "accueil.relance"
    script.write_text(script.read_text(encoding="utf-8").replace("30 jours", "20 jours"))
    async with asyncio.timeout(20):
        while not site.runtime.rules.pending:
            await asyncio.sleep(0.05)
    marked = (await site.client.get("/campagnes")).text
    assert 'class="chip draft dot" href="/campagnes/1"' in marked


async def test_a_campaign_begins_from_nothing_or_from_a_text_and_its_name_is_said_wrong_in_place(
    site: Site,
) -> None:
    refused = await site.client.post("/nouvelle-campagne", data={"nom": " ", "texte": "# gardé"})
    assert refused.status_code == 409
    assert "Donnez-lui un nom." in refused.text
    assert "# gardé" in refused.text
    made = await site.client.post(
        "/nouvelle-campagne", data={"nom": "Rentrée"}, follow_redirects=True
    )
    assert str(made.url).endswith("/scripts/rentree.relance")
    published = await site.client.post("/publier", data=await shown(site))
    assert published.status_code == 303, plain(published.text)


async def test_the_steps_are_for_who_may_take_them_and_are_put_away_when_asked(
    site: Site,
) -> None:
    await sign_in(site.runtime, site.client, [AccessRole.READ], "lit@exemple.ca")
    assert "Votre premier quart d’heure" not in await board(site)
    await sign_in(site.runtime, site.client, list(AccessRole), "tout@exemple.ca")
    assert "Votre premier quart d’heure" in await board(site)
    hidden = await site.client.post("/premiers-pas/cacher", follow_redirects=True)
    assert "Votre premier quart d’heure" not in plain(hidden.text)
