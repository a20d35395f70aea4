"""A report as a sheet: a CSV file or a workbook, its numbers to be counted with.

A set of them is a workbook of as many sheets, or as many CSV files, each by its key.

Headings say the units; instants are the clocks' of the project, as those of exported leads.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from zoneinfo import ZoneInfo

from relance import report as values
from relance.report import CellType, Report, ReportSet, To
from relance.values import Amount
from server.reports.screen import plainly
from server.spreadsheet import Cell, ExcelTable, Table, table

_UNITS: Mapping[CellType, str] = {CellType.SHARE: " (%)", CellType.DELAY: " (secondes)"}
_CENT = Decimal("0.01")


def write(report: Report, path: Path, zone: ZoneInfo) -> None:
    """Write it to that file, a row a row; `spreadsheet` keeps spreadsheets from running any of it."""
    with table(path) as file:
        _rows(report, file, zone)


def write_set(reports: ReportSet, path: Path, zone: ZoneInfo) -> Sequence[Path]:
    """Write each of them; the files written: of « x.csv », « x-clé.csv » for each key."""
    if path.suffix.lower() != ".xlsx":
        files = [path.with_stem(f"{path.stem}-{key}") for key in reports.parts]
        for file, part in zip(files, reports.parts.values(), strict=True):
            write(part, file, zone)
        return files
    first, *others = reports.parts.values()
    with ExcelTable(path, first.title) as book:
        _rows(first, book, zone)
        for part in others:
            book.sheet(part.title)
            _rows(part, book, zone)
    return [path]


def write_together(reports: ReportSet, path: Path, zone: ZoneInfo) -> None:
    """Write all of them to one CSV file, one under the other, each under its title."""
    with table(path) as file:
        for number, part in enumerate(reports.parts.values()):
            if number:
                file.row([])
            file.row([part.title])
            _rows(part, file, zone)


def _rows(report: Report, file: Table, zone: ZoneInfo) -> None:
    places = report.places(To.SHEET)
    columns = [report.columns[at] for at in places]
    file.row([f"{one.heading}{_UNITS.get(one.kind, '')}" for one in columns])
    for row in report.rows:
        file.row([_cell(report.columns[at].kind, row[at], zone) for at in places])


def _cell(kind: CellType, cell: values.Cell, zone: ZoneInfo) -> Cell:
    if isinstance(cell, datetime):
        return f"{cell.astimezone(zone):%Y-%m-%d %H:%M}"
    if isinstance(cell, Amount):
        return cell.value.quantize(_CENT)
    if isinstance(cell, Mapping):
        return " | ".join(f"{name}={plainly(value, zone)}" for name, value in cell.items())
    if isinstance(cell, Sequence) and not isinstance(cell, str):
        return " | ".join(plainly(one, zone) for one in cell)
    if kind is CellType.SHARE and cell is not None:
        return (Decimal(str(cell)) * 100).quantize(_CENT)
    return Decimal(str(cell)) if isinstance(cell, float) else cell
