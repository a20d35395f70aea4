"""What goals cost: to the engine that handles what leads do, and to count a new one of the past.

The same events are handled on the same bytes with a goal that asks about them and without, by second of
processor. Then a goal is published over leads who did all of it already; the baseline asks the same
question by one hand-written statement.
"""

import asyncio
import sqlite3
import tempfile
import time
from pathlib import Path

from bench import stage
from bench.figures import Figure, french, interleaved, table
from dsl import goals as asked
from dsl.program import Place, Trigger
from relance.events import EventPattern
from relance.said import Said
from relance.testing import VirtualClock
from relance.values import Duration
from server.engine.engine import Engine
from server.engine.publication.project import ProgramSource, Project
from server.store.ids import floor_of
from server.store.instants import to_micros
from server.store.store import Store

_BOUGHT = Trigger(Place(3, Said("Événement (Achat) survenu")), EventPattern("custom", "Achat"))
_GOAL = asked.Goal("Parcours", "achat", "Achat", (_BOUGHT,), Duration(days=3))
#: The journey lasts a day, and everybody bought while in it: no window matters.
_BARE = """
CREATE TABLE reached AS
SELECT e.lead_id, min(e.id) AS event_id, min(e.occurred_at) AS at
FROM enrolments s JOIN events e ON e.lead_id = s.lead_id AND e.type = 'custom'
WHERE e.subject_key = 'achat' AND NOT EXISTS (SELECT 1 FROM inbox i WHERE i.lead_id = e.lead_id
  AND i.id = e.id AND i.type = e.type)
AND e.occurred_at >= s.entered_at AND e.occurred_at <= coalesce(s.left_at, 1 << 62)
GROUP BY e.lead_id
"""


def _project(*, aimed: bool) -> Project:
    return Project([ProgramSource(stage.journey())], goals=[_GOAL] if aimed else [])


def _entered(path: Path, leads: int) -> None:
    """Everybody in the campaign, who buys an instant later."""
    stage.build(path)
    db = stage.connect(path)
    stage.add_leads(db, leads)
    stage.add_waiting(db, leads, to_micros(stage.START + stage.WAIT))
    now = to_micros(stage.START) + 1_000_000
    db.execute("BEGIN IMMEDIATE")
    db.execute(
        "INSERT INTO events (lead_id, type, id, subject, subject_key, occurred_at, received_at"
        ") SELECT id, 'custom', ? + id, 'Achat', 'achat', ?, ? FROM leads",
        (floor_of(now), now, now),
    )
    db.execute(stage.WAITING)
    db.execute("COMMIT")
    db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    db.close()


async def _handle(path: Path, *projects: Project) -> float:
    """Seconds of processor it takes to handle all there is once the last of these is published."""
    clock = VirtualClock(stage.START)
    store = await Store.open(f"sqlite:///{path}", clock)
    took = 0.0
    try:
        engine = Engine(store, clock)
        clock.advance(stage.WAIT / 2)
        for project in projects:
            began = time.process_time()
            await engine.publish(project)
            while await engine.tick():
                pass
            took = time.process_time() - began
    finally:
        await store.close()
    return took


def _reached(path: Path, leads: int) -> None:
    db = sqlite3.connect(path)
    found = db.execute("SELECT (SELECT count(*) FROM goals_reached), max(reached) FROM goal_counts")
    if (row := found.fetchone()) != (leads, leads):
        raise AssertionError(f"the goal is counted wrong: {row}")
    db.close()


def _bare(path: Path, leads: int) -> float:
    db = stage.connect(path)
    began = time.process_time()
    db.execute("DROP TABLE IF EXISTS reached")
    db.execute(_BARE)
    took = time.process_time() - began
    ((found,),) = db.execute("SELECT count(*) FROM reached")
    if found != leads:
        raise AssertionError(f"not the same work: {found}")
    db.close()
    return took


def measure(runs: int = 5, leads: int = 20_000) -> list[Figure]:
    """Both."""
    with tempfile.TemporaryDirectory() as name:
        template = Path(name) / "depart.db"
        _entered(template, leads)
        handled = stage.copy(template, "traitee.db")
        asyncio.run(_handle(handled, _project(aimed=False)))

        def handling(*, aimed: bool) -> float:
            path = stage.copy(template, "but.db")
            took = asyncio.run(_handle(path, _project(aimed=aimed)))
            if aimed:
                _reached(path, leads)
            return leads / took

        def counting() -> float:
            path = stage.copy(handled, "passe.db")
            took = asyncio.run(_handle(path, _project(aimed=False), _project(aimed=True)))
            _reached(path, leads)
            return leads / took

        def bare() -> float:
            return leads / _bare(stage.copy(handled, "sql.db"), leads)

        aimed, without = interleaved(
            runs, lambda: handling(aimed=True), lambda: handling(aimed=False)
        )
        counted, plain = interleaved(runs, counting, bare)
    people, unit = f"{french(leads)} leads", "/s de processeur"
    return [
        Figure(
            f"Événements traités, tous attendus par un objectif, {people}",
            unit,
            aimed,
            "sans objectif",
            without,
        ),
        Figure(
            f"Compter un objectif nouveau, {people}",
            unit,
            counted,
            "un INSERT écrit à la main",
            plain,
        ),
    ]


if __name__ == "__main__":
    print(table(measure()))
