"""A file of leads brought in from a page: matched with fields, tried, followed, its refused rows back."""

import asyncio
import re
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest
from playwright.async_api import expect

from server.imports import deposit
from server.settings import PublishingMode, Settings
from tests.chromium import chromium, needed, unfit
from tests.http.conftest import Site, all_plugins, running
from tests.web.test_interface import PICTURES, POISON, opened, plain, settled
from tests.whole import lay_out

SHEET = f"""\
E-mail;Prénom;Notes;Ville
aline@exemple.ca;Aline;"{POISON.replace('"', "")}";Laval
bob@exemple;Bob;;Gaspé
carla@exemple.ca;Carla;;Québec
""".encode()


@pytest.fixture
async def site(settings: Settings) -> AsyncIterator[Site]:
    lay_out(settings.folder, {"regles.relance": "# rien\n"})
    chosen = replace(settings, publishing=PublishingMode.ON_SAVING)
    async with running(chosen, all_plugins()) as opened_site:
        yield opened_site


async def received(site: Site, content: bytes = SHEET, name: str = "leads.csv") -> str:
    """Where the columns of a file that was sent are matched."""
    answer = await site.client.post("/importer", files={"fichier": (name, content)})
    assert answer.status_code == 303, answer.text
    return str(answer.headers["location"]).removesuffix("/colonnes")


def chosen(page: str) -> dict[str, str]:
    """What the form of columns would send as it is."""
    found = {}
    for name, options in re.findall(r'<select[^>]*name="(\w+)">(.*?)</select>', page, re.DOTALL):
        picked = re.search(r'<option value="([^"]*)" selected', options)
        found[name] = picked[1] if picked else ""
    return found


async def tried(site: Site, at: str) -> str:
    """The page of a trial, once it is done."""
    async with asyncio.timeout(60):
        while "Ce que cela ferait" not in (page := (await site.client.get(f"{at}/essai")).text):
            assert "notice bad" not in page, plain(page)
            await asyncio.sleep(0.05)
    return page


async def test_a_file_is_matched_tried_and_brought_in_and_its_refused_rows_come_back(
    site: Site,
) -> None:
    at = await received(site)
    page = (await site.client.get(f"{at}/colonnes")).text
    assert "<script>alert" not in page
    form = chosen(page)
    assert (form["c0"], form["c1"], form["c2"]) == ("courriel", "prenom", "")
    doubled = await site.client.post(f"{at}/colonnes", data=form | {"c2": "ville"})
    assert (doubled.status_code, "Deux colonnes" in doubled.text) == (422, True)
    assert "--colonne" not in doubled.text
    keyless = await site.client.post(f"{at}/colonnes", data=form | {"c0": ""})
    assert (keyless.status_code, "--cle" in keyless.text) == (422, False)
    dated = await site.client.post(f"{at}/colonnes", data=form | {"date": "hier"})
    assert (dated.status_code, "ne se lit pas" in dated.text) == (422, True)
    asked = form | {"listes": "Infolettre, Salon", "etiquettes": "2026", "campagnes": "non"}
    assert (await site.client.post(f"{at}/colonnes", data=asked)).status_code == 303
    assert 'value="Infolettre, Salon"' in (await site.client.get(f"{at}/colonnes")).text
    made = {"nom": "Infolettre", "sorte": "statique"}
    assert (await site.client.post("/listes/nouvelle", data=made)).status_code == 303
    ticked = (await site.client.get(f"{at}/colonnes")).text
    assert 'name="liste" value="Infolettre" checked' in ticked, "what there is is ticked"
    assert 'value="Salon"' in ticked, "what is new is typed"
    twice = asked | {"liste": "Infolettre", "listes": "infolettre, Salon"}
    assert (await site.client.post(f"{at}/colonnes", data=twice)).status_code == 303
    would = plain(await tried(site, at))
    assert "Leads créés 2" in would
    assert "ligne 3" in would
    assert "Importer 2 lignes" in would
    assert "parle déjà" not in would
    assert await site.count("leads") == 0, "a trial writes nothing"
    launched = await site.client.post(f"{at}/lancer")
    followed = launched.headers["location"]
    await settled(site, "SELECT count(*) FROM imports WHERE state = 'done'", 1)
    end = plain((await site.client.get(followed)).text)
    assert "Terminée" in end
    assert "100 %, 3 lignes" in end
    back = await site.client.get(f"{followed}/rejets")
    lines = back.content.decode("utf-8-sig").splitlines()
    assert lines[0] == "ligne;raison;E-mail;Prénom;Notes;Ville"
    assert "bob@exemple" in lines[1]
    (one,) = (await site.client.get("/api/v1/imports")).json()["items"]
    assert (one["state"], one["created"], one["rejected"]) == ("done", 2, 1)
    refused = (await site.client.get(f"/api/v1/imports/{one['import']}/rejects")).json()["items"]
    assert [each["line"] for each in refused] == [3]
    members = await site.rows("SELECT count(*) FROM list_members")
    assert members[0][0] == 4
    assert (await site.client.get(f"{at}/colonnes")).status_code == 404, "the file is gone"
    spool = site.runtime.settings.folder / ".relance" / "imports"
    async with asyncio.timeout(10):
        while any(spool.iterdir()):
            await asyncio.sleep(0.05)
    log = await site.rows("SELECT object FROM audit_log WHERE action LIKE 'import.%'")
    assert [one.object for one in log] == ["leads.csv", "leads.csv"]
    twice = await received(site, b"courriel;prenom\nzoe@exemple.ca;Zo\nZOE@exemple.ca;Zoe\n")
    form = chosen((await site.client.get(f"{twice}/colonnes")).text)
    await site.client.post(f"{twice}/colonnes", data=form)
    would = plain(await tried(site, twice))
    assert "Importer 2 lignes" in would
    assert "1 ligne parle d’un lead dont une ligne d’avant parle déjà" in would
    await site.client.post(f"{twice}/lancer")
    await settled(site, "SELECT count(*) FROM imports WHERE state = 'done'", 2)
    assert "Zoe" in plain((await site.client.get("/leads?cherche=zoe")).text).split(), "the last"
    again = await received(site)
    await site.client.post(f"{again}/colonnes", data=asked)
    assert "déjà été importé" in plain(await tried(site, again))


async def test_what_is_no_table_is_refused_and_what_nobody_came_back_for_is_thrown_away(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, content in (("vide.csv", b""), ("ancien.xls", b"\xd0\xcf\x11\xe0" + b"\0" * 64)):
        refused = await site.client.post("/importer", files={"fichier": (name, content)})
        assert refused.status_code == 422, name
    nothing = await site.client.post("/importer", data={"x": "y"})
    assert (nothing.status_code, "Choisissez un fichier" in nothing.text) == (422, True)
    at = await received(site, name="../../../etc/passwd")
    assert plain((await site.client.get(f"{at}/colonnes")).text).count("passwd") >= 1
    kept = deposit.find(site.runtime.settings.folder, at.rpartition("/")[2])
    assert kept is not None
    assert kept.path.parent.parent == kept.folder
    assert kept.path.stat().st_mode & 0o077 == 0
    assert deposit.find(site.runtime.settings.folder, "../" * 10 + "ab") is None
    monkeypatch.setattr(deposit, "_DAY", -1)
    await received(site)
    assert deposit.find(site.runtime.settings.folder, kept.token) is None, "nobody came back"


@needed
async def test_a_file_is_brought_in_by_a_browser_without_script(site: Site) -> None:
    async with chromium(
        viewport={"width": 1280, "height": 900}, java_script_enabled=False
    ) as browser:
        page, refused = await opened(browser, site)
        await page.goto(f"{site.runtime.url}/importer")
        file = {"name": "leads.csv", "mimeType": "text/csv", "buffer": SHEET}
        await page.get_by_label("Fichier", exact=True).set_input_files(file)  # type: ignore[arg-type]
        await page.get_by_role("button", name="Continuer").click()
        await page.get_by_label("Étiqueter").fill("Salon")
        await page.get_by_role("button", name="Essayer").click()
        at = page.url.removesuffix("/essai").removeprefix(site.runtime.url)
        await tried(site, at)
        await page.reload()
        await page.get_by_role("button", name="Importer 2 lignes").click()
        await settled(site, "SELECT count(*) FROM imports WHERE state = 'done'", 1)
        await page.reload()
        await expect(page.get_by_role("heading", name="Terminée")).to_be_visible()
        assert refused == []


@needed
async def test_each_step_of_an_import_is_fit_for_all_at_each_width(site: Site) -> None:
    at = await received(site)
    form = chosen((await site.client.get(f"{at}/colonnes")).text)
    await site.client.post(f"{at}/colonnes", data=form)
    await tried(site, at)
    async with chromium(viewport={"width": 1280, "height": 900}) as browser:
        page, refused = await opened(browser, site)
        for name, path in (("importer", "/importer"), ("colonnes", f"{at}/colonnes"), ("essai", f"{at}/essai")):  # fmt: skip
            await page.goto(site.runtime.url + path)
            for width, scheme in ((320, "light"), (390, "dark"), (768, "light"), (1280, "dark")):
                await page.set_viewport_size({"width": width, "height": 900})
                await page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
                assert await page.evaluate("document.documentElement.scrollWidth") <= width, name
                if width in (320, 1280):
                    assert await unfit(page) == [], (name, width)
                if PICTURES:
                    await page.screenshot(path=Path(PICTURES) / f"{name}-{width}.png")
        assert refused == []
