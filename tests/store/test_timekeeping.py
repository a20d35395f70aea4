"""Processes on machines whose clocks differ live by the time of their base."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

from server.clock import BaseClock, SystemClock
from server.helping import Helper
from server.plugins import load_plugins
from server.roles import ProcessRole
from server.runtime import Runtime
from server.settings import Settings
from tests.whole import running


class OffMachine(SystemClock):
    """One that is wrong by that much."""

    def __init__(self, by: timedelta) -> None:
        self._by = by

    def now(self) -> datetime:
        return super().now() + self._by


def clock_of(by: timedelta) -> BaseClock:
    clock = BaseClock()
    clock.machine = OffMachine(by)
    return clock


def is_right(clock: BaseClock) -> bool:
    return abs(clock.now() - datetime.now(UTC)) < timedelta(seconds=5)


async def test_the_first_and_who_helps_it_tell_the_time_of_their_base(
    lent_postgresql: str, tmp_path: Path
) -> None:
    fast, slow = clock_of(timedelta(seconds=30)), clock_of(timedelta(seconds=-30))
    settings = Settings(folder=tmp_path, database=lent_postgresql, port=0)
    async with running(Runtime(settings, plugins=load_plugins(), clock=fast)):
        assert is_right(fast)
        helper = Helper(settings, (ProcessRole.MOVE,), plugins=load_plugins(), clock=slow)
        await helper.open()
        assert is_right(slow)
        await helper.close()


def test_a_clock_is_put_right_by_more_than_what_its_measure_may_be_wrong_by() -> None:
    clock = BaseClock()
    clock.put_right(timedelta(seconds=30), timedelta(seconds=1))
    clock.put_right(timedelta(seconds=32), timedelta(seconds=5))
    assert timedelta(seconds=29) < datetime.now(UTC) - clock.now() < timedelta(seconds=31)
    clock.put_right(timedelta(0), timedelta(seconds=5))
    assert is_right(clock)
