"""When the lines of a scenario happen, in a zone whose clocks change."""

from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

from dsl.scenario import At, CheckedStimulus, Later
from relance.events import NewEvent
from relance.values import Duration
from server.simulation.moments import instant_of, start_of

MONTREAL = ZoneInfo("America/Montreal")
NOON = datetime(2026, 12, 1, 17, tzinfo=UTC)


def line(moment):
    return CheckedStimulus(moment, "Aline", NewEvent("custom"), 1, "")


def test_a_line_without_a_moment_happens_with_the_one_before():
    assert instant_of(None, NOON, MONTREAL) == NOON


def test_a_date_is_local():
    assert instant_of(At(date(2026, 12, 1), time(12)), NOON, MONTREAL) == NOON


def test_a_day_later_is_the_same_local_time_across_a_change_of_clocks():
    saturday = datetime(2026, 3, 7, 14, tzinfo=UTC)  # 9 h, the day before clocks go forward
    assert instant_of(Later(Duration(days=1)), saturday, MONTREAL) == datetime(
        2026, 3, 8, 13, tzinfo=UTC
    )


def test_hours_later_are_elapsed_time():
    saturday = datetime(2026, 3, 7, 14, tzinfo=UTC)
    assert instant_of(Later(Duration(seconds=86_400)), saturday, MONTREAL) == datetime(
        2026, 3, 8, 14, tzinfo=UTC
    )


def test_a_scenario_begins_just_before_its_first_line():
    start = start_of([line(At(date(2026, 12, 1), time(12)))], MONTREAL)
    assert start == datetime(2026, 12, 1, 16, 59, tzinfo=UTC)


def test_a_scenario_without_dates_always_begins_on_the_same_day():
    start = datetime(2026, 1, 5, 14, tzinfo=UTC)
    assert start_of([], MONTREAL) == start_of([line(Later(Duration(days=1)))], MONTREAL) == start
