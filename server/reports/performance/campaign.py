"""What one campaign came to over a period, and where its people are now."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from typing import Any, NamedTuple

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from dsl.program import HOLDOUT, Act, Exit, Program, Split, Step
from dsl.program_codec import from_json
from relance.effects import AddTag
from relance.fold import key_of
from relance.french import quoted
from relance.report import CellType, Column, Columns, Layout, ReportSet, report
from server.reports import french, words
from server.reports.experiments import Experiment, experiments_report, read_experiments
from server.reports.glossary import Glossary
from server.reports.goals import GoalLine, goal_lines, goals_report
from server.reports.performance.messages import (
    MessageLine,
    message_lines,
    messages_report,
    versions_messages_report,
)
from server.reports.performance.reading import EVER, DaySpan, counted
from server.reports.version_number import version_numbers
from server.store.counters.counted import BLOCK, OF_ALL_TIME, middle
from server.store.instants import from_micros
from server.store.schema.campaigns import versions

_MINUTES_A_DAY = 24 * 60
_SECONDS_A_DAY = 24 * 3_600
_WON = Exit.SUCCESS.value
_FAILED = (Exit.FAILURE.value, Exit.TIMEOUT.value)
_BEGINNING = "(avant la première étape)"


@dataclass
class VersionLine:
    """What one version came to. `number`: as it is told; it and `published_at` None: its row is gone."""

    version: int
    number: int | None
    published_at: datetime | None
    entered: int = 0
    inside: int = 0
    left: Counter[str] = field(default_factory=Counter)

    @property
    def success(self) -> float | None:
        """Of those who left, the share that succeeded."""
        return _share(self.left[_WON], self.left.total())


@dataclass(frozen=True, slots=True)
class StepLine:
    """A step: how many stand after it, and before the next, how many passed it in the period."""

    name: str
    inside: int
    passed: int


@dataclass
class CampaignPerformance:
    """What was counted of a campaign. `succeeded`: how many by minutes, in order, and seconds in all.

    `goals` and `experiments` are told since they began, whatever the period.
    """

    name: str
    days: DaySpan
    versions: Sequence[VersionLine]
    steps: Sequence[StepLine]
    tags: Counter[str]
    messages: Sequence[MessageLine]
    channels: Sequence[MessageLine]
    succeeded: Sequence[tuple[int, int]]
    seconds: int
    progress: float | None
    goals: Sequence[GoalLine] = ()
    experiments: Sequence[Experiment] = ()
    #: How many of those who entered were drawn to get nothing.
    held_out: int = 0
    #: Each message of each version, and by id, how the versions of the campaign are told.
    by_version: Sequence[MessageLine] = ()
    numbers: Mapping[int, int] = field(default_factory=dict)

    @property
    def entered(self) -> int:
        """How many entered in the period."""
        return sum(one.entered for one in self.versions)

    @property
    def inside(self) -> int:
        """How many are inside now."""
        return sum(one.inside for one in self.versions)

    @property
    def left(self) -> Counter[str]:
        """How many left in the period, by outcome, whenever they entered."""
        return sum((one.left for one in self.versions), Counter())

    @property
    def mean_days(self) -> float | None:
        """How long the successes of the period took, on average."""
        count = sum(n for _, n in self.succeeded)
        return round(self.seconds / count / _SECONDS_A_DAY, 2) if count else None

    @property
    def median_days(self) -> float | None:
        """How long the half of them took at most, to two figures of its minutes."""
        return _median_days(self.succeeded)


def _median_days(succeeded: Sequence[tuple[int, int]]) -> float | None:
    half = (sum(n for _, n in succeeded) + 1) // 2
    for minutes, n in succeeded:
        half -= n
        if half <= 0:
            return round(middle(minutes) / _MINUTES_A_DAY, 2)
    return None


class CampaignHead(NamedTuple):
    """What the head of each page of a campaign says of all time: what became of what it sent, by
    channel, and how many days the half of its successes took at most."""

    channels: Sequence[MessageLine]
    median_days: float | None


async def campaign_head(conn: AsyncConnection, campaign: int) -> CampaignHead:
    """That alone: all that a report says is a dozen questions more."""
    channels = await message_lines(conn, (campaign,), EVER, each=False)
    return CampaignHead(channels, _median_days(_by_step(await _succeeded(conn, campaign, EVER))))


def _by_step(succeeded: Mapping[int, tuple[int, int]]) -> Sequence[tuple[int, int]]:
    return sorted((place, n) for place, (n, _) in succeeded.items() if n)


async def version_crowds(conn: AsyncConnection, campaign: int) -> Mapping[int, tuple[int, int]]:
    """By version, how many ever entered by it and how many are in it now: that alone."""
    entered = await counted(conn, (campaign,), ("entered",), EVER, "version_id")
    inside = await counted(conn, (campaign,), ("inside",), None, "version_id")
    came, there = ({row.version_id: row.n for row in rows} for rows in (entered, inside))
    return {one: (came.get(one, 0), there.get(one, 0)) for one in (*came, *there)}


async def campaign_performance(
    conn: AsyncConnection, campaign: int, name: str, days: DaySpan
) -> CampaignPerformance:
    """What it came to."""
    mine = (campaign,)
    entered = await counted(conn, mine, ("entered",), days, "version_id")
    left = await counted(conn, mine, ("left",), days, "version_id", "subject")
    inside = await counted(conn, mine, ("inside",), None, "version_id", "subject")
    passed = await counted(conn, mine, ("passed",), days, "version_id", "place", "detail")
    succeeded = await _succeeded(conn, campaign, days)
    gone = await counted(conn, mine, (f"{OF_ALL_TIME}left",), None)
    concerned = {row.version_id for row in (*entered, *left, *inside, *passed) if row.n}
    numbers = await version_numbers(conn, campaign)
    programs, lines = await _versions(conn, concerned, numbers)
    for row in entered:
        lines[row.version_id].entered = row.n
    for row in left:
        lines[row.version_id].left[row.subject] += row.n
    for row in inside:
        lines[row.version_id].inside += row.n
    return CampaignPerformance(
        name,
        days,
        [lines[version] for version in sorted(lines) if version in concerned],
        _steps(programs, inside, passed),
        _tags(programs, passed),
        await message_lines(conn, mine, days, each=True),
        await message_lines(conn, mine, days, each=False),
        _by_step(succeeded),
        sum(seconds for _, seconds in succeeded.values()),
        progress({one: _places(program) for one, program in programs.items()}, inside, gone[0].n),
        await goal_lines(conn, key_of(name)),
        await read_experiments(conn, key_of(name)),
        _held_out(programs, passed),
        await message_lines(conn, mine, days, each=True, by_version=True),
        numbers,
    )


async def _succeeded(
    conn: AsyncConnection, campaign: int, days: DaySpan
) -> Mapping[int, tuple[int, int]]:
    """By the step of their duration, how many succeeded, and in how many seconds in all."""
    blocks, ends = days.blocks(BLOCK)
    found: dict[int, tuple[int, int]] = {}
    for kind, spans in (("succeeded block", blocks), ("succeeded", ends)):
        for each in spans:
            for row in await counted(conn, (campaign,), (kind,), each, "place"):
                n, seconds = found.get(row.place, (0, 0))
                found[row.place] = (n + row.n, seconds + row.total)
    return found


async def _versions(
    conn: AsyncConnection, concerned: set[int], numbers: Mapping[int, int]
) -> tuple[Mapping[int, Program], dict[int, VersionLine]]:
    query = select(versions.c.id, versions.c.program, versions.c.published_at)
    rows = (await conn.execute(query.where(versions.c.id.in_(sorted(concerned))))).all()
    programs = {row.id: from_json(row.program) for row in rows}
    known = {row.id: from_micros(row.published_at) for row in rows}
    return programs, _Lines(known, numbers)


class _Lines(dict[int, VersionLine]):
    """A line a version, of those that are no more too."""

    def __init__(self, known: Mapping[int, datetime], numbers: Mapping[int, int]) -> None:
        super().__init__()
        self._known, self._numbers = known, numbers

    def __missing__(self, version: int) -> VersionLine:
        number, published_at = self._numbers.get(version), self._known.get(version)
        line = self[version] = VersionLine(version, number, published_at)
        return line


def _steps(
    programs: Mapping[int, Program], inside: Sequence[Any], passed: Sequence[Any]
) -> Sequence[StepLine]:
    """The named steps, in the order of the last version that has each."""
    here, through = Counter[str](), Counter[str]()
    for row in inside:
        here[row.subject] += row.n
    for row in passed:
        at = _statement(programs, row)
        if isinstance(at, Step):
            through[at.name] += row.n
    order = [""]
    for version in sorted(programs, reverse=True):
        named = [one.name for one in programs[version].statements if isinstance(one, Step)]
        order += [name for name in dict.fromkeys(named) if name not in order]
    order += [name for name in here if name not in order]
    return [
        StepLine(name or _BEGINNING, here[name], through[name])
        for name in order
        if name or here[""]
    ]


def _tags(programs: Mapping[int, Program], passed: Sequence[Any]) -> Counter[str]:
    """How often each tag was put."""
    found: Counter[str] = Counter()
    for row in passed:
        at = _statement(programs, row)
        if isinstance(at, Act):
            for effect in at.effects:
                if isinstance(effect, AddTag):
                    found[effect.name] += row.n
    return found


def _held_out(programs: Mapping[int, Program], passed: Sequence[Any]) -> int:
    """Those of the first share of a « témoin »."""
    found = 0
    for row in passed:
        at = _statement(programs, row)
        found += row.n if isinstance(at, Split) and at.key == HOLDOUT and row.detail == "0" else 0
    return found


def _statement(programs: Mapping[int, Program], row: Any) -> object:
    program = programs.get(row.version_id)
    known = program is not None and 0 <= row.place < len(program.statements)
    return program.statements[row.place] if program is not None and known else None


def progress(
    steps: Mapping[int, Mapping[str, float]], inside: Sequence[Any], gone: int
) -> float | None:
    """How far through the campaign all who ever entered are, on average, from 0 to 1.

    Who left is at its end; who is inside, at the last named step passed. `steps`: by version, how far
    each is.
    """
    done, all_ = float(gone), gone
    for row in inside:
        all_ += row.n
        done += row.n * steps.get(row.version_id, {}).get(row.subject, 0.0)
    return _share(done, all_)


@lru_cache(maxsize=2_048)
def steps_of(program: str) -> Mapping[str, float]:
    """Of a stored program, which never changes, how far through it each named step is: kept of thousands,
    for it is little, where whole programs are kept of a few."""
    return _places(from_json(program))


def _places(program: Program) -> Mapping[str, float]:
    all_ = len(program.statements)
    named = [(at, one.name) for at, one in enumerate(program.statements) if isinstance(one, Step)]
    return {name: (at + 1) / all_ for at, name in reversed(named)}


def _share(part: float, whole: float) -> float | None:
    return part / whole if whole else None


# --- The reports ----------------------------------------------------------------------------

_SUMMARY: Columns[CampaignPerformance] = {
    Column("Entrées", "entrees", CellType.COUNT): lambda one: one.entered,
    Column("Dont témoins, à qui rien n’est envoyé", "temoins", CellType.COUNT): (
        lambda one: one.held_out
    ),
    Column("À l’intérieur maintenant", "a_l_interieur", CellType.COUNT, of_now=True): lambda one: (
        one.inside
    ),
    Column("Sorties", "sorties", CellType.COUNT): lambda one: one.left.total(),
    Column("Sorties réussies", "reussies", CellType.COUNT): lambda one: one.left[_WON],
    Column("Sorties échouées", "echouees", CellType.COUNT): lambda one: sum(
        one.left[outcome] for outcome in _FAILED
    ),
    Column(
        "Taux de réussite, parmi les sortis de la période",
        "taux_reussite",
        CellType.SHARE,
        base="sorties",
    ): lambda one: _share(one.left[_WON], one.left.total()),
    Column("Jours jusqu’à la réussite, en moyenne", "jours_moyens", CellType.COUNT): (
        lambda one: one.mean_days
    ),
    Column("Jours jusqu’à la réussite, médiane", "jours_medians", CellType.COUNT): (
        lambda one: one.median_days
    ),
    Column("Étiquettes posées", "etiquettes", CellType.COUNT): lambda one: one.tags.total(),
    Column("Messages envoyés", "envoyes", CellType.COUNT): lambda one: sum(
        line.sent for line in one.channels
    ),
    Column("Progression", "progression", CellType.SHARE, of_now=True): lambda one: one.progress,
}
_OUTCOMES: Columns[tuple[str, int, float | None]] = {
    Column("Issue", "issue_dite"): lambda one: words.outcome(one[0]),
    Column("", "issue"): lambda one: one[0],
    Column("Sorties", "sorties", CellType.COUNT): lambda one: one[1],
    Column("Part", "part", CellType.SHARE): lambda one: one[2],
}
_STEPS: Columns[StepLine] = {
    Column("Étape", "etape"): lambda one: one.name,
    Column("À l’intérieur", "a_l_interieur", CellType.COUNT, of_now=True): lambda one: one.inside,
    Column("Passages", "passages", CellType.COUNT): lambda one: one.passed,
}
_TAGS: Columns[tuple[str, int]] = {
    Column("Étiquette", "etiquette"): lambda one: one[0],
    Column("Posée", "posee", CellType.COUNT): lambda one: one[1],
}
_VERSIONS: Columns[VersionLine] = {
    Column("Version", "version", CellType.NUMBER): lambda one: one.number,
    Column("Publiée le", "publiee_le", CellType.INSTANT): lambda one: one.published_at,
    Column("Entrées", "entrees", CellType.COUNT): lambda one: one.entered,
    Column("À l’intérieur", "a_l_interieur", CellType.COUNT, of_now=True): lambda one: one.inside,
    Column("Sorties", "sorties", CellType.COUNT): lambda one: one.left.total(),
    Column("Réussies", "reussies", CellType.COUNT): lambda one: one.left[_WON],
    Column("Taux de réussite", "taux_reussite", CellType.SHARE, base="sorties"): lambda one: (
        one.success
    ),
}


def campaign_reports(one: CampaignPerformance, glossary: Glossary) -> ReportSet:
    """All that is told of it, the whole first."""
    title = f"{one.name}, {span(one.days)}"
    left = one.left
    outcomes = [(name, n, _share(n, left.total())) for name, n in left.most_common()]
    parts = {
        "resume": report(title, _SUMMARY, [one], notes=_mixed(one), layout=Layout.RECORD),
        "sorties": report("Sorties", _OUTCOMES, outcomes, empty="Personne n’est sorti."),
        "etapes": report(
            "Étapes", _STEPS, one.steps, empty="Personne n’est encore passé par une étape nommée."
        ),
        "etiquettes": report(
            "Étiquettes", _TAGS, one.tags.most_common(), empty="Aucune étiquette."
        ),
        "objectifs": goals_report(one.goals, of_one=True),
        "temoin": experiments_report(
            [each for each in one.experiments if each.holds_out], glossary, of_one=True, held=True
        ),
        "repartitions": experiments_report(
            [each for each in one.experiments if not each.holds_out], glossary, of_one=True
        ),
        "canaux": messages_report(one.channels, glossary, each=False),
        "messages": messages_report(one.messages, glossary, each=True),
        "messages_par_version": versions_messages_report(one.by_version, one.numbers, glossary),
        "versions": report("Versions", _VERSIONS, one.versions, empty="Personne n’y est passé."),
    }
    return ReportSet(title, parts)


def _mixed(one: CampaignPerformance) -> Iterator[str]:
    """Versions are never put together unsaid."""
    if len(one.versions) > 1:
        several = french.count(len(one.versions), "version", "versions")
        yield f"Ces nombres réunissent {several} de la campagne : {quoted('Versions')} les sépare."


def span(days: DaySpan) -> str:
    """« du 1er déc. 2026 au 31 déc. 2026 »."""
    return f"du {french.day(days.first)} au {french.day(days.last)}"
