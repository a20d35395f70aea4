"""Notes held: durable at once, judged together when due, counted once."""

from collections.abc import Sequence
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from relance.events import NewEvent
from relance.host import Held, Identities, Incoming
from relance.testing import VirtualClock
from server.holding import Holding
from server.housekeeping import sweep
from server.intake.intake import Intake
from server.store.schema.events import events, held
from server.store.store import Store

FEW = timedelta(seconds=20)


class Desk:
    """A holding whose holder tells of the notes it was given."""

    def __init__(self, store: Store, clock: VirtualClock) -> None:
        self.store, self.clock = store, clock
        self.given: list[list[str]] = []
        self.fails = False
        self.open()

    def open(self) -> None:
        """As after a restart: nothing is known but what the store holds."""
        self.intake = Intake(self.store, self.clock)
        self.holding = Holding(self.store, self.clock, self.intake)
        self.holding.holders = {"essai": self.judge}

    async def judge(self, notes: Sequence[Held]) -> list[Incoming]:
        if self.fails:
            raise RuntimeError("faute de l’extension")
        self.given.append([note.text for note in notes])
        events = [NewEvent("vu", note.text, occurred_at=note.at) for note in notes]
        return [Incoming("essai", Identities(email="a@exemple.ca"), events=events)]

    async def hold(self, text: str, group: str = "g", after: timedelta = FEW) -> None:
        await self.holding.hold("essai", group, text, self.clock.now() + after)

    async def count(self) -> int:
        query = select(func.count()).select_from(events).where(events.c.type == "vu")
        async with self.store.read() as conn:
            return int(await conn.scalar(query) or 0)

    async def left(self) -> int:
        async with self.store.read() as conn:
            return int(await conn.scalar(select(func.count()).select_from(held)) or 0)


@pytest.fixture
def desk(store: Store, clock: VirtualClock) -> Desk:
    return Desk(store, clock)


async def test_a_group_is_judged_together_when_its_first_note_is_due(desk: Desk) -> None:
    await desk.hold("un")
    desk.clock.advance(timedelta(seconds=15))
    await desk.hold("deux")
    await desk.hold("ailleurs", "autre")
    assert await desk.holding.settle() == 0
    desk.clock.advance(timedelta(seconds=5))
    assert await desk.holding.settle() == 1
    assert desk.given == [["un", "deux"]]
    assert await desk.count() == 2
    assert await desk.holding.settle() == 0
    assert await desk.left() == 1


async def test_a_note_survives_a_restart_and_counts_once(desk: Desk) -> None:
    await desk.hold("un")
    desk.open()
    desk.clock.advance(FEW)
    assert await desk.holding.next_due() == desk.clock.now()
    await desk.holding.settle()
    desk.open()
    await desk.holding.settle()
    assert await desk.count() == 1
    assert await desk.holding.next_due() is None


async def test_a_holder_that_fails_is_asked_again_and_nothing_is_lost(desk: Desk) -> None:
    desk.fails = True
    await desk.hold("un")
    desk.clock.advance(FEW)
    await desk.holding.settle()
    assert (await desk.count(), await desk.left()) == (0, 1)
    desk.fails = False
    desk.clock.advance(timedelta(minutes=5))
    await desk.holding.settle()
    assert (await desk.count(), await desk.left()) == (1, 0)


async def test_notes_of_a_plugin_that_is_away_wait_for_it(desk: Desk) -> None:
    await desk.holding.hold("ailleurs.autre", "g", "un", desk.clock.now())
    assert await desk.holding.settle() == 0
    assert await desk.left() == 1


async def test_notes_nobody_came_back_for_are_forgotten_after_a_month(desk: Desk) -> None:
    await desk.holding.hold("ailleurs.autre", "g", "un", desk.clock.now())
    desk.clock.advance(timedelta(days=29))
    assert await sweep(desk.store, desk.clock) == 0
    desk.clock.advance(timedelta(days=2))
    assert await sweep(desk.store, desk.clock) == 2  # the note, and the receipt that it came
    assert await desk.left() == 0


async def test_a_lead_that_is_gone_does_not_keep_the_others_waiting(desk: Desk) -> None:
    async def judge(notes: Sequence[Held]) -> list[Incoming]:
        gone = Incoming("essai", Identities(lead_id=999), events=[NewEvent("vu")])
        here = Incoming("essai", Identities(email="a@exemple.ca"), events=[NewEvent("vu")])
        return [gone, here]

    desk.holding.holders = {"essai": judge}
    await desk.hold("un", after=timedelta())
    await desk.holding.settle()
    assert (await desk.count(), await desk.left()) == (1, 0)


async def test_a_flood_of_notes_is_judged_in_parts(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("server.holding._MOST_NOTES", 3)
    for number in range(7):
        await desk.hold(str(number), after=timedelta())
    await desk.holding.settle()
    assert [len(part) for part in desk.given] == [3, 3, 1]
    assert await desk.count() == 7
