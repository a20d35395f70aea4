"""The sales team on its page: what each was given, and the draft changed as its author wrote it."""

import asyncio
import json
import re
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path

import httpx
import pytest

from plugins.sales import relance_change_people
from plugins.sales.team import FILE
from relance.access_role import AccessRole
from relance.person import Person
from relance.project_files import ProjectFiles
from relance.testing import VirtualClock
from server.clock import SystemClock
from server.runtime import Runtime
from tests.http.conftest import Site, all_plugins, running
from tests.processes import Ended, command
from tests.signed import sign_in, token_of
from tests.web.test_interface import plain
from tests.whole import eventually, lay_out, saving
from tests.whole import running as whole

TEAM = """\
# Notre équipe
[[personne]]
nom = "Marc"   # le patron
courriel = "marc@exemple.ca"

# La boutique
[[personne]]
nom = "Zoé"
courriel = "zoe@exemple.ca"
absent = true
"""
SCRIPT = """\
campagne « Vente »
  entrée
    quand Formulaire (Demande) rempli
  Assigner à l’équipe de vente, envoyer alerte de type (Chaud)
fin
""".replace("« ", "«\u00a0").replace(" »", "\u00a0»")


def written(former: str, person: Person | None, text: str = TEAM) -> str | None:
    files = ProjectFiles({FILE: text.encode()})
    found = relance_change_people(files, former, person)
    return None if found is None else found[FILE]


def test_a_person_is_added_changed_or_taken_out_and_the_rest_stays_as_it_was_written() -> None:
    added = written("", Person("Léa", "lea@exemple.ca"))
    assert added == f'{TEAM}\n[[personne]]\nnom = "Léa"\ncourriel = "lea@exemple.ca"\n'
    assert written("", Person("Léa", "lea@exemple.ca"), "") is not None
    away = written("Marc", Person("Marc", "m@exemple.ca", "514 555-0101", absent=True))
    assert away is not None
    assert away.startswith("# Notre équipe\n[[personne]]\n")
    assert "absent = true" in away.split("# La boutique")[0]
    assert away.endswith(TEAM.split("\n\n")[1])
    back = written("Zoé", Person("Zoé", "zoe@exemple.ca"))
    assert back == TEAM.replace("absent = true\n", "")
    gone = written("Marc", None)
    assert gone == "# Notre équipe\n# La boutique" + TEAM.split("# La boutique")[1]


@pytest.mark.parametrize(
    ("former", "person"),
    [
        ("Personne", None),
        ("", Person("Zoé", "autre@exemple.ca")),
        ("", Person("Léa", "pas une adresse")),
        ("Marc", Person("Marc (patron)", "marc@exemple.ca")),
        ("", Person("Léa", None)),
    ],
)
def test_what_would_make_no_team_is_not_written(former: str, person: Person | None) -> None:
    assert written(former, person) is None
    assert written("", Person("Léa", "lea@exemple.ca"), "[[personne]]\nnom = 3\n") is None


@pytest.fixture
async def site(tmp_path: Path) -> AsyncIterator[Site]:
    lay_out(tmp_path, {FILE: TEAM, "regles.relance": SCRIPT})
    settings = saving(tmp_path, {"RELANCE_PORT": "0"})
    async with running(settings, all_plugins()) as opened:
        yield opened


async def test_who_is_away_is_passed_by_and_each_reads_what_came_to_them(site: Site) -> None:
    for name in ("a", "b", "c"):
        await site.post("Demande", data={"courriel": f"{name}@exemple.ca"})
    given = "SELECT count(*) FROM events WHERE type = 'assigned' AND subject = 'Marc'"
    await eventually(site.runtime, given, [(3,)])
    page = plain((await site.client.get("/equipe")).text)
    assert "Marc marc@exemple.ca le prochain lead 3 0 avant" in page
    assert "Zoé zoe@exemple.ca en absence 0" in page
    assert re.search(
        r"Équipe de vente Suivi par Marc Depuis le \d",
        plain((await site.client.get("/leads/1")).text),
    )
    heard = (await site.client.get("/rapports/equipe/tout.json")).json()
    assert [(one["personne"], one["leads"]) for one in heard] == [("Marc", 3), ("Zoé", 0)]


async def test_a_page_changes_the_draft_and_says_beside_the_field_what_is_wrong(
    site: Site,
) -> None:
    new = {"ancien": "", "nom": "Léa <i>", "courriel": "lea@exemple.ca", "telephone": ""}
    added = await site.client.post("/equipe/changer", data=new)
    assert added.status_code == 303, plain(added.text)
    file = site.runtime.settings.folder / FILE
    assert 'nom = "Léa <i>"' in file.read_text("utf-8")
    page = (await site.client.get("/equipe")).text
    assert "Léa &lt;i&gt;" in page
    forms = re.findall(r'<form method="post" action="/equipe/changer">.*?</form>', page, re.DOTALL)
    pressed = [re.findall(r"<button[^>]*>", form)[0] for form in forms]
    assert set(pressed) == {'<button class="button first">'}, "Enter saves"
    assert "<i>" not in page
    again = await site.client.post("/equipe/changer", data={**new, "telephone": "514 555-0101"})
    assert (again.status_code, "déjà dans l’équipe" in plain(again.text)) == (422, True)
    assert 'value="514 555-0101"' in again.text, "what was typed is kept"
    for field, value, why in (
        ("nom", "MARC", "« Marc » est déjà dans l’équipe"),
        ("nom", "é" * 300, "100 caractères au plus"),
        ("nom", "Ana (ventes)", "ni parenthèse"),
        ("courriel", "ana", "« ana » n’est pas une adresse"),
        ("courriel", "", "Il faut un courriel"),
        ("telephone", "5" * 61, "60 caractères au plus"),
    ):
        asked = {**new, "nom": "Ana", field: value}
        refused = await site.client.post("/equipe/changer", data=asked)
        assert (refused.status_code, why in plain(refused.text)) == (422, True), plain(refused.text)
        marked = re.findall(r'name="(\w+)"[^>]*aria-invalid', refused.text)
        assert marked == [field], "the field that is wrong, and no other"
    gone = await site.client.post("/equipe/changer", data={"ancien": "Léa <i>", "retirer": "oui"})
    assert gone.status_code == 303
    assert file.read_text("utf-8").rstrip() == TEAM.rstrip()
    await sign_in(site.runtime, site.client, [AccessRole.READ], "lecture@exemple.ca")
    assert (await site.client.post("/equipe/changer", data=new)).status_code == 403
    assert "Ajouter quelqu’un" not in (await site.client.get("/equipe")).text


async def test_who_is_away_between_two_days_is_passed_by_then_has_turns_again(
    tmp_path: Path,
) -> None:
    clock = VirtualClock(datetime(2026, 11, 4, 17, tzinfo=UTC))
    team = TEAM.replace("absent = true\n", "")
    lay_out(tmp_path, {FILE: team, "regles.relance": SCRIPT})
    settings = saving(tmp_path, {"RELANCE_PORT": "0"})
    made = Runtime(settings, plugins=all_plugins(), clock=clock, access_clock=SystemClock())
    async with whole(made) as runtime, httpx.AsyncClient(base_url=runtime.url) as client:
        await sign_in(runtime, client)
        away = {"nom": "Marc", "du": "2026-11-06", "au": "2026-11-08", "raison": "Pêche <i>"}

        async def refused(status: int = 422, **other: str) -> str:
            answer = await client.post("/equipe/absences", data={**away, **other})
            assert answer.status_code == status, plain(answer.text)
            assert status != 422 or 'value="Pêche &lt;i&gt;"' in answer.text, (
                "nothing typed is lost"
            )
            return plain(answer.text)

        assert "avant le premier : échangez-les" in await refused(du="2026-11-09")
        assert "déjà passés" in await refused(du="2026-11-01", au="2026-11-03")
        assert "Un jour s’écrit" in await refused(du="vendredi")
        assert "n’est pas dans l’équipe" in await refused(nom="Léa")
        await refused(303)
        assert "déjà en absence du 6 nov. 2026 au 8 nov. 2026" in await refused(
            du="2026-11-08", au="2026-11-20"
        )

        async def dealt(name: str) -> list[str]:
            """To whom two leads go, that come one after the other."""
            found = []
            for number in range(2):
                mail = f"{name}{number}@exemple.ca"
                await client.post("/webhooks/forms/Demande", data={"courriel": mail})
                await runtime.engine.finish()
                async with runtime.store.read() as conn:
                    query = "SELECT f_vendeur FROM leads ORDER BY id DESC LIMIT 1"
                    found.append(str((await conn.exec_driver_sql(query)).scalar()))
            return found

        assert await dealt("avant") == ["Marc", "Zoé"]
        clock.set(datetime(2026, 11, 6, 17, tzinfo=UTC))
        assert await dealt("pendant") == ["Zoé", "Zoé"]
        page = plain((await client.get("/equipe")).text)
        assert "Marc marc@exemple.ca en absence jusqu’au 8 nov. 2026" in page
        assert "Zoé zoe@exemple.ca le prochain lead" in page
        token = await token_of(runtime, AccessRole.READ, AccessRole.PUBLISH)
        headers = {"authorization": f"Bearer {token}"}
        async with httpx.AsyncClient(base_url=f"{runtime.url}/api/v1", headers=headers) as program:
            (one,) = (await program.get("/team/absences")).json()["items"]
            assert (one["name"], one["to"], one["now"]) == ("Marc", "2026-11-08", True)
            bad = {"name": "Zoé", "from": "2026-11-20", "to": "2026-11-19"}
            answer = await program.post("/team/absences/add", json=bad)
            assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (409, "/to")
            added = await program.post("/team/absences/add", json={**bad, "from": "2026-11-18"})
            assert added.status_code == 200, added.text
            number = (await program.get("/team/absences")).json()["items"][1]["absence"]
            taken = await program.post(f"/team/absences/{number}/remove")
            assert "n’est plus en absence" in taken.json()["dit"]
        clock.set(datetime(2026, 11, 9, 17, tzinfo=UTC))
        assert sorted(await dealt("après")) == ["Marc", "Zoé"]
        ordered = "SELECT count(*) FROM audit_log WHERE action LIKE 'ordre.%-absence' AND after NOT LIKE '%refus%'"
        await eventually(runtime, ordered, [(3,)])

    async def said(*words: str) -> Ended:
        return await asyncio.to_thread(command, "absences", *words, "--dossier", tmp_path)

    noted = await said("noter", "zoé", "--du", "2099-01-02", "--raison", "Repos")
    assert "Zoé est en absence" in noted.out, noted
    (one,) = json.loads((await said("lister", "--json")).out)
    assert (one["personne"], one["du"], one["au"], one["en_cours"]) == (
        "Zoé",
        "2099-01-02",
        "2099-01-02",
        False,
    )
    assert "n’est plus en absence le 2 janv. 2099" in (
        await said("oter", str(one["numero"]))
    ).out.replace("\u00a0", " ")


async def test_what_somebody_will_be_written_is_seen_before_they_are_saved(site: Site) -> None:
    await site.post("Demande", data={"courriel": "aline@exemple.ca", "prénom": "Aline"})
    await eventually(site.runtime, "SELECT count(*) FROM leads", [(1,)])
    typed = {"ancien": "", "nom": "Léa <i>", "courriel": "lea@exemple.ca", "apercu": "oui"}
    asked = {**typed, "alerte": "Chaud", "lecteur": "aline@exemple.ca"}
    shown = await site.client.post("/equipe/changer", data=asked)
    assert shown.status_code == 200, plain(shown.text)
    assert 'value="Léa &lt;i&gt;"' in shown.text
    assert "Alerte « Chaud » : Aline" in plain(shown.text)
    frame = re.findall(r'src="(/apercu/[^"]+)"', shown.text)[0]
    read = plain((await site.client.get(frame)).text)
    assert "Bonjour Léa" in read
    assert "aline@exemple.ca" in read
    assert "Léa" not in (site.runtime.settings.folder / FILE).read_text("utf-8"), "nothing is saved"
    made_up = await site.client.post("/equipe/changer", data={**asked, "lecteur": ""})
    assert "Alerte « Chaud » : Camille Tremblay" in plain(made_up.text)
    nobody = await site.client.post("/equipe/changer", data={**asked, "lecteur": "x@y.ca"})
    assert (nobody.status_code, "Aucun lead ne répond" in plain(nobody.text)) == (422, True)
    await sign_in(
        site.runtime, site.client, [AccessRole.READ, AccessRole.WRITE], "redige@exemple.ca"
    )
    other = await site.client.post("/equipe/changer", data=asked)
    assert (other.status_code, "données personnelles" in other.text) == (422, True)
