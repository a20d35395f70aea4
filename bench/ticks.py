"""What a crowd costs: one tick with 1,000 due among 1,000,000 waiting, then among 10,000.

The thousand are spread evenly over the crowd, the worst case: each stands on pages of its own.
Both databases are open at once and take turns, a fresh thousand each time.
"""

import asyncio
import tempfile
import time
from datetime import timedelta
from pathlib import Path

from bench import stage
from bench.figures import Figure, Goal, table
from relance.testing import VirtualClock
from server.engine.engine import Engine
from server.engine.publication import Published
from server.store.instants import to_micros
from server.store.store import Store

FAR = stage.START + timedelta(days=3_000)


def _crowd(path: Path, waiting: int, due: int, rounds: int) -> None:
    """`waiting` leads, of whom `due` are due each of the next `rounds` days."""
    stage.build(path)
    db = stage.connect(path)
    stage.add_leads(db, waiting)
    stage.add_waiting(db, waiting, to_micros(FAR))
    stride = max(1, waiting // due)
    db.execute("BEGIN IMMEDIATE")
    for number in range(rounds):
        at = to_micros(stage.START + timedelta(days=number + 1))
        # A stride that no page size divides, shifted each day.
        db.execute(
            "UPDATE enrolments SET wake_at = ?1, deadline = ?1 WHERE lead_id IN "
            "(SELECT 1 + (value * ?2 + ?3) % ?4 FROM "
            "(WITH RECURSIVE n(value) AS (SELECT 0 UNION ALL SELECT value + 1 FROM n "
            "WHERE value + 1 < ?5) SELECT value FROM n))",
            (at, stride, number * (stride // rounds or 1), waiting, due),
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
        await self.engine.publish([Published(stage.journey())])
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


async def _measure(
    large: Path, small: Path, rounds: int
) -> tuple[list[float], list[float], list[int]]:
    crowds = _Crowd(large), _Crowd(small)
    took: tuple[list[float], list[float]] = [], []
    try:
        for crowd in crowds:
            await crowd.open()
        for number in range(rounds):
            for place in (0, 1) if number % 2 else (1, 0):
                took[place].append(await crowds[place].next_day())
        return *took, [await crowd.finished() for crowd in crowds]
    finally:
        for crowd in crowds:
            if hasattr(crowd, "store"):
                await crowd.store.close()


def measure(
    rounds: int = 9, due: int = 1_000, many: int = 1_000_000, few: int = 10_000
) -> list[Figure]:
    """Milliseconds a tick; the first day warms both up and does not count."""
    with tempfile.TemporaryDirectory() as name:
        large, small = Path(name) / "foule.db", Path(name) / "groupe.db"
        _crowd(large, many, due, rounds)
        _crowd(small, few, due, rounds)
        left, right, finished = asyncio.run(_measure(large, small, rounds))
    if finished != [due * rounds, due * rounds]:
        raise AssertionError(f"not everyone due has moved: {finished}")
    return [
        Figure(
            f"{due} leads dus parmi {many} en attente",
            "ms",
            [1000 * value for value in left[1:]],
            f"parmi {few}",
            [1000 * value for value in right[1:]],
            Goal.AT_MOST,
            1.2,
        )
    ]


if __name__ == "__main__":
    print(table(measure()))
