"""Pausing, resuming and archiving a campaign with a million people inside, and what a form meets then.

The million came due while it was paused. Forms of an unknown lead are recorded all along by the real
intake, on the same store: the slowest tells how long anybody was kept waiting. The baseline is the
bare statement that changes the same rows of the same base at once, and holds everybody up meanwhile.

`python -m bench.lives [LEADS]` takes another number.
"""

import asyncio
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable
from datetime import timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from bench import stage
from bench.figures import Figure, Goal, french, table
from relance.events import FORM_SUBMITTED, NewEvent
from relance.host import Identities, Incoming
from relance.proof import Proof
from relance.testing import VirtualClock
from server.engine.engine import Engine
from server.engine.life import archiving, deciding, resuming
from server.engine.life.journal import Author
from server.engine.life.resuming import How, Plan
from server.engine.life.state import CampaignChange
from server.engine.publication.project import ProgramSource, Project
from server.engine.tick import Tick
from server.intake.intake import Intake
from server.store.counters import keeping
from server.store.counting import PRESENT
from server.store.instants import to_micros
from server.store.store import Store

MANY = 1_000_000
ME = Author("bench")
NAME = "Parcours"
_ZONE = ZoneInfo("America/Montreal")
#: The same rows, by one statement written by hand.
_BARE = {
    "resume": "UPDATE enrolments SET wake_at = overdue_at, overdue_at = NULL, since_event = 2 "
    "WHERE active",
    "archive": "UPDATE enrolments SET active = 0, outcome = 'archived', left_at = 1, "
    "wake_at = NULL, deadline = NULL, moves = moves + 1 WHERE active; "
    "INSERT INTO journal (lead_id, campaign_id, entry, move, version_id, at, kind, cause) "
    "SELECT lead_id, campaign_id, entry, moves, version_id, 1, 'left', 'operator' FROM enrolments",
}


def _fill(path: Path, count: int) -> None:
    stage.build(path)
    db = stage.connect(path)
    stage.add_leads(db, count)
    stage.add_waiting(db, count, to_micros(stage.START + stage.WAIT))
    db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    db.close()


class Scene:
    """One base under measure, with somebody at the door."""

    def __init__(self, path: Path) -> None:
        self.path, self.clock = path, VirtualClock(stage.START)
        self._numbers = 0

    async def open(self) -> None:
        self.store = await Store.open(f"sqlite:///{self.path}", self.clock)
        await keeping.keep(self.store, _ZONE)  # as a server does
        self.engine = Engine(self.store, self.clock)
        self.intake = Intake(self.store, self.clock)
        await self.engine.publish(Project([ProgramSource(stage.journey())]))
        await self.quiet()

    async def quiet(self) -> None:
        while await self.engine.tick():
            pass

    async def timed(self, work: Callable[[], Awaitable[None]]) -> tuple[float, float]:
        """How long it took, and the slowest form meanwhile; seconds."""
        done, slowest = asyncio.Event(), [0.0]

        async def post() -> None:
            while not done.is_set():
                began = time.perf_counter()
                await self.intake.record([self._form()])
                slowest[0] = max(slowest[0], time.perf_counter() - began)
                await asyncio.sleep(0.01)

        posting = asyncio.create_task(post())
        await asyncio.sleep(0.1)
        began = time.perf_counter()
        await work()
        took = time.perf_counter() - began
        done.set()
        await posting
        return took, slowest[0]

    def _form(self) -> Incoming:
        self._numbers += 1
        who = Identities(email=f"passant{self._numbers}@exemple.example")
        return Incoming("bench", who, events=(NewEvent(FORM_SUBMITTED, "Autre"),), proof=Proof.TEAM)

    async def decided(self, change: CampaignChange, plan: Plan | None = None) -> None:
        """One decision, and all that follows of it."""

        async with self.store.read() as conn:
            number = (await deciding.find(conn, NAME)).id
            spread = plan is not None and plan.how is How.SPREAD
            course = await resuming.course(conn, number, self.engine.now()) if spread else ()

        async def work(tick: Tick) -> None:
            campaign = await deciding.find(tick.conn, NAME)
            if plan is not None:
                await resuming.begin(tick, campaign, plan, ME, course)
                return
            await deciding.decide(tick, campaign.id, change, ME)
            if change is CampaignChange.ARCHIVED:
                await archiving.begin(tick, campaign.id, ME)

        await self.engine.change(work)
        await self.engine.finish()


async def _measure(path: Path, count: int) -> list[Figure]:
    scene = Scene(path)
    await scene.open()
    try:
        pause = await scene.timed(lambda: scene.decided(CampaignChange.PAUSED))
        scene.clock.advance(timedelta(days=3))
        parked = await scene.timed(scene.quiet)
        copied = stage.copy(path, "nu.db")
        plan = Plan(How.SPREAD, int(timedelta(hours=10) / timedelta(microseconds=1)))
        resume = await scene.timed(lambda: scene.decided(CampaignChange.RESUMED, plan))
        archive = await scene.timed(lambda: scene.decided(CampaignChange.ARCHIVED))
    finally:
        await scene.store.close()
    alone = {name: bare(copied, statement) for name, statement in _BARE.items()}
    people = f"{french(count)} personnes"

    def took(name: str, ours: float, base: str) -> Figure:
        beside = "un seul énoncé qui retient tout"
        return Figure(f"{name}, {people}", "s", [ours], beside, [alone[base]])

    slowest = max(each[1] for each in (pause, parked, resume, archive))
    return [
        Figure(
            f"Pause, {people}",
            "s",
            [pause[0]],
            "la reprise",
            [resume[0]],
            Goal.AT_MOST,
            1,
            on_ratio=False,
        ),
        took("Mises de côté, toutes dues", parked[0], "resume"),
        took("Reprise étalée", resume[0], "resume"),
        took("Archivage", archive[0], "archive"),
        Figure(
            "Le formulaire le plus lent pendant tout cela",
            "ms",
            [1000 * slowest],
            "l’énoncé seul",
            [1000 * max(alone.values())],
            Goal.AT_MOST,
            1_000,
            on_ratio=False,
        ),
    ]


def bare(path: Path, statements: str) -> float:
    """How long they take, in one transaction, on a base that counts nothing; seconds."""
    db = stage.connect(path)
    for (name,) in db.execute(PRESENT["sqlite"]).fetchall():
        db.execute(f'DROP TRIGGER "{name}"')
    began = time.perf_counter()
    db.execute("BEGIN IMMEDIATE")
    for statement in statements.split("; "):
        db.execute(statement)
    db.execute("COMMIT")
    took = time.perf_counter() - began
    db.close()
    return took


def measure(count: int = MANY) -> list[Figure]:
    """Seconds, and the slowest form in milliseconds."""
    with tempfile.TemporaryDirectory() as name:
        path = Path(name) / "vie.db"
        _fill(path, count)
        return asyncio.run(_measure(path, count))


if __name__ == "__main__":
    print(table(measure(int(sys.argv[1]) if len(sys.argv) > 1 else MANY)))
