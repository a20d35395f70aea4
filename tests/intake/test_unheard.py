"""What nobody listens to is stored as handled: the engine is not troubled with it."""

from collections.abc import Sequence

import pytest

from relance.events import LEAD_UPDATED
from server.engine.engine import Engine
from server.engine.listening import Happening
from server.engine.publication.project import ProgramSource, Project
from tests.engine.world import on, program
from tests.intake.conftest import VISITOR, Desk

ALINE, BEN = "aline@exemple.ca", "ben@exemple.ca"


@pytest.fixture
def woken(desk: Desk) -> list[bool]:
    """Listen to the custom event « attendu » alone; the wakings of the engine."""
    calls: list[bool] = []
    desk.intake.hears = lambda event: event.subject_key == "attendu"
    desk.intake.on_commit = lambda: calls.append(True)
    return calls


async def pending(desk: Desk) -> Sequence[str]:
    found = await desk.rows(
        "SELECT e.subject FROM inbox i JOIN events e ON e.lead_id = i.lead_id AND e.type = i.type "
        "AND e.id = i.id WHERE i.type = 'custom' ORDER BY i.id"
    )
    return [row.subject for row in found]


async def test_an_event_nobody_listens_to_is_handled_at_once(desk: Desk, woken: list[bool]) -> None:
    await desk.bring({"ville": "Gaspé"}, "ignoré", email=ALINE)
    assert await pending(desk) == []
    assert woken == []
    assert len(await desk.rows("SELECT id FROM events")) == 2


async def test_an_event_somebody_listens_to_waits_for_the_engine(
    desk: Desk, woken: list[bool]
) -> None:
    await desk.bring(None, "attendu", email=ALINE)
    assert await pending(desk) == ["attendu"]
    assert woken == [True]


async def test_what_is_told_of_a_lead_beside_a_heard_event_waits_with_it(
    desk: Desk, woken: list[bool]
) -> None:
    await desk.bring({"ville": "Gaspé"}, "attendu", email=ALINE)
    assert len(await desk.rows("SELECT id FROM inbox")) == 2


async def test_an_event_does_not_overtake_an_earlier_one_of_its_lead(
    desk: Desk, woken: list[bool]
) -> None:
    await desk.bring(None, "attendu", email=ALINE)
    await desk.bring(None, "ignoré", email=ALINE)
    await desk.bring(None, "ignoré", email=BEN)
    assert await pending(desk) == ["attendu", "ignoré"]
    await desk.do("DELETE FROM inbox")
    await desk.bring(None, "ignoré", email=ALINE)
    assert await pending(desk) == []


async def test_a_merge_is_always_told_to_the_engine(desk: Desk, woken: list[bool]) -> None:
    await desk.bring(None, "ignoré", visitor=VISITOR)
    await desk.bring(None, "ignoré", email=ALINE)
    await desk.bring(None, "ignoré", email=ALINE, visitor=VISITOR)
    assert await pending(desk) == ["ignoré"]
    assert woken == [True]


async def test_the_engine_hears_what_is_published_and_all_until_it_knows(desk: Desk) -> None:
    engine = Engine(desk.store, desk.clock)
    desk.intake.hears = engine.hears
    await desk.bring(None, "avant", email=ALINE)
    await engine.publish(Project([ProgramSource(program(entries=(on("custom", "attendu"),)))]))
    await desk.bring(None, "attendu", email=BEN)
    await desk.bring(None, "ignoré", email="chloe@exemple.ca")
    alone = desk.store.dialect == "sqlite"  # elsewhere a publication could slip between
    assert await pending(desk) == ["avant", "attendu", *([] if alone else ["ignoré"])]
    assert engine.hears(Happening(LEAD_UPDATED, None, None, None)) is not alone
