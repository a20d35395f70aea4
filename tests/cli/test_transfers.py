"""`relance publier` with people inside: foreseen step by step, asked, done, told, and put back."""

import asyncio
import json
import logging
from collections.abc import Callable
from pathlib import Path

import pytest

from relance.events import NewEvent
from relance.host import Identities, Incoming
from server.runtime import Runtime
from server.settings import load_settings
from tests.cli.test_publishing import rows
from tests.whole import eventually, running, saving

SCRIPT = """\
campagne « Suivi »
  entrée
    quand Formulaire (Essai) rempli

  Étiqueter (Curieux)
  étape « Accueil »
  Changer pointage (+1)
  Attendre pendant 3 jours
  étape « Suite »
  Étiqueter (Tiède)
  Attendre pendant 9 jours
fin
""".replace("« ", "«\u00a0").replace(" »", "\u00a0»")
Relance = Callable[..., object]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "relance.toml").write_text('publication = "sur demande"\nport = 0\n', "utf-8")
    (tmp_path / "suivi.relance").write_text(SCRIPT, encoding="utf-8")
    return tmp_path


@pytest.fixture
def inside(folder: Path, relance: Relance) -> Path:
    """The folder, published, with two people at the first wait."""
    assert relance("publier", folder, "--tout-activer").code == 0

    async def enter() -> None:
        async with running(Runtime(load_settings(folder, {}))) as server:
            form = NewEvent("form_submitted", "Essai")
            people = [Identities(email=f"{name}@exemple.ca") for name in ("aline", "bob")]
            await server.host.record([Incoming("form:essai", who, {}, [form]) for who in people])
            await eventually(server, "SELECT count(*) FROM enrolments WHERE active", [(2,)])

    asyncio.run(enter())
    return folder


def edit(folder: Path, old: str, new: str) -> None:
    assert old in SCRIPT
    (folder / "suivi.relance").write_text(SCRIPT.replace(old, new), encoding="utf-8")


def people(said: str) -> list[tuple[str, int]]:
    return [(one["change"], one["count"]) for one in json.loads(said) if one["kind"] == "people"]


def test_a_trial_says_how_many_stand_where_and_what_would_become_of_them(
    relance: Relance, inside: Path
) -> None:
    edit(inside, "3 jours", "1 heure")
    assert people(relance("publier", inside, "--essai", "--json").out) == [("keeps", 2)]
    said = relance("publier", inside, "--essai", "--migrer", "suivi", "--json")
    assert people(said.out) == [("waits_anew", 2)]
    assert "pendant 3 jours » : 2 passent à la nouvelle version" in said.out
    assert "déjà passée" not in said.out
    edit(inside, "rempli\n", "rempli\n  sortie échouée\n    quand Lead étiqueté (Curieux)\n")
    said = relance("publier", inside, "--essai", "--migrer", "suivi", "--json")
    assert people(said.out) == [("taken_out", 2)]
    assert "2 sortent aussitôt : une sortie de la nouvelle version est déjà vraie" in said.out
    edit(inside, "3 jours", "1 heure")
    said = relance("publier", inside, "--essai", "--sortir", "Suivi / Accueil", "--json")
    assert people(said.out) == [("leaves", 2)]
    assert rows(inside, "SELECT count(*) FROM publications") == [(1,)]


def test_a_step_is_not_taken_away_from_under_people_unless_their_fate_is_said(
    relance: Relance, inside: Path
) -> None:
    edit(inside, "  Changer pointage (+1)\n  Attendre pendant 3 jours\n", "")
    for option in ((), ("--essai",)):
        asked = relance("publier", inside, *option)
        assert asked.code == 1
        assert "2 personnes se tiennent à un endroit que la nouvelle version n’a plus" in asked.err
        assert '(2). Dites ce qu’elles deviennent : --garder "Suivi"' in asked.err
    kept = relance("publier", inside, "--garder", "Suivi")
    assert kept.code == 0
    made = json.loads(relance("publications", inside, "--json").out)
    assert made[0]["changes"]["kept"] == {"Suivi": 2}
    assert rows(inside, "SELECT DISTINCT version_id FROM enrolments") == [(1,)]
    later = relance("publier", inside, "--migrer", "Suivi", "--json")
    assert "elles reviennent à l’étape" in later.out
    assert rows(inside, "SELECT DISTINCT version_id, step FROM enrolments WHERE active") == [
        (2, "Accueil")
    ]


def test_what_is_decided_of_nobody_is_refused_with_who_there_is(
    relance: Relance, inside: Path
) -> None:
    edit(inside, "3 jours", "2 jours")
    said = relance("publier", inside, "--migrer", "Suivie")
    assert "pas de campagne de ce nom. Vouliez-vous dire" in said.err
    said = relance("publier", inside, "--migrer", "Suivi / Suite")
    assert 'Il y a quelqu’un à : "Suivi / Accueil".' in said.err
    said = relance("publier", inside, "--migrer", "Suivi", "--sortir", "suivi")
    assert (said.code, "l’un des trois" in said.err) == (2, True)


def test_people_who_passed_are_told_in_the_history_and_put_back(
    relance: Relance, inside: Path
) -> None:
    refused = relance("publier", inside, "--annuler-migration", "Suivi")
    assert (refused.code, "aucune publication" in refused.err) == (1, True)
    edit(inside, "3 jours", "2 jours")
    assert relance("publier", inside, "--migrer", "Suivi", "--note", "soldes").code == 0
    shown = relance("historique", "--dossier", inside).out
    assert "migrées : 2" in shown
    explained = relance("explain", "Suivi", "1", "--dossier", inside).out
    assert "Passe à une autre version de la campagne, au même endroit" in explained
    tried = relance("publier", inside, "--annuler-migration", "Suivi", "--essai")
    assert "2 personnes retrouveraient leur version" in tried.out
    tried = relance("publier", inside, "--annuler-migration", "Suivi", "--essai", "--json")
    assert json.loads(tried.out) == {
        **dict.fromkeys(("continuent", "sorties_depuis", "sorties_par_elle"), 0),
        "rendues": 2,
    }
    assert relance("publier", inside, "--annuler-migration", "Suivi").code == 0
    assert rows(inside, "SELECT DISTINCT version_id FROM enrolments") == [(1,)]
    assert "rendues : 2" in relance("historique", "--dossier", inside).out


async def test_what_is_published_by_being_saved_says_who_keeps_their_version(
    inside: Path, caplog: pytest.LogCaptureFixture
) -> None:
    edit(inside, "3 jours", "2 jours")
    caplog.set_level(logging.INFO, "relance.rules")
    async with running(Runtime(saving(inside, {}))) as server:
        await eventually(server, "SELECT count(*) FROM publications", [(2,)])
    assert "2 personne(s) gardent la version où elles sont entrées" in caplog.text
    assert 'relance publier --migrer "Suivi"' in caplog.text
