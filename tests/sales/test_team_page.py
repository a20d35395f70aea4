"""The sales team on its page: what each was given, and the draft changed as its author wrote it."""

import re
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from plugins.sales import relance_change_people
from plugins.sales.team import FILE
from relance.access_role import AccessRole
from relance.person import Person
from relance.project_files import ProjectFiles
from tests.http.conftest import Site, all_plugins, running
from tests.signed import sign_in
from tests.web.test_interface import plain
from tests.whole import eventually, lay_out, saving

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
    assert "Zoé zoe@exemple.ca absent 0" in page
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
    assert "<i>" not in page
    again = await site.client.post("/equipe/changer", data={**new, "telephone": "514 555-0101"})
    assert (again.status_code, "déjà dans l’équipe" in plain(again.text)) == (422, True)
    assert 'value="514 555-0101"' in again.text, "what was typed is kept"
    gone = await site.client.post("/equipe/changer", data={"ancien": "Léa <i>", "retirer": "oui"})
    assert gone.status_code == 303
    assert file.read_text("utf-8").rstrip() == TEAM.rstrip()
    await sign_in(site.runtime, site.client, [AccessRole.READ], "lecture@exemple.ca")
    assert (await site.client.post("/equipe/changer", data=new)).status_code == 403
    assert "Ajouter quelqu’un" not in (await site.client.get("/equipe")).text
