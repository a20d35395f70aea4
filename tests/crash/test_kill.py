"""Kill the real server at any instant, many times: nothing is lost, nothing is done twice."""

import hashlib
import os
import time
from pathlib import Path

import pytest

from bench.ports import free_port
from server.crash import CRASH_POINTS
from tests.counters import counters_agree_in
from tests.crash.load import Visitors, numbers
from tests.crash.project import POLICY, write_project
from tests.crash.server import Server
from tests.crash.sink import Sink
from tests.crash.verdict import (
    assert_none_within_a_second_of_another,
    assert_nothing_lost_nothing_twice,
    settled,
)

#: A hundred and more by `KILLS=100`, before a release.
KILLS = int(os.environ.get("KILLS", "10"))


#: One kill in so many falls on whatever happens first; the others on a server that answers.
BLIND = 5


def instant(round_: int) -> float:
    """When to strike, in seconds: spread, and the same at every run."""
    return hashlib.blake2b(b"%d" % round_, digest_size=1).digest()[0] / 255 * 0.35


def let_it_finish(folder: Path, port: int) -> None:
    with Server(folder, port) as server:
        assert server.wait_ready()
        limit = time.monotonic() + 90
        while not settled(folder / ".relance" / "relance.db"):
            assert time.monotonic() < limit, "something is stuck"
            time.sleep(0.1)
        assert server.stop() < 10
    counters_agree_in(folder / ".relance" / "relance.db")


@pytest.mark.timeout(900)
def test_kills_under_load_lose_nothing_and_double_nothing(tmp_path: Path) -> None:
    port, people = free_port(), numbers()
    acknowledged: set[str] = set()
    with Sink() as sink:
        project = tmp_path / "projet"
        folder = write_project(project, port=port, smtp=sink.port, policy=POLICY)
        for round_ in range(KILLS):
            with Server(folder, port) as server:
                assert server.wait_ready()
                with Visitors(server.url, people) as visitors:
                    if (round_ + 1) % BLIND:
                        visitors.wait_answered(10)
                    time.sleep(instant(round_))
                    server.kill()
                acknowledged |= visitors.acknowledged
        let_it_finish(folder, port)
        assert len(acknowledged) >= KILLS - KILLS // BLIND, "too little load to prove anything"
        database = folder / ".relance" / "relance.db"
        assert_nothing_lost_nothing_twice(database, acknowledged, sink)
        assert_none_within_a_second_of_another(database)


#: Those that no decision of the team is needed to pass (`test_lives.py`, `test_forgetting.py` and
#: `tests/reports/test_mailed_reports.py` pass the others).
_OTHERS = ("life.", "rights.", "report_mail.")
_MAIN_PATH = sorted(point for point in CRASH_POINTS if not point.startswith(_OTHERS))


@pytest.mark.timeout(120)
@pytest.mark.parametrize("point", _MAIN_PATH)
def test_a_crash_at_a_named_point_loses_nothing_and_doubles_nothing(
    point: str, tmp_path: Path
) -> None:
    port, people = free_port(), numbers()
    passage = 1 if point.startswith("publish.") else 3
    with Sink() as sink:
        folder = write_project(tmp_path / "projet", port=port, smtp=sink.port)
        with Server(folder, port, crash_at=f"{point}:{passage}") as server:
            acknowledged: set[str] = set()
            if server.wait_ready():
                with Visitors(server.url, people) as visitors:
                    server.process.wait(60)
                acknowledged = visitors.acknowledged
            assert server.process.returncode == 137, "the point was never passed"
        let_it_finish(folder, port)
        assert_nothing_lost_nothing_twice(folder / ".relance" / "relance.db", acknowledged, sink)


@pytest.mark.timeout(120)
def test_sigterm_under_load_drains_and_exits_within_ten_seconds(tmp_path: Path) -> None:
    port, people = free_port(), numbers()
    with Sink() as sink:
        folder = write_project(tmp_path / "projet", port=port, smtp=sink.port)
        with Server(folder, port) as server:
            assert server.wait_ready()
            with Visitors(server.url, people, threads=8) as visitors:
                time.sleep(1.5)
                assert server.stop() < 10
            assert server.process.returncode == 0
        let_it_finish(folder, port)
        assert_nothing_lost_nothing_twice(
            folder / ".relance" / "relance.db", visitors.acknowledged, sink
        )
