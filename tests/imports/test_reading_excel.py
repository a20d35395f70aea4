"""Workbooks: what Excel and others write, and what is made to harm."""

import zipfile
from datetime import date, datetime
from pathlib import Path

import pytest
from openpyxl import Workbook

from server.imports import subprocess_workbook, workbook
from server.imports.opening import open_sheet
from server.imports.sheet import BadFile, SheetRow


def saved(path: Path, *rows: list[object]) -> Path:
    book = Workbook()
    for row in rows:
        book.active.append(row)
    book.save(path)
    return path


def read(path: Path) -> tuple[list[str], list[SheetRow]]:
    sheet = open_sheet(path)
    try:
        return list(sheet.heading.names), list(sheet.rows())
    finally:
        sheet.close()


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "leads.xlsx"


def test_numbers_dates_and_boxes_read_as_a_person_would_have_typed_them(file: Path) -> None:
    saved(
        file,
        ["Courriel", "Tél", "Né le", "Client", "Solde", None],
        ["a@b.ca", 5145550123, date(1980, 2, 29), True, 12.5, None],
        [None, None, None, None, None, None],
        ["c@d.ca", 5145550124.0, datetime(2026, 3, 8, 2, 30), False, None, None],
    )
    names, rows = read(file)
    assert names == ["Courriel", "Tél", "Né le", "Client", "Solde"]
    assert rows[0].cells == ["a@b.ca", "5145550123", "1980-02-29", "oui", "12.5"]
    assert rows[1].line == 4
    assert rows[1].cells == ["c@d.ca", "5145550124", "2026-03-08 02:30:00", "non", ""]


def test_a_workbook_is_known_by_what_it_holds_whatever_its_name(tmp_path: Path) -> None:
    names, rows = read(
        saved(tmp_path / "leads.xlsx", ["Courriel"], ["a@b.ca"]).rename(tmp_path / "leads")
    )
    assert (names, len(rows)) == (["Courriel"], 1)


def test_a_formula_never_computed_and_a_failed_one_cost_their_rows(file: Path) -> None:
    saved(
        file,
        ["Courriel", "Solde"],
        ["a@b.ca", "=1+1"],
        ["b@b.ca", "#N/A"],
        ["c@b.ca", 3],
    )
    _, rows = read(file)
    assert [row.fault is None for row in rows] == [False, False, True]
    assert "formule" in str(rows[0].fault)


def test_a_workbook_that_unpacks_to_too_much_is_refused_before_it_is_read(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    saved(file, ["Courriel"], ["a@b.ca"])
    with zipfile.ZipFile(file, "a", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/bombe.xml", b"0" * 50_000_000)
    assert file.stat().st_size < 100_000
    monkeypatch.setattr(workbook, "_MOST_UNPACKED", 40_000_000)
    with pytest.raises(BadFile, match="trop de données"):
        workbook.Workbook(file)  # in this process, where the bound was lowered


@pytest.mark.parametrize(
    "part", ["xl/styles.xml", "xl/workbook.xml", "_rels/.rels", "docProps/app.xml"]
)
def test_a_workbook_of_formats_without_end_is_refused_before_any_of_them_is_kept(
    file: Path, part: str
) -> None:
    saved(file, ["Courriel"], ["a@b.ca"])
    made = file.with_name("formats.xlsx")
    with (
        zipfile.ZipFile(file) as source,
        zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as target,
    ):
        for one in source.infolist():
            many = b'<xf numFmtId="0"/>' * 300_000 if one.filename == part else b""
            before, closing, after = source.read(one).rpartition(b"</")
            target.writestr(one.filename, before + many + closing + after)
    assert made.stat().st_size < 100_000
    with pytest.raises(BadFile, match="trop de mises en forme"):
        read(made)


def test_shared_texts_are_counted_and_not_only_weighed(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    saved(file, ["Courriel"], ["a@b.ca"])
    with zipfile.ZipFile(file, "a") as archive:
        archive.writestr("xl/sharedStrings.xml", b"<sst>" + b"<si><t/></si>" * 60 + b"</sst>")
    monkeypatch.setattr(workbook, "_MOST_SHARED", 40)
    with pytest.raises(BadFile, match="trop de données"):
        workbook.Workbook(file)  # in this process, where the bound was lowered


def test_an_xml_bomb_does_not_go_off(file: Path) -> None:
    saved(file, ["Courriel"], ["a@b.ca"])
    bomb = (
        b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaaaaaaaaa">'
        b'<!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">]>'
        b'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">'
        b'<sheetData><row r="1"><c r="A1" t="inlineStr"><is><t>&b;</t></is></c></row>'
        b"</sheetData></worksheet>"
    )
    made = file.with_name("bombe.xlsx")
    with zipfile.ZipFile(file) as source, zipfile.ZipFile(made, "w") as target:
        for part in source.infolist():
            data = bomb if part.filename.endswith("sheet1.xml") else source.read(part)
            target.writestr(part.filename, data)
    with pytest.raises(BadFile):
        read(made)


def test_a_damaged_workbook_is_told_in_a_sentence(file: Path) -> None:
    saved(file, ["Courriel"], ["a@b.ca"])
    file.write_bytes(file.read_bytes()[:-400])
    with pytest.raises(BadFile, match="n’est pas un classeur Excel lisible"):
        read(file)


_SHEET = """<?xml version="1.0"?>
<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>
<row r="1"><c r="A1" t="inlineStr"><is><t>Courriel</t></is></c></row>{rows}</sheetData></worksheet>
"""


def with_sheet(file: Path, rows: str) -> Path:
    """A workbook whose sheet is written by hand."""
    saved(file, ["Courriel"])
    made = file.with_name("fait-main.xlsx")
    with (
        zipfile.ZipFile(file) as source,
        zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as target,
    ):
        for part in source.infolist():
            sheet = part.filename.endswith("sheet1.xml")
            data = _SHEET.format(rows=rows).encode() if sheet else source.read(part)
            target.writestr(part.filename, data)
    return made


@pytest.mark.parametrize(
    "cell",
    [
        '<c r="A2" t="s"><v>99</v></c>',
        '<c r="A2"><f t="dataTable"/><v>1</v></c>',
        '<c r="A2"><v>nan</v></c>',
        '<c r="ZZZZZZ2"><v>1</v></c>',
        '<c r="A2" t="b"><v>x</v></c>',
    ],
)
def test_a_cell_that_refers_to_nothing_is_told_in_a_sentence(file: Path, cell: str) -> None:
    made = with_sheet(file, f'<row r="2">{cell}</row>')
    with pytest.raises(BadFile, match="abîmé"):
        read(made)


@pytest.mark.parametrize("kind", ["a text", "cells"])
def test_a_row_that_would_fill_the_memory_is_refused_before_it_is_read(
    file: Path, kind: str
) -> None:
    many = 6 << 20
    within = f"<is><t>{'a' * many}</t></is></c>" if kind == "a text" else "</c>" + "<c/>" * many
    made = with_sheet(file, f'<row r="2"><c r="A2" t="inlineStr">{within}</row>')
    assert made.stat().st_size < 100_000
    with pytest.raises(BadFile, match="trop de données"):
        read(made)


def test_what_follows_the_rows_may_be_long(file: Path) -> None:
    links = '<hyperlink ref="A2" display="aline"/>' * 200_000
    made = with_sheet(
        file,
        '<row r="2"><c r="A2"><v>1</v></c></row></sheetData>'
        f"<hyperlinks>{links}</hyperlinks><sheetData>",
    )
    assert len(read(made)[1]) == 1


def test_a_reader_that_lasts_is_ended_and_its_file_refused(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    saved(file, ["Courriel"], ["a@b.ca"])
    monkeypatch.setattr(subprocess_workbook, "MOST_SECONDS", 0.0)
    with pytest.raises(BadFile, match="trop de temps"):
        read(file)


def test_a_reader_that_is_killed_costs_its_file_and_nothing_else(file: Path) -> None:
    rows = [["Courriel"], *([f"a{one}@exemple.ca"] for one in range(5_000))]
    sheet = open_sheet(saved(file, *rows))
    assert isinstance(sheet, subprocess_workbook.SubprocessWorkbook)
    found = sheet.rows()
    assert next(found).cells == ["a0@exemple.ca"]
    sheet._process.kill()
    with pytest.raises(BadFile, match="trop de mémoire"):
        list(found)
    sheet.close()
    assert len(read(file)[1]) == 5_000
