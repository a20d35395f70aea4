"""CSV as people's programs write it, and as it should not be."""

from pathlib import Path

import pytest

from server.imports.opening import open_sheet
from server.imports.sheet import BadFile, SheetRow


def read(path: Path, content: bytes) -> tuple[list[str], list[SheetRow]]:
    path.write_bytes(content)
    sheet = open_sheet(path)
    try:
        return list(sheet.heading.names), list(sheet.rows())
    finally:
        sheet.close()


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "leads.csv"


@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16", "utf-16-le", "utf-16-be", "utf-32"]
)
@pytest.mark.parametrize("separator", [";", ",", "\t"])
def test_every_usual_encoding_and_separator_is_told_apart(
    file: Path, encoding: str, separator: str
) -> None:
    lines = [["courriel", "prénom"], ["a@example.com", "Zoé"], ["b@example.com", "Jérôme"]]
    text = "\r\n".join(separator.join(line) for line in lines) + "\r\n"
    names, rows = read(file, text.encode(encoding))
    assert names == ["courriel", "prénom"]
    assert [list(row.cells) for row in rows] == lines[1:]
    assert not any(row.fault for row in rows)


def test_a_comma_in_amounts_does_not_hide_the_semicolons(file: Path) -> None:
    names, rows = read(
        file, b"courriel;solde;note\na@b.ca;1,50;x, y, z, t\nc@d.ca;2,75;u, v, w, x\n"
    )
    assert names == ["courriel", "solde", "note"]
    assert rows[0].cells[1] == "1,50"


def test_quotes_keep_separators_quotes_and_lines(file: Path) -> None:
    content = b'courriel;note\na@b.ca;"dit ""oui"";\npuis non"\nc@d.ca;fin\n'
    _, rows = read(file, content)
    assert rows[0].cells == ["a@b.ca", 'dit "oui";\npuis non']
    assert (rows[1].line, rows[1].cells) == (4, ["c@d.ca", "fin"])


def test_a_short_row_is_filled_a_long_one_refused_a_blank_one_passed_over(file: Path) -> None:
    _, rows = read(file, b"a;b\n1\n\n ; \n1;2;3\n1;2;;\n")
    assert [(row.line, bool(row.fault)) for row in rows] == [(2, False), (5, True), (6, False)]
    assert rows[0].cells == ["1", ""]
    assert rows[2].cells == ["1", "2"]


def test_one_row_that_cannot_be_decoded_is_one_row_refused(file: Path) -> None:
    good = "courriel;nom\n" + "".join(f"a{n}@b.ca;Éloïse\n" for n in range(50))
    _, rows = read(file, good.encode() + b"x@b.ca;\xe9t\xe9\n" + b"y@b.ca;fin\n")
    assert [row.line for row in rows if row.fault] == [52]
    assert rows[-1].cells[1] == "fin"


def test_a_nul_and_a_ten_megabyte_cell_cost_their_row(file: Path) -> None:
    huge = b"x" * 10_000_000
    content = b"courriel;nom\na@b.ca;\x00\nb@b.ca;" + huge + b"\nc@b.ca;ok\n"
    _, rows = read(file, content)
    assert [bool(row.fault) for row in rows] == [True, True, False]


def test_a_quote_never_closed_costs_its_row_and_not_the_rest(file: Path) -> None:
    many = b"".join(b"a%d@b.ca;Nom\n" % n for n in range(3_000))
    _, rows = read(file, b'courriel;nom\nx@b.ca;"ouvert\n' + many)
    assert [row.line for row in rows if row.fault] == [2]
    assert len(rows) == 3_001


def test_a_quote_left_open_near_the_end_is_noticed_too(file: Path) -> None:
    _, rows = read(file, b'courriel;nom\nx@b.ca;"ouvert\ny@b.ca;Nom\n')
    assert [(row.line, bool(row.fault)) for row in rows] == [(2, True), (3, False)]


def test_a_line_without_end_costs_itself(file: Path) -> None:
    _, rows = read(file, b"courriel\n" + b"x" * (40 << 20) + b"\ny@b.ca\n")
    assert bool(rows[0].fault)
    assert rows[-1].cells == ["y@b.ca"]


@pytest.mark.parametrize(
    "content", [b"", b"\n\n\n", b"\xef\xbb\xbf", b"\x89PNG\r\n\x1a\n" + b"\0" * 50]
)
def test_what_is_no_table_is_told_in_a_sentence(file: Path, content: bytes) -> None:
    with pytest.raises(BadFile, match=r"leads\.csv"):
        read(file, content)


@pytest.mark.parametrize("content", [b"%PDF-1.4\n" + bytes(range(256)) * 9, bytes(range(32)) * 200])
def test_what_is_no_text_is_said_so_and_not_shown_as_signs(file: Path, content: bytes) -> None:
    with pytest.raises(BadFile, match="ni un CSV ni un classeur") as refused:
        read(file, content)
    assert len(str(refused.value)) < 250


def test_an_old_or_locked_workbook_is_told(file: Path) -> None:
    with pytest.raises(BadFile, match="ancien classeur"):
        read(file, b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 100)


@pytest.mark.parametrize(
    "content", [b"a" * 3_000_000, b"\xff\xfe\0\0" + b"\xff" * 8_000, b"nom;" + b'"' * 50_000]
)
def test_a_first_line_that_names_no_column_is_refused(file: Path, content: bytes) -> None:
    with pytest.raises(BadFile, match="nom des colonnes") as refused:
        read(file, content)
    assert len(str(refused.value)) < 200
