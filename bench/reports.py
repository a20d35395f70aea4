"""What counters cost journeys, and what they spare reports: a campaign told of ten million moves.

The same journeys run on the same bytes with counters and without, by second of processor. Then a base is given a year of
moves, by plain SQL, and one report of the year is read as the command reads it; the baseline asks
the same four numbers of the journal itself.

`python -m bench.reports [ROWS]` takes another number of moves.
"""

import asyncio
import sqlite3
import sys
import tempfile
import time
from datetime import UTC, date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from bench import stage
from bench.figures import Figure, Goal, french, interleaved, table
from bench.journeys import STATEMENTS
from relance.testing import VirtualClock
from server.engine.engine import Engine
from server.engine.publication.project import ProgramSource, Project
from server.reports.performance.campaign import campaign_performance
from server.reports.performance.reading import DaySpan
from server.reports.reader import reading
from server.store.counters import keeping
from server.store.counters.agreement import disagreements
from server.store.instants import to_micros
from server.store.store import Store

MANY = 10_000_000
#: Moves of one stay: the entry, an activity, a wait, a decision, an activity, the exit.
_MOVES = (
    ("entered", "NULL", "NULL"),
    ("acted", "0", "NULL"),
    ("waited", "1", "NULL"),
    ("decided", "2", "i % 2"),
    ("acted", "3 + i % 2", "NULL"),
    ("left", "NULL", "NULL"),
)
_ZONE = ZoneInfo("America/Montreal")
_BEGAN = to_micros(datetime(2026, 1, 1, tzinfo=UTC))
_YEAR = 365 * 86_400_000_000
_DAYS = DaySpan(date(2026, 1, 1), date(2026, 12, 31))
_BARE = (
    "SELECT kind, statement, branch, count(*) FROM journal WHERE campaign_id = 1 GROUP BY 1, 2, 3",
    "SELECT outcome, count(*) FROM enrolments WHERE campaign_id = 1 GROUP BY 1",
)


async def _journeys(path: Path, *, counting: bool) -> float:
    clock = VirtualClock(stage.START)
    store = await Store.open(f"sqlite:///{path}", clock)
    try:
        if counting:
            await keeping.keep(store, _ZONE)
        engine = Engine(store, clock)
        await engine.publish(Project([ProgramSource(stage.journey())]))
        began = time.process_time()
        while await engine.tick():
            pass
        clock.advance(stage.WAIT)
        while await engine.tick():
            pass
        took = time.process_time() - began
        if counting:
            async with store.read() as conn:
                if await disagreements(conn, 1):
                    raise AssertionError("the counters are wrong")
        return took
    finally:
        await store.close()


def _costs(folder: Path, runs: int, leads: int) -> Figure:
    template = folder / "depart.db"
    stage.build(template)
    db = stage.connect(template)
    stage.add_leads(db, leads)
    stage.add_forms(db, leads)
    db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    db.close()

    def run(*, counting: bool) -> float:
        path = stage.copy(template, "parcours.db")
        return STATEMENTS * leads / asyncio.run(_journeys(path, counting=counting))

    counted, bare = interleaved(runs, lambda: run(counting=True), lambda: run(counting=False))
    what = f"Parcours avec les comptes, {french(leads)} leads"
    return Figure(what, "/s de processeur", counted, "sans les comptes", bare, Goal.AT_LEAST, 0.9)


def fill(path: Path, rows: int) -> None:
    """A year of stays in the campaign, as many as make so many moves."""
    stage.build(path)
    db = stage.connect(path)
    db.execute("PRAGMA synchronous=OFF")
    stays = max(rows // len(_MOVES), 1)
    entered = f"({_BEGAN} + i * {_YEAR // (stays + 1)})"
    numbers = f"WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {stays})"
    db.execute("BEGIN IMMEDIATE")
    db.execute(
        "INSERT INTO enrolments (lead_id, campaign_id, entry, version_id, active, outcome, "
        "statement, moves, entered_at, left_at, since_at, since_event) "
        f"{numbers} SELECT i, 1, 1, 1, 0, CASE i % 3 WHEN 0 THEN 'success' ELSE 'finished' END, "
        f"-1, 6, {entered}, {entered} + i % 900 * 3600000000, 0, 0 FROM n"
    )
    moves = " UNION ALL ".join(
        f"SELECT {move} AS move, '{kind}' AS kind, {move} AS place"
        for move, (kind, _, _) in enumerate(_MOVES, 1)
    )
    statement, branch = (
        "CASE m.place "
        + " ".join(f"WHEN {at} THEN {one[part]}" for at, one in enumerate(_MOVES, 1))
        + " END"
        for part in (1, 2)
    )
    db.execute(
        "INSERT INTO journal (lead_id, campaign_id, entry, move, version_id, at, kind, statement, "
        f"cause, branch) {numbers} SELECT i, 1, 1, m.move, 1, {entered}, m.kind, {statement}, "
        f"'move', {branch} FROM n, ({moves}) m ORDER BY i, m.move"
    )
    db.execute("COMMIT")
    db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    db.close()


async def _count(path: Path) -> float:
    store = await Store.open(f"sqlite:///{path}", VirtualClock(stage.START))
    try:
        began = time.perf_counter()
        await keeping.keep(store, _ZONE)
        return time.perf_counter() - began
    finally:
        await store.close()


async def _read(path: Path, runs: int) -> list[float]:
    """How long the report takes, in milliseconds, each in a transaction of its own."""
    found = []
    async with reading(f"sqlite:///{path}") as reader:
        for _ in range(runs + 1):
            async with reader.read() as conn:
                began = time.perf_counter()
                one = await campaign_performance(conn, 1, "Parcours", _DAYS)
                found.append(1_000 * (time.perf_counter() - began))
            if not one.entered or one.median_days is None:
                raise AssertionError("nothing was counted")
    return found[1:]  # the first opens the connection and prepares


def _bare(path: Path, runs: int) -> list[float]:
    db = sqlite3.connect(path)
    found = []
    for _ in range(runs):
        began = time.perf_counter()
        for query in _BARE:
            db.execute(query).fetchall()
        found.append(1_000 * (time.perf_counter() - began))
    db.close()
    return found


def measure(runs: int = 5, leads: int = 20_000, rows: int = MANY) -> list[Figure]:
    """Both."""
    with tempfile.TemporaryDirectory() as name:
        figures = [_costs(Path(name), runs, leads)]
        path = Path(name) / "annee.db"
        fill(path, rows)
        counted = asyncio.run(_count(path))
        bare = _bare(path, 1) * runs
        read = asyncio.run(_read(path, runs))
    said = f"{french(rows)} lignes de journal"
    return [
        *figures,
        Figure(
            f"Rapport d’une campagne sur un an, {said}",
            "ms",
            read,
            "GROUP BY du journal",
            bare,
            Goal.AT_MOST,
            50.0,
            on_ratio=False,
        ),
        Figure(
            f"Tout recompter, {said}",
            "s",
            [counted] * runs,
            "GROUP BY du journal",
            [one / 1_000 for one in bare],
        ),
    ]


if __name__ == "__main__":
    print(table(measure(rows=int(sys.argv[1]) if len(sys.argv) > 1 else MANY)))
