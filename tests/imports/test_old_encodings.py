"""Files in the encodings of before: told apart by what their letters make, or refused with a glimpse."""

from pathlib import Path

import pytest

from server.imports.opening import open_sheet
from server.imports.sheet import BadFile, SheetRow


def read(path: Path, content: bytes) -> tuple[list[str], list[SheetRow], str]:
    path.write_bytes(content)
    sheet = open_sheet(path)
    try:
        return list(sheet.heading.names), list(sheet.rows()), sheet.heading.written
    finally:
        sheet.close()


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "leads.csv"


PEOPLE = [
    "Zoé;Lévis",
    "Jérôme;Nîmes",
    "François;Québec",
    "Hélène;Besançon",
    "Anaïs;Trois-Rivières",
    "Benoît;Orléans",
    "ÉLODIE;MONTRÉAL",
    "Éric;Évry",
    "Noël;Saint-Étienne",
    "Aurélie;Béziers",
    "Raphaël;Châlons",
    "Côté;Mâcon",
    "Thérèse;Sète",
]


@pytest.mark.parametrize(
    ("encoding", "shown"),
    [("cp1252", "Windows-1252"), ("mac_roman", "Mac OS Roman"), ("cp850", "page de code 850")],
)
@pytest.mark.parametrize("person", PEOPLE)
def test_one_row_is_enough_to_tell(file: Path, encoding: str, shown: str, person: str) -> None:
    _, rows, written = read(file, f"courriel;prenom;ville\r\na@b.ca;{person}".encode(encoding))
    assert ";".join(rows[0].cells[1:]) == person
    assert shown in written


def test_a_whole_file_of_a_mac_is_read(file: Path) -> None:
    lines = "\r".join(f"a{n}@b.ca;{who}" for n, who in enumerate(PEOPLE))
    names, rows, _ = read(file, f"courriel;prénom;ville\r{lines}".encode("mac_roman"))
    assert names == ["courriel", "prénom", "ville"]
    assert [";".join(row.cells[1:]) for row in rows] == PEOPLE


def test_what_nobody_could_tell_is_refused_with_a_glimpse_of_each_reading(file: Path) -> None:
    with pytest.raises(BadFile) as refused:
        read(file, "courriel;prenom\r\na@b.ca;Łódź Żółć".encode("cp852"))
    said = str(refused.value)
    assert "Windows-1252 :" in said
    assert "page de code 850 :" in said
    assert "CSV UTF-8" in said


def test_what_was_encoded_twice_is_set_right_row_by_row(file: Path) -> None:
    text = "courriel;prénom;ville\n" + "\n".join(f"a@b.ca;{who}" for who in PEOPLE[:-1])
    twice = text.encode().decode("cp1252", errors="replace").encode()
    names, rows, written = read(file, twice + f"\nb@b.ca;{PEOPLE[-1]}".encode())
    assert names[1] == "prénom"
    assert [";".join(row.cells[1:]) for row in rows] == PEOPLE
    assert "encodé deux fois" in written


def test_sound_french_is_left_as_it_is(file: Path) -> None:
    words = "Ça coûte 5 € — « déjà » ; l’été à Noël, où ? SÃO PAULO, Ångström, ÃO"
    _, rows, written = read(file, f"note\n{words}".replace(";", ",").encode())
    assert rows[0].cells == [words.replace(";", ",")]
    assert "deux fois" not in written


@pytest.mark.parametrize(
    "first_line", ["sep=;", "SEP=;", '"sep=;"', "sep=\t", "sep=|", "\ufeffsep=,"]
)
def test_the_first_line_of_excel_says_the_separator_and_is_no_row(
    file: Path, first_line: str
) -> None:
    sign = first_line.strip('"')[-1]
    names, rows, _ = read(file, f"{first_line}\r\ncourriel{sign}ville\r\na@b.ca{sign}x".encode())
    assert names == ["courriel", "ville"]
    assert [(row.line, list(row.cells)) for row in rows] == [(3, ["a@b.ca", "x"])]
