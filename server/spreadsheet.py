"""A table written to a file as it comes, in CSV or in Excel's own format.

CSV is written for Excel in French: UTF-8 with its mark, semicolons, texts that no spreadsheet
runs. A workbook keeps numbers, dates and texts apart by itself: nothing in it is a formula.
"""

import csv
import os
import re
from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from pathlib import Path
from types import TracebackType
from typing import Protocol, Self

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell

from relance.errors import RelanceError
from relance.legible import legible
from relance.safe_cells import defused

Cell = str | int | Decimal | date | bool | None
SEPARATORS = {";": ";", ",": ",", "tab": "\t", "tabulation": "\t", "\\t": "\t"}
#: Excel's own number of rows.
_MOST_ROWS = 1_048_576
_LONGEST = 32_767
#: What Excel refuses in the name of a sheet.
_NOT_IN_SHEETS = re.compile(r"[\\*?:/\[\]]")
_LONGEST_SHEET = 31


class TooManyRows(RelanceError):
    """More rows than a workbook has."""


class Table(Protocol):
    """A table being written; whole once closed without error."""

    def row(self, cells: Sequence[Cell]) -> None:
        """Write one more row, of as many cells as the others; `TooManyRows` when there is no room."""

    def __enter__(self) -> Self:
        """Open a file beside its place; OSError when the folder refuses it."""

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        """Put the file in its place; after an error, leave what was there before."""


def table(path: Path, separator: str = ";") -> Table:
    """A table in that file: a workbook when its name says so, else CSV."""
    return ExcelTable(path) if path.suffix.lower() == ".xlsx" else CsvTable(path, separator)


class CsvTable:
    """Rows written as CSV in UTF-8, whole or not at all; `shared`: others may read the file."""

    def __init__(self, path: Path, separator: str = ";", *, shared: bool = False) -> None:
        self._path, self._partial = path, _partial(path)
        self._separator = separator
        self._shared = shared

    def __enter__(self) -> Self:
        """Begin, in a file beside: a half-written one is never taken for the whole."""
        self._file = _new(self._partial, shared=self._shared).open(
            "w", encoding="utf-8-sig", newline=""
        )
        self._writer = csv.writer(self._file, delimiter=self._separator, lineterminator="\r\n")
        return self

    def row(self, cells: Sequence[Cell]) -> None:
        """Write one more row, its texts made harmless to a spreadsheet."""
        self._writer.writerow([as_text(cell) for cell in cells])

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        """Put the file in its place, or take it away after an error."""
        self._file.close()
        _settle(self._partial, self._path, error is None)


class ExcelTable:
    """A table in a workbook, on a sheet of that name; `sheet` begins another one."""

    def __init__(self, path: Path, name: str = "Relance") -> None:
        self._path, self._partial, self._name = path, _partial(path), name

    def __enter__(self) -> Self:
        """Open a file beside its place, and a sheet in it."""
        _new(self._partial)
        self._book = Workbook(write_only=True)
        self.sheet(self._name)
        return self

    def sheet(self, name: str) -> None:
        """Begin a sheet; what rows come next are its own."""
        self._sheet = self._book.create_sheet(
            _NOT_IN_SHEETS.sub(" ", legible(name))[:_LONGEST_SHEET]
        )
        self._rows = 0

    def row(self, cells: Sequence[Cell]) -> None:
        """Write one more row, numbers and dates as such; `TooManyRows` past what Excel opens."""
        self._rows += 1
        if self._rows > _MOST_ROWS:
            raise TooManyRows(
                f"Un classeur Excel n’a que {_MOST_ROWS} lignes : exportez en CSV, "
                "ou une liste à la fois (--liste)."
            )
        self._sheet.append([self._cell(cell) for cell in cells])

    def _cell(self, value: Cell) -> object:
        if isinstance(value, bool):
            value = "oui" if value else "non"
        if not isinstance(value, str):
            return value
        cell = WriteOnlyCell(self._sheet, value=legible(value)[:_LONGEST])
        cell.data_type = "s"  # a text, whatever it begins with
        return cell

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        """Put the file in its place, or take it away after an error."""
        try:
            if error is None:
                self._book.save(self._partial)
            else:
                self._sheet.close()
        finally:
            self._book.close()
        _settle(self._partial, self._path, error is None)


def as_text(cell: Cell) -> str:
    """A cell of a CSV, which no spreadsheet runs."""
    if cell is None:
        return ""
    if isinstance(cell, str):
        return defused(legible(cell))
    if isinstance(cell, bool):
        return "oui" if cell else "non"
    if isinstance(cell, date):
        return cell.isoformat()
    return f"{cell:f}".replace(".", ",") if isinstance(cell, Decimal) else str(cell)


def _partial(path: Path) -> Path:
    return path.with_name(f".{path.name}.partiel")


def _new(path: Path, *, shared: bool = False) -> Path:
    """An empty file; unless it is shared, its owner alone can read it: leads are private."""
    path.unlink(missing_ok=True)
    mode = 0o644 if shared else 0o600
    os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode))
    return path


def _settle(partial: Path, path: Path, whole: bool) -> None:
    if whole:
        partial.replace(path)
    else:
        partial.unlink(missing_ok=True)
