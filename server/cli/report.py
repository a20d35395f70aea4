"""A report told as the command was asked to: to the terminal, as JSON, or in a file."""

from pathlib import Path
from zoneinfo import ZoneInfo

from rich.table import Table

from relance.french import quoted
from server.cli.outcome import MISUSED, CommandStop
from server.cli.parameters import sheet_file
from server.cli.safe import safe
from server.cli.terminal import Console, say_json
from server.reports import french
from server.reports.as_json import as_json as data
from server.reports.report import Layout, Report
from server.reports.screen import Screen, screen

#: The most rows of a table that grows with the leads: on a screen or in JSON, and in a file.
MOST, MOST_IN_FILE = 1_000, 100_000


def one_form(output: Path | None, *others: tuple[str, bool]) -> None:
    """Refuse a file of no known kind, and one asked for beside another option."""
    if output is None:
        return
    for option, asked in others:
        if asked:
            raise CommandStop(
                MISUSED, f"--sortie et {option} ne vont pas ensemble : gardez l’un ou l’autre."
            )
    sheet_file(output)


def tell(
    report: Report, zone: ZoneInfo, *, as_json: bool = False, output: Path | None = None
) -> None:
    """Say a report, its instants in `zone`; in that file when there is one."""
    if output is not None:
        one_form(output, ("--json", as_json))
        # Only who asks for a file waits for the library of workbooks to load.
        from server.exports.report import write

        write(report, sheet_file(output), zone)
        _written(report, output)
    elif as_json:
        say_json(data(report))
    else:
        show(screen(report, zone))
    if report.cut:
        Console(stderr=True, highlight=False).print(safe(report.cut), soft_wrap=True)


def _written(report: Report, output: Path) -> None:
    console = Console(highlight=False, soft_wrap=True)
    written = french.count(len(report.rows), "ligne écrite", "lignes écrites")
    console.print(f"{written} dans {safe(quoted(str(output)))}.")


def show(screen: Screen) -> None:
    """Print it, as wide as the terminal."""
    console = Console(highlight=False)
    if not screen.rows:
        console.print(safe(screen.empty), soft_wrap=True)
        return
    if screen.layout is Layout.CARDS:
        _cards(console, screen)
    else:
        console.print(_table(screen))
    for note in screen.notes:
        console.print(safe(note), soft_wrap=True)


def _table(screen: Screen) -> Table:
    table = Table(
        title=safe(screen.title),
        title_justify="left",
        title_style="bold",
        box=None,
        header_style="bold",
    )
    for at, heading in enumerate(screen.headings):
        never_cut = [row[at] for row in screen.rows] if heading.whole else heading.text.split()
        table.add_column(
            safe(heading.text),
            justify="right" if heading.counted else "left",
            overflow="fold",
            no_wrap=heading.whole,
            min_width=max(map(len, never_cut)),
        )
    for row in screen.rows:
        cells = zip(screen.headings, row, strict=True)
        table.add_row(*(_cell(cell, lines=heading.lines) for heading, cell in cells))
    return table


def _cell(cell: str, *, lines: bool) -> str:
    """A cell as rich prints it; several texts, each on a line of its own."""
    return "\n".join(map(safe, cell.split("\n"))) if lines else safe(cell)


def _cards(console: Console, screen: Screen) -> None:
    for number, (first, *others) in enumerate(screen.rows):
        if number:
            console.print()
        console.print(safe(first), style="bold", soft_wrap=True)
        for heading, cell in zip(screen.headings[1:], others, strict=True):
            lines = [f"  - {line}" for line in cell.split("\n")] if heading.lines else [cell]
            for line in lines if cell else ():
                console.print(safe(line), soft_wrap=True)
