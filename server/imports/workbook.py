"""An Excel workbook as a table: its first sheet, as its reader sees it, within limits.

A formula counts for the value Excel computed last; one that was never computed, or that failed,
costs its row. A small archive may hold a huge sheet: sizes are looked at before anything is read.
"""

import re
import zipfile
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from datetime import date, datetime, time
from pathlib import Path
from typing import Any

from openpyxl import load_workbook

from server.imports.sheet import BadFile, SheetHead, SheetRow, SheetShape, named

_MIB = 1 << 20
#: What the parts of a workbook may hold once unpacked: all together, and the texts, kept in memory.
_MOST_UNPACKED, _MOST_TEXTS = 2_048 * _MIB, 256 * _MIB
#: Any other part but the sheets, which are read as they come: pictures and the like, never opened.
_MOST_BESIDE = 64 * _MIB
#: Those that are read whole, as trees (formats, names, links), and how many elements they may have:
#: each takes hundreds of bytes of memory for a few of the file. Excel itself stops at 65,490 formats.
_MOST_TREE, _MOST_ELEMENTS = 8 * _MIB, 150_000
#: Texts shared by cells; each is an object, the empty ones too.
_MOST_SHARED = 5_000_000
_MOST_PARTS = 10_000
#: Excel's own number of rows.
_MOST_ROWS = 1_048_576
_FORMULA = b"<f>", b"<f "
#: A row is kept whole while it is read: one larger than this was made to fill the memory.
_MOST_ROW = 4 * _MIB
#: Where a row begins, or (with the group) where one, or all of them, end.
_ROW = re.compile(rb"<(/?)(?:[A-Za-z_][\w.-]*:)?(?:row|sheetData)[\s/>]")


_RELATION = re.compile(rb"<[^<>]*>")
#: Where the reader of workbooks looks for formats and the like, and makes trees of them.
_READ_WHOLE = frozenset(
    {"xl/styles.xml", "xl/theme/theme1.xml", "xl/workbook.xml", "[Content_Types].xml"}
)


def looks_like_one(start: bytes) -> bool:
    """Whether a file that begins so is an archive, as workbooks are."""
    return start.startswith(b"PK\x03\x04")


class Workbook:
    """The rows of the first sheet of a workbook."""

    def __init__(self, path: Path) -> None:
        self._name = path.name
        self._open = ExitStack()
        try:
            formulas = _looked_at(path)
            self._values = self._opened(path, data_only=True)
            self._written = self._opened(path, data_only=False) if formulas else None
            self._rows = self._read()
            self._count = max(1, self._values.worksheets[0].max_row or 1)
            self._line = 0
            names: Sequence[str] = ()
            for row in self._rows:
                if any(map(str.strip, row.cells)):
                    names = row.cells
                    break
        except BadFile:
            self.close()
            raise
        except Exception as error:  # any part of a damaged workbook may surprise its reader
            self.close()
            raise BadFile(
                f"« {path.name} » n’est pas un classeur Excel lisible. Ouvrez-le dans Excel, "
                "enregistrez-le de nouveau en .xlsx ou en CSV."
            ) from error
        self.heading = SheetHead(named(names, path.name), "classeur Excel, première feuille")

    def rows(self) -> Iterator[SheetRow]:
        """Every row below the heading but the blank ones."""
        shape = SheetShape(len(self.heading.names))
        try:
            for row in self._rows:
                fitted = shape.fitted(row)
                if fitted is not None:
                    yield fitted
        except BadFile:
            raise
        except Exception as error:  # its reader trips over what is damaged in many ways
            raise BadFile(
                f"« {self._name} » est abîmé après la ligne {self._line} : la suite ne se lit pas."
            ) from error

    def share(self) -> float:
        """How much of the sheet was read."""
        return min(1.0, self._line / self._count)

    def close(self) -> None:
        """Let go of the file."""
        self._open.close()

    def _opened(self, path: Path, *, data_only: bool) -> Any:
        """The workbook in a file, known by what it holds: by its path, only some names would do."""
        file = self._open.enter_context(path.open("rb"))
        book = load_workbook(file, read_only=True, data_only=data_only, keep_links=False)
        self._open.callback(book.close)
        return book

    def _read(self) -> Iterator[SheetRow]:
        values = _sheet(self._values, self._name)
        written = None if self._written is None else iter(_sheet(self._written, self._name))
        for line, cells in enumerate(values, 1):
            if line > _MOST_ROWS:
                raise BadFile(f"« {self._name} » a plus de {_MOST_ROWS} lignes.")
            self._line = line
            formulas = () if written is None else next(written, ())
            yield _row(line, cells, formulas)


def _sheet(book: Any, name: str) -> Iterator[Sequence[Any]]:
    if not book.worksheets:
        raise BadFile(f"« {name} » n’a pas de feuille de calcul.")
    sheet = book.worksheets[0]
    # Some programs write dimensions that leave rows out.
    sheet.reset_dimensions()
    rows: Iterator[Sequence[Any]] = sheet.iter_rows(values_only=True)
    return rows


def _row(line: int, values: Sequence[Any], formulas: Sequence[Any]) -> SheetRow:
    fault = None
    for place, formula in enumerate(formulas):
        computed = values[place] if place < len(values) else None
        if computed is None and isinstance(formula, str) and formula.startswith("="):
            fault = (
                "une formule n’a pas de résultat : ouvrez le classeur dans Excel, enregistrez-le"
            )
    cells = [_text(value) for value in values]
    if fault is None and any(cell in _ERRORS for cell in cells):
        fault = "une cellule contient une erreur de calcul (#N/A, #REF!…)"
    return SheetRow(line, cells, fault)


_ERRORS = frozenset(
    {"#N/A", "#REF!", "#DIV/0!", "#VALUE!", "#NAME?", "#NUM!", "#NULL!", "#SPILL!", "#CALC!"}
)


def _text(value: object) -> str:
    """A cell's value as a person would have typed it."""
    if value is None:
        return ""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "oui" if value else "non"
    if isinstance(value, datetime):
        return value.date().isoformat() if value.time() == time() else value.isoformat(" ")
    if isinstance(value, date | time):
        return value.isoformat()
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)
    return str(value)


def _looked_at(path: Path) -> bool:
    """Refuse an archive that would unpack to too much; whether a sheet holds formulas."""
    with zipfile.ZipFile(path) as archive:
        parts = archive.infolist()
        if len(parts) > _MOST_PARTS or sum(part.file_size for part in parts) > _MOST_UNPACKED:
            raise _too_large(path)
        for part in parts:
            if part.filename.endswith(".rels"):
                _counted(archive, part, path)
        links, formulas = _links(archive), False
        for part in parts:
            if "sharedStrings" in part.filename:
                most = _MOST_TEXTS
                if _count(archive, part, b"<", most) > 4 * _MOST_SHARED:
                    raise _too_large(path)
            elif _may_be_sheet(part, links):
                most = _MOST_UNPACKED
                formulas |= _looked_through(archive, part, path)
            else:
                most = _MOST_BESIDE
                if _is_tree(part):
                    _counted(archive, part, path)
            if part.file_size > most:
                raise _too_large(path)
        return formulas


def _is_tree(part: zipfile.ZipInfo) -> bool:
    """Whether the reader of workbooks may make a tree of it."""
    return part.filename.lower().endswith((".xml", ".rels", ".vml"))


def _counted(archive: zipfile.ZipFile, part: zipfile.ZipInfo, path: Path) -> None:
    """Refuse a part that would make too large a tree."""
    if _count(archive, part, b"<", _MOST_TREE) > _MOST_ELEMENTS:
        raise _too_many_formats(path)


def _count(archive: zipfile.ZipFile, part: zipfile.ZipInfo, sign: bytes, most: int) -> int:
    """How many times a byte stands in a part; more than any bound when it is larger than `most`."""
    if part.file_size > most:
        return part.file_size
    found = 0
    with archive.open(part) as content:
        while block := content.read(_MIB):
            found += block.count(sign)
    return found


def _too_many_formats(path: Path) -> BadFile:
    return BadFile(
        f"« {path.name} » contient trop de mises en forme pour un classeur. Enregistrez-le en CSV, "
        "qui ne garde que les valeurs."
    )


def _links(archive: zipfile.ZipFile) -> bytes:
    """Where the workbook says its sheets are."""
    parts = [archive.read(part) for part in archive.infolist() if part.filename.endswith(".rels")]
    links = [link for one in parts for link in _RELATION.findall(one)]
    return b"".join(one for one in links if b"relationships/worksheet" in one or b"&" in one)


def _may_be_sheet(part: zipfile.ZipInfo, links: bytes) -> bool:
    name = part.filename.rpartition("/")[2]
    if part.filename in _READ_WHOLE:
        return False  # whatever else it is said to be
    # What is written with « & » may read as any name.
    return b"&" in links or (bool(name) and name.encode() in links)


def _too_large(path: Path) -> BadFile:
    return BadFile(
        f"« {path.name} » contient trop de données pour un classeur. Enregistrez-le en CSV : "
        "un fichier CSV peut avoir n’importe quelle longueur."
    )


def _looked_through(archive: zipfile.ZipFile, part: zipfile.ZipInfo, path: Path) -> bool:
    """Whether a sheet holds formulas; refuse one with a row that never ends."""
    before, tail, formulas, since = b"", b"", False, 0
    with archive.open(part) as sheet:
        while block := sheet.read(_MIB):
            seen = tail + block
            formulas = formulas or any(mark in seen for mark in _FORMULA)
            since += len(block)
            if _ROW.search(seen):
                before, since = seen, 0
            if since > _MOST_BESIDE or (since > _MOST_ROW and _in_row(before)):
                raise _too_large(path)
            tail = block[-64:]
    return formulas


def _in_row(seen: bytes) -> bool:
    """Whether a row is still open at the end."""
    ends: list[bytes] = _ROW.findall(seen)
    return bool(ends) and not ends[-1]
