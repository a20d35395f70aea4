"""A part of a report as a page shows it: its table beside what was before, its bars, its course."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from relance.report import COUNTED, CellType, Layout, Report, To
from server.reports.beside import beside
from server.reports.chart import Chart, ChartBar, charts, size_of
from server.reports.few import without_few
from server.reports.screen import Screen, screen, words
from server.web.drawing import Day, days, distinct, outline

#: Longer charts are read by nobody: the table has them all.
_BARS, _COURSES = 15, 6
#: What is read rather than drawn: whether a goal is met is said in words, which bars would hide.
READ = frozenset({"objectifs"})
#: Above so many days, a course is drawn as one shape.
_DRAWN_ONE_BY_ONE = 130


@dataclass(frozen=True, slots=True)
class DrawnCourse:
    """One figure over time: upright bars, or one shape; `before`: the line of the time before."""

    title: str
    bars: Sequence[Day]
    shape: str
    before: str
    first: str
    last: str
    most: str


@dataclass(frozen=True, slots=True)
class ReportPart:
    """One table. `before`: what is said below each of its cells, in the same places; `links`: where what
    heads a row leads."""

    key: str
    table: Screen
    before: Sequence[Sequence[str]]
    charts: Sequence[Chart]
    courses: Sequence[DrawnCourse]
    over_time: bool
    record: Mapping[str, tuple[str, str, str]]
    links: Mapping[str, str]

    def figures(self, keys: Sequence[str]) -> Sequence[tuple[str, str, str]]:
        """Of a record, what some of its figures are called, came to, and were before."""
        return [self.record[one] for one in keys if one in self.record]


def parts_of(
    now: Mapping[str, Report], before: Mapping[str, Report], zone: ZoneInfo
) -> Sequence[ReportPart]:
    """Each part, rates of few people withheld; the records first, as they are told."""
    return [_part(key, one, before.get(key), zone) for key, one in now.items()]


def _part(key: str, whole: Report, former: Report | None, zone: ZoneInfo) -> ReportPart:
    now = without_few(whole)
    then = None if former is None else without_few(former)
    table = screen(now, zone)
    under = beside(now, then, zone) if then is not None else [["" for _ in r] for r in table.rows]
    over_time = _over_time(now)
    read = over_time or key in READ or now.layout is Layout.RECORD
    drawn = () if read else short_charts(now, zone)
    record: dict[str, tuple[str, str, str]] = {}
    if now.layout is Layout.RECORD:
        keys = [now.columns[at].key for at in now.places(To.SCREEN)]
        rows = zip(keys, table.rows, under, strict=True)
        record = {at: (cells[0], cells[1], was[1]) for at, cells, was in rows}
    courses = _courses(now, then, zone) if over_time else ()
    return ReportPart(key, table, under, drawn, courses, over_time, record, _leads(now))


def _leads(report: Report) -> Mapping[str, str]:
    """Of a table whose rows are leads, where each is looked at."""
    places = report.places(To.SCREEN)
    if report.layout is Layout.RECORD or not places or report.columns[places[0]].key != "lead":
        return {}
    return {str(row[places[0]]): f"/leads/{row[places[0]]}" for row in report.rows}


def short_charts(report: Report, zone: ZoneInfo) -> Sequence[Chart]:
    """Its bars, without the charts of which there is nothing, nor the bars that nobody reads."""
    drawn: list[Chart] = []
    for one in distinct(charts(report, zone)):
        bars: Sequence[ChartBar] = [bar for bar in one.bars if bar.length][:_BARS]
        if bars:
            drawn.append(Chart(one.title.rpartition(": ")[2], tuple(bars)))
    return drawn


def _over_time(report: Report) -> bool:
    """Whether its rows are days one after the other."""
    kinds = [report.columns[at].kind for at in report.places(To.SCREEN)]
    return bool(kinds) and kinds[0] is CellType.DAY and len(report.rows) > 1


def _courses(now: Report, then: Report | None, zone: ZoneInfo) -> Sequence[DrawnCourse]:
    first = now.places(To.SCREEN)[0]
    labels = [words(CellType.DAY, row[first], zone) for row in now.rows]
    counted = [at for at in now.places(To.SCREEN) if now.columns[at].kind in COUNTED]
    drawn = [_course(now, at, _column(now, then, at), labels, zone) for at in counted]
    return [one for one in drawn if one is not None][:_COURSES]


def _column(now: Report, then: Report | None, at: int) -> Sequence[float]:
    """What the time before came to, row by row."""
    keys = [] if then is None else [one.key for one in then.columns]
    if then is None or now.columns[at].key not in keys:
        return ()
    place = keys.index(now.columns[at].key)
    return [size_of(row[place]) for row in then.rows]


def _course(
    now: Report, at: int, before: Sequence[float], labels: Sequence[str], zone: ZoneInfo
) -> DrawnCourse | None:
    """None of what never was."""
    kind, sizes = now.columns[at].kind, [size_of(row[at]) for row in now.rows]
    most = max(*sizes, *before, 0.0)
    if not most:
        return None
    highest = max(range(len(sizes)), key=sizes.__getitem__)
    said = [words(kind, row[at], zone) for row in now.rows]
    by_one = len(sizes) <= _DRAWN_ONE_BY_ONE
    named = [f"{label} : {value}" for label, value in zip(labels, said, strict=True)]
    return DrawnCourse(
        now.columns[at].heading,
        days(sizes, named, most) if by_one else (),
        "" if by_one else outline(sizes, most),
        outline(before, most) if len(before) > 1 else "",
        labels[0],
        labels[-1],
        f"Au plus {said[highest]}, {labels[highest]}." if sizes[highest] else "Rien sur ces jours.",
    )
