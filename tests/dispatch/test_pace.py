"""Retries, rate and breaker by themselves, on invented clocks."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from server.dispatch import retry
from server.dispatch.breaker import FAILURES, LONGEST_PAUSE, Breaker, Circuit
from server.dispatch.rate import TokenBucket

START = datetime(2026, 1, 1, tzinfo=UTC)
keys = st.text(min_size=1, max_size=20)


@given(keys, st.integers(1, 100))
def test_a_delay_is_within_its_ceiling_and_always_the_same(key: str, attempt: int) -> None:
    found = retry.delay(key, attempt).total_seconds()
    assert retry.LEAST <= found <= min(retry.LONGEST, 30 * 2.0 ** (attempt - 1))
    assert retry.delay(key, attempt).total_seconds() == found


@given(keys, st.integers(1, 100), st.floats(0, 600_000))
def test_a_delay_is_never_shorter_than_the_provider_asked(
    key: str, attempt: int, after: float
) -> None:
    assert retry.delay(key, attempt, after) >= timedelta(seconds=after)


def test_the_jitter_spreads_over_the_whole_delay() -> None:
    draws = sorted(retry.draw(f"k{at}", 3) for at in range(2_000))
    assert draws[0] < 0.01
    assert draws[-1] > 0.99
    for tenth in range(10):
        share = sum(tenth / 10 <= one < (tenth + 1) / 10 for one in draws)
        assert 140 < share < 260


@given(
    st.floats(0.5, 50),
    st.lists(st.tuples(st.floats(0, 3), st.integers(1, 20)), min_size=1, max_size=40),
)
def test_the_bucket_never_lets_more_through_than_the_rate(
    rate: float, asked: list[tuple[float, int]]
) -> None:
    bucket, now, passed = TokenBucket(rate), START, 0
    for pause, wanted in asked:
        now += timedelta(seconds=pause)
        room = bucket.room(now, wanted)
        bucket.take(room)
        passed += room
        elapsed = (now - START).total_seconds()
        assert passed <= max(1.0, rate) + elapsed * rate + 1e-6


def test_the_bucket_says_how_long_to_wait() -> None:
    bucket = TokenBucket(2)
    bucket.take(bucket.room(START, 10))
    wait = bucket.wait(START)
    assert wait == timedelta(seconds=0.5)
    assert bucket.room(START + wait, 10) == 1
    assert TokenBucket(None).room(START, 10) == 10


def test_a_clock_set_back_takes_no_token_away() -> None:
    bucket = TokenBucket(1)
    assert bucket.room(START, 1) == 1
    assert bucket.room(START - timedelta(hours=1), 1) == 1


def test_the_breaker_opens_after_failures_in_a_row_only() -> None:
    breaker = Breaker()
    for _ in range(FAILURES - 1):
        breaker.failed(START, "panne")
    breaker.succeeded()
    for _ in range(FAILURES - 1):
        breaker.failed(START, "panne")
    assert breaker.state(START) is Circuit.CLOSED
    breaker.failed(START, "panne")
    assert (breaker.state(START), breaker.room(START, 5)) == (Circuit.OPEN, 0)


def test_the_breaker_lets_one_probe_through_at_a_time_and_doubles_its_pause() -> None:
    breaker, now = Breaker(), START
    for _ in range(FAILURES):
        breaker.failed(now, "panne")
    pauses = []
    for _ in range(8):
        assert breaker.until is not None
        pauses.append(breaker.until - now)
        now = breaker.until
        assert breaker.room(now, 5) == 1
        breaker.leave(1, now)
        assert breaker.room(now, 5) == 0
        breaker.failed(now, "panne")
    assert pauses == sorted(pauses)
    assert pauses[1] == 2 * pauses[0]
    assert pauses[-1] == LONGEST_PAUSE
    breaker.succeeded()
    assert breaker.room(now, 5) == 5


def test_what_fails_late_does_not_lengthen_the_pause() -> None:
    breaker = Breaker()
    for _ in range(FAILURES + 20):
        breaker.failed(START, "panne")
    assert breaker.until is not None
    assert breaker.until - START == timedelta(seconds=10)


def test_a_probe_that_never_reached_the_provider_leaves_room_for_another() -> None:
    breaker = Breaker()
    for _ in range(FAILURES):
        breaker.failed(START, "panne")
    later = START + LONGEST_PAUSE
    breaker.leave(1, later)
    assert breaker.room(later, 1) == 0
    breaker.spared()
    assert breaker.room(later, 1) == 1
    assert breaker.state(later) is Circuit.PROBING
