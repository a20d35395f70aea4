from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from relance.values import Duration, Weekday
from relance.waits import WaitForHours, WaitForWeekday, WaitForWorkingDays, WaitUntilNext
from server.engine.triggers.schedules import next_time
from server.engine.wake import (
    at_local,
    next_hours,
    next_such_time,
    next_weekday,
    weekdays,
    working_days_later,
)
from server.store.calendar import later
from server.store.instants import DAY, MINUTE, from_micros, local, resolve, to_micros

ZONES = [
    ZoneInfo(name)
    for name in (
        "America/Toronto",
        "Europe/Paris",
        "America/St_Johns",
        "Australia/Lord_Howe",
        "Africa/Casablanca",
        "Pacific/Apia",
        "UTC",
    )
]
zones = st.sampled_from(ZONES)
instants = st.integers(
    to_micros(datetime(2005, 1, 1, tzinfo=UTC)), to_micros(datetime(2037, 1, 1, tzinfo=UTC))
)
locals_ = st.datetimes(datetime(2005, 1, 1), datetime(2037, 1, 1))


def at(zone: str, *parts: int) -> int:
    return to_micros(datetime(*parts, tzinfo=ZoneInfo(zone)))


@given(locals_, zones)
def test_a_local_time_is_placed_at_its_first_instant_or_just_after_a_gap(
    naive: datetime, zone: ZoneInfo
) -> None:
    found = resolve(naive, zone)
    shown = local(found, zone).replace(tzinfo=None)
    assert shown >= naive
    if shown == naive:
        for hours in (0.5, 1):
            before = local(found - int(hours * 60) * MINUTE, zone).replace(tzinfo=None)
            assert before != naive
    else:
        assert local(found - 1, zone).replace(tzinfo=None) < naive


@given(instants, zones, st.integers(0, 40), st.integers(0, 14))
def test_days_and_months_keep_the_local_time(
    start: int, zone: ZoneInfo, days: int, months: int
) -> None:
    here = local(start, zone)
    there = local(later(start, Duration(months=months, days=days), zone), zone)
    if days == months == 0:
        assert there == here
    elif there.time() != here.time():
        # Only a local time that does not exist that day may be moved, to the end of the gap.
        wanted = there.replace(hour=here.hour, minute=here.minute, second=here.second)
        assert there > wanted or local(to_micros(there) - 1, zone).time() < here.time()
    if months == 0 and there.time() == here.time():
        assert there.date() == here.date() + timedelta(days=days)


def test_the_end_of_the_month_is_kept_to() -> None:
    start = at("Europe/Paris", 2026, 1, 31, 9)
    assert later(start, Duration(months=1), ZONES[1]) == at("Europe/Paris", 2026, 2, 28, 9)


def test_a_day_across_the_change_of_clocks_is_not_24_hours() -> None:
    start = at("America/Toronto", 2026, 10, 31, 12)
    assert later(start, Duration(days=1), ZONES[0]) - start == DAY + 60 * MINUTE
    assert later(start, Duration(seconds=86_400), ZONES[0]) - start == DAY


def test_a_time_that_does_not_exist_is_the_first_instant_after() -> None:
    found = at_local(date(2026, 3, 8), time(2, 30), 0, ZONES[0])
    assert found == at("America/Toronto", 2026, 3, 8, 3, 0)


@given(instants, zones, st.sampled_from(Weekday), st.sampled_from(Weekday))
def test_a_weekday_is_waited_for_no_longer_than_needed(
    start: int, zone: ZoneInfo, first: Weekday, last: Weekday
) -> None:
    found = next_weekday(start, WaitForWeekday(first, last), zone)
    allowed = {(first.value + n) % 7 for n in range((last.value - first.value) % 7 + 1)}
    assert local(found, zone).weekday() in allowed
    assert start <= found < start + 8 * DAY
    if found != start:
        assert local(start, zone).weekday() not in allowed
        assert local(found, zone).weekday() == first.value


@given(instants, zones, st.times(), st.times())
def test_working_hours_are_met(start: int, zone: ZoneInfo, opens: time, closes: time) -> None:
    if opens == closes:
        return
    found = next_hours(start, WaitForHours(opens, closes), zone)
    assert start <= found < start + 8 * DAY
    assert next_hours(found, WaitForHours(opens, closes), zone) == found


def test_friday_evening_waits_for_monday() -> None:
    wait = WaitForHours(time(9), time(17))
    assert next_hours(at("Europe/Paris", 2026, 11, 20, 18), wait, ZONES[1]) == at(
        "Europe/Paris", 2026, 11, 23, 9
    )


@pytest.mark.parametrize(
    ("came", "goes"),
    [
        ((20, 23), (20, 23)),  # Friday evening
        ((21, 3), (23, 0)),  # the night that follows is Saturday's
        ((22, 23), (23, 0)),
        ((23, 3), (23, 3)),
        ((23, 6), (23, 22)),
        ((23, 12), (23, 22)),
    ],
)
def test_a_night_is_the_morning_and_the_evening_of_each_working_day(
    came: tuple[int, int], goes: tuple[int, int]
) -> None:
    start, end = (at("Europe/Paris", 2026, 11, *one) for one in (came, goes))
    assert next_hours(start, WaitForHours(time(22), time(6)), ZONES[1]) == end


@given(instants, zones, st.times(), st.times())
def test_working_hours_are_of_a_working_day(
    start: int, zone: ZoneInfo, opens: time, closes: time
) -> None:
    if opens != closes:
        found = next_hours(start, WaitForHours(opens, closes), zone)
        assert local(found, zone).weekday() <= 4


@given(instants, zones, st.times(), st.none() | st.sampled_from(Weekday), st.integers(0, 1))
def test_the_next_moment_of_a_time_is_that_time_and_the_first(
    start: int, zone: ZoneInfo, at_time: time, weekday: Weekday | None, days: int
) -> None:
    wait = WaitUntilNext(at_time, weekday, days)
    found = next_such_time(start, wait, zone)
    assert start <= found <= start + 9 * DAY
    day = local(found, zone).date()
    assert weekday is None or day.weekday() == weekday.value
    assert day >= local(start, zone).date() + timedelta(days=days)
    assert at_local(day, at_time, 0, zone) == found
    assert next_such_time(found, WaitUntilNext(at_time, weekday), zone) == found


def test_monday_at_nine_is_today_until_nine() -> None:
    wait = WaitUntilNext(time(9), Weekday.MONDAY)
    for hour, day in ((8, 23), (9, 23), (10, 30)):
        start = at("Europe/Paris", 2026, 11, 23, hour)
        assert next_such_time(start, wait, ZONES[1]) == at("Europe/Paris", 2026, 11, day, 9)


@given(instants, zones, st.integers(1, 40))
def test_working_days_are_counted_one_by_one(start: int, zone: ZoneInfo, days: int) -> None:
    day = local(start, zone).date()
    for _ in range(days):
        day += timedelta(days=1)
        while day.weekday() > 4:
            day += timedelta(days=1)
    found = working_days_later(start, WaitForWorkingDays(days, time(9)), zone, weekdays)
    assert found == at_local(day, time(9), 0, zone)


@pytest.mark.parametrize("zone", ZONES, ids=str)
def test_a_daily_recurrence_happens_once_a_day_for_years(zone: ZoneInfo) -> None:
    instant = to_micros(datetime(2026, 1, 1, tzinfo=UTC))
    days: list[date] = []
    while len(days) < 800:
        instant = next_time("30 1 * * *", zone, instant)
        days.append(local(instant, zone).date())
    assert len(set(days)) == len(days)
    assert all(b - a == timedelta(days=1) for a, b in pairwise(days))
    assert from_micros(instant).year > 2026


@given(instants, zones, st.sampled_from(["0 9 * * 1", "30 2 * * *", "0 0 1 * *", "15 */6 * * *"]))
def test_a_recurrence_moves_forward(start: int, zone: ZoneInfo, cron: str) -> None:
    first = next_time(cron, zone, start)
    assert start < first < next_time(cron, zone, first)
