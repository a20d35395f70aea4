"""What exclusive groups cost an event: 10,000 campaigns in 100 groups, beside the same in none.

Each lead is in a few campaigns already, of other groups than the one whose form he fills: he is let
in, one form a tick. The baseline runs on a base of its own, filled alike.

`python -m bench.groups [CAMPAIGNS]` takes another number.
"""

import asyncio
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from statistics import median

from bench import stage
from bench.figures import Figure, Goal, table
from dsl.program import Program, Trigger
from relance.events import EventPattern
from relance.fold import key_of
from relance.testing import VirtualClock
from server.engine.engine import Engine
from server.engine.publication.project import ProgramSource, Project
from server.store.arrivals import EventRow, insert_events
from server.store.store import Store

MANY, GROUPS = 10_000, 100
#: Leads, and forms that each fills before and while it is measured.
_LEADS, _BEFORE, _FORMS = 50, 4, 4


def _campaigns(count: int, *, grouped: bool) -> list[Program]:
    one = stage.journey()
    place = one.entries[0].place
    return [
        replace(
            one,
            name=f"Parcours {number}",
            entries=(Trigger(place, EventPattern("form_submitted", f"Inscription {number}")),),
            group=f"Groupe {number % GROUPS}" if grouped else None,
            priority=number if grouped else 0,
        )
        for number in range(count)
    ]


class _Scene:
    """A base where that is published, and its engine."""

    def __init__(self, store: Store, clock: VirtualClock) -> None:
        self._store, self._clock = store, clock
        self._engine = Engine(store, clock)

    async def publish(self, programs: Sequence[Program]) -> None:
        await self._engine.publish(Project([ProgramSource(each) for each in programs]))
        while await self._engine.tick():
            pass

    async def form(self, lead: int, number: int) -> float:
        """The seconds that a form of a lead takes to be handled."""
        now = self._engine.now()
        subject = f"Inscription {number}"
        row = EventRow(
            lead_id=lead,
            type="form_submitted",
            id=self._store.ids.next(),
            occurred_at=now,
            received_at=now,
            subject=subject,
            subject_key=key_of(subject),
        )
        async with self._store.write() as conn:
            await insert_events(conn, [row])
        began = time.perf_counter()
        while await self._engine.tick():
            pass
        return time.perf_counter() - began

    async def close(self) -> None:
        await self._store.close()


async def _opened(path: Path, count: int, *, grouped: bool) -> _Scene:
    clock = VirtualClock(stage.START)
    store = await Store.open(f"sqlite:///{path}", clock)
    scene = _Scene(store, clock)
    await scene.publish(_campaigns(count, grouped=grouped))
    db = stage.connect(path)
    stage.add_leads(db, _LEADS)
    db.close()
    return scene


async def _measured(folder: Path, count: int) -> tuple[list[float], list[float]]:
    ours = await _opened(folder / "groupes.db", count, grouped=True)
    bare = await _opened(folder / "sans.db", count, grouped=False)
    scenes = (ours, bare)
    spent: tuple[list[float], list[float]] = ([], [])
    for turn in range(_BEFORE + _FORMS):
        # Of a group he is in none of yet: let in on both sides, he costs both the same.
        numbers = [(lead * 37 + turn * (GROUPS + 1)) % count for lead in range(_LEADS)]
        times: tuple[list[float], list[float]] = ([], [])
        for lead, number in enumerate(numbers, 1):
            # Each in its turn first: what one compiles, the other need not.
            for which in (lead % 2, 1 - lead % 2):
                times[which].append(await scenes[which].form(lead, number))
        if turn >= _BEFORE:
            for each, seconds in zip(spent, times, strict=True):
                each.append(median(seconds) * 1_000)
    await ours.close()
    await bare.close()
    return spent


def measure(count: int = MANY) -> list[Figure]:
    """The figures of exclusive groups."""
    with tempfile.TemporaryDirectory() as folder:
        ours, bare = asyncio.run(_measured(Path(folder), count))
    what = f"Un formulaire, parmi {count} campagnes en {GROUPS} groupes exclusifs"
    return [Figure(what, "ms", ours, "sans aucun groupe", bare, Goal.AT_MOST, 1.2)]


if __name__ == "__main__":
    print(table(measure(*map(int, sys.argv[1:]))))
