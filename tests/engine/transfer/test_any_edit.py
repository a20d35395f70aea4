"""Whatever is edited of whichever campaign of the library, whoever is inside comes through.

Somebody stands wherever anybody can. The script is edited line by line, as people do: what is left of
it that checks is published, and all pass to it. Nobody is lost, nobody is there twice, nothing is sent
twice, and waits end as they are written, from when they began.

`RELANCE_EDITS=2000 pytest tests/engine/transfer/test_any_edit.py` tries that many.
"""

import asyncio
import os
import re
import tempfile
from collections import Counter
from collections.abc import Sequence
from datetime import timedelta
from functools import cache
from pathlib import Path

from hypothesis import HealthCheck, Phase, assume, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select

from dsl.correspondence import correspondence
from dsl.program import Await, Pause, Program
from dsl.program_codec import content_hash
from dsl.project import check
from relance.fold import key_of
from relance.testing import FakeHost, VirtualClock
from server.campaign_library.place import library
from server.engine.life.journal import Author
from server.engine.moves import Move
from server.engine.publication.project import ProgramSource, Project
from server.engine.transfer.fate import Fate, TransferPlan
from server.publication.on_disk import on_disk
from server.store.instants import now_micros
from server.store.schema.campaigns import enrolments, journal
from server.store.schema.messages import outbox
from server.store.store import Store
from tests.databases import put_sqlite
from tests.engine.transfer.crowd import Placed, end_of, messages, place
from tests.engine.world import World
from tests.simulation.project import built_in

EDITS = int(os.environ.get("RELANCE_EDITS", "15"))
#: Lines that people add.
NEW = (
    "Attendre pendant 2 jours",
    "Attendre pendant 90 minutes",
    "Attendre jusqu’à lundi",
    "étape « Ajoutée »",
    "Étiqueter (Ajouté)",
    "Changer pointage (+1)",
)
SPANS = ("1 heure", "1 jour", "2 jours", "20 jours")


@cache
def scripts() -> Sequence[str]:
    """Those of the library, by e-mail and by SMS, without their scenarios, at any time of the year."""
    found = [path.read_text(encoding="utf-8") for path in sorted(library().rglob("*.relance"))]
    return [re.sub(r"\n  période :.*", "", text.split("\nscénario")[0]) for text in found]


@cache
def references() -> object:
    return built_in().references(on_disk(library()), FakeHost())


def read(script: str) -> Program | None:
    """Its campaign, if nothing is wrong with it."""
    checked = check({"a.relance": script}, built_in().catalogue, references())
    return checked.programs[0].program if checked.ok and checked.programs else None


@st.composite
def edited(draw: st.DrawFn) -> tuple[str, str]:
    """A script, and the same edited."""
    before = draw(st.sampled_from(scripts()))
    lines = before.split("\n")
    head = next(at for at, line in enumerate(lines) if line.startswith("campagne"))
    for _ in range(draw(st.integers(1, 4))):
        at = draw(st.integers(head + 1, len(lines) - 2))
        line, how = lines[at], draw(st.sampled_from(["cut", "add", "swap", "wait", "again"]))
        if how == "cut":
            del lines[at]
        elif how == "add":
            lines.insert(at, "  " + draw(st.sampled_from(NEW)))
        elif how == "swap":
            lines[at], lines[at + 1] = lines[at + 1], line
        elif how == "again":
            lines.insert(at, line)
        elif "ttendre" in line:
            words = line.split()
            number = next((n for n, word in enumerate(words) if word.isdigit()), None)
            assume(number is not None and number + 1 < len(words))
            assert number is not None
            words[number : number + 2] = [draw(st.sampled_from(SPANS))]
            lines[at] = "  " + " ".join(words)
    return before, "\n".join(lines)


@settings(
    max_examples=EDITS,
    deadline=None,
    # What fails is told as it is: to make it smaller would take minutes.
    phases=(Phase.explicit, Phase.generate),
    derandomize="RELANCE_EDITS" not in os.environ,
    suppress_health_check=[HealthCheck.filter_too_much, HealthCheck.too_slow],
)
@given(edited(), st.integers(0, 72))
def test_any_edit_of_the_library_loses_nobody_and_sends_nothing_twice(
    texts: tuple[str, str], hours: int
) -> None:
    before, after = map(read, texts)
    assume(before is not None and after is not None)
    assert before is not None
    assert after is not None
    assume(content_hash(before) != content_hash(after))
    with tempfile.TemporaryDirectory() as folder:
        address = put_sqlite(Path(folder) / "relance.db")
        asyncio.run(played(address, before, after, hours))


async def played(address: str, before: Program, after: Program, hours: int) -> None:
    clock = VirtualClock()
    store = await Store.open(address, clock)
    try:
        world = World(store, clock)
        await world.publish(before)
        people = await place(world, before, now_micros(clock))
        clock.advance(timedelta(hours=hours))
        plan = TransferPlan(Fate.MIGRATE, {}, Author("alice"))
        former = (before.name,) if key_of(before.name) != key_of(after.name) else ()
        source = ProgramSource(after, former=former)
        await world.engine.publish(Project([source], transfers={key_of(after.name): plan}))
        await world.engine.finish()
        await waits_are_as_written(world, before, after, people)
        await world.settle()
        for days in (1, 3, 9, 40, 400):
            clock.advance(timedelta(days=days))
            await world.settle()
        assert not world.engine.quarantine
        await nobody_is_lost_nor_there_twice(world, people)
        await nothing_is_sent_twice(world, after, people)
    finally:
        await store.close()


async def waits_are_as_written(
    world: World, before: Program, after: Program, people: Sequence[Placed]
) -> None:
    there = correspondence(before, after)
    rows = {row.lead_id: row for row in await world.rows(select(enrolments)) if row.entry == 1}
    for one in people:
        row, at = rows[one.lead], there.get(one.at)
        assert row.active
        if at is None:
            assert row.arriving
            assert row.wake_at <= now_micros(world.clock)
            continue
        assert (row.statement, row.arriving) == (at, False)
        statement = after.statements[at]
        assert isinstance(statement, Pause | Await)
        end = end_of(after, at, one.start, one.lead)
        assert row.deadline == end or following(row.deadline, end)
        if end is not None:
            assert row.wake_at is not None
            assert row.wake_at <= end


def following(deadline: int | None, end: int | None) -> bool:
    """A rest that follows a field is looked at when the tick comes to it."""
    return end is None and deadline is None


async def nobody_is_lost_nor_there_twice(world: World, people: Sequence[Placed]) -> None:
    rows = await world.rows(select(enrolments).where(enrolments.c.entry == 1))
    assert sorted(row.lead_id for row in rows) == [one.lead for one in people]
    moves = {
        (row.lead_id, row.entry): (row.count, row.last)
        for row in await world.rows(
            select(
                journal.c.lead_id,
                journal.c.entry,
                func.count().label("count"),
                func.max(journal.c.move).label("last"),
            ).group_by(journal.c.lead_id, journal.c.entry)
        )
    }
    for row in rows:
        count, last = moves[row.lead_id, row.entry]
        assert count == last == row.moves, "each move is journalled, once"
        assert row.active is (row.outcome is None)
        assert not row.arriving
    passed = await world.rows(
        select(journal.c.lead_id).where(journal.c.kind == Move.TRANSFERRED.value)
    )
    assert len(passed) == len(people)


async def nothing_is_sent_twice(world: World, after: Program, people: Sequence[Placed]) -> None:
    written = Counter(one for statement in after.statements for one in messages(statement))
    for one in people:
        sent = await world.rows(
            select(outbox.c.message).where(outbox.c.lead_id == one.lead, outbox.c.entry == 1)
        )
        before = Counter(one.sent)
        for message, count in Counter(row.message for row in sent).items():
            assert count <= max(before[message], written[message]), message
