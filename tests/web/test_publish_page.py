"""The page to publish: what is shown is what is agreed to, in the words of the command that compares."""

import asyncio
import json
import re
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest
from sqlalchemy import insert, update

from relance.access_role import AccessRole
from relance.errors import RelanceError
from server import runtime
from server.access import api_tokens
from server.orders import deferring, publishing, spool
from server.orders.agreement import DECLINE
from server.orders.publishing import PUBLISH, PublishAnswer, PublishOrder
from server.orders.spool import Order
from server.publication.reading import DraftReading
from server.rehearsal import rehearsals
from server.rehearsal.draft_rehearsal import DraftRehearsal, FailedScenario
from server.rehearsal.progress import RehearsalProgress, ScenarioBegun
from server.runtime import Runtime
from server.settings import load_settings
from server.store.instants import DAY
from server.store.schema.access import accounts as accounts_table
from server.store.schema.leads import leads
from server.web import deferred, office, rehearsal
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
_TRY = """\

scénario « {} »
  lead (A) : courriel (a@exemple.ca)
  le 2026-12-01 à 9 h, (A) : Formulaire (Infolettre) rempli
  vérifier (A) : Lead étiqueté ({})
fin
""".replace("« ", "«\u00a0").replace(" »", "\u00a0»")
#: Of two scenarios, the second fails; and how it passes.
FAILING = FIRST + _TRY.format("venu", "Venu") + _TRY.format("perdu", "Jamais")
PASSING = FAILING.replace("Jamais", "Venu")
#: An extension that prints as it is read.
_NOISE = """\
import sys

class Noise:
    def find_spec(self, name, path=None, target=None):
        if name.startswith("plugins."):
            print("bruit", name)

sys.meta_path.insert(0, Noise())
"""


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


async def played(client: httpx.AsyncClient, path: str = "/publier/scenarios?choix=oui") -> str:
    """What the page says of the scenarios once all were played: as a browser does, it asks again."""
    while "hx-trigger" in (part := (await client.get(path)).text):
        await asyncio.sleep(0.05)
    return part


async def test_a_scenario_that_fails_keeps_a_draft_from_being_published_unless_passed_over(
    site: Site, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "server.py").write_text("raise SystemExit('not ours')", encoding="utf-8")
    monkeypatch.chdir(tmp_path)  # what lies where the server was started is none of its modules
    (noisy := tmp_path / "bruit").mkdir()
    (noisy / "sitecustomize.py").write_text(_NOISE, encoding="utf-8")
    monkeypatch.setenv("PYTHONPATH", str(noisy))
    script = site.runtime.settings.folder / "regles.relance"
    script.write_text(FAILING, encoding="utf-8")
    # They are played as the server is set, whatever the file of settings has become since.
    script.with_name("relance.toml").write_text('fuseau = "nulle part"', encoding="utf-8")
    page = (await site.client.get("/publier")).text
    assert 'hx-get="/publier/scenarios?choix=oui"' in page, "they are played once the page is there"
    assert '<p id="repetition-dite" class="unseen" role="status"></p>' in page
    seen = dict(re.findall(r'name="(vu)" value="(\w*)"', page))
    part = await played(site.client)
    aloud = re.search(r'<p id="repetition-dite" hx-swap-oob="innerHTML">(.*?)</p>', part)
    assert aloud is not None, "what came of it is said aloud, once"
    assert aloud[1].replace("\u00a0", " ") == "1 scénario sur 2 échoue."
    said = plain(part).replace("\u00a0", " ")
    assert "1 scénario sur 2 échoue. Rien ne peut être publié avant qu’il passe." in said
    assert 'href="/scenarios/regles.relance#s-2"' in part, "where it is opened"
    assert "perdu , regles.relance, ligne 18 attendu : Lead étiqueté (Jamais)" in said
    assert "trouvé : Lead étiqueté (Jamais) : faux" in said
    assert 'name="malgre-scenarios"' in part
    assert "malgre-scenarios" not in await played(site.client, "/publier/scenarios")
    ticked = await played(site.client, "/publier/scenarios?choix=oui&malgre=oui")
    assert 'value="oui" checked' in ticked
    monkeypatch.setattr(sys, "executable", "/nowhere")  # the same files are not played again
    refused = await site.client.post("/publier", data={**seen, "note": "vite"})
    assert (refused.status_code, await site.count("publications")) == (409, 0)
    assert "1 scénario sur 2 échoue. Rien n’a été publié." in plain(refused.text).replace(
        "\u00a0", " "
    )
    assert "--malgre" not in refused.text
    assert ">vite</textarea>" in refused.text

    url = f"{site.runtime.url}/api/v1"
    token = await _token(site, AccessRole.PUBLISH, AccessRole.WRITE)
    async with httpx.AsyncClient(headers={"authorization": f"Bearer {token}"}) as program:
        tried = (await program.post(f"{url}/publications", json={"trial": True})).json()
        (failed,) = tried["scenarios_en_echec"]
        assert (failed["scenario"], failed["ligne"], tried["scenarios_joues"]) == ("perdu", 18, 2)
        assert tried["scenarios_inchanges"] == 0
        assert '"malgre_scenarios": true, avec "note", par une session' in tried["refus"]
        for where in ("publications", "asked-publications"):
            kept = await program.post(f"{url}/{where}", json={})
            why = kept.json()["errors"][0]["pointer"]
            assert (kept.status_code, why) == (409, "/malgre_scenarios")
        forced = {"malgre_scenarios": True, "note": "vite"}
        kept = await program.post(f"{url}/publications", json=forced)
        assert (kept.status_code, "demande le rôle" in kept.text) == (409, True)
    assert await site.count("publications") == 0

    force = {**seen, "malgre-scenarios": "oui"}
    unsaid = await site.client.post("/publier", data=force)
    assert (unsaid.status_code, 'id="note-faux"' in unsaid.text) == (409, True)
    assert re.search(r'name="malgre-scenarios" value="oui" checked', unsaid.text), "nothing is lost"
    assert (await site.client.post("/publier", data={**force, "note": "vite"})).status_code == 303
    ((note,),) = await site.rows("SELECT note FROM publications")
    assert note.replace("\u00a0", " ") == (
        "vite\nPublié quand même. 1 scénario échoue : « perdu » (regles.relance)."
    )
    rows = await site.rows("SELECT after FROM audit_log WHERE action = 'ordre.publier'")
    assert json.loads(rows[-1][0])["même si des scénarios échouent"] == "oui"
    assert "scenarios" in {one.code for one in site.runtime.concerns()}

    monkeypatch.undo()
    script.write_text(PASSING, encoding="utf-8")
    seen = await shown(site)
    passing = "2 scénarios passent : 1 rejoué, 1 inchangé."
    assert passing in plain(await played(site.client)).replace("\u00a0", " ")
    done = await site.client.post("/publier", data=seen)
    landed = (await site.client.get(done.headers["location"])).text
    assert f"La publication n° 2 est faite. {passing}" in plain(landed).replace("\u00a0", " ")
    assert "scenarios" not in {one.code for one in site.runtime.concerns()}


async def test_what_is_played_for_long_keeps_neither_other_orders_nor_a_form_waiting(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    ended, folder = asyncio.Event(), site.runtime.settings.folder

    async def play(_: DraftReading, progress: RehearsalProgress) -> DraftRehearsal:
        progress.begins(ScenarioBegun("regles.relance", 2, "perdu", 18), 1, 40, lasting=12)
        progress.fails(FailedScenario("autre.relance", 1, "raté", 9, "Lead étiqueté (X)", ""))
        await ended.wait()
        return DraftRehearsal("", 40)

    monkeypatch.setattr(site.runtime.publishing.rehearsals, "_play", play)
    monkeypatch.setattr(office, "_REHEARSAL_SECONDS", 0.05)
    monkeypatch.setattr(rehearsal, "_PATIENCE", 0.05)
    (folder / "regles.relance").write_text(PASSING, encoding="utf-8")
    long = spool.leave(folder, Order(PUBLISH, PublishOrder("zoé").arguments(), "zoé"))
    other = spool.leave(folder, Order(DECLINE, {"numero": "9", "pourquoi": "x"}, "zoé"))
    part = (await site.client.get("/publier/scenarios")).text
    assert (
        "1 sur 40. 12 autres sont inchangés. Un seul qui échoue empêche de publier. "
        "En ce moment : « perdu », regles.relance."
    ) in plain(part).replace("\u00a0", " ")
    assert "raté échoue déjà, autre.relance, ligne 9" in plain(part), "a failure is said at once"
    assert '<progress value="1" max="40"' in part
    assert "repetition-dite" not in part, "how far they are is not"
    assert 'hx-trigger="load, every 8s"' in part, "a server that answers nothing is asked again"
    async with asyncio.timeout(20):
        while spool.answered(other) is None:
            await asyncio.sleep(0.02)
    assert (spool.how_far(long), spool.answered(long)) == ((1, 40), None)
    ended.set()
    async with asyncio.timeout(20):
        while (answer := spool.answered(long)) is None:
            await asyncio.sleep(0.02)
    done, said = answer
    assert (done, PublishAnswer.of(said).rehearsal.success) == (True, "40\u00a0scénarios passent.")
    assert await site.count("publications") == 1


async def landed(client: httpx.AsyncClient, where: str = "/publier") -> str:
    """What the page says of what was confirmed, once it is over: as a browser does, it asks again."""
    async with asyncio.timeout(20):
        while "hx-redirect" not in (part := await client.get("/publier/suite")).headers:
            assert part.status_code == 200
            await asyncio.sleep(0.02)
    assert part.headers["hx-redirect"] == where
    return plain((await client.get(where)).text).replace("\u00a0", " ")


async def test_what_is_confirmed_follows_by_itself_unless_it_is_renounced_or_no_longer_what_was_shown(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    ended, folder = asyncio.Event(), site.runtime.settings.folder
    failing: list[FailedScenario] = []

    async def play(_: DraftReading, progress: RehearsalProgress) -> DraftRehearsal:
        progress.begins(ScenarioBegun("regles.relance", 2, "perdu", 18), 1, 40)
        for one in failing:
            progress.fails(one)
        await ended.wait()
        return DraftRehearsal("", 40)

    monkeypatch.setattr(site.runtime.publishing.rehearsals, "_play", play)
    monkeypatch.setattr(office, "_REHEARSAL_SECONDS", 0.05)
    monkeypatch.setattr(deferred, "_PATIENCE", 0.05)
    monkeypatch.setattr(deferring, "_LOOKED", 0.05)
    script = folder / "regles.relance"
    script.write_text(PASSING, encoding="utf-8")
    confirmed = await site.client.post("/publier", data={**await shown(site), "note": "vite"})
    assert (confirmed.status_code, await site.count("publications")) == (303, 0)
    page = await site.client.get(confirmed.headers["location"])
    text = plain(page.text).replace("\u00a0", " ")
    assert "Elle suit d’elle-même dès que les scénarios ont passé" in text
    assert "Scénarios joués : 1 sur 40. En ce moment : « perdu », regles.relance." in text
    assert ("vite" in text, 'name="vu"' in page.text) == (True, False), "it is not asked twice"
    other = await site.client.post("/publier", data={"vu": "", "note": "aussi"})
    assert (other.status_code, await site.count("deferred_publications")) == (409, 1)
    ended.set()
    text = await landed(site.client, "/campagnes/1")  # the one that is new
    assert "La publication n° 1 est faite. 40 scénarios passent." in text
    assert "personne n’y entre avant « Activer »" in text
    assert "n° 1 est faite" not in plain((await site.client.get("/campagnes")).text), "said once"
    assert (await site.rows("SELECT note FROM publications")) == [("vite",)]
    assert [row[0] for row in await site.rows("SELECT action FROM audit_log ORDER BY number")][
        -2:
    ] == [*("ordre.publier-ensuite", "ordre.publier")]

    async def confirm(text: str) -> None:
        ended.clear()
        script.write_text(text, encoding="utf-8")
        noted = await site.client.post("/publier", data=await shown(site))
        assert (noted.status_code, noted.headers["location"]) == (303, "/publier")

    await confirm(PASSING + "\n# Un mot.\n")
    script.write_text(PASSING + "\n# Un autre.\n", encoding="utf-8")
    text = await landed(site.client)
    assert "n’est pas faite. Le brouillon a changé entre-temps" in text
    failing.append(FailedScenario("regles.relance", 2, "perdu", 18, "", ""))
    await confirm(PASSING + "\n# Encore.\n")
    text = await landed(site.client)
    assert "n’est pas faite. Un scénario échoue : « perdu » (regles.relance, ligne 18)." in text
    failing.clear()
    ended.set()
    await asyncio.sleep(0)
    await confirm(PASSING + "\n# Enfin.\n")
    (number,) = (await site.rows("SELECT max(number) FROM deferred_publications"))[0]
    off = await site.client.post("/publier", data={"renoncer": str(number)})
    page = plain((await site.client.get(off.headers["location"])).text)
    assert "C’est noté : rien n’est publié." in page
    late = await site.client.post("/publier", data={"renoncer": str(number)})
    assert "Il est trop tard" in plain((await site.client.get(late.headers["location"])).text)
    assert await site.count("publications") == 1
    # Who confirmed it may no longer publish by the time it is done.
    assert (await site.client.post("/publier", data=await shown(site))).status_code == 303
    async with site.runtime.store.write() as conn:
        await conn.execute(update(accounts_table).values(roles="lecture redaction"))
    ended.set()
    async with asyncio.timeout(20):
        while site.runtime.desk.deferring.current is not None:
            await asyncio.sleep(0.02)
    ((said,),) = await site.rows(
        "SELECT said FROM deferred_publications ORDER BY number DESC LIMIT 1"
    )
    assert "n’a plus le droit de publier" in said
    assert await site.count("publications") == 1


async def test_a_server_that_starts_again_goes_on_with_what_was_confirmed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ended = asyncio.Event()

    async def play(*_: object) -> DraftRehearsal:
        await ended.wait()
        return DraftRehearsal("", 2)

    monkeypatch.setattr(runtime, "playing", lambda *_, **__: play)
    monkeypatch.setattr(office, "_REHEARSAL_SECONDS", 0.0)
    monkeypatch.setattr(deferred, "_PATIENCE", 0.0)
    lay_out(tmp_path, {"regles.relance": PASSING})
    settings = load_settings(tmp_path, {"RELANCE_PORT": "0"})
    async with running(settings, Runtime(settings).plugins) as first:
        given = {**await shown(first), "activer": "oui"}
        assert (await first.client.post("/publier", data=given)).status_code == 303
    ended.set()
    async with running(settings, first.runtime.plugins) as site:
        async with asyncio.timeout(20):
            while not await site.count("publications"):
                await asyncio.sleep(0.02)
        text = await landed(site.client, "/campagnes/1")
        assert "La publication n° 1 est faite. 2 scénarios passent." in text


async def test_what_a_start_publishes_is_kept_back_by_no_scenario_and_what_fails_is_known_soon(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def play(_: DraftReading, progress: RehearsalProgress) -> DraftRehearsal:
        if failing:
            raise RelanceError(failing.pop())
        lost = FailedScenario("regles.relance", 2, "perdu", 18, "Lead étiqueté (Jamais)", "", ())
        return DraftRehearsal("", 2, (lost,))

    async def unwritten(_: object) -> None:
        """Nothing else is written."""

    server, failing = site.runtime, ["Le disque est plein."]
    monkeypatch.setattr(server.publishing.rehearsals, "_play", play)
    monkeypatch.setattr(publishing, "_BEHIND", 0.01)
    monkeypatch.setattr(publishing, "_AGAIN", 0.2)
    monkeypatch.setattr(rehearsals, "_UNPLAYED", 0.0)
    (server.settings.folder / "regles.relance").write_text(FAILING, encoding="utf-8")
    await server.publishing.begin(PublishOrder("un démarrage"), unwritten)
    assert await site.count("publications") == 1
    assert "scenarios" not in {one.code for one in server.concerns()}
    watching = asyncio.create_task(server.publishing.watch())
    async with asyncio.timeout(20):
        while not (found := [one for one in server.concerns() if one.code == "scenarios"]):
            await asyncio.sleep(0.01)
    assert found[0].details == ("Le disque est plein.",), "why nobody knows whether they pass"
    async with asyncio.timeout(20):
        while "échoue" not in next(o.fact for o in server.concerns() if o.code == "scenarios"):
            await asyncio.sleep(0.01)
    again = PublishOrder("zoé", again=1)
    (server.settings.folder / "regles.relance").write_text(FIRST, encoding="utf-8")
    await server.publishing.publish(PublishOrder("zoé"), unwritten)
    assert "scenarios" not in {one.code for one in server.concerns()}
    await server.publishing.publish(again, unwritten)  # former files are kept back by none either
    async with asyncio.timeout(20):
        while not (found := [one for one in server.concerns() if one.code == "scenarios"]):
            await asyncio.sleep(0.01)
    watching.cancel()
    assert found[0].fact == "1\u00a0scénario de ce qui tourne échoue."
    assert found[0].details == ("«\u00a0perdu\u00a0» (regles.relance, ligne 18)",)


async def _token(site: Site, *roles: AccessRole) -> str:
    register = site.runtime.access.register
    async with register.store.write() as conn:
        until, maker = register.now() + DAY, "Camille Morin <camille@exemple.ca>"
        return await api_tokens.create(
            conn, "essai", frozenset(roles), maker, register.now(), until
        )
