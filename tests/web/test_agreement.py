"""A publication that another person agrees to: asked, kept, shown, agreed to as it was shown, or declined."""

import asyncio
import json
import re
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import insert

from relance.access_role import AccessRole
from relance.errors import ConfigurationError
from server.access import api_tokens
from server.orders.agreement import AGREE, ASK
from server.orders.publishing import PublishOrder
from server.runtime import Runtime
from server.settings import load_settings
from server.store.instants import DAY
from server.store.schema.leads import leads
from server.web import deferred, office
from tests.cli.conftest import MAIL
from tests.http.conftest import Site, running
from tests.signed import sign_in
from tests.web.test_interface import plain
from tests.web.test_publish_page import ANOTHER, BY_STATE, FAILING, FIRST, landed, played
from tests.whole import lay_out

ON_DEMAND = {"RELANCE_PORT": "0", "RELANCE_PUBLICATION": "sur demande"}


@pytest.fixture
async def site(tmp_path: Path) -> AsyncIterator[Site]:
    lay_out(tmp_path, {"regles.relance": FIRST + BY_STATE})
    settings = load_settings(tmp_path, {**ON_DEMAND, "RELANCE_ACCORD": "tout le monde"})
    async with running(settings, Runtime(settings).plugins) as opened:
        yield opened


@pytest.fixture
async def other(site: Site) -> AsyncIterator[httpx.AsyncClient]:
    """The browser of a second person, who publishes and reads."""
    async with httpx.AsyncClient(base_url=site.runtime.url, timeout=10) as client:
        given = (AccessRole.READ, AccessRole.PUBLISH)
        await sign_in(site.runtime, client, given, "dominique@exemple.ca")
        yield client


def hidden(page: str) -> dict[str, str]:
    return dict(re.findall(r'name="(vu)" value="(\w*)"', page))


async def ask(site: Site, path: str = "/publier", **more: str) -> httpx.Response:
    page = (await site.client.get(path)).text
    return await site.client.post(path, data={**hidden(page), **more})


async def answer(
    client: httpx.AsyncClient, number: int, gesture: str, **more: str
) -> httpx.Response:
    path = f"/publier/demandes/{number}"
    page = (await client.get(path)).text
    return await client.post(path, data={**hidden(page), "geste": gesture, **more})


def said(found: httpx.Response) -> str:
    return plain(found.text).replace("\u00a0", " ").replace("\u202f", " ")


async def deeds(site: Site) -> list[Any]:
    return [row[0] for row in await site.rows("SELECT action FROM audit_log ORDER BY number")]


async def test_what_one_asks_to_publish_waits_until_another_agrees(
    site: Site, other: httpx.AsyncClient
) -> None:
    page = said(await site.client.get("/publier"))
    assert "Demander la publication" in page
    assert "Camille Morin" in page, "whom it would wait for"
    assert (await ask(site, note="le printemps", activer="oui")).status_code == 303
    assert await site.count("publications") == 0
    for path in ("/", "/campagnes"):
        shown = said(await other.get(path))
        assert "Elle est demandée par Camille Morin : « le printemps »" in shown
        assert 'href="/publier/demandes/1"' in (await other.get(path)).text
    mark = "une publication attend votre accord"
    assert mark in (await other.get("/listes")).text, "the menu says it on every page"
    assert mark not in (await site.client.get("/listes")).text, "of one’s own, it waits for another"
    mine = await answer(site.client, 1, "accorder")
    assert (mine.status_code, "C’est vous qui avez demandé" in said(mine)) == (409, True)
    mine = await answer(site.client, 1, "decliner", pourquoi="non")
    assert "elle se retire, elle ne se décline pas" in said(mine)
    # Nor by a program of one's own making.
    register = site.runtime.access.register
    async with register.store.write() as conn:
        until, maker = register.now() + DAY, "Camille Morin <camille@exemple.ca>"
        token = await api_tokens.create(
            conn, "a moi", frozenset(AccessRole), maker, register.now(), until
        )
    url = f"{site.runtime.url}/api/v1/publication-requests"
    async with httpx.AsyncClient(headers={"authorization": f"Bearer {token}"}) as program:
        refused = await program.post(f"{url}/1/agree", json={})
        assert (refused.status_code, "C’est vous" in refused.text) == (409, True)
        (kept,) = (await program.get(url)).json()["items"]
        assert (kept["etat"], kept["note"], kept["par"]) == (
            *("waiting", "le printemps"),
            "Camille Morin",
        )
    assert (await answer(other, 1, "accorder")).status_code == 303
    assert mark not in (await other.get("/listes")).text
    assert await site.count("publications") == 1
    assert [row[0] for row in await site.rows("SELECT state FROM campaigns")] == ["active"] * 2
    versions = said(await site.client.get("/campagnes/1/versions"))
    assert "Camille Morin, avec l’accord de Camille Morin" in versions, "each bears that name here"
    assert "C’est la publication n° 1" in said(await other.get("/publier/demandes/1")).replace(
        "c’est", "C’est"
    )
    assert (await answer(other, 1, "accorder")).status_code == 409, "it is answered once"
    done = await deeds(site)
    assert {"ordre.demander-publication", "ordre.accorder-publication"} <= set(done)
    assert "ordre.publier" not in done


async def test_a_request_and_an_agreement_follow_by_themselves_as_a_publication_does(
    site: Site, other: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(office, "_REHEARSAL_SECONDS", 0.0)
    monkeypatch.setattr(deferred, "_PATIENCE", 0.0)
    page = (await other.get("/publier")).text  # by who publishes, and writes nothing
    assert (await other.post("/publier", data=hidden(page))).status_code == 303
    assert "La demande n° 1 est gardée" in await landed(other, "/campagnes")
    assert (await answer(site.client, 1, "accorder")).status_code == 303
    assert "La publication n° 1 est faite." in await landed(site.client, "/campagnes")
    verbs = await site.rows("SELECT verb FROM deferred_publications ORDER BY number")
    assert [row[0] for row in verbs] == [ASK, AGREE], "what waits is said to be a request"
    assert (await deeds(site))[-4:] == [
        *("ordre.publier-ensuite", "ordre.demander-publication"),
        *("ordre.publier-ensuite", "ordre.accorder-publication"),
    ]


async def test_what_changed_since_it_was_asked_is_refused_and_shown_anew(
    site: Site, other: httpx.AsyncClient
) -> None:
    await ask(site, activer="oui", autoriser="10")
    seen = hidden((await other.get("/publier/demandes/1")).text)
    async with site.runtime.store.write() as conn:
        await conn.execute(insert(leads), [{"created_at": 0, "score": 60}] * 2)
    path = "/publier/demandes/1"
    refused = await other.post(path, data={**seen, "geste": "accorder"})
    assert refused.status_code == 409
    assert "ce que la publication ferait à des personnes a changé" in said(refused)
    assert "2 personnes y entrent" in said(refused)
    script = site.runtime.settings.folder / "regles.relance"
    script.write_text(FIRST + BY_STATE + ANOTHER, encoding="utf-8")
    refused = await other.post(path, data={**hidden(refused.text), "geste": "accorder"})
    assert "Le brouillon a changé depuis la demande n° 1" in said(refused)
    assert "Autre" in said(refused), "what it would do now is shown"
    # What is asked anew takes its place; whoever administers may do without, and it is known.
    await ask(site, note="de nouveau")
    assert [row[0] for row in await site.rows("SELECT state FROM publication_requests")] == [
        *("replaced", "waiting"),
    ]
    assert (await ask(site, seul="oui")).status_code == 409, "and says why"
    assert (await ask(site, seul="oui", note="le feu")).status_code == 303
    assert await site.count("publications") == 1
    after = await site.rows("SELECT after FROM audit_log WHERE action = 'ordre.publier'")
    assert any("sans l’accord d’une autre personne" in row[0] for row in after)
    refused = await answer(other, 2, "accorder")
    assert "La publication n° 1 a été faite depuis la demande n° 2" in said(refused)


async def test_a_request_is_declined_with_a_reason_and_withdrawn_by_who_made_it(
    site: Site, other: httpx.AsyncClient
) -> None:
    async with httpx.AsyncClient(base_url=site.runtime.url, timeout=10) as writer:
        roles = (AccessRole.READ, AccessRole.WRITE)
        await sign_in(site.runtime, writer, roles, "writer@exemple.ca")
        await site.runtime.rules.refresh()  # what differs is known once it was looked at
        assert 'href="/publier/demander"' in (await writer.get("/")).text
        page = (await writer.get("/publier/demander")).text
        alone = {**hidden(page), "seul": "oui", "note": "le feu"}
        assert (await writer.post("/publier/demander", data=alone)).status_code == 303
        (wish,) = (await site.rows("SELECT wish FROM publication_requests"))[0]
        assert '"alone": false' in wish, "what is asked of another waits for them"
        waits = await writer.get("/publier/demandes/1")
        assert 'name="retirer" value="1"' in waits.text, "by the page that is theirs to send to"
        assert 'name="geste"' not in waits.text
        answered = await writer.post("/publier/demandes/1", data={"geste": "accorder"})
        assert answered.status_code == 403
        bare = await answer(other, 1, "decliner")
        assert (bare.status_code, "Dites pourquoi" in said(bare)) == (409, True)
        assert 'aria-describedby="pourquoi-faux' in bare.text
        why = "Il manque un scénario."
        assert (await answer(other, 1, "decliner", pourquoi=why)).status_code == 303
        for path in ("/publier/demandes", "/publier/demandes/1", "/publier/demander"):
            assert why in said(await writer.get(path)), "read by who asked"
        await writer.post("/publier/demander", data=hidden(page))
        form = (await writer.get("/publier/demander")).text
        assert 'form="retrait" name="retirer" value="2"' in form, "Enter does not withdraw it"
        assert 'name="retirer"' not in (await site.client.get("/publier")).text
        assert (await writer.post("/publier/demander", data={"retirer": "2"})).status_code == 303
    states = [row[0] for row in await site.rows("SELECT state FROM publication_requests")]
    assert states == ["declined", "withdrawn"]
    assert await site.count("publications") == 0


async def test_who_agrees_sees_the_files_that_change_and_so_does_the_campaign_that_sends_them(
    site: Site, other: httpx.AsyncClient
) -> None:
    folder = site.runtime.settings.folder
    sending = FIRST.replace("Étiqueter (Froid)", "Envoyer courriel (Tarifs)")
    assert sending != FIRST
    lay_out(folder, {"regles.relance": sending + BY_STATE, "courriels/tarifs.md": MAIL})
    await ask(site, activer="oui", seul="oui", note="le début")
    assert await site.count("publications") == 1
    lay_out(folder, {"courriels/tarifs.md": MAIL + "À bientôt.\n"})
    assert "courriels/tarifs.md : modifié" in said(await site.client.get("/publier"))
    await ask(site, note="une")
    await ask(site, note="deux")
    following = await site.client.get("/campagnes")
    assert "Elle remplace la demande n° 1, de Camille Morin" in said(following)
    assert "courriels/tarifs.md : modifié" in said(await other.get("/publier/demandes/2"))
    waits = {
        name: "attend l’accord d’une autre"
        in said(await other.get(f"/campagnes/{number}/versions"))
        for number, name in await site.rows("SELECT id, name FROM campaigns")
    }
    assert sorted(waits.values()) == [False, True], waits


async def test_two_who_agree_at_once_are_told_who_did_and_a_start_publishes_nothing_wrong(
    site: Site, other: httpx.AsyncClient
) -> None:
    async def unwritten(_: object) -> None:
        """Nothing else is written."""

    await site.runtime.publishing.begin(PublishOrder("un démarrage", activate=None), unwritten)
    concerns = {one.code: one for one in site.runtime.concerns()}
    assert "regles" not in concerns, "no rule is wrong"
    assert "un démarrage ne publie rien" in concerns["publication.retenue"].fact
    site.runtime.rules.unread(PermissionError(13, "Permission denied", "regles.relance"))
    (unread,) = [one for one in site.runtime.concerns() if one.code == "regles"]
    assert "elles ne peuvent pas être lues" in unread.fact
    assert "lisible par le compte" in unread.remedy
    assert unread.details == (
        "Un fichier ne peut pas être lu. «\u00a0regles.relance\u00a0»\u00a0: l’accès est refusé.",
    )
    async with httpx.AsyncClient(base_url=site.runtime.url, timeout=10) as third:
        await sign_in(site.runtime, third, (AccessRole.PUBLISH,), "troisieme@exemple.ca")
        await ask(site)
        menu = (await third.get("/publier/demandes/1")).text.partition("<main")[0]
        assert 'href="/publier" aria-current="page"' in menu, "who sees no campaign has it there"
        assert "une publication attend votre accord" in menu
        both = await asyncio.gather(answer(other, 1, "accorder"), answer(third, 1, "accorder"))
        late = max(both, key=lambda one: one.status_code)
        assert sorted(one.status_code for one in both) == [303, 409]
        assert "La demande n° 1 est accordée par Camille Morin." in said(late)
        assert "Redemandez-la" not in said(late)
    assert "publication.retenue" not in {one.code for one in site.runtime.concerns()}


def test_an_agreement_cannot_be_asked_of_what_is_published_as_it_is_saved(tmp_path: Path) -> None:
    given = {"RELANCE_PUBLICATION": "à l’enregistrement", "RELANCE_ACCORD": "qui rédige"}
    with pytest.raises(ConfigurationError, match="n’attend l’accord de personne"):
        load_settings(tmp_path, given)


async def test_scenarios_are_passed_over_by_who_asks_and_known_to_who_agrees(
    site: Site, other: httpx.AsyncClient
) -> None:
    script = site.runtime.settings.folder / "regles.relance"
    script.write_text(FAILING, encoding="utf-8")
    await played(site.client)
    refused = await ask(site, note="le printemps")
    assert (refused.status_code, await site.count("publication_requests")) == (409, 0)
    assert "1 scénario sur 2 échoue." in said(refused)
    forced = {"note": "le printemps", "malgre-scenarios": "oui"}
    assert (await ask(site, **forced)).status_code == 303
    page = said(await other.get("/publier/demandes/1"))
    assert "demande de publier quand même. 1 scénario échoue : « perdu » (regles.relance)." in page
    assert "attendu : Lead étiqueté (Jamais)" in page, "how it goes now, for who agrees"
    assert "malgre-scenarios" not in page
    # What fails besides, since then (a plugin was changed, say), is nobody's to have overlooked.
    rehearsals = site.runtime.publishing.rehearsals
    ((digest, (found, until)),) = rehearsals._found.items()
    rehearsals._found[digest] = replace(found, failed=[*found.failed, *found.failed]), until
    late = await answer(other, 1, "accorder")
    assert (late.status_code, await site.count("publications")) == (409, 0)
    assert "Depuis la demande n° 1, des scénarios échouent" in said(late)
    rehearsals._found[digest] = found, until
    assert (await answer(other, 1, "accorder")).status_code == 303
    ((note,),) = await site.rows("SELECT note FROM publications")
    assert "Publié quand même. 1 scénario échoue" in note.replace("\u00a0", " ")
    rows = await site.rows(
        "SELECT after FROM audit_log WHERE action = 'ordre.accorder-publication'"
    )
    assert [json.loads(row[0])["malgré des scénarios"].replace("\u00a0", " ") for row in rows] == [
        "1 scénario échoue : « perdu » (regles.relance)."
    ] * 2, "the one that was refused, then the one that was done"
