"""The window of a goal is of the calendar, as every other length of the language."""

import re
from bisect import bisect_right
from operator import attrgetter
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from relance.values import Duration
from server.engine.goals.windows import lengths
from server.store.calendar import later
from server.store.instants import DAY, HOUR, MINUTE, Micros
from server.store.schema.goals import goal_windows
from tests.engine.goals.test_goals import agree, campaign, does, enter, goal
from tests.engine.world import World
from tests.plans import watched

ZONES = st.sampled_from(("America/Montreal", "Australia/Lord_Howe", "Africa/Casablanca"))
WINDOWS = st.builds(Duration, st.integers(0, 12), st.integers(0, 40), st.sampled_from((0, 5400)))
#: 1 January 2026.
NEW_YEAR = 1_767_225_600_000_000


def found(stop: Micros, window: Duration, zone: ZoneInfo) -> Micros:
    known = lengths(window, zone, 2026, 2026)
    one = known[bisect_right(known, stop, key=attrgetter("since")) - 1]
    return min(stop + one.length, one.until)


@settings(deadline=None, max_examples=25)
@given(name=ZONES, window=WINDOWS, minutes=st.integers(0, 360 * 24 * 60))
def test_what_is_written_down_of_a_window_is_what_the_calendar_says(
    name: str, window: Duration, minutes: int
) -> None:
    zone, stop = ZoneInfo(name), NEW_YEAR + 24 * HOUR + minutes * MINUTE
    known = lengths(window, zone, 2026, 2026)
    near = known[bisect_right(known, stop, key=attrgetter("since")) - 1].since
    for each in (stop, near, near - 1, near + MINUTE, near + HOUR - 1):
        if each >= known[0].since:
            assert found(each, window, zone) == later(each, window, zone)


def test_few_lengths_are_written_down_of_a_window_of_days() -> None:
    assert len(lengths(Duration(days=3), ZoneInfo("UTC"), 2026, 2036)) == 1
    assert len(lengths(Duration(days=3), ZoneInfo("America/Montreal"), 2026, 2036)) < 100


@pytest.mark.parametrize(("minutes", "counts"), [(24 * 60 + 50, True), (25 * 60 + 1, False)])
async def test_a_window_of_a_day_ends_at_the_same_time_of_day_when_clocks_go_back(
    minutes: int, counts: bool, world: World
) -> None:
    """Clocks went back in Montréal on 1 November 2026 at 2 h."""
    there = campaign("A", zone="America/Montreal")
    await world.publish(there, goals=[goal("A", days=1)])
    (lead,) = await enter(world)
    before = 1_793_466_000_000_000  # 31 October at 13 h
    await world.later(microseconds=before - NEW_YEAR)
    await world.later(minutes=minutes)
    await does(world, lead, "Achat")
    assert (await agree(world))[0] == ({(lead, 1)} if counts else set())


async def test_a_publication_writes_again_the_goals_alone_that_it_changes(world: World) -> None:
    both = (campaign("A", zone="America/Montreal"), campaign("B"))
    await world.publish(*both, goals=[goal("A"), goal("B")])
    await world.settle()
    with watched() as found:
        await world.publish(*both, goals=[goal("A"), goal("B")])
    writes = re.compile(r"(INSERT INTO|UPDATE|DELETE FROM) goal")
    assert not [each for each in found.executed if writes.match(each)]
    former = await world.rows(select(goal_windows).where(goal_windows.c.goal_id == 1))
    await world.publish(*both, goals=[goal("A"), goal("B", days=5)])
    assert await world.rows(select(goal_windows).where(goal_windows.c.goal_id == 1)) == former
    lasts = select(goal_windows.c.length).where(goal_windows.c.goal_id == 2)
    assert [row.length for row in await world.rows(lasts)] == [5 * DAY]
