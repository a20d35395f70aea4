"""A report told as the command was asked to: to the terminal, as JSON, or in a file."""

import textwrap
from collections.abc import Sequence
from pathlib import Path
from zoneinfo import ZoneInfo

from rich.bar import Bar
from rich.cells import cell_len
from rich.table import Table

from relance.french import quoted
from relance.report import Layout, Report, ReportSet
from server.cli.outcome import MISUSED, CommandStop
from server.cli.parameters import sheet_file
from server.cli.safe import safe, shown
from server.cli.terminal import Console, say_json
from server.reports import french
from server.reports.as_json import as_json as data
from server.reports.chart import charts
from server.reports.screen import Screen, screen

#: The most rows of a table that grows with the leads: on a screen or in JSON, and in a file.
MOST, MOST_IN_FILE = 1_000, 100_000
#: What bars leave to what they are of, in signs.
_LONGEST_LABEL = 40


def one_form(output: Path | None, *others: tuple[str, bool]) -> None:
    """Refuse a file of no known kind, and one asked for beside another option."""
    if output is None:
        return
    for option, asked in others:
        if asked:
            raise CommandStop(MISUSED, _apart("--sortie", option))
    sheet_file(output)


def _apart(one: str, other: str) -> str:
    return f"{one} et {other} ne vont pas ensemble : gardez l’un ou l’autre."


def tell(
    report: Report | ReportSet,
    zone: ZoneInfo,
    *,
    as_json: bool = False,
    output: Path | None = None,
    charted: bool = False,
) -> None:
    """Say a report, its instants in `zone`; in that file when there is one; `charted`: as bars."""
    if charted and as_json:
        raise CommandStop(MISUSED, _apart("--graphique", "--json"))
    if output is not None:
        one_form(output, ("--json", as_json), ("--graphique", charted))
        _write(report, output, zone)
    elif as_json:
        say_json(data(report))
    else:
        for number, part in enumerate(_parts(report)):
            if number:
                Console().print()
            (_draw if charted else _show_report)(part, zone)
    for part in _parts(report):
        if part.cut:
            Console(stderr=True, highlight=False).print(safe(part.cut), soft_wrap=True)


def _parts(report: Report | ReportSet) -> Sequence[Report]:
    return [report] if isinstance(report, Report) else list(report.parts.values())


def _write(report: Report | ReportSet, output: Path, zone: ZoneInfo) -> None:
    # Only who asks for a file waits for the library of workbooks to load.
    from server.exports.report import write, write_set

    path, files = sheet_file(output), [output]
    if isinstance(report, Report):
        write(report, path, zone)
    else:
        files = list(write_set(report, path, zone))
    lines = sum(len(part.rows) for part in _parts(report))
    written = french.count(lines, "ligne écrite", "lignes écrites")
    where = ", ".join(safe(quoted(str(file))) for file in files)
    Console(highlight=False, soft_wrap=True).print(f"{written} dans {where}.")


def _draw(report: Report, zone: ZoneInfo) -> None:
    drawn = charts(report, zone)
    if not drawn:
        _show_report(report, zone)
        return
    console = Console(highlight=False)
    for chart in drawn:
        table = Table(title=safe(chart.title), box=None, show_header=False, expand=True)
        table.title_justify, table.title_style = "left", "bold"
        table.add_column(overflow="fold", max_width=_LONGEST_LABEL)
        table.add_column(ratio=1)
        table.add_column(justify="right", no_wrap=True)
        for bar in chart.bars:
            table.add_row(safe(bar.label), Bar(1.0, 0.0, bar.length), safe(bar.value))
        console.print(table)
    for note in report.notes:
        console.print(safe(note), soft_wrap=True)


def _show_report(report: Report, zone: ZoneInfo) -> None:
    show(screen(report, zone))


def show(screen: Screen) -> None:
    """Print it, as wide as the terminal."""
    console = Console(highlight=False)
    if not screen.rows:
        console.print(safe(screen.empty), soft_wrap=True)
        return
    if screen.layout is Layout.CARDS:
        _cards(console, screen)
    elif screen.layout is Layout.FOLDING and _width(screen) > console.width:
        _paragraphs(console, screen)
    else:
        console.print(_table(screen, console.width))
    for note in screen.notes:
        console.print(safe(note), soft_wrap=True)


def _table(screen: Screen, width: int) -> Table:
    table = Table(
        title=safe(screen.title),
        title_justify="left",
        title_style="bold",
        box=None,
        header_style="bold",
    )
    widths = _column_widths(screen, width)
    for heading, wide in zip(screen.headings, widths, strict=True):
        table.add_column(
            safe(heading.text),
            justify="right" if heading.counted else "left",
            overflow="fold",
            no_wrap=heading.whole,
            width=wide,
        )
    for row in screen.rows:
        cells = zip(screen.headings, row, widths, strict=True)
        table.add_row(*(_cell(cell, wide, lines=one.lines) for one, cell, wide in cells))
    return table


def _width(screen: Screen) -> int:
    """The signs a table takes when no cell goes on below; a space on each side of one."""
    return sum(one + 2 for one in _natural_widths(screen))


def _cells(text: str) -> int:
    """The signs that a text takes as it is shown: what a terminal may not show takes one as well."""
    return cell_len(shown(text))


def _natural_widths(screen: Screen) -> Sequence[int]:
    """The signs of the longest line of each column."""
    columns = zip([one.text for one in screen.headings], *screen.rows, strict=True)
    return [max(_cells(line) for one in column for line in one.split("\n")) for column in columns]


def _paragraphs(console: Console, screen: Screen) -> None:
    """Each row by itself, its first cell first; a cell of nothing goes without saying."""
    console.print(safe(screen.title), style="bold", soft_wrap=True)
    for first, *others in screen.rows:
        console.print()
        console.print(safe(f"{screen.headings[0].text} : {first}"), soft_wrap=True)
        for heading, cell in zip(screen.headings[1:], others, strict=True):
            lines = cell.split("\n") if heading.lines else [cell]
            if len(lines) > 1:
                lines = ["", *(f"  - {line}" for line in lines)]
            for at, line in enumerate(lines if cell else ()):
                said = line if at else f"{heading.text} : {line}".rstrip()
                console.print(safe(f"  {said}"), soft_wrap=True)


def _column_widths(screen: Screen, width: int) -> Sequence[int | None]:
    """How wide each column is, for a table of `width` signs; None where not even its heads fit.

    What is left beyond the longest words goes sign by sign to the narrowest that lacks some. Left to
    itself, rich makes a table wider than the screen, whose end is lost.
    """
    room = width - 2 * len(screen.headings)
    least = _least_widths(screen, cells=True)
    if sum(least) > room:
        least = _least_widths(screen, cells=False)
    if sum(least) > room:
        return [None] * len(least)
    widths, natural = list(least), _natural_widths(screen)
    for _ in range(room - sum(least)):
        lacking = [at for at, wide in enumerate(widths) if wide < natural[at]]
        if lacking:
            widths[min(lacking, key=widths.__getitem__)] += 1
    return widths


def _least_widths(screen: Screen, *, cells: bool) -> Sequence[int]:
    """The longest word of each column, of its head alone unless `cells`."""

    def longest(at: int) -> int:
        heading, texts = screen.headings[at], [row[at] for row in screen.rows]
        if heading.whole:
            return max(map(_cells, [heading.text, *texts]))
        parts = " ".join([heading.text, *(texts if cells else ())]).split(" ")
        return max(_cells(word) for part in parts for word in part.split("\n"))

    return [longest(at) for at in range(len(screen.headings))]


def _cell(cell: str, width: int | None, *, lines: bool) -> str:
    """A cell as rich prints it; several texts, each on a line of its own.

    It is folded here: rich would fold at spaces that do not break, « 12,5 » above its « % ».
    """
    texts = cell.split("\n") if lines else [" ".join(cell.split("\n"))]
    if width is not None:
        texts = [
            line
            for text in texts
            for line in textwrap.wrap(text, width, break_long_words=False) or [""]
        ]
    return "\n".join(map(safe, texts))


def _cards(console: Console, screen: Screen) -> None:
    for number, (first, *others) in enumerate(screen.rows):
        if number:
            console.print()
        console.print(safe(first), style="bold", soft_wrap=True)
        for heading, cell in zip(screen.headings[1:], others, strict=True):
            lines = [f"  - {line}" for line in cell.split("\n")] if heading.lines else [cell]
            for line in lines if cell else ():
                console.print(safe(line), soft_wrap=True)
