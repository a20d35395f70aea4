"""A report as people read it on a screen, terminal or page: every cell in words."""

import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

from relance.french import NBSP
from relance.report import COUNTED, Cell, CellType, Layout, Report, To
from relance.values import Amount, Duration
from server.reports import french

#: Where nothing could be counted: an average of nothing is not zero.
NOTHING = "—"
_CENT = Decimal("0.01")
#: An instant as machines write it: people who type a date give it no zone.
_INSTANT = re.compile(
    r"\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d)[T ]([01]\d|2[0-3]):[0-5]\d(:[0-5]\d(\.\d{1,6})?)?"
    r"(Z|[+-]([01]\d|2[0-3]):[0-5]\d)"
)


@dataclass(frozen=True, slots=True)
class ColumnHead:
    """The head of a column. `counted`: set to the right; `whole`: its cells are never cut."""

    text: str
    counted: bool = False
    whole: bool = False
    #: Each cell is a list, an item a line.
    lines: bool = False


@dataclass(frozen=True, slots=True)
class Screen:
    """What is shown: words alone, safe nowhere yet: each screen has signs of its own to escape."""

    title: str
    headings: tuple[ColumnHead, ...]
    rows: tuple[tuple[str, ...], ...]
    empty: str
    notes: tuple[str, ...]
    layout: Layout


def screen(report: Report, zone: ZoneInfo) -> Screen:
    """The report in words, its instants told in `zone`."""
    places = report.places(To.SCREEN)
    columns = [report.columns[at] for at in places]
    shared = _shared(report)
    rows = tuple(
        tuple(words(report.columns[at].kind, row[at], zone, shared) for at in places)
        for row in report.rows
    )
    headings = tuple(
        ColumnHead(
            one.heading,
            one.kind in COUNTED,
            one.kind is CellType.ADDRESS,
            one.kind is CellType.LINES,
        )
        for one in columns
    )
    if report.layout is Layout.RECORD:
        rows = tuple(
            (one.heading, cell) for row in rows for one, cell in zip(columns, row, strict=True)
        )
        headings = (ColumnHead("Indicateur"), ColumnHead("Valeur", counted=True))
    return Screen(report.title, headings, rows, report.empty, report.notes, report.layout)


def words(
    kind: CellType, cell: Cell, zone: ZoneInfo, shared: Collection[datetime] = frozenset()
) -> str:
    """A cell in words. `shared`: the instants that are told to the second."""
    match cell:
        case None:
            return NOTHING if kind in COUNTED else ""
        case datetime():
            return french.instant(cell, zone, seconds=cell in shared)
        case bool() | date():
            return french.value(cell)
        case Amount():
            return french.value(Amount(cell.value.quantize(_CENT), cell.currency))
        case int() | float() | Decimal():
            return _number(kind, cell)
        case str():
            return cell
        case Mapping():
            return plainly(cell, zone)
        case _ if kind is CellType.VALUE:
            return plainly(cell, zone)
        case _:
            return "\n".join(" ".join(str(item).split("\n")) for item in cell)


def plainly(value: object, zone: ZoneInfo) -> str:
    """What somebody told, of whatever type JSON has, its parts one after the other."""
    match value:
        case Mapping():
            return ", ".join(f"{name}{NBSP}: {_part(one, zone)}" for name, one in value.items())
        case list() | tuple():
            return ", ".join(_part(one, zone) for one in value)
        case str() if _INSTANT.fullmatch(value):
            return french.instant(datetime.fromisoformat(value), zone)
        case int() if not isinstance(value, bool):
            return str(value)
    return french.value(value)


def _part(value: object, zone: ZoneInfo) -> str:
    if not isinstance(value, Mapping | list | tuple):
        return plainly(value, zone)
    return f"({plainly(value, zone)})" if value else french.value(None)


def _number(kind: CellType, number: float | Decimal) -> str:
    if kind is CellType.NUMBER:
        return str(number)
    if kind is CellType.DELAY:
        return french.duration(Duration(seconds=round(number)))
    if kind is CellType.SHARE:
        return f"{french.number(round(float(number) * 100, 1))}{NBSP}%"
    return french.number(number)


def _shared(report: Report) -> Collection[datetime]:
    return french.shared_minutes(_exact_instants(report))


def _exact_instants(report: Report) -> Iterator[datetime]:
    for at, column in enumerate(report.columns):
        if column.kind is CellType.EXACT_INSTANT:
            yield from (cell for row in report.rows if isinstance(cell := row[at], datetime))


def unfilled(titles: Iterable[str]) -> str:
    """« Rien à montrer pour l’instant : étiquettes, conversions. », of the tables that hold nothing.

    The days in their titles are left out: what counts since the start holds nothing either.
    """
    named = ", ".join(one[:1].lower() + one[1:].partition(", ")[0] for one in titles)
    return f"Rien à montrer pour l’instant{NBSP}: {named}." if named else ""
