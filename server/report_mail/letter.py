"""A saved report as a letter: its figures, small tables and courses in words, the whole as a file beside."""

import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from zoneinfo import ZoneInfo

from jinja2 import Environment
from markupsafe import Markup, escape

from relance.channel import Attachment
from relance.report import COUNTED, CellType, Layout, Report, ReportSet, To
from server.exports.report import write, write_set, write_together
from server.http.pages import environment, shown
from server.reports.beside import beside
from server.reports.chart import size_of
from server.reports.few import without_few
from server.reports.saved import by_key
from server.reports.screen import screen, unfilled, words
from server.reports.spacing import spaced

#: What a letter shows of a table; the file has it all.
_ROWS, _COLUMNS, _COURSES = 12, 4, 4
#: A course is drawn in so many signs, the lowest first.
_SIGNS, _DRAWN = "▁▂▃▄▅▆▇█", 31
#: Mail servers refuse more.
_HEAVIEST = 8 * 1024 * 1024
_JOINED = "Le rapport entier est joint."
_TOO_HEAVY = "Le fichier pèse trop pour un courriel : prenez-le sur la page du rapport."
KINDS: Mapping[str, str] = {
    ".csv": "text/csv; charset=utf-8",
    ".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


@dataclass(frozen=True, slots=True)
class LetterCourse:
    """One figure over time, in signs. `most`: its highest, and when."""

    title: str
    signs: str
    first: str
    last: str
    most: str


@dataclass(frozen=True, slots=True)
class LetterPart:
    """A table of the report: its heads, and each cell with what it was before."""

    title: str
    heads: Sequence[tuple[str, bool]]
    rows: Sequence[Sequence[tuple[str, str]]]
    courses: Sequence[LetterCourse]
    record: bool
    notes: Sequence[str]


@dataclass(frozen=True, slots=True)
class LetterWords:
    """What stands around the tables of a letter. `late`: that it leaves late, and why."""

    name: str
    asked: str
    days: str
    before: str
    late: str
    page: str
    settings: str
    project: str


@dataclass(frozen=True, slots=True)
class WrittenLetter:
    """The two ways of reading it, and its file, if there is one."""

    subject: str
    html: str
    text: str
    attachments: tuple[Attachment, ...]


def written(
    said: LetterWords,
    now: Report | ReportSet,
    former: Report | ReportSet | None,
    word: str,
    attached: str,
    zone: ZoneInfo,
) -> WrittenLetter:
    """A report as people receive it. `attached`: how the name of its file ends, or nothing."""
    then = {} if former is None else by_key(former, word)
    parts = [_part(one, then.get(key), zone) for key, one in by_key(now, word).items()]
    full = [one for one in parts if one.rows or one.courses]
    empty = unfilled(one.title for one in parts if not (one.rows or one.courses))
    file, whole = _file(now, attached, said.name, zone)
    subject = f"{said.name} : {said.days[:1].lower()}{said.days[1:]}" if said.days else said.name
    page = _render("letter.html", said=said, parts=full, empty=empty, whole=whole)
    text = _plain(said, full, empty, whole)
    return WrittenLetter(spaced(subject), page, text, (file,) if file else ())


def failure(said: LetterWords, reason: str) -> WrittenLetter:
    """What its owner reads when nothing could be made of it."""
    given = {"said": said, "reason": reason}
    text = f"{said.name}\n\n{reason}\n\n{said.late}\n\n{said.settings}\n"
    subject = spaced(f"{said.name} : ce rapport n’a pas pu être fait")
    return WrittenLetter(subject, _render("failure.html", **given), spaced(text), ())


@cache
def _environment() -> Environment:
    made = environment("server.report_mail")
    made.filters["fr"] = lambda value: Markup(spaced(str(escape(shown(value)))))  # noqa: S704 — escaped
    return made


def _render(name: str, **values: object) -> str:
    return _environment().get_template(name).render(**values)


def _part(whole: Report, former: Report | None, zone: ZoneInfo) -> LetterPart:
    now = without_few(whole)
    table = screen(now, zone)
    courses = _courses(now, zone) if _over_time(now) else ()
    under = [["" for _ in row] for row in table.rows]
    if former is not None:
        under = [list(row) for row in beside(now, without_few(former), zone)]
    rows = [
        list(zip(row, was, strict=True))[:_COLUMNS]
        for row, was in zip(table.rows[:_ROWS], under[:_ROWS], strict=True)
    ]
    record, notes = now.layout is Layout.RECORD, list(table.notes)
    if len(table.rows) > _ROWS and not record and not courses:
        notes.append(f"Les {_ROWS} premières lignes sur {len(table.rows)}.")
    if len(table.headings) > _COLUMNS and rows and not courses:
        notes.append(f"Les {_COLUMNS} premières colonnes sur {len(table.headings)}.")
    if record:
        pairs = zip(table.rows, under, strict=True)
        rows = [[(cell, "") for cell in row[:1]] + [(row[1], was[1])] for row, was in pairs]
    heads = [(one.text, one.counted) for one in table.headings[:_COLUMNS]]
    return LetterPart(table.title, heads, () if courses else rows, courses, record, notes)


def _over_time(report: Report) -> bool:
    places = report.places(To.SCREEN)
    dated = bool(places) and report.columns[places[0]].kind is CellType.DAY
    return dated and len(report.rows) > 1


def _courses(now: Report, zone: ZoneInfo) -> Sequence[LetterCourse]:
    first = now.places(To.SCREEN)[0]
    labels = [words(CellType.DAY, row[first], zone) for row in now.rows]
    found = []
    for at in now.places(To.SCREEN):
        sizes = [size_of(row[at]) for row in now.rows]
        if now.columns[at].kind in COUNTED and any(sizes):
            highest = max(range(len(sizes)), key=sizes.__getitem__)
            value = words(now.columns[at].kind, now.rows[highest][at], zone)
            most = f"au plus {value}, le {labels[highest]}"
            title = now.columns[at].heading
            found.append(LetterCourse(title, _drawn(sizes), labels[0], labels[-1], most))
    return found[:_COURSES]


def _drawn(sizes: Sequence[float]) -> str:
    """As many signs as a line holds, each as high as its days together."""
    width = -(-len(sizes) // _DRAWN)
    heights = [sum(sizes[at : at + width]) for at in range(0, len(sizes), width)]
    most = max(heights)
    return "".join(_SIGNS[round(one / most * (len(_SIGNS) - 1))] for one in heights)


def _file(
    report: Report | ReportSet, ending: str, name: str, zone: ZoneInfo
) -> tuple[Attachment | None, str]:
    """The whole of it, and what the letter says of that.

    None where none is wanted, or where it weighs too much for a mail.
    """
    if ending not in KINDS:
        return None, ""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"rapport{ending}"
        if isinstance(report, Report):
            write(report, path, zone)
        elif ending == ".csv":
            write_together(report, path, zone)
        else:
            write_set(report, path, zone)
        content = path.read_bytes()
    if len(content) > _HEAVIEST:
        return None, _TOO_HEAVY
    kept = "".join(one if one.isalnum() or one in " -_’'" else "-" for one in name)
    return Attachment(f"{kept.strip()}{ending}", KINDS[ending], content), _JOINED


def _plain(said: LetterWords, parts: Sequence[LetterPart], empty: str, whole: str) -> str:
    """The same in words alone. `whole`: what is said of the file, if anything."""
    lines = [said.name, said.asked, said.days, *([said.late] if said.late else [])]
    if said.before:
        lines.append(f"Entre parenthèses : {said.before}.")
    for one in parts:
        lines += ["", one.title.upper()]
        for course in one.courses:
            lines += [f"{course.title} ({course.first} – {course.last}, {course.most})"]
            lines += [f"  {course.signs}"]
        if one.rows and not one.record:
            lines.append(" | ".join(head for head, _ in one.heads))
        for row in one.rows:
            cells = [f"{cell} ({was})" if was else cell for cell, was in row]
            lines.append((" : " if one.record else " | ").join(cells).replace("\n", ", "))
        lines += one.notes
    if empty:
        lines += ["", empty]
    if whole:
        lines += ["", whole]
    lines += ["", f"Le rapport : {said.page}", f"Cet envoi : {said.settings}"]
    return spaced("\n".join(lines)) + "\n"
