"""What the indicators of the house came to over time: a line a day, a week or a month.

Each line is what `relance indicateurs` tells of its own days: a rate or a mean of a month is not one
of its days put together. All lines are read at once.
"""

from collections.abc import Callable, Sequence
from zoneinfo import ZoneInfo

from sqlalchemy.ext.asyncio import AsyncConnection

from relance.french import quoted
from relance.indicator import Indicator
from relance.report import (
    Cell,
    CellType,
    Column,
    Columns,
    Layout,
    Report,
    ReportSet,
    To,
    report,
)
from server.reports.measures import (
    KINDS,
    Measured,
    base_of,
    indicators_report,
    measured_course,
)
from server.reports.performance.campaign import span
from server.reports.performance.house import CourseStep
from server.reports.performance.reading import DaySpan

#: A course has no more lines than that: nobody reads more.
MOST_LINES = 400


async def indicator_reports(
    conn: AsyncConnection,
    days: DaySpan,
    pace: CourseStep,
    indicators: Sequence[Indicator],
    currency: str,
    zone: ZoneInfo,
    campaign: tuple[int, str] | None = None,
) -> ReportSet:
    """The whole period, then its course; of at most `MOST_LINES`.

    `campaign`: of what was done alone by those who entered it, since they did: its number and name.
    """

    # The whole is one period more of the same reading.
    spans = [(each.first, each.last) for each in (days, *pace.spans(days))]
    number, said = (None, span(days))
    if campaign is not None:
        number, said = campaign[0], f"{quoted(campaign[1])}, {span(days)}"
    whole, *lines = await measured_course(conn, spans, currency, zone, indicators, number)
    return indicator_parts(whole, lines, indicators, pace, said)


def indicator_parts(
    whole: Measured,
    lines: Sequence[Measured],
    indicators: Sequence[Indicator],
    pace: CourseStep,
    said: str,
) -> ReportSet:
    """Both, as they were counted."""
    parts = {
        "resume": indicators_report(whole, indicators),
        "cours": _course(lines, indicators, pace),
    }
    return ReportSet(f"Indicateurs, {said}", parts)


def _course(lines: Sequence[Measured], indicators: Sequence[Indicator], pace: CourseStep) -> Report:
    by_day = pace is CourseStep.DAY
    columns: Columns[Measured] = {
        Column("Du", "du", CellType.DAY): lambda line: line.first,
        Column("Au", "au", CellType.DAY, To.SHEET if by_day else To.BOTH): lambda line: line.last,
        Column("Devise", "devise", to=To.SHEET): lambda line: line.currency,
        **{
            Column(
                one.label,
                one.key,
                KINDS[one.shown],
                _audience(one, lines),
                base_of(one, indicators),
            ): _came_to(one)
            for one in indicators
        },
    }
    return report("Indicateurs, au fil du temps", columns, lines, layout=Layout.FOLDING)


def _came_to(indicator: Indicator) -> Callable[[Measured], Cell]:
    return lambda line: line.of(indicator)


def _audience(indicator: Indicator, lines: Sequence[Measured]) -> To:
    """One of which there is nothing is told to programs and sheets alone: a screen is narrow."""
    return To.BOTH if any(line.found[indicator.key] for line in lines) else To.SHEET
