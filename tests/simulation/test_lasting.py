"""Scenarios that are not played again: none of them would fail, whatever is edited, if it were."""

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from dsl.program import Place
from relance.project_files import ProjectFiles
from relance.said import Said
from server.publication.reading import DraftReader, DraftReading
from server.rehearsal.draft_rehearsal import DraftRehearsal, FailedScenario
from server.rehearsal.kept_successes import KeptSuccesses
from server.rehearsal.progress import ScenarioBegun
from server.rehearsal.stage_play import rehearse
from server.settings import Settings
from server.setup import setup_of
from server.simulation import ScenarioResult, run_scenarios
from server.simulation.lasting import ScenarioSuccess, StageMarks, chosen_of, marks_of
from server.simulation.meaning import meaning
from tests.simulation.project import built_in

ZONE = ZoneInfo("America/Montreal")


def nbsp(text: str) -> str:
    return text.replace("« ", "«\u00a0").replace(" »", "\u00a0»")


WELCOME = nbsp("""\
liste « Fidèles » : Champ lead (ville) est égal à (Québec)

campagne « Accueil »
  réentrée : jamais
  entrée
    quand Formulaire (Infolettre) rempli
  Envoyer courriel (Bienvenue)
  attendre pendant 3 jours
  Étiqueter (Venu)
fin

campagne « Suite »
  entrée
    quand Lead étiqueté (Venu)
  Étiqueter (Suivi)
fin

scénario « rien »
  lead (Cid) : courriel (cid@exemple.ca)
  le 2026-12-01 à 9 h, (Cid) : Formulaire (Autre) rempli
  vérifier (Cid) : non Lead étiqueté (Venu) et non Courriel (Bienvenue) envoyé
fin

scénario « accueil »
  lead (Ana) : courriel (ana@exemple.ca), ville (Québec)
  le 2026-12-01 à 9 h, (Ana) : Formulaire (Infolettre) rempli
  vérifier (Ana) : Courriel (Bienvenue) envoyé et Lead membre de la liste (Fidèles)
  4 jours plus tard, vérifier (Ana) : Lead étiqueté (Suivi)
fin
""")
CONTEST = nbsp("""\
campagne « Concours »
  réentrée : jamais
  entrée
    quand Formulaire (Concours) rempli
  Étiqueter (Joueur)
fin

campagne « Tirage »
  entrée
    quand Formulaire (Tirage) rempli
  Envoyer courriel (Gagné)
fin

scénario « concours »
  lead (Bob) : courriel (bob@exemple.ca)
  le 2026-12-01 à 9 h, (Bob) : Formulaire (Concours) rempli
  vérifier (Bob) : Lead étiqueté (Joueur) et non Courriel (Gagné) envoyé
fin
""")
FILES = {
    "accueil.relance": WELCOME,
    "concours.relance": CONTEST,
    "courriels/bienvenue.md": "---\nnom: Bienvenue\nobjet: Bonjour\n---\nBonjour\n",
    "courriels/gagne.md": "---\nnom: Gagné\nobjet: Bravo\n---\nBravo\n",
}
ALL = {"accueil", "concours", "rien"}
#: What is edited, in which file, and the scenarios that are played again.
EDITS: Sequence[tuple[str, str, str, str, set[str]]] = (
    ("the body of who is in it", "concours.relance", "Étiqueter (Joueur)", "Étiqueter (X)", {"concours"}),
    ("a body further on", "accueil.relance", "Étiqueter (Suivi)", "Étiqueter (Vu)", {"accueil"}),
    ("a body nobody is in", "concours.relance", "courriel (Gagné)", "courriel (Bienvenue)", set()),
    ("where it stands", "accueil.relance", "campagne", "# Un mot.\n\n\ncampagne", set()),
    ("a message sent", "courriels/bienvenue.md", "\nBonjour\n", "\n{% if ville %}{{ 1 | divided_by: 0 }}{% endif %}\n", {"accueil"}),
    ("a message nobody is sent", "courriels/gagne.md", "\nBravo\n", "\nOui {{ prénom }}\n", set()),
    ("an entry", "accueil.relance", "Formulaire (Infolettre) rempli\n  Env", "Formulaire (Autre) rempli\n  Env", ALL),
    ("an entry nobody took", "concours.relance", "quand Formulaire (Tirage)", "quand Formulaire (Concours)", ALL),
    ("a list", "accueil.relance", "Champ lead (ville) est égal à (Québec)", "Champ lead (ville) est égal à (Laval)", ALL),
    ("its own lines", "concours.relance", "vérifier (Bob) : Lead étiqueté (Joueur)", "vérifier (Bob) : Lead étiqueté (Perdu)", {"concours"}),
    ("a policy", "accueil.relance", "liste «", nbsp("politique\n  jamais de courriel de 8 h à 20 h\nfin\n\nliste «"), ALL),
    ("a campaign more", "accueil.relance", "campagne «", nbsp("campagne « Avant »\n  entrée\n    quand Formulaire (Autre) rempli\n  Étiqueter (Venu)\nfin\n\ncampagne «"), ALL),
    ("another file", "courriels/autre.txt", "", "Rien.", ALL),
)  # fmt: skip


def read(files: Mapping[str, str]) -> DraftReading:
    draft = ProjectFiles.of(files)
    found = DraftReader(built_in(), setup_of(Settings(folder=Path()), draft)).read(draft, None)
    assert not found.problems
    return found


def marks(reading: DraftReading, *settings: object) -> StageMarks:
    given = (reading.checked, reading.people, reading.files, built_in(), settings)
    found = marks_of(*given)
    assert found is not None
    return found


async def play(reading: DraftReading) -> Mapping[str, ScenarioResult]:
    """How each goes, by name, all of them played."""
    given = {"files": reading.files, "people": reading.people}
    chosen = reading.checked.scenarios
    found = await run_scenarios(reading.checked, built_in(), ZONE, chosen=chosen, **given)
    return {one.scenario.name: one for one in found}


def again(
    reading: DraftReading, found: StageMarks, past: Mapping[str, Sequence[ScenarioSuccess]]
) -> list[str]:
    return [one.name for one in chosen_of(reading.checked.scenarios, found, past, ())]


async def test_no_scenario_that_is_left_would_fail_whatever_is_edited() -> None:
    before, failed = read(FILES), set[str]()
    results = await play(before)
    assert {name for name, one in results.items() if one.passed} == ALL
    here = marks(before)
    kept = [found for one in results.values() if (found := here.success(one)) is not None]
    past = {one.scenario: [one] for one in kept}
    assert again(before, here, past) == ["rien"], "one is played in any case"
    for what, file, old, new, wanted in EDITS:
        text = FILES.get(file, "")
        assert old in text, what
        draft = read({**FILES, file: text.replace(old, new, 1)})
        played = again(draft, marks(draft), past)
        assert set(played) == wanted or (not wanted and len(played) == 1), what
        wrong = {name for name, one in (await play(draft)).items() if not one.passed}
        assert wrong <= wanted, what
        failed |= {what} if wrong else set()
    assert failed == {what for what, _, _, _, wanted in EDITS if wanted} - {"another file"}
    assert set(again(before, marks(before, "un réglage"), past)) == ALL
    assert set(again(before, here, {})) == ALL


class Heard:
    """What is announced of the scenarios: which began, in their order, and which failed."""

    def __init__(self) -> None:
        self.begun: list[str] = []
        self.failed: list[str] = []
        self.counts: set[tuple[int, int]] = set()

    def begins(self, current: ScenarioBegun, done: int, total: int, lasting: int = 0) -> None:
        assert done == len(self.begun)
        self.begun.append(current.name)
        self.counts.add((total, lasting))

    def fails(self, one: FailedScenario) -> None:
        self.failed.append(one.name)


def test_a_draft_is_played_from_what_changed_and_the_folder_keeps_what_passed(
    tmp_path: Path,
) -> None:
    settings = Settings(folder=tmp_path)

    def played(files: Mapping[str, str], *changed: str) -> tuple[DraftRehearsal, Heard]:
        heard = Heard()
        return rehearse(read(files), built_in(), settings, changed, heard), heard

    found, heard = played(FILES, "concours.relance")
    assert heard.begun == ["concours", "rien", "accueil"]
    assert (found.played, found.lasting, found.success) == (3, 0, "3\u00a0scénarios passent.")
    assert not any(tmp_path.iterdir()), "who only tries makes no folder"
    (tmp_path / ".relance").mkdir()
    played(FILES)
    edited = {**FILES, "accueil.relance": WELCOME.replace("(Suivi)\nfin", "(Vu)\nfin", 1)}
    edited["concours.relance"] = CONTEST.replace("Étiqueter", "# Un mot.\n  Étiqueter")
    found, heard = played(edited, "accueil.relance", "concours.relance")
    assert (heard.begun, heard.failed, heard.counts) == (["accueil"], ["accueil"], {(1, 2)})
    assert found.headline.replace("\u00a0", " ") == (
        "1 scénario sur 3 échoue (1 rejoué, 2 inchangés)."
    )
    found, heard = played(FILES)
    assert heard.begun == ["rien"], "what passed before another draft failed lasts; one is played"
    assert found.success.replace("\u00a0", " ") == "3 scénarios passent : 1 rejoué, 2 inchangés."
    (kept,) = (tmp_path / ".relance").iterdir()
    assert kept.stat().st_mode & 0o077 == 0
    kept.write_text('{"format": 1, "passes": [{"no": 1}]}', encoding="utf-8")
    assert played(FILES)[0].lasting == 0, "what cannot be read is played again"
    moved = replace(settings, region="FR")
    assert rehearse(read(FILES), built_in(), moved, (), Heard()).lasting == 0


def test_what_is_kept_is_played_again_where_it_is_not_what_was_written_and_nothing_is_left(
    tmp_path: Path,
) -> None:
    (folder := tmp_path / ".relance").mkdir()
    file, one = folder / "scenarios.json", ScenarioSuccess("a" * 64, "b" * 64, {"accueil": "c"}, {})
    left, other = folder / "scenarios.json.1", folder / "scenarios.json.2"
    for path in (left, other):
        path.write_text("{", encoding="utf-8")
    os.utime(left, (0, 0))
    KeptSuccesses(tmp_path).keep([one], 1)
    assert KeptSuccesses(tmp_path).by_scenario() == {one.scenario: [one]}
    assert (left.exists(), other.exists()) == (False, True), "one is perhaps being written"
    written = file.read_text("utf-8")
    for wrong in ("[]", "", "[" * 100_000, '{"format": 2, "passes": []}'):
        file.write_text(wrong, encoding="utf-8")
        assert not KeptSuccesses(tmp_path).by_scenario()
    for right, wrong in ((f'"{one.scenario}"', "[1]"), ('{"accueil": "c"}', '["x"]'), ('"c"', "7")):
        assert right in written
        file.write_text(written.replace(right, wrong), encoding="utf-8")
        assert not KeptSuccesses(tmp_path).by_scenario(), wrong
    again = KeptSuccesses(tmp_path)
    for _ in range(6):
        again.keep([one, replace(one, ground="d")], 1)
    assert len(KeptSuccesses(tmp_path).by_scenario()[one.scenario]) == 2, "none is kept twice"


@dataclass(frozen=True)
class OnLine:
    """What an extension may ask of a lead: which line of the network they take."""

    line: str


def test_two_things_have_one_name_only_where_they_are_equal() -> None:
    texts = [
        (),
        ("",),
        (("",),),
        "",
        0,
        False,
        None,
        {"a": 1},
        ("a", 1),
        Decimal(1),
        Decimal("1.0"),
        OnLine("A"),
        OnLine("B"),
    ]
    assert len({meaning(one) for one in texts}) == len(texts)
    said = [Place(line, Said("Étiqueter")) for line in (1, 2)]
    assert meaning(said[0]) == meaning(said[1])
    assert meaning(frozenset("ab")) == meaning(frozenset("ba"))
    with pytest.raises(TypeError):
        meaning(object())
