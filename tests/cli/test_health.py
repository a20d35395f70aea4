"""`relance sante` says what `/sante` says, beside a running server and without one."""

import json
from pathlib import Path

from relance.host import Identities, Incoming
from server.runtime import Runtime
from server.settings import load_settings
from tests.cli.test_explain import relance
from tests.locking import writing
from tests.whole import running


async def test_a_running_server_says_it_itself(project: Path) -> None:
    who = Identities(email="aline@exemple.ca")
    async with running(Runtime(load_settings(project, {"RELANCE_PORT": "0"}))) as server:
        await server.intake.record(
            [Incoming("form:contact", who, {"date de naissance": "bientôt"})]
        )
        said = await relance("sante", str(project), "--json")
        answer = json.loads(said.out)
        assert (said.code, answer["ok"], answer["base_inscriptible"]) == (0, True, True)
        assert "recu.sans-place" in [one["code"] for one in answer["constats"]]
        shown = await relance("sante", str(project))
        assert "n’a pas trouvé de place" in shown.out
        assert "bientôt" in shown.out
        assert "relance refus" in shown.out
        assert (shown.code, shown.err) == (0, "")


async def test_without_a_server_that_is_the_first_thing_wrong(project: Path) -> None:
    never = await relance("sante", str(project))
    assert never.code == 1
    assert never.out.startswith("Le serveur n’est pas en marche")
    settings = load_settings(project, {"RELANCE_PORT": "0"})
    async with running(Runtime(settings)) as server:
        who = Identities(email="aline@exemple.ca")
        await server.intake.record([Incoming("form:contact", who, {"ville natale": "Laval"})])
    said = await relance("sante", str(project), "--json")
    answer = json.loads(said.out)
    codes = [one["code"] for one in answer["constats"]]
    assert (said.code, answer["ok"], codes[0]) == (1, False, "serveur.arrete")
    assert "recu.sans-place" in codes
    assert all(one["remede"] for one in answer["constats"])


async def test_without_a_server_errors_of_the_rules_are_told(project: Path) -> None:
    (project / "faux.relance").write_text("campagne « X »\n  entrée\n    quand rien du tout\n")
    answer = json.loads((await relance("sante", str(project), "--json")).out)
    assert answer["regles_publiees"] is False
    (rules,) = [one for one in answer["constats"] if one["code"] == "regles"]
    assert any("faux.relance, ligne" in line for line in rules["details"])


async def test_behind_a_lock_it_answers_within_a_bound(project: Path) -> None:
    settings = load_settings(project, {"RELANCE_PORT": "0"})
    base = project / ".relance" / "relance.db"
    async with running(Runtime(settings)), writing(base):
        said = await relance("sante", str(project), "--json")
    answer = json.loads(said.out)
    assert (said.code, answer["base_inscriptible"]) == (1, False)
