"""Scripts written from the pages: the draft on disk, with what others did meanwhile, and nothing published."""

import asyncio
import re

import httpx
from playwright.async_api import expect

from relance.access_role import AccessRole
from server.publication.drafting import version_of
from server.settings import PublishingMode
from tests.chromium import chromium, needed, unfit
from tests.http.conftest import Site, Start
from tests.signed import sign_in
from tests.whole import lay_out

SCRIPT = (
    "campagne «\u00a0A\u00a0»\n  entrée\n    quand Formulaire (Contact) rempli\n"
    "  étape «\u00a0Un\u00a0»\n  Étiqueter (Vu)\n  étape «\u00a0Deux\u00a0»\n  Étiqueter (Su)\nfin\n"
)


async def opened(site: Site) -> str:
    """The version of the script, as its page gives it."""
    page = await site.client.get("/scripts/dossier/a.relance")
    assert page.status_code == 200
    found = re.search(r'name="version" value="(\w+)"', page.text)
    assert found is not None
    return found[1]


async def save(site: Site, text: str, version: str, accept: str = "text/html") -> httpx.Response:
    return await site.client.post(
        "/enregistrer/dossier/a.relance",
        data={"text": text, "version": version},
        headers={"accept": accept},
    )


def on_disk(site: Site) -> str:
    return (site.runtime.settings.folder / "dossier" / "a.relance").read_text(encoding="utf-8")


async def test_a_script_is_saved_joined_or_shown_and_never_written_over(site: Site) -> None:
    lay_out(site.runtime.settings.folder, {"dossier/a.relance": SCRIPT})
    assert "dossier/a.relance" in (await site.client.get("/scripts")).text
    version = await opened(site)

    # A script may be far longer than what other forms hold.
    long = (
        SCRIPT
        + "# Une règle de plus, avec ses « guillemets ».\n".replace(" »", "\u00a0»").replace(
            "« ", "«\u00a0"
        )
        * 4_000
    )
    assert (await save(site, long, version)).status_code == 303
    assert on_disk(site) == long
    version = version_of(long)
    assert (await save(site, SCRIPT, version)).status_code == 303
    version = version_of(SCRIPT)

    # Lines end as a form sends them.
    mine = SCRIPT.replace("(Vu)", "(Aperçu)")
    saved = await save(site, mine.replace("\n", "\r\n"), version)
    assert (saved.status_code, on_disk(site)) == (303, mine)

    # Somebody else opened the same: both are kept.
    theirs = SCRIPT.replace("(Su)", "(Appris)")
    joined = await save(site, theirs, version, "application/json")
    both = mine.replace("(Su)", "(Appris)")
    assert joined.json()["joined"]
    assert joined.json()["text"] == both == on_disk(site)

    # The same line: nothing is written, both are shown, and nothing typed is lost.
    clash = await save(site, SCRIPT.replace("(Vu)", "(Lu)"), version)
    assert clash.status_code == 409
    assert "Étiqueter (Lu)" in clash.text
    assert "Étiqueter (Aperçu)" in clash.text
    assert on_disk(site) == both
    answered = await save(site, SCRIPT.replace("(Vu)", "(Lu)"), version, "application/json")
    assert answered.json()["clashes"][0]["line"] == 5

    # A server restarted knows no more what was opened: shown, never written over.
    forgotten = await save(site, SCRIPT, "0" * 32)
    assert (forgotten.status_code, on_disk(site)) == (409, both)


async def test_what_is_no_script_of_the_draft_is_neither_read_nor_written(site: Site) -> None:
    folder = site.runtime.settings.folder
    lay_out(folder, {"dossier/a.relance": SCRIPT, "relance.toml": "", "b.md": "x"})
    (folder.parent / "c.relance").write_text(SCRIPT, encoding="utf-8")
    for name in (
        "relance.toml",
        "b.md",
        "..%2Fc.relance",
        "%2Fetc%2Fpasswd",
        "dossier",
        "d.relance",
    ):
        assert (await site.client.get(f"/scripts/{name}")).status_code == 404
        posted = await site.client.post(f"/enregistrer/{name}", data={"text": "x", "version": "x"})
        assert posted.status_code == 404
    async with httpx.AsyncClient(base_url=site.runtime.url) as stranger:
        assert (await stranger.get("/scripts/dossier/a.relance")).status_code == 401
        assert (await stranger.post("/enregistrer/dossier/a.relance")).status_code == 401


async def test_a_name_is_changed_in_the_other_files_unless_they_changed(site: Site) -> None:
    folder = site.runtime.settings.folder
    text = "campagne « A »\n  Envoyer courriel (Bienvenue)\nfin\n"
    message = "---\nnom: Bienvenue\nobjet: Bonjour\n---\nBonjour.\n"
    files = {
        "a.relance": text,
        "b.relance": text.replace("« A »", "« B »"),
        "courriels/a.md": message,
    }
    lay_out(folder, files)
    asked = {"file": "a.relance", "text": text, "offset": text.index("Bienvenue"), "name": "Salut"}
    changed = await site.client.post("/renommer", json=asked)
    assert changed.json() == {"files": ["b.relance", "courriels/a.md"]}
    assert "(Salut)" in (folder / "b.relance").read_text(encoding="utf-8")
    assert "nom: Salut\n" in (folder / "courriels/a.md").read_text(encoding="utf-8")
    assert (folder / "a.relance").read_text(encoding="utf-8") == text
    refused = await site.client.post("/renommer", json={**asked, "name": "Un « nom »"})
    assert "guillemets" in refused.json()["refusal"]


async def test_who_may_not_write_reads_a_script_and_is_told_so(site: Site) -> None:
    lay_out(site.runtime.settings.folder, {"dossier/a.relance": SCRIPT})
    async with httpx.AsyncClient(base_url=site.runtime.url) as reader:
        await sign_in(site.runtime, reader, [AccessRole.READ], "lectrice@exemple.ca")
        page = (await reader.get("/scripts/dossier/a.relance")).text
        assert "Vous pouvez lire ce script" in page
        for offered in ("<textarea", "Enregistrer", "Phrases", "Mettre en forme", "editor.js"):
            assert offered not in page
        refused = await reader.post(
            "/enregistrer/dossier/a.relance", data={"text": "", "version": ""}
        )
        assert refused.status_code == 403
    assert on_disk(site) == SCRIPT


async def test_who_saves_without_a_session_signs_in_then_comes_back_to_the_script(
    site: Site,
) -> None:
    async with httpx.AsyncClient(base_url=site.runtime.url) as stranger:
        for name, written in (("dossier/a", "dossier/a"), ("été", "%25C3%25A9t%25C3%25A9")):
            sent = await stranger.post(
                f"/enregistrer/{name}.relance", headers={"accept": "text/html"}
            )
            to = f"/connexion?suite=/scripts/{written}.relance"
            assert (sent.status_code, sent.headers["location"]) == (303, to)


@needed
async def test_what_is_typed_after_a_session_ended_is_kept_and_saved_once_signed_in(
    start: Start,
) -> None:
    async with start(publishing=PublishingMode.ON_DEMAND) as site, chromium() as browser:
        lay_out(site.runtime.settings.folder, {"dossier/a.relance": SCRIPT})
        page = await browser.new_page()
        enter = site.runtime.access.team.entry_link
        await page.goto(site.runtime.url + await enter("camille@exemple.ca", "Camille"))
        await page.goto(f"{site.runtime.url}/scripts/dossier/a.relance")
        await page.locator(".cm-content").wait_for()
        await page.context.clear_cookies()
        await page.get_by_role("textbox").first.focus()
        await page.keyboard.press("Control+Home")
        await page.keyboard.type("# Essai\n")
        state = page.locator("#script-state")
        await expect(state).to_contain_text("votre session est finie", timeout=15_000)
        await page.get_by_role("button", name="Enregistrer").click()
        link = state.get_by_role("link", name="Se connecter")
        await expect(link).to_have_attribute(
            "href", "/connexion?suite=%2Fscripts%2Fdossier%2Fa.relance"
        )
        await expect(page.locator(".cm-content")).to_contain_text("# Essai")
        assert on_disk(site) == SCRIPT

        # Signed in beside: what was typed is saved here by itself.
        beside = await page.context.new_page()
        await beside.goto(site.runtime.url + await enter("camille@exemple.ca", "Camille"))
        await expect(state).to_have_text("enregistré", timeout=15_000)
        assert on_disk(site) == f"# Essai\n{SCRIPT}"


@needed
async def test_two_people_write_one_script_and_both_are_kept(start: Start) -> None:
    async with start(publishing=PublishingMode.ON_DEMAND) as site:
        lay_out(site.runtime.settings.folder, {"dossier/a.relance": SCRIPT})
        async with chromium() as browser:
            page = await browser.new_page()
            path = await site.runtime.access.team.entry_link("camille@exemple.ca", "Camille")
            await page.goto(site.runtime.url + path)
            await page.goto(f"{site.runtime.url}/scripts/dossier/a.relance")
            state = page.locator("#script-state")
            await page.locator(".cm-content").wait_for()
            await page.get_by_role("textbox").first.focus()
            await page.keyboard.press("Control+Home")
            await page.keyboard.type("# Essai\n")
            await expect(state).to_have_text("enregistré", timeout=15_000)
            assert on_disk(site) == f"# Essai\n{SCRIPT}"

            # Somebody else writes in the folder.
            lay_out(
                site.runtime.settings.folder,
                {"dossier/a.relance": f"# Essai\n{SCRIPT.replace('(Su)', '(Appris)')}"},
            )
            await page.keyboard.type("# Suite\n")
            await expect(state).to_contain_text("quelqu’un d’autre", timeout=15_000)
            await expect(page.locator(".cm-content")).to_contain_text("Appris")
            assert "# Suite\n" in on_disk(site)
            assert "(Appris)" in on_disk(site)
            assert await unfit(page) == []

            # Nobody answers: what is typed stays, and is saved once somebody does.
            await page.route("**/enregistrer/**", lambda route: route.abort())
            await page.keyboard.type("# Fin\n")
            await expect(state).to_contain_text("non enregistré depuis", timeout=15_000)
            await page.unroute("**/enregistrer/**")
            await expect(state).to_have_text("enregistré", timeout=15_000)
            assert "# Fin\n" in await asyncio.to_thread(on_disk, site)

            # The disk no longer gives the file: it is nobody's change, and is saved once it does.
            script = site.runtime.settings.folder / "dossier" / "a.relance"
            script.rename(script.with_suffix(".kept"))
            script.symlink_to("/proc/self/mem")
            async with page.expect_response("**/enregistrer/**", timeout=15_000) as refused:
                await page.keyboard.type("# Après\n")
            assert (await refused.value).status == 409
            await expect(state).to_contain_text("non enregistré depuis")
            script.unlink()
            script.with_suffix(".kept").rename(script)
            await expect(state).to_have_text("enregistré", timeout=15_000)
            assert "# Après\n" in await asyncio.to_thread(on_disk, site)
