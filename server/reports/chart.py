"""A report as bars: each column that is counted drawn beside what its rows are called.

A bar is as long as its share of the longest of its kind, in any column: those who read stand on the
same scale as those who were sent to. Of a rate, its share of the whole, so that one half always looks
like one half.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from zoneinfo import ZoneInfo

from relance.french import NBSP
from relance.report import COUNTED, Cell, CellType, Column, Layout, Report, To
from relance.values import Amount
from server.reports.screen import words


@dataclass(frozen=True, slots=True)
class ChartBar:
    """One bar: what it is of, what it comes to in words, how long it is, from 0 to 1."""

    label: str
    value: str
    length: float


@dataclass(frozen=True, slots=True)
class Chart:
    """Bars that may be compared with each other."""

    title: str
    bars: tuple[ChartBar, ...]


def charts(report: Report, zone: ZoneInfo) -> Sequence[Chart]:
    """A chart for each counted column that people read; none when nothing is counted.

    Of a record, one for each kind of measure, a bar a measure.
    """
    if report.layout is Layout.RECORD:
        return [chart for row in report.rows for chart in _of_record(report, row, zone)]
    places = report.places(To.SCREEN)
    counted = [at for at in places if report.columns[at].kind in COUNTED]
    called = [at for at in places if report.columns[at].kind not in COUNTED]
    # What a row is called stands before what is counted of it; what is said after only explains.
    before = [at for at in called if not counted or at < counted[0]] or called[:1]
    labels = [
        " · ".join(filter(None, (_called(report.columns[at], row[at], zone) for at in before)))
        for row in report.rows
    ]
    scale = {
        kind: max(
            (
                size_of(row[at])
                for at in counted
                for row in report.rows
                if report.columns[at].kind is kind
            ),
            default=0.0,
        )
        for kind in COUNTED
    }
    return [
        _chart(
            f"{report.title}{NBSP}: {report.columns[at].heading}",
            labels,
            [report.columns[at]] * len(labels),
            [row[at] for row in report.rows],
            zone,
            scale[report.columns[at].kind],
        )
        for at in counted
        if report.rows
    ]


def _called(column: Column, cell: Cell, zone: ZoneInfo) -> str:
    """What a cell says of its row: « version 2 », for a number alone tells nothing."""
    said = words(column.kind, cell, zone)
    return f"{column.heading.lower()} {said}" if said.isdecimal() else said


def _of_record(report: Report, row: Sequence[Cell], zone: ZoneInfo) -> Iterator[Chart]:
    for kind in CellType:
        at = [
            place
            for place in report.places(To.SCREEN)
            if report.columns[place].kind is kind and kind in COUNTED
        ]
        if at:
            columns = [report.columns[place] for place in at]
            labels = [one.heading for one in columns]
            yield _chart(report.title, labels, columns, [row[place] for place in at], zone)


def _chart(
    title: str,
    labels: Sequence[str],
    columns: Sequence[Column],
    cells: Sequence[Cell],
    zone: ZoneInfo,
    scale: float = 0.0,
) -> Chart:
    sizes = [size_of(cell) for cell in cells]
    longest = 1.0 if columns[0].kind is CellType.SHARE else scale or max(sizes)
    return Chart(
        title,
        tuple(
            ChartBar(
                label, words(column.kind, cell, zone), min(size / longest, 1) if longest else 0
            )
            for label, column, cell, size in zip(labels, columns, cells, sizes, strict=True)
        ),
    )


def size_of(cell: Cell) -> float:
    """What a bar is as long as: nothing of what is not known or was taken back."""
    if isinstance(cell, Amount):
        cell = cell.value
    if isinstance(cell, date) or not isinstance(cell, int | float | Decimal):
        return 0.0
    return max(float(cell), 0.0)
