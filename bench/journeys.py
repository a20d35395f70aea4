"""Journey statements a second: the engine against a hand-written row loop, the same rows written.

20,000 leads, entry → activity → wait → decision → activity → end, on a SQLite file with
`synchronous=FULL`. The clock is virtual: the day of waiting takes no time, the work does.
"""

import asyncio
import sqlite3
import tempfile
import time
from pathlib import Path

from bench import row_loop, stage
from bench.figures import Figure, Goal, french, interleaved, table
from relance.testing import VirtualClock
from server.engine.engine import Engine
from server.engine.publication.project import ProgramSource, Project
from server.store.instants import to_micros
from server.store.store import Store

STATEMENTS = 4
#: What both must have written, row for row.
WRITTEN = ("enrolments", "journal", "outbox", "events", "waits", "refusals", "lead_tags", "inbox")

#: And the state they must have left it in.
STATES = (
    ("enrolments", "outcome = 'finished'"),
    ("enrolments", "active"),
    ("enrolments", "wake_at IS NOT NULL"),
    ("journal", "cause_event IS NOT NULL"),
    ("journal", "leaves IS NOT NULL"),
    ("journal", "branch IS NOT NULL"),
    ("journal", "until IS NOT NULL"),
    ("outbox", "state = 'pending'"),
    ("outbox", "message = 'Offre'"),
)


async def _engine(path: Path) -> float:
    clock = VirtualClock(stage.START)
    store = await Store.open(f"sqlite:///{path}", clock)
    try:
        engine = Engine(store, clock)
        await engine.publish(Project([ProgramSource(stage.journey())]))
        began = time.perf_counter()
        while await engine.tick():
            pass
        clock.advance(stage.WAIT)
        while await engine.tick():
            pass
        return time.perf_counter() - began
    finally:
        await store.close()


def _row_loop(path: Path) -> float:
    start = to_micros(stage.START)
    woken = to_micros(stage.START + stage.WAIT)
    began = time.perf_counter()
    row_loop.run(path, start, woken)
    return time.perf_counter() - began


def counts(path: Path) -> dict[str, int]:
    """How many rows each table holds, of each kind and in each state."""
    db = sqlite3.connect(path)
    found = {name: db.execute(f"SELECT count(*) FROM {name}").fetchone()[0] for name in WRITTEN}
    found |= {
        f"journal, {kind} ({cause})": count
        for kind, cause, count in db.execute(
            "SELECT kind, cause, count(*) FROM journal GROUP BY kind, cause"
        )
    }
    for name, test in STATES:
        (found[f"{name}, {test}"],) = db.execute(
            f"SELECT count(*) FROM {name} WHERE {test}"
        ).fetchone()
    db.close()
    return found


def measure(runs: int = 7, leads: int = 20_000) -> list[Figure]:
    """Statements a second, each run on a fresh copy of the same database."""
    with tempfile.TemporaryDirectory() as name:
        template = Path(name) / "depart.db"
        stage.build(template)
        db = stage.connect(template)
        stage.add_leads(db, leads)
        stage.add_forms(db, leads)
        db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        db.close()

        def ours() -> float:
            return STATEMENTS * leads / asyncio.run(_engine(stage.copy(template, "moteur.db")))

        def baseline() -> float:
            return STATEMENTS * leads / _row_loop(stage.copy(template, "boucle.db"))

        left, right = interleaved(runs, ours, baseline)
        written = counts(Path(name) / "moteur.db"), counts(Path(name) / "boucle.db")
    if written[0] != written[1] or written[0]["enrolments, outcome = 'finished'"] != leads:
        apart = dict(written[0].items() ^ written[1].items())
        raise AssertionError(f"not the same work: {apart}")
    return [
        Figure(
            f"Parcours : énoncés exécutés, {french(leads)} leads",
            "/s",
            left,
            "boucle sqlite3 écrite à la main",
            right,
            Goal.AT_LEAST,
            1.0,
        )
    ]


if __name__ == "__main__":
    print(table(measure()))
