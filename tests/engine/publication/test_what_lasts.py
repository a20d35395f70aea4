"""What a publication leaves as it was is not compiled again; what it changes is."""

from typing import Any

import pytest

from dsl.program import END, Act
from relance.effects import AddTag, Send
from relance.events import EventPattern
from relance.facts import Compare, Events, Happened, Literal, Score
from relance.values import Comparator
from server.engine.lists import lists
from server.engine.lists.members import Members
from server.engine.statements import plan
from tests.engine.world import HERE, World, program

SEEN = Happened(Events(EventPattern("page_visited", "/prix")))
RICH = Compare(Score(), Comparator.AT_LEAST, Literal(50))
TAGGED = program(Act("a", HERE, (AddTag("ici"),), END), name="Étiqueter")
OTHER = program(Act("a", HERE, (AddTag("là"),), END), name="Étiqueter")
SENDING = program(Act("a", HERE, (Send("email", "a"),), END), name="Écrire")


@pytest.fixture
def compiled(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The lists and the campaigns compiled, in order."""
    found: list[str] = []

    def members(list_: Any, *given: Any, **options: Any) -> Members:
        found.append(list_.name)
        return Members(list_, *given, **options)

    for kind, maker in list(plan.PASSAGES.items()):

        def passage(at: Any, index: int, version: Any, *given: Any, of: Any = maker) -> Any:
            found.append(version.program.name)
            return of(at, index, version, *given)

        monkeypatch.setitem(plan.PASSAGES, kind, passage)
    monkeypatch.setattr(lists, "Members", members)
    return found


async def test_only_what_changed_is_compiled_again(world: World, compiled: list[str]) -> None:
    await world.publish(TAGGED, SENDING, lists={"Curieux": SEEN})
    await _everything_happens(world)
    assert set(compiled) == {"Étiqueter", "Écrire", "Curieux"}
    compiled.clear()
    await world.publish(TAGGED, SENDING, lists={"Curieux": SEEN})
    await _everything_happens(world)
    assert compiled == []
    await world.publish(OTHER, SENDING, lists={"Curieux": RICH})
    await _everything_happens(world)
    assert set(compiled) == {"Étiqueter", "Curieux"}


async def test_a_field_of_another_kind_has_all_compiled_again(
    world: World, compiled: list[str]
) -> None:
    await world.publish(SENDING, lists={"Curieux": SEEN})
    await _everything_happens(world)
    compiled.clear()
    await world.store.declare_fields([("formule", "texte", ())])
    await world.publish(SENDING, lists={"Curieux": SEEN})
    await _everything_happens(world)
    assert set(compiled) == {"Écrire", "Curieux"}


async def _everything_happens(world: World) -> None:
    """Somebody new enters every campaign and has every list looked at."""
    lead = await world.lead()
    await world.event(lead)
    await world.event(lead, "page_visited", "/prix")
    await world.settle()
