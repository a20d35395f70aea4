"""What a tick asks of SQLite reaches leads by their number: a crowd that nothing happens to is free."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

from sqlalchemy import event
from sqlalchemy.engine import Engine

from dsl.program import END, Act
from dsl.standing import PointRule
from relance.effects import Send
from relance.facts import Age, All, Compare, Field, Literal, Score
from relance.values import Change, Comparator
from tests.engine.test_state_triggers import when
from tests.engine.world import HERE, World, program

ADULT = Compare(Age(Field("date de naissance")), Comparator.AT_LEAST, Literal(25))
LATER = All((ADULT, Compare(Score(), Comparator.AT_LEAST, Literal(0))))


async def test_no_statement_of_a_tick_walks_through_all_leads(world: World) -> None:
    if world.store.dialect != "sqlite":
        return
    await world.publish(
        program(Act("m", HERE, (Send("email", "m"),), END), entries=(when(LATER),)),
        lists={"Adultes": LATER},
        points=(PointRule("5", None, Change(5), when(LATER)),),
    )
    await world.settle()
    tomorrow = world.clock.now().date() + timedelta(days=1)
    lead = await world.lead(date_de_naissance=tomorrow.replace(year=tomorrow.year - 25))
    with plans() as found:
        await world.set(lead, score=1)
        await world.event(lead, "score_changed", None)
        await world.settle()
        await world.later(days=1)
    assert any("INTO flips" in each for each in found)
    assert [each for each, plan in found.items() if "SCAN leads" in plan] == []


@contextmanager
def plans() -> Iterator[dict[str, str]]:
    """How SQLite goes about each statement executed meanwhile."""
    found: dict[str, str] = {}

    def explain(_conn: Any, cursor: Any, statement: str, parameters: Any, *_: Any) -> None:
        if statement.lstrip().startswith(("SELECT", "INSERT", "UPDATE", "DELETE", "WITH")):
            cursor.execute(f"EXPLAIN QUERY PLAN {statement}", parameters)
            found[statement] = "\n".join(str(row[3]) for row in cursor.fetchall())

    event.listen(Engine, "before_cursor_execute", explain)
    try:
        yield found
    finally:
        event.remove(Engine, "before_cursor_execute", explain)
