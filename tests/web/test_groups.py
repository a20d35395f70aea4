"""The exclusive groups: their campaigns in order, another order tried, written in the scripts, published."""

import asyncio
import json
import re
from collections.abc import AsyncIterator, Sequence
from html import unescape
from pathlib import Path

import httpx
import pytest
from playwright.async_api import expect

from relance.access_role import AccessRole
from server.cli.main import main
from server.runtime import Runtime
from server.settings import load_settings
from tests.chromium import chromium, needed, unfit
from tests.http.conftest import Site, running
from tests.signed import sign_in, token_of
from tests.web.test_agreement import ON_DEMAND, hidden, said
from tests.web.test_campaign_list import noticed, publish
from tests.web.test_interface import NAMED, opened, settled
from tests.whole import lay_out


def campaign(name: str, priority: int, group: str = "Parcours") -> str:
    return (
        (
            f"campagne « {name} »\n  groupe exclusif : « {group} », priorité {priority}\n  entrée\n"
            "    quand Formulaire (Contact) rempli\n  Attendre pendant 3 jours\n  Étiqueter (Vu)\nfin\n"
        )
        .replace("« ", "«\u00a0")
        .replace(" »", "\u00a0»")
    )


A, B, C = campaign("Accueil", 1), campaign(NAMED, 2), campaign("Chauds", 2)
FILES = {"a.relance": A, "b.relance": B + C, "seul.relance": campaign("Seul", 4, NAMED)}


@pytest.fixture
async def site(tmp_path: Path) -> AsyncIterator[Site]:
    lay_out(tmp_path, FILES)
    settings = load_settings(tmp_path, ON_DEMAND)
    async with running(settings, Runtime(settings).plugins) as opened_:
        await publish(opened_, activer="oui")
        await opened_.post("Contact", data={"courriel": "a@exemple.ca"})
        await settled(opened_, "SELECT count(*) FROM refusals WHERE reason = 'in_group'", 2)
        yield opened_


@pytest.fixture
async def at_once(tmp_path: Path) -> AsyncIterator[Site]:
    """The same, of a project that publishes what is saved."""
    lay_out(tmp_path, FILES)
    env = {"RELANCE_PORT": "0", "RELANCE_PUBLICATION": "à l’enregistrement"}
    settings = load_settings(tmp_path, env)
    async with running(settings, Runtime(settings).plugins) as opened_:
        yield opened_


def order(page: str, name: str = "Parcours") -> Sequence[tuple[str, str]]:
    """The mark and the name of each campaign of that group, as the page has them."""
    (found,) = [one for one in page.split("<section") if f">{name}</h2>" in one]
    names = [unescape(one) for one in re.findall(r'<li data-name="([^"]*)"', found)]
    marks = re.findall(r'name="monter" value="(\w+)"', found) or [""] * len(names)
    return list(zip(marks, names, strict=True))


def fields(page: str) -> dict[str, str | list[str]]:
    """What the form that writes holds."""
    form = page.partition('action="/groupes/ordonner"')[2].partition("</form>")[0]
    held = re.findall(r'name="(\w+)" value="(\w*)"', form)
    one = {name: value for name, value in held if name not in ("ordre", "sceau")}
    return {**one, "ordre": [value for name, value in held if name == "ordre"]}


async def looked(site: Site, *, up: str) -> str:
    """The page once that campaign was moved up, by its button, where no script runs."""
    page = (await site.client.get("/groupes")).text
    group = re.findall(r'name="groupe" value="(\w+)"', page)[-1]
    marks = {name: mark for mark, name in order(page)}
    asked = {"groupe": group, "ordre": list(marks.values()), "monter": marks[up]}
    return (await site.client.get("/groupes", params=asked)).text


async def groupes(site: Site, capsys: pytest.CaptureFixture[str], *more: str) -> str:
    """What the command says of them, beside the server."""

    def run() -> None:
        with pytest.raises(SystemExit) as ended:
            main(["groupes", str(site.runtime.settings.folder), *more])
        assert not ended.value.code

    capsys.readouterr()
    await asyncio.to_thread(run)
    return " ".join(capsys.readouterr().out.split())


async def test_an_order_is_looked_at_then_written_then_published_whole(
    site: Site, capsys: pytest.CaptureFixture[str]
) -> None:
    page = await site.client.get("/groupes")
    assert [name for _, name in order(page.text)] == ["Accueil", NAMED, "Chauds"]
    words = said(page)
    assert "même priorité que Chauds : leurs noms décident" in words
    assert "Priorité 1 Accueil" in words
    assert "1 à l’intérieur" in words
    assert words.count("1 refusée en 30 jours : elles étaient ailleurs") == 2
    assert NAMED not in page.text
    assert "Priorité 1 de son groupe exclusif" in said(await site.client.get("/campagnes/1"))

    # Programs and the terminal are told the same.
    token = await token_of(site.runtime, AccessRole.READ)
    bearer = {"authorization": f"Bearer {token}"}
    by_program = (await site.client.get("/api/v1/groups", headers=bearer)).json()["items"]
    assert by_program == json.loads(await groupes(site, capsys, "--json"))
    alone, first, named, last = by_program
    assert (first["campagne"], first["priorite"], first["personnes"]) == ("Accueil", 1, 1)
    assert (named["campagne"], named["egales"], named["refusees"]) == (NAMED, ["Chauds"], 1)
    assert (named["egales_en_tout"], first["egales_en_tout"]) == (1, 0)
    assert (last["groupe"], last["script"], last["etat"]) == ("Parcours", "b.relance", "active")
    assert (alone["groupe"], alone["priorite_en_marche"]) == (NAMED, 4)
    assert "même priorité que Chauds, leurs noms décident" in await groupes(site, capsys)

    tried = await looked(site, up="Chauds")
    assert [name for _, name in order(tried)] == ["Accueil", "Chauds", NAMED]
    assert "autofocus" in tried
    folder = site.runtime.settings.folder
    assert (folder / "b.relance").read_text("utf-8") == FILES["b.relance"], "nothing by looking"

    (folder / "a.relance").write_text(A.replace("3 jours", "5 jours"), encoding="utf-8")
    written = await site.client.post("/groupes/ordonner", data=fields(tried))
    assert (written.status_code, written.headers["location"]) == (303, "/publier")
    assert (folder / "b.relance").read_text("utf-8") == B.replace("priorité 2", "priorité 3") + C
    publishing = await site.client.get("/publier")
    assert "Le nouvel ordre est écrit dans « b.relance »." in said(publishing)
    drafted = await site.client.get("/groupes")
    assert "en marche : priorité 2" in said(drafted)
    done = await site.client.post("/publier", data=hidden(publishing.text))
    assert done.status_code == 303, said(done)
    rows = await site.rows("SELECT name, priority FROM campaigns WHERE priority < 4 ORDER BY 2")
    assert [tuple(one) for one in rows] == [("Accueil", 1), ("Chauds", 2), (NAMED, 3)]


async def test_what_others_did_meanwhile_is_told_and_who_may_not_publish_asks_for_it(
    site: Site,
) -> None:
    folder = site.runtime.settings.folder
    tried = await looked(site, up="Chauds")
    new = campaign("Nouvelle", 1)
    await noticed(site, "b.relance", B + C.replace("priorité 2", "priorité 9") + new)
    refused = await site.client.post("/groupes/ordonner", data=fields(tried))
    assert refused.status_code == 409
    assert "quelqu’un d’autre a changé ce groupe" in said(refused)
    names = [name for _, name in order(refused.text)]
    assert names == ["Accueil", "Nouvelle", "Chauds", NAMED]
    assert "b.relance" in said(refused).partition("pas encore publiés")[2]
    assert (folder / "b.relance").read_text("utf-8").endswith(new)
    again = fields(refused.text)
    async with httpx.AsyncClient(base_url=site.runtime.url) as other:
        await sign_in(site.runtime, other, [AccessRole.READ], "lectrice@exemple.ca")
        page = (await other.get("/groupes")).text
        assert len(order(page)) == 4
        assert "<button" not in page.partition("<ol")[2]
        assert (await other.post("/groupes/ordonner", data=again)).status_code == 403
        await sign_in(
            site.runtime, other, [AccessRole.READ, AccessRole.WRITE], "autrice@exemple.ca"
        )
        written = await other.post("/groupes/ordonner", data=again)
        assert (written.status_code, written.headers["location"]) == (303, "/publier/demander")
    same = await site.client.post("/groupes/ordonner", data=again)
    assert (same.status_code, (folder / "a.relance").read_text("utf-8")) == (409, A)
    for name in FILES:
        (folder / name).write_text("", encoding="utf-8")
    gone = await site.client.post("/groupes/ordonner", data=again)
    assert (gone.status_code, "n’est plus dans le brouillon" in said(gone)) == (409, True)


@needed
async def test_campaigns_are_put_in_order_by_hand_and_by_keyboard_and_published_as_they_are_saved(
    at_once: Site,
) -> None:
    site = at_once
    async with chromium(viewport={"width": 1280, "height": 900}) as browser:
        page, refused = await opened(browser, site)
        await page.goto(f"{site.runtime.url}/groupes")
        rows = page.locator("section").filter(has=page.get_by_role("heading", name="Parcours"))
        rows = rows.locator(".ranked > li")
        up = page.get_by_role("button", name="Monter Chauds")
        await up.focus()
        await page.keyboard.press("Enter")
        await expect(rows.nth(1)).to_contain_text("Chauds")
        await expect(up).to_be_focused()
        said_aloud = page.locator("#place-dite")
        await expect(said_aloud).to_have_text(
            "Chauds\u00a0: place 2 sur 3. Rien n’est encore écrit."
        )
        await page.keyboard.press("Enter")
        await expect(rows.nth(0)).to_contain_text("Chauds")
        await expect(up).to_be_focused()

        async def drag(end: int, *, escape: bool = False) -> None:
            grip, last = rows.nth(0).locator(".grip"), rows.nth(end)
            box, low = await grip.bounding_box(), await last.bounding_box()
            assert box is not None
            assert low is not None
            await page.mouse.move(box["x"] + 10, box["y"] + 10)
            await page.mouse.down()
            await page.mouse.move(box["x"] + 10, low["y"] + low["height"] - 4, steps=8)
            if escape:
                await page.keyboard.press("Escape")
            await page.mouse.up()

        await drag(2, escape=True)
        await expect(rows.nth(0)).to_contain_text("Chauds")
        await drag(2)
        await expect(said_aloud).to_contain_text("Chauds\u00a0: place 3 sur 3")
        await expect(rows.nth(2)).to_contain_text("Chauds")
        assert await unfit(page) == []
        group = page.locator("section").filter(has=page.get_by_role("heading", name="Parcours"))
        await expect(group).to_contain_text("Publié aussitôt écrit, d’un seul coup")
        await page.get_by_role("button", name="Écrire cet ordre et le publier").click()
        await expect(page.get_by_role("status").first).to_contain_text("d’un seul coup")
        await expect(page).to_have_url(f"{site.runtime.url}/groupes")
        assert refused == []
    query = "SELECT count(*) FROM campaigns WHERE name = 'Chauds' AND priority = 3"
    await settled(site, query, 1)
    kept = (site.runtime.settings.folder / "b.relance").read_text("utf-8")
    assert kept == B + C.replace("priorité 2", "priorité 3")
