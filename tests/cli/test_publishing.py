"""`relance publier`: what is checked, foreseen and agreed upon before a draft is what runs."""

import asyncio
import json
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import insert, text

from relance.events import NewEvent
from relance.host import Identities, Incoming
from relance.testing import VirtualClock
from server.runtime import Runtime
from server.settings import load_settings
from server.store.schema.leads import leads, list_members
from server.store.store import Store
from tests.cli.conftest import MAIL, SCRIPT, UNTRIED, Said
from tests.processes import command
from tests.whole import eventually, running

PROSPECTS = """\
liste « Chauds » : Pointage lead au-dessus de (50)

campagne « Aux prospects »
  entrée
    quand Lead membre de la liste (Prospects)

  Changer pointage (+1)
fin
""".replace("« ", "«\u00a0").replace(" »", "\u00a0»")
LOST = """\

scénario « perdu »
  lead (A) : courriel (a@exemple.ca)
  le 2026-12-01 à 9 h, (A) : Formulaire (Demande de tarif) rempli
  vérifier (A) : Lead étiqueté (Jamais)
fin
""".replace("« ", "«\u00a0").replace(" »", "\u00a0»")
Relance = Callable[..., object]


@pytest.fixture
def folder(project: Path) -> Path:
    (project / "relance.toml").write_text(
        'fuseau = "America/Montreal"\npublication = "sur demande"\nport = 0\n', encoding="utf-8"
    )
    (project / "tarifs.relance").write_text(UNTRIED, encoding="utf-8")
    return project


def rows(folder: Path, query: str) -> list[tuple[object, ...]]:
    async def asked() -> list[tuple[object, ...]]:
        store = await Store.open(f"sqlite:///{folder}/.relance/relance.db", VirtualClock())
        async with store.read() as conn:
            found = [tuple(row) for row in await conn.execute(text(query))]
        await store.close()
        return found

    return asyncio.run(asked())


def test_a_first_publication_leaves_its_campaigns_inactive_unless_asked(
    relance: Relance, folder: Path
) -> None:
    tried = relance("publier", folder, "--essai")
    assert tried.code == 0, tried
    assert "nouvelle, inactive" in tried.out
    assert not (folder / ".relance").exists(), "a trial makes nothing"
    said = relance("publier", folder, "--note", "Une saison de plus", "--json")
    assert said.code == 0, said
    answered = json.loads(said.out)
    assert {(one["publication"], one["kind"], one["name"], one["change"]) for one in answered} == {
        (1, "campaign", "Tarifs", "new"),
        (1, "file", "courriels/tarifs.md", "new"),
        (1, "file", "tarifs.relance", "new"),
    }
    assert rows(folder, "SELECT name, state FROM campaigns") == [("Tarifs", "inactive")]
    again = relance("publier", folder)
    assert (again.code, again.out.strip()) == (0, "Rien n’a changé depuis la dernière publication.")
    (made,) = json.loads(relance("publications", folder, "--json").out)
    assert (made["number"], made["note"], made["changes"]["new"]) == (
        1,
        "Une saison de plus",
        ["Tarifs"],
    )
    assert made["who"]
    assert json.loads(relance("historique", "--dossier", folder, "--json").out) == []


def test_the_campaigns_that_a_publication_activates_are_in_their_history_with_who_and_why(
    relance: Relance, folder: Path
) -> None:
    refused = relance("publier", folder, "--note", "x" * 1_001)
    assert (refused.code, "1 000 caractères au plus" in " ".join(refused.err.split())) == (2, True)
    winter = "L’hiver " + "x" * 992  # as long as it may be, and kept whole
    assert relance("publier", folder, "--activer", "Tarifs", "--note", winter).code == 0
    (row,) = json.loads(relance("historique", "Tarifs", "--dossier", folder, "--json").out)
    (made,) = json.loads(relance("publications", folder, "--json").out)
    assert (row["fait"], row["pourquoi"], row["publication"]) == ("activated", winter, 1)
    assert row["par"] == made["who"]
    (known,) = json.loads(relance("statut", "--dossier", folder, "--json").out)
    assert (known["par"], known["pourquoi"]) == (made["who"], winter)


def test_a_draft_that_does_not_check_is_refused_as_check_shows_it(
    relance: Relance, folder: Path
) -> None:
    (folder / "tarifs.relance").write_text(UNTRIED.replace("Étiqueter", "Étiquetter"), "utf-8")
    shown = relance("check", folder).out.split("1 script")[0]
    for option in ((), ("--essai",)):
        refused = relance("publier", folder, *option)
        assert refused.code == 1
        assert shown.strip() in refused.out
        assert "Rien n’a été publié." in refused.err


def test_a_scenario_that_fails_keeps_a_command_from_publishing_but_for_a_reason(
    relance: Relance, folder: Path
) -> None:
    (folder / "tarifs.relance").write_text(SCRIPT + LOST, "utf-8")
    for option, shared in (((), ""), (("--essai",), " (1 rejoué, 1 inchangé)")):
        refused = relance("publier", folder, *option)
        assert refused.code == 1
        assert (
            f"1 scénario sur 2 échoue{shared}. Rien n’a été publié.\n"
            "« perdu » (tarifs.relance, ligne 24)"
        ) in refused.err
        assert "attendu : Lead étiqueté (Jamais)" in refused.err, "what was expected"
        assert "passer outre, en disant pourquoi : --malgre-scenarios, avec --note." in refused.err
    assert rows(folder, "SELECT number FROM publications") == []
    unsaid = relance("publier", folder, "--malgre-scenarios")
    assert unsaid.code == 1
    assert "Dites pourquoi vous publiez malgré des scénarios qui échouent." in unsaid.err
    forced = relance("publier", folder, "--malgre-scenarios", "--note", "la vente commence")
    assert (forced.code, "1 scénario échoue : « perdu » (tarifs.relance)." in forced.out) == (
        0,
        True,
    )
    ((note,),) = rows(folder, "SELECT note FROM publications")
    kept = str(note).replace("\u00a0", " ")
    assert kept.startswith("la vente commence\nPublié quand même. 1 scénario échoue : « perdu »")
    whole = [row[0] for row in rows(folder, "SELECT after FROM audit_log ORDER BY number")]
    assert ["même si des scénarios échouent" in json.loads(str(one)) for one in whole[-2:]] == [
        *(True, True)
    ]
    assert json.loads(str(whole[-2]))["issue"] == "refusé", "who did not say why"
    (folder / "tarifs.relance").write_text(SCRIPT, "utf-8")
    assert "1 scénario passe." in relance("publier", folder).out
    assert "Rien n’a changé" in relance("publier", folder).out, "and nothing is played for that"


async def fill(folder: Path, first: int = 1) -> None:
    """Sixty leads on the list, numbered from that one on."""
    store = await Store.open(f"sqlite:///{folder}/.relance/relance.db", VirtualClock())
    async with store.write() as conn:
        await conn.execute(insert(leads), [{"created_at": 0, "score": 0} for _ in range(60)])
        of = {"list_key": "prospects", "since": 0}
        await conn.execute(insert(list_members), [{**of, "lead_id": first + n} for n in range(60)])
    await store.close()


async def served(folder: Path, count: int) -> None:
    """A server runs until so many have entered."""
    async with running(Runtime(load_settings(folder, {}))) as server:
        await eventually(server, "SELECT count(*) FROM enrolments", [(count,)])


def test_a_campaign_activated_later_asks_about_its_crowd_as_publishing_does(
    relance: Relance, folder: Path
) -> None:
    (folder / "relance.toml").write_text('publication = "sur demande"\nentrees_max = 50\n', "utf-8")
    (folder / "prospects.relance").write_text(PROSPECTS, encoding="utf-8")
    assert relance("publier", folder).code == 0
    asyncio.run(fill(folder))
    here = ("aux prospects", "--dossier", folder)
    tried = relance("activer", *here, "--essai")
    assert (tried.code, "60 personnes y entreraient aussitôt" in tried.out) == (1, True)
    assert "--autoriser 60" in tried.err
    (row,) = json.loads(relance("activer", *here, "--essai", "--json").out)
    assert (row["campagne"], row["entreraient"]) == ("Aux prospects", 60)
    refused = relance("activer", *here)
    assert (refused.code, refused.out, "--autoriser 60" in refused.err) == (1, "", True)
    assert ("Aux prospects", "inactive") in rows(folder, "SELECT name, state FROM campaigns")
    assert relance("activer", *here, "--essai", "--autoriser", "60").code == 0
    done = relance("activer", *here, "--autoriser", "60")
    assert done.code == 0, done
    log = rows(folder, "SELECT after FROM audit_log WHERE action = 'ordre.activer'")
    assert "60 entrées à la fois" in str(log[-1])
    asyncio.run(served(folder, 60))
    # What turned true in a pause is counted so, too.
    assert relance("pause", *here).code == 0
    asyncio.run(fill(folder, 61))
    paused = relance("reprendre", *here, "--essai")
    assert (paused.code, "60 personnes y entreraient aussitôt" in paused.out) == (1, True)
    tried = json.loads(relance("reprendre", *here, "--essai", "--json").out)
    assert (tried["campagne"]["entreraient"], tried["retards"]) == (60, [])
    assert "--autoriser 60" in relance("reprendre", *here).err
    assert relance("reprendre", *here, "--autoriser", "60").code == 0
    asyncio.run(served(folder, 120))


def test_a_crowd_is_let_in_only_when_it_is_allowed(relance: Relance, folder: Path) -> None:
    (folder / "relance.toml").write_text('publication = "sur demande"\nentrees_max = 50\n', "utf-8")
    assert relance("publier", folder, "--tout-activer").code == 0

    asyncio.run(fill(folder))
    (folder / "prospects.relance").write_text(PROSPECTS, encoding="utf-8")
    assert relance("publier", folder, "--essai").code == 0, "inactive, it lets nobody in"
    refused = relance("publier", folder, "--activer", "aux prospects")
    assert (refused.code, refused.out) == (1, "")
    assert "60 personnes entreraient aussitôt" in refused.err
    assert "--autoriser 60" in refused.err
    prospects = folder / "prospects.relance"
    unknown = relance("publier", folder, "--activer", "Tarifs")
    assert "pas de campagne nouvelle" in unknown.err
    done = relance("publier", folder, "--activer", "aux prospects", "--autoriser", "60")
    assert done.code == 0, done
    assert "60 personnes y entrent aussitôt" in done.out
    assert "liste" in done.out
    assert ("Aux prospects", "active") in rows(folder, "SELECT name, state FROM campaigns")
    assert relance("pause", "Aux prospects", "--dossier", folder).code == 0
    prospects.write_text(
        PROSPECTS.replace(
            "(Prospects)\n",
            "(prospects)\n    quand Lead membre de la liste (Prospects) et Pointage lead en dessous de (9)\n",
        ),
        "utf-8",
    )
    assert relance("publier", folder).code == 0, "what is paused lets nobody in"


def test_former_files_are_published_again_under_the_next_number(
    relance: Relance, folder: Path
) -> None:
    relance("publier", folder)
    (folder / "courriels" / "tarifs.md").write_text("---\nnom: Tarifs\nobjet: A\n---\nA", "utf-8")
    relance("publier", folder)
    back = relance("publier", folder, "--depuis", "1", "--json")
    assert {one["publication"] for one in json.loads(back.out)} == {3}
    made = json.loads(relance("publications", folder, "--json").out)
    assert [(one["number"], one["again"]) for one in made] == [(3, 1), (2, None), (1, None)]
    for command_ in (("publications", folder), ("statut", "--dossier", folder)):
        assert "Le brouillon diffère de la dernière publication : courriels" in (
            relance(*command_).out
        )
    assert "numéro 12" in relance("publier", folder, "--depuis", "12").err


async def test_a_running_server_publishes_for_the_command(folder: Path) -> None:
    async with running(Runtime(load_settings(folder, {}))) as server:
        done = await asyncio.to_thread(
            command, "publier", folder, "--tout-activer", "--note", "Par le serveur"
        )
        assert "Publication n°" in done.out, done
        await eventually(server, "SELECT note FROM publications", [("Par le serveur",)])
        assert server.engine.forms() == {"Demande de tarif"}


def test_what_publishing_would_change_is_compared_with_who_stands_there(
    relance: Relance, folder: Path
) -> None:
    relance("publier", folder, "--tout-activer")

    async def enter() -> None:
        runtime = Runtime(load_settings(folder, {}))
        async with running(runtime) as server:
            who = Identities(email="aline@exemple.ca")
            form = NewEvent("form_submitted", "Demande de tarif")
            await server.host.record([Incoming("form:demande", who, {}, [form])])
            await eventually(server, "SELECT count(*) FROM enrolments WHERE active", [(1,)])

    asyncio.run(enter())
    assert "Aucune campagne ne change" in relance("comparer", "--dossier", folder).out
    mail = folder / "courriels" / "tarifs.md"
    mail.write_text(mail.read_text("utf-8").replace("Bonjour", "Bonsoir"), "utf-8")
    script = folder / "tarifs.relance"
    script.write_text(UNTRIED.replace("3 jours", "2 jours").replace("(+10)", "(+5)"), "utf-8")
    found = json.loads(relance("comparer", "--dossier", folder, "--json").out)
    assert [(one["change"], one["inside"]) for one in found] == [
        ("shorter", 1),
        ("removed", 0),
        ("added", None),
        ("message", None),
    ]
    assert found[3]["before"] == "Tarifs"
    assert "courriels/tarifs.md" in relance("comparer", "--dossier", folder).out
    relance("publier", folder)
    assert len(json.loads(relance("comparer", "1", "2", "--dossier", folder, "--json").out)) == 4
    aimed = script.read_text("utf-8").replace(
        "  entrée\n", "  objectif « Essai » : Formulaire (Essai) rempli\n\n  entrée\n", 1
    )
    script.write_text(aimed, "utf-8")
    (goal,) = json.loads(relance("comparer", "--dossier", folder, "--json").out)
    assert (goal["where"], goal["change"], goal["before"]) == ("objectif", "added", "")
    assert goal["after"] == "objectif « Essai » : Formulaire (Essai) rempli"
    assert "numéro 9" in relance("comparer", "9", "--dossier", folder).err


def test_comparing_tells_the_lines_of_a_policy_that_change(
    relance: Callable[..., Said], folder: Path
) -> None:
    file = folder / "politique.relance"
    lines = "au plus 3 courriels par 7 jours\n  jamais de courriels le dimanche"
    file.write_text(f"politique\n  {lines}\nfin\n", "utf-8")
    assert relance("publier", folder).code == 0
    lines = "au plus 2 courriels par 7 jours\n  jamais de courriel le dimanche"
    file.write_text(f"politique\n  {lines}\nfin\n", "utf-8")
    found = json.loads(relance("comparer", "--dossier", folder, "--json").out)
    assert [(one["campaign"], one["where"], one["change"]) for one in found] == [
        (None, "politique", "removed"),
        (None, "politique", "added"),
        (None, "politique", "reworded"),
    ]
    assert found[0]["before"] == "au plus 3 courriels par 7 jours"
    assert found[1]["after"] == "au plus 2 courriels par 7 jours"
    assert found[2]["after"] == "jamais de courriel le dimanche"


def test_a_publication_is_asked_by_one_account_and_agreed_to_by_another(
    relance: Relance, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = folder / "relance.toml"
    settings.write_text(settings.read_text("utf-8") + 'accord = "qui rédige"\n', "utf-8")
    monkeypatch.setenv("LOGNAME", "alice")
    asked = relance("publier", folder, "--note", "l’hiver")
    assert (asked.code, "Demande n° 1" in asked.out.replace("\u00a0", " ")) == (0, True)
    assert "relance accorder 1" in asked.out
    assert relance("publier", folder, "--sans-accord").code == 1, "it has no reason"
    for other in ("--essai", "--sans-accord"):
        assert relance("publier", folder, "--demander", other).code == 2
    own = relance("accorder", "1", "--dossier", folder)
    assert (own.code, "C’est vous qui avez demandé" in own.err) == (1, True)
    monkeypatch.setenv("LOGNAME", "bob")
    shown = relance("accorder", "1", "--dossier", folder, "--essai")
    assert (shown.code, "Tarifs" in shown.out) == (0, True), shown
    assert json.loads(relance("publications", folder, "--json").out) == [], "nothing is published"
    assert "Aucune demande" in relance("accorder", "9", "--dossier", folder, "--essai").err
    assert relance("decliner", "1", "--dossier", folder).code == 2
    assert "déclinez-la" in relance("demandes", folder, "--retirer", "1").err
    (folder / "courriels" / "tarifs.md").write_text(MAIL + "\nÀ bientôt.\n", "utf-8")
    for more in ((), ("--essai",)):
        changed = relance("accorder", "1", "--dossier", folder, *more)
        assert (changed.code, "Le brouillon a changé" in changed.err) == (1, True)
    assert "Tarifs" in changed.out, "what it would do is shown to who only looks"
    (folder / "courriels" / "tarifs.md").write_text(MAIL, "utf-8")
    agreed = relance("accorder", "1", "--dossier", folder, "--json")
    assert (agreed.code, json.loads(agreed.out)[0]["publication"]) == (0, 1)
    (made,) = json.loads(relance("demandes", folder, "--json").out)
    assert (made["etat"], made["repondu_par"], made["publication"]) == (
        *("agreed", "bob (ligne de commande)"),
        1,
    )
    (published,) = json.loads(relance("publications", folder, "--json").out)
    assert (published["who"], published["note"]) == ("alice", "l’hiver")


def test_campaigns_are_put_in_order_from_the_terminal_and_told_by_it(
    relance: Relance, folder: Path
) -> None:
    here = ("--dossier", folder)
    assert relance("publier", folder).code == 0
    said = relance("ranger", "tarifs", "--classeur", "Hiver", "--etiquette", "VIP", *here)
    assert (said.code, "1 campagne rangée dans le classeur" in said.out) == (0, True)
    assert relance("ranger", "Tarifs", *here).code == 2, "it does not say where"
    assert "ne s’appelle" in relance("ranger", "Zzz", "--sans-classeur", *here).err
    (one,) = json.loads(relance("statut", "--classeur", "hiver", *here, "--json").out)
    assert (one["classeur"], one["etiquettes"]) == ("Hiver", ["VIP"])
    assert json.loads(relance("statut", "--etiquette", "autre", *here, "--json").out) == []
    nowhere = relance("statut", "--classeur", "Rien", "--etiquette", "vip", *here).out
    nowhere = nowhere.replace("\u00a0", " ")
    assert "Aucune campagne n’est dans le classeur « Rien » et sous" in nowhere
    assert "Classeurs : « Hiver »." in nowhere
    halved = relance("ranger", "Tarifs", "--classeur", "Été", "--etiquette", "a, b", *here)
    assert (halved.code, "virgule" in halved.err) == (1, True)
    (one,) = json.loads(relance("statut", *here, "--json").out)
    assert (one["classeur"], one["etiquettes"]) == ("Hiver", ["VIP"]), "all or nothing"
    assert relance("cloner", "Tarifs", "Copie", *here).code == 0
    assert relance("publier", folder).code == 0
    copies = json.loads(relance("statut", "--classeur", "Hiver", *here, "--json").out)
    assert [one["campagne"] for one in copies] == ["Copie", "Tarifs"]
    assert relance("ranger", "Copie", "--oter-etiquette", "vip", "--sans-classeur", *here).code == 0
    deeds = json.loads(relance("audit", folder, "--json").out)
    assert deeds[0]["acte"] == "ordre.classer-campagnes", "one deed, all of it or nothing"
