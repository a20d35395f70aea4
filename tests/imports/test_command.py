"""`relance importer` and `relance exporter`, as a person runs them, alone and beside a server."""

import io
import time
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from pathlib import Path

import httpx
import pytest
from openpyxl import Workbook

from bench.ports import free_port
from server.cli.main import main
from tests.cli.conftest import Said, plain
from tests.crash.server import Server
from tests.processes import Command, command

SCRIPT = """\
champs
  pointure : nombre
fin

liste « Montréalais » : Champ lead (ville) est égal à (Montréal)

campagne « Accueil »
  entrée
    quand Ajouté à la liste (Infolettre)

  Étiqueter (Accueilli)
fin
""".replace("« ", "«\u00a0").replace(" »", "\u00a0»")
SETTINGS = 'fuseau = "America/Montreal"\npublication = "à l’enregistrement"\n'
LEADS = """\
E-mail;Prénom;Ville;Pointure;Vile
aline@example.com;Aline;Montréal;38,5;
bob@example;Bob;Laval;;
carl@example.com;Carl;Laval;abc;
dan@example.com;Dan;Laval;40;
"""


@pytest.fixture(autouse=True)
def wide(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "300")


@pytest.fixture
def project(tmp_path: Path) -> Path:
    folder = tmp_path / "projet"
    folder.mkdir()
    (folder / "relance.toml").write_text(SETTINGS, encoding="utf-8")
    (folder / "a.relance").write_text(SCRIPT, encoding="utf-8")
    (folder / "leads.csv").write_text(LEADS, encoding="cp1252")
    return folder


def relance(*words: object) -> Said:
    """The command, run in this process."""
    out, err = io.StringIO(), io.StringIO()
    with redirect_stdout(out), redirect_stderr(err), pytest.raises(SystemExit) as ended:
        main([str(word) for word in words])
    return Said(int(ended.value.code or 0), plain(out.getvalue()), plain(err.getvalue()))


def apart(*words: object, crash_at: str) -> int:
    """The command in a process of its own, killed where asked; how it ended."""
    return command(*words, variables={"RELANCE_CRASH_AT": crash_at}).code


@contextmanager
def serving(project: Path, crash_at: str | None = None) -> Iterator[Server]:
    port = free_port()
    (project / "relance.toml").write_text(f"{SETTINGS}port = {port}\n", encoding="utf-8")
    with Server(project, port, crash_at=crash_at) as server:
        assert server.wait_ready()
        yield server


def exported(project: Path, *options: str) -> list[str]:
    target = project / "export.csv"
    said = relance("exporter", target, "--dossier", project, *options)
    assert said.code == 0, said.err
    return target.read_text(encoding="utf-8-sig").splitlines()[1:]


def test_alone_the_command_does_it_all_and_tells_what_it_did(project: Path) -> None:
    file = project / "leads.csv"
    tried = relance("importer", file, "--dossier", project, "--essai")
    assert tried.code == 0, tried.err
    assert "rien n’a été écrit" in tried.out
    assert "2 leads créés" in tried.out
    assert "Windows-1252" in tried.out
    assert "voulait-elle dire « ville » ?" in tried.out
    assert "d’avant parle déjà" not in tried.out
    assert exported(project) == []
    rows = file.read_bytes()
    file.write_bytes(rows + rows.split(b"\n", 1)[1])
    twice = relance("importer", file, "--dossier", project, "--essai")
    assert "2 lignes parlent d’un lead dont une ligne d’avant parle déjà" in twice.out
    file.write_bytes(rows)
    (project / "leads-rejets.csv").unlink()
    done = relance("importer", file, "--dossier", project, "--liste", "Infolettre")
    assert done.code == 0, done.err
    assert "Importation terminée : 2 leads créés" in done.out
    rejects = (project / "leads-rejets.csv").read_text(encoding="utf-8-sig").splitlines()
    assert rejects[0] == "ligne;raison;E-mail;Prénom;Ville;Pointure;Vile"
    assert rejects[1].startswith("3;")
    assert rejects[2].endswith("carl@example.com;Carl;Laval;abc;")
    again = relance("importer", file, "--dossier", project, "--liste", "Infolettre")
    assert "a déjà été importé" in again.out
    anew = relance("importer", file, "--dossier", project, "--liste", "Infolettre", "--de-nouveau")
    assert "2 inchangés" in anew.out
    assert len(exported(project, "--liste", "Infolettre")) == 2


def test_a_rejects_file_once_corrected_is_brought_in_as_it_is(project: Path) -> None:
    relance("importer", project / "leads.csv", "--dossier", project)
    rejects = project / "leads-rejets.csv"
    text = rejects.read_text(encoding="utf-8-sig").replace("bob@example;", "bob@example.com;")
    rejects.write_text(text.replace("abc", "41"), encoding="utf-8")
    done = relance("importer", rejects, "--dossier", project)
    assert "2 leads créés" in done.out, done.err
    assert "0 ligne refusée" in done.out


def test_rejects_being_corrected_are_never_written_over(project: Path) -> None:
    relance("importer", project / "leads.csv", "--dossier", project)
    rejects = project / "leads-rejets.csv"
    relance("importer", project / "leads.csv", "--dossier", project, "--essai")
    assert not (project / "leads-rejets-2.csv").exists()
    corrected = rejects.read_text(encoding="utf-8-sig").replace("bob@example;", "bob@example.com;")
    rejects.write_text(corrected, encoding="utf-8")
    again = relance("importer", project / "leads.csv", "--dossier", project, "--essai")
    assert rejects.read_text(encoding="utf-8") == corrected
    assert "leads-rejets-2.csv" in again.out
    assert sorted(one.name for one in project.glob("*rejets*")) == [
        "leads-rejets-2.csv",
        "leads-rejets.csv",
    ]


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["rien.csv"], "n’existe pas"),
        (["vide.csv"], "est vide"),
        (["leads.csv", "--cle", "courrier"], "Il n’y a pas de champ « courrier »"),
        (["leads.csv", "--colonne", "x"], "ne se lit pas"),
        (["leads.csv", "--liste", "montréalais"], "est une liste dynamique"),
        (["leads.csv", "--liste", "montréalais", "--essai"], "est une liste dynamique"),
        (["leads.csv", "--produits", "--promotions"], "l’un ou l’autre"),
    ],
)
def test_what_cannot_be_done_is_told_in_a_sentence(
    project: Path, words: list[str], message: str
) -> None:
    (project / "vide.csv").write_bytes(b"")
    name, *options = words
    said = relance("importer", project / name, "--dossier", project, *options)
    assert said.code == 2
    assert message in said.err
    assert "Traceback" not in said.err


def test_beside_a_server_the_file_is_handed_to_it(project: Path) -> None:
    with serving(project) as server:
        tried = relance("importer", project / "leads.csv", "--dossier", project, "--essai")
        assert "2 leads créés" in tried.out, tried.err
        done = relance(
            *("importer", project / "leads.csv", "--dossier", project),
            *("--liste", "Infolettre", "--avec-campagnes"),
        )
        assert done.code == 0, done.err
        assert "Le serveur tourne" in done.out
        assert "2 leads créés" in done.out
        assert (project / "leads-rejets.csv").exists()
        assert httpx.get(f"{server.url}/sante").status_code == 200
        limit = time.monotonic() + 10
        while time.monotonic() < limit:
            rows = exported(project, "--liste", "Infolettre")
            if all("Accueilli" in row for row in rows):
                break
            time.sleep(0.2)
        assert len(rows) == 2
        assert all("Accueilli" in row for row in rows)
        assert not list((project / ".relance" / "imports").iterdir())
        again = relance(
            *("importer", project / "leads.csv", "--dossier", project),
            *("--liste", "Infolettre", "--avec-campagnes", "--de-nouveau"),
        )
        assert "2 inchangés" in again.out, again.err
        book = Workbook()
        book.active.append(["Courriel", "Pointure"])
        book.active.append(["zoe@exemple.ca", 38])
        book.save(project / "leads.xlsx")
        excel = relance("importer", project / "leads.xlsx", "--dossier", project)
        assert "1 lead créé" in excel.out, excel.err


def test_a_quiet_import_lets_nobody_in_but_lists_follow(project: Path) -> None:
    relance("importer", project / "leads.csv", "--dossier", project, "--liste", "Infolettre")
    with serving(project):
        limit = time.monotonic() + 10
        while time.monotonic() < limit and not exported(project, "--liste", "Montréalais"):
            time.sleep(0.2)
        rows = exported(project)
        assert not any("Accueilli" in row for row in rows)
        assert ["Montréalais" in row for row in rows] == [True, False]


def test_killed_without_warning_the_command_goes_on_where_it_was(project: Path) -> None:
    file = project / "grand.csv"
    lines = (f"lead{n}@example.com;V\n" if n % 7 else "zut;V\n" for n in range(24_500))
    file.write_text("courriel;ville\n" + "".join(lines), encoding="utf-8")
    for point in ("import.before_commit:2", "import.after_commit:1"):
        assert apart("importer", file, "--dossier", project, crash_at=point) == 137
    done = relance("importer", file, "--dossier", project)
    assert "Reprise après 20 000 lignes" in done.out, done.out + done.err
    assert "21 000 leads créés" in done.out
    assert "3 500 lignes refusées" in done.out
    assert len((project / "grand-rejets.csv").read_text(encoding="utf-8-sig").splitlines()) == 3_501
    assert len(exported(project)) == 21_000


def test_a_server_killed_goes_on_when_it_comes_back(project: Path) -> None:
    file = project / "grand.csv"
    lines = "".join(f"lead{n}@example.com;V\n" for n in range(6_000))
    file.write_text("courriel;ville\n" + lines, encoding="utf-8")
    with serving(project, crash_at="import.after_commit:3") as server:
        asked = Command("importer", file, "--dossier", project)
        server.process.wait(60)
        asked.kill()
        assert len(exported(project)) == 1_500
    with serving(project):
        limit = time.monotonic() + 60
        while len(exported(project)) < 6_000 and time.monotonic() < limit:
            time.sleep(0.2)
    assert len(exported(project)) == 6_000
