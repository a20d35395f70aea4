"""What a crowd costs: one tick with 1,000 due among 1,000,000 waiting, then among 10,000.

Leads that are due together mostly entered together: the thousand are one in ten of ten thousand
that follow one another, and in the larger database 990,000 more wait, half before, half after. So
nothing differs but the crowd. The second figure is the worst case, one lead in a thousand: each
stands on pages of its own, which no index can help. The databases are open at once and take
turns, a fresh thousand each time.
"""

import asyncio
import tempfile
import time
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path

from bench import stage
from bench.figures import Figure, Goal, french, table
from relance.testing import VirtualClock
from server.engine.engine import Engine
from server.engine.publication.project import ProgramSource, Project
from server.store.instants import to_micros
from server.store.store import Store

FAR = stage.START + timedelta(days=3_000)


def _crowd(path: Path, waiting: int, due: int, rounds: int, among: int) -> None:
    """`waiting` leads; each of the next `rounds` days, `due` are, spread over `among` that follow."""
    stage.build(path)
    db = stage.connect(path)
    stage.add_leads(db, waiting)
    stage.add_waiting(db, waiting, to_micros(FAR))
    stride = among // due
    first = 1 + (waiting - among) // 2
    db.execute("BEGIN IMMEDIATE")
    for number in range(rounds):
        at = to_micros(stage.START + timedelta(days=number + 1))
        db.execute(
            "WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i + 1 < :due) "
            "UPDATE enrolments SET wake_at = :at, deadline = :at "
            "WHERE lead_id IN (SELECT :first + i * :stride FROM n)",
            {"at": at, "first": first + number * (stride // rounds), "stride": stride, "due": due},
        )
    db.execute("COMMIT")
    db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    db.close()


class _Crowd:
    """One database under measure."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.clock = VirtualClock(stage.START)

    async def open(self) -> None:
        self.store = await Store.open(f"sqlite:///{self.path}", self.clock)
        self.engine = Engine(self.store, self.clock)
        await self.engine.publish(Project([ProgramSource(stage.journey())]))
        while await self.engine.tick():
            pass

    async def next_day(self) -> float:
        """Seconds to move the day's thousand to the end of their journey."""
        self.clock.advance(timedelta(days=1))
        began = time.perf_counter()
        while await self.engine.tick():
            pass
        return time.perf_counter() - began

    async def finished(self) -> int:
        async with self.store.read() as conn:
            query = "SELECT count(*) FROM enrolments WHERE outcome = 'finished'"
            return int((await conn.exec_driver_sql(query)).scalar_one())


async def _measure(paths: Sequence[Path], rounds: int) -> tuple[list[list[float]], list[int]]:
    """Seconds by database and day, and how many leads have finished in each."""
    crowds = [_Crowd(path) for path in paths]
    took: list[list[float]] = [[] for _ in crowds]
    try:
        for crowd in crowds:
            await crowd.open()
        for number in range(rounds):
            for turn in range(len(crowds)):
                place = (turn + number) % len(crowds)
                took[place].append(await crowds[place].next_day())
        return took, [await crowd.finished() for crowd in crowds]
    finally:
        for crowd in crowds:
            if hasattr(crowd, "store"):
                await crowd.store.close()


def measure(
    rounds: int = 9, due: int = 1_000, many: int = 1_000_000, few: int = 10_000
) -> list[Figure]:
    """Milliseconds a tick; the first day warms everything up and does not count."""
    with tempfile.TemporaryDirectory() as name:
        large, small, spread = (
            Path(name) / f"{crowd}.db" for crowd in ("foule", "groupe", "epars")
        )
        _crowd(large, many, due, rounds, few)
        _crowd(small, few, due, rounds, few)
        _crowd(spread, many, due, rounds, many)
        took, finished = asyncio.run(_measure((large, small, spread), rounds))
    if finished != 3 * [due * rounds]:
        raise AssertionError(f"not everyone due has moved: {finished}")
    ours, baseline, worst = ([1000 * value for value in one[1:]] for one in took)
    what = f"Un tour : {french(due)} leads dus parmi {french(many)} en attente"
    beside = f"parmi {french(few)}"
    return [
        Figure(what, "ms", ours, beside, baseline, Goal.AT_MOST, 1.2),
        Figure(f"{what}, dispersés un sur {many // due}", "ms", worst, beside, baseline),
    ]


if __name__ == "__main__":
    print(table(measure()))
