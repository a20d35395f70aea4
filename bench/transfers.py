"""Publishing a campaign with a million people inside: they keep their version, or pass to the new one.

What the command does is what is measured: those inside are counted, place by place, as it tells them
before; then the new version is published, and all are moved. The wait they stand at is made shorter,
so that the end of each is computed anew from its start, and what follows is said otherwise. The
baseline is the bare statement that moves the same rows of the same base at once, their journal with
them, and holds everybody up meanwhile.

`python -m bench.transfers [LEADS]` takes another number.
"""

import asyncio
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable
from dataclasses import replace
from pathlib import Path

from bench import stage
from bench.figures import Figure, Goal, french, table
from bench.lives import MANY, Scene, bare
from dsl.program import Act, Pause, Program
from relance.effects import Send
from relance.values import Duration
from relance.waits import WaitFor
from server.engine.publication.project import ProgramSource, Project
from server.engine.transfer.fate import Fate, TransferPlan
from server.reports.transfers import insiders
from server.store.instants import DEFAULT_ZONE, now_micros, to_micros

NAME = "Parcours"
_BARE = (
    "UPDATE enrolments SET version_id = 2, moves = moves + 1, wake_at = wake_at - 3600000000, "
    "deadline = deadline - 3600000000 WHERE active; "
    "INSERT INTO journal (lead_id, campaign_id, entry, move, version_id, at, kind, statement, cause) "
    "SELECT lead_id, campaign_id, entry, moves, 2, 1, 'transferred', statement, 'operator' "
    "FROM enrolments WHERE active"
)


def edited(hours: int, message: str) -> Program:
    """The journey, its wait made of so many hours and its last message another."""
    program = stage.journey()
    found = list(program.statements)
    wait, last = found[1], found[-1]
    assert isinstance(wait, Pause)
    assert isinstance(last, Act)
    found[1] = replace(wait, wait=WaitFor(Duration(seconds=hours * 3_600)))
    found[-1] = replace(last, key=message, effects=(Send("email", message),))
    return replace(program, statements=tuple(found))


def fill(path: Path, count: int) -> None:
    """A base where so many stand at the wait of the campaign, not all since the same instant."""
    stage.build(path)
    db = stage.connect(path)
    stage.add_leads(db, count)
    stage.add_waiting(db, count, to_micros(stage.START + stage.WAIT))
    db.execute("BEGIN IMMEDIATE")
    # Two thousand entered at once, as a tick lets them in.
    db.execute("UPDATE journal SET at = at + lead_id / 2000 * 1000 WHERE kind = 'waited'")
    db.execute(
        "UPDATE enrolments SET deadline = deadline + lead_id / 2000 * 1000, "
        "wake_at = wake_at + lead_id / 2000 * 1000"
    )
    db.execute("COMMIT")
    db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    db.close()


async def _publish(scene: Scene, program: Program, plan: TransferPlan) -> None:
    project = Project([ProgramSource(program)], transfers={"parcours": plan})
    now = now_micros(scene.clock)
    async with scene.store.read() as conn:
        await insiders(scene.store, conn, project, now, DEFAULT_ZONE, [NAME])
    await scene.engine.publish(project)
    await scene.engine.finish()


async def _measure(path: Path, count: int) -> list[Figure]:
    alone = bare(stage.copy(path, "nu.db"), _BARE)
    scene = Scene(path)
    await scene.open()

    def publishing(program: Program, fate: Fate) -> Callable[[], Awaitable[None]]:
        return lambda: _publish(scene, program, TransferPlan(fate))

    try:
        keep = await scene.timed(publishing(edited(24, "Autre"), Fate.KEEP))
        migrate = await scene.timed(publishing(edited(23, "Encore"), Fate.MIGRATE))
    finally:
        await scene.store.close()
    people = f"{french(count)} personnes dedans"

    def took(name: str, seconds: float, goal: float) -> Figure:
        beside = "un seul énoncé qui retient tout"
        return Figure(
            f"Publier, {people} : {name}",
            "s",
            [seconds],
            beside,
            [alone],
            Goal.AT_MOST,
            goal,
            on_ratio=False,
        )

    return [
        took("garder", keep[0], 2),
        took("migrer", migrate[0], 20),
        Figure(
            "Le formulaire le plus lent pendant une migration",
            "ms",
            [1000 * max(keep[1], migrate[1])],
            "l’énoncé seul",
            [1000 * alone],
            Goal.AT_MOST,
            1_000,
            on_ratio=False,
        ),
    ]


def measure(count: int = MANY) -> list[Figure]:
    """Seconds, and the slowest form in milliseconds."""
    with tempfile.TemporaryDirectory() as name:
        path = Path(name) / "passage.db"
        fill(path, count)
        return asyncio.run(_measure(path, count))


if __name__ == "__main__":
    started = time.perf_counter()
    print(table(measure(int(sys.argv[1]) if len(sys.argv) > 1 else MANY)))
    print(f"{time.perf_counter() - started:.0f} s")
