"""The team as it is written, and what is wrong with it, by line."""

import re
from pathlib import Path

import pytest

import plugins.sales as plugin
from plugins.email.messages import ALERTS
from plugins.sales.team import FILE, read
from relance.errors import ConfigurationError
from relance.person import Person
from relance.testing import check_plugin
from server.publication.on_disk import on_disk

ROOT = Path(__file__).parents[2]
GOOD = """\
# Notre équipe
[[personne]]
nom = "Marc Tremblay"
courriel = "marc@exemple.ca"
téléphone = "514 555-0101"

[[personne]]
nom = "Zoé  Roy"
courriel = "zoe@exemple.ca"
""".replace("téléphone", '"téléphone"')


def faults(folder: Path, text: str | bytes) -> list[tuple[int, str]]:
    data = text if isinstance(text, bytes) else text.encode()
    (folder / FILE).write_bytes(data)
    return [(fault.line, fault.message) for fault in plugin.relance_check(on_disk(folder))]


def test_the_plugin_keeps_the_contract() -> None:
    assert check_plugin(plugin) == ()


def test_the_team_stands_in_the_order_of_the_file(tmp_path: Path) -> None:
    assert faults(tmp_path, GOOD) == []
    assert plugin.relance_people(on_disk(tmp_path)) == (
        Person("Marc Tremblay", "marc@exemple.ca", "514 555-0101"),
        Person("Zoé Roy", "zoe@exemple.ca"),
    )
    names = ["Marc Tremblay", "Zoé Roy"]
    assert plugin.relance_references(on_disk(tmp_path)) == {"vendeur": names, "destinataire": names}


def test_the_page_of_the_docs_shows_a_sound_team_and_a_sound_alert(tmp_path: Path) -> None:
    page = (ROOT / "docs" / "ventes.md").read_text(encoding="utf-8")
    (team,) = re.findall(r"```toml\n(\[\[personne.*?)```", page, re.DOTALL)
    assert faults(tmp_path, team) == []
    assert len(plugin.relance_people(on_disk(tmp_path))) == 2
    (alert,) = re.findall(r"```markdown\n(.*?)```", page, re.DOTALL)
    (tmp_path / "alertes").mkdir()
    (tmp_path / "alertes" / "chaud.md").write_text(alert, encoding="utf-8")
    assert ALERTS.faults(on_disk(tmp_path)) == []


def test_without_a_file_there_is_no_team_and_no_fault(tmp_path: Path) -> None:
    assert plugin.relance_people(on_disk(tmp_path)) == ()
    assert plugin.relance_check(on_disk(tmp_path)) == ()


@pytest.mark.parametrize(
    ("row", "line", "said"),
    [
        ('courriel = "a@b.ca"', 1, "il manque le nom"),
        ('nom = ""\ncourriel = "a@b.ca"', 2, "il manque le nom"),
        ('nom = "Luc"', 1, "il manque le courriel"),
        ('nom = "Luc"\ncourriel = "luc"', 3, "n’est pas une adresse"),
        ('nom = "Luc"\ncourriel = "a@b.ca\\nBcc: x@y.ca"', 3, "n’est pas une adresse"),
        ('nom = "Luc"\ncourriel = "a@b.ca"\npoint = 3', 4, "n’est pas connu"),
        ("nom = 7", 2, "guillemets"),
        ('nom = "luc@b.ca"\ncourriel = "a@b.ca"', 2, "ne peut pas être le nom"),
        ('nom = "Luc\\u0000"\ncourriel = "a@b.ca"', 2, "ne peut pas être le nom"),
    ],
)
def test_a_fault_of_a_person_has_its_line(tmp_path: Path, row: str, line: int, said: str) -> None:
    found = faults(tmp_path, f"[[personne]]\n{row}\n")
    assert any(at == line and said in message for at, message in found), found


def test_two_people_of_one_name_cannot_be_told_apart(tmp_path: Path) -> None:
    ((line, message),) = faults(tmp_path, GOOD.replace("Zoé  Roy", "marc  TREMBLAY"))
    assert line == 8
    assert "est déjà dans l’équipe" in message
    assert len(plugin.relance_people(on_disk(tmp_path))) == 1


def test_a_faulty_person_does_not_take_the_others_along(tmp_path: Path) -> None:
    faults(tmp_path, GOOD + "\n[[personne]]\ncourriel = 'x'\n")
    assert len(plugin.relance_people(on_disk(tmp_path))) == 2


@pytest.mark.parametrize(
    ("text", "line"),
    [
        (GOOD + "nom = \n", 10),
        ("[[personne]\n", 1),
        (b'[[personne]]\nnom = "Zo\xe9"\n', 2),
        ("#" * 300_000, 1),
    ],
)
def test_a_file_that_cannot_be_read_leaves_the_former_team_in_place(
    tmp_path: Path, text: str | bytes, line: int
) -> None:
    ((at, _),) = faults(tmp_path, text)
    assert at == line
    with pytest.raises(ConfigurationError, match=f"equipe.toml, ligne {line}"):
        plugin.relance_people(on_disk(tmp_path))


@pytest.mark.parametrize("text", ["personne = 3\n", "[personne]\nnom = 'Luc'\n", "equipe = 1\n"])
def test_another_shape_is_told_with_an_example(tmp_path: Path, text: str) -> None:
    found = faults(tmp_path, text)
    assert any("[[personne]]" in message for _, message in found)
    assert read(on_disk(tmp_path)).people == ()
