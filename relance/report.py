"""A report as a value: a title, typed columns, rows, and what is said below them.

Rows hold what was found, never its words in one form: a terminal and a page (`screen`), bars
(`chart`), JSON (`as_json`), CSV and workbooks (`exports.report`) each render any report, once for
all of them.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import Enum, auto
from typing import TypeAlias, TypeVar

from relance.values import Amount


class CellType(Enum):
    """What a column holds; any cell may be None."""

    TEXT = auto()
    #: A text there to be copied: never cut, whatever the width of the terminal.
    ADDRESS = auto()
    #: What names a row: a whole number that is not counted with.
    NUMBER = auto()
    COUNT = auto()
    #: From 0 to 1.
    SHARE = auto()
    #: An `Amount`.
    AMOUNT = auto()
    #: Seconds.
    DELAY = auto()
    DAY = auto()
    #: A datetime that knows its zone.
    INSTANT = auto()
    #: An instant told to the second where another row shares its minute: the order is the point.
    EXACT_INSTANT = auto()
    FLAG = auto()
    #: Several texts.
    LINES = auto()
    #: Texts, each by its name.
    NAMED = auto()
    #: What somebody told, of whatever type JSON has.
    VALUE = auto()


#: What can be compared with the same of another row: set to the right, drawn as bars.
COUNTED = frozenset({CellType.COUNT, CellType.SHARE, CellType.AMOUNT, CellType.DELAY})


class To(Enum):
    """Which people a column is told to: a screen puts together what a sheet keeps apart."""

    SCREEN = auto()
    SHEET = auto()
    BOTH = auto()


class Layout(Enum):
    """How a screen lays the rows out."""

    TABLE = auto()
    #: One row, a line a column; one object in JSON.
    RECORD = auto()
    #: A paragraph a row, its first column first.
    CARDS = auto()
    #: A table where there is room for each cell on one line, else a paragraph a row, each cell after
    #: its heading.
    FOLDING = auto()


Cell: TypeAlias = (
    str
    | int
    | float
    | Decimal
    | bool
    | date
    | datetime
    | Amount
    | Sequence[object]
    | Mapping[str, object]
    | None
)


@dataclass(frozen=True, slots=True)
class Column:
    """A column. No `heading`: told to programs alone; no `key`: to people alone.

    `key` is its name in JSON, where « a.b » is the `b` of an object `a`. `base`: the key of the column
    that a rate is of: of few, a page tells none. `of_now`: it is of now, whatever the period.
    """

    heading: str
    key: str = ""
    kind: CellType = CellType.TEXT
    to: To = To.BOTH
    base: str = ""
    of_now: bool = False

    def readable(self, to: To) -> bool:
        """Whether people read it there."""
        return bool(self.heading) and self.to in (to, To.BOTH)


@dataclass(frozen=True, slots=True)
class Report:
    """What was found. `empty` is said when no row was; `notes` below the rows, one a line.

    `cut`: that there was more, and how to have it; told whatever the form.
    """

    title: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[Cell, ...], ...]
    empty: str = ""
    notes: tuple[str, ...] = ()
    cut: str = ""
    layout: Layout = Layout.TABLE

    def places(self, to: To) -> Sequence[int]:
        """The columns that people read there."""
        return [at for at, column in enumerate(self.columns) if column.readable(to)]


@dataclass(frozen=True, slots=True)
class ReportSet:
    """Reports that answer one question together, each under the key it has in JSON and in files."""

    title: str
    parts: Mapping[str, Report]


T = TypeVar("T")
#: Each column, and what it holds of an item.
Columns: TypeAlias = Mapping[Column, Callable[[T], Cell]]


def report(
    title: str,
    columns: Columns[T],
    items: Iterable[T],
    *,
    empty: str = "",
    notes: Iterable[str] = (),
    most: int | None = None,
    cut: str = "",
    layout: Layout = Layout.TABLE,
) -> Report:
    """A row an item; of more than `most`, the first, and `cut` is said."""
    rows = tuple(tuple(cell(item) for cell in columns.values()) for item in items)
    whole = most is None or len(rows) <= most
    return Report(
        title, tuple(columns), rows[:most], empty, tuple(notes), "" if whole else cut, layout
    )
