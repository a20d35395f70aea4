"""A report beside the same of the time before: for each cell, what it was, and by how much it changed."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from zoneinfo import ZoneInfo

from relance.french import NBSP
from relance.report import COUNTED, Cell, CellType, Column, Layout, Report, To
from relance.values import Amount
from server.reports import french
from server.reports.screen import words


def beside(now: Report, before: Report, zone: ZoneInfo) -> Sequence[Sequence[str]]:
    """What is said below each cell of `screen(now)`, in the same places; nothing where nothing is.

    Rows are those of the same name; of a course, those of the same rank.
    """
    columns = [now.columns[at] for at in now.places(To.SCREEN)]
    former = _former(before)
    rows = []
    for rank, row in enumerate(now.rows):
        then = former.get(_key(now, row, rank), {})
        cells = [row[at] for at in now.places(To.SCREEN)]
        rows.append(
            [_said(one, cell, then, zone) for one, cell in zip(columns, cells, strict=True)]
        )
    if now.layout is Layout.RECORD:
        return [("", said) for row in rows for said in row]
    return rows


def _former(before: Report) -> dict[object, dict[str, Cell]]:
    """By the name of each row, what it held, by the key of its column."""
    return {
        _key(before, row, rank): {
            one.key: cell for one, cell in zip(before.columns, row, strict=True)
        }
        for rank, row in enumerate(before.rows)
    }


def _key(report: Report, row: Sequence[Cell], rank: int) -> object:
    kinds = [one.kind for one in report.columns]
    if report.layout is Layout.RECORD or CellType.DAY in kinds:
        return rank
    return tuple(
        str(cell)
        for one, cell in zip(report.columns, row, strict=True)
        if one.kind not in COUNTED and one.readable(To.SCREEN)
    )


def _said(column: Column, cell: Cell, then: dict[str, Cell], zone: ZoneInfo) -> str:
    if column.kind not in COUNTED or column.of_now or column.key not in then:
        return ""
    was = then[column.key]
    if not was and not cell:
        return ""
    text = f"{words(column.kind, was, zone)} avant"
    change = _change(column.kind, cell, was)
    return f"{text}, {change}" if change else text


def _change(kind: CellType, now: Cell, was: Cell) -> str:
    """« +12 % »; of a rate, « +3,2 points »; nothing of what cannot be compared."""
    one, other = _number(now), _number(was)
    if one is None or other is None or (kind is not CellType.SHARE and not other):
        return ""
    if kind is CellType.SHARE:
        moved = round(float(one - other) * 100, 1)
        return f"{_signed(moved)}{NBSP}{'points' if abs(moved) >= 2 else 'point'}" if moved else ""
    moved = round(float((one - other) / other) * 100)
    return f"{_signed(moved)}{NBSP}%" if moved else ""


def _signed(number: float) -> str:
    return f"{'+' if number > 0 else '−'}{french.number(abs(number))}"


def _number(cell: Cell) -> Decimal | None:
    if isinstance(cell, Amount):
        return cell.value
    if isinstance(cell, bool | date) or not isinstance(cell, int | float | Decimal):
        return None
    return Decimal(str(cell))
