"""A report as programs read it: an object a row, by the keys of its columns.

Instants are ISO 8601 in UTC, rates go from 0 to 1, delays are in seconds, money is text of four
decimals, so that no reader makes a binary fraction of it.
"""

from datetime import date
from decimal import Decimal

from relance.report import Cell, Column, Layout, Report, ReportSet
from relance.values import Amount

_EXACT = Decimal("0.0001")


def as_json(report: Report | ReportSet) -> object:
    """The rows, as `json.dumps` takes them; of a record, its one row; of a set, each by its key."""
    if isinstance(report, ReportSet):
        return {key: as_json(part) for key, part in report.parts.items()}
    rows = [_row(report.columns, row) for row in report.rows]
    return rows[0] if report.layout is Layout.RECORD else rows


def _row(columns: tuple[Column, ...], cells: tuple[Cell, ...]) -> dict[str, object]:
    found: dict[str, object] = {}
    for column, cell in zip(columns, cells, strict=True):
        if column.key:
            *above, key = column.key.split(".")
            into = found
            for name in above:
                into = into.setdefault(name, {})  # type: ignore[assignment]
            into[key] = _value(cell)
    return found


def _value(cell: Cell) -> object:
    if isinstance(cell, Amount):
        return format(cell.value.quantize(_EXACT), "f")
    return cell.isoformat() if isinstance(cell, date) else cell
