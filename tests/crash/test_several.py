"""Several servers on one base, killed and paused at any instant, the base itself failing: what one would have done is done."""

import os
import random
import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from pathlib import Path

import pytest

from bench.ports import free_port
from tests.crash.database import BrokenDatabase, broken_database
from tests.crash.history import kept_on_failure
from tests.crash.load import Visitors, numbers
from tests.crash.project import write_project
from tests.crash.several import Process, at_rest, copied, senders, wait_until
from tests.crash.sink import Sink
from tests.crash.verdict import assert_nothing_lost_nothing_twice

#: A thousand by `KILLS=1000`: `make chaos`.
KILLS = int(os.environ.get("KILLS", "2"))
ROLES = "recevoir,avancer,envoyer"
#: One round in so many freezes a server for longer than its transactions may last, one for longer than it may
#: have a message to send (two calls and a minute), and one loses the base to its replica.
LONG, LONGEST, LOST = 20, 100, 12
#: So many are answered in each round, beside whatever load.
ENOUGH = 10
#: By how much the clock of each server is off, in seconds.
SKEWS = (0.0, 30.0, -30.0)
#: What the base does meanwhile, round after round.
TROUBLES: Sequence[Callable[[BrokenDatabase], None]] = (
    lambda database: database.drag(1.5),
    lambda database: database.restart(),
    lambda database: database.exhaust(1.0),
    lambda _: None,
)


def trouble(round_: int) -> Callable[[BrokenDatabase], None]:
    """What happens to the base in that round."""
    if round_ % LOST == LOST - 1:
        return BrokenDatabase.fail_over
    return TROUBLES[round_ % len(TROUBLES)]


def frozen_for(round_: int, chance: random.Random) -> float:
    """For how many seconds a server is frozen in that round."""
    if round_ % LONGEST == LONGEST - 1:
        return 200
    return 20 if round_ % LONG == LONG - 1 else chance.random()


@pytest.mark.timeout(1800)
def test_servers_killed_and_paused_and_a_base_that_fails_lose_nothing_and_double_nothing(
    tmp_path: Path,
) -> None:
    people = numbers()
    chance = random.Random(int(os.environ.get("CHAOS", "1")))
    acknowledged: set[str] = set()
    ports = [free_port() for _ in SKEWS]
    skews = dict(zip(ports, SKEWS, strict=True))
    with kept_on_failure(tmp_path, "plusieurs") as history, ExitStack() as stack:
        sink, database = stack.enter_context(Sink()), stack.enter_context(broken_database())
        place = tmp_path / "copie.db"
        stack.callback(lambda: copied(database.direct, place))  # kept, whatever the verdict
        folder = write_project(tmp_path / "projet", port=ports[0], smtp=sink.port)
        written = (folder / "relance.toml").read_text("utf-8")
        (folder / "relance.toml").write_text(f'base = "{database.address}"\n{written}', "utf-8")

        def begun(port: int) -> Process:
            history.note(port, "start")
            return stack.enter_context(Process(folder, port, ROLES, skews[port]))

        there = {port: begun(port) for port in ports}
        for one in there.values():
            assert one.wait_ready()
        for round_ in range(KILLS):
            struck, frozen = (ports[(round_ + n) % 3] for n in (0, 1))
            pause = frozen_for(round_, chance)
            with ExitStack() as visiting:
                crowds = [
                    visiting.enter_context(
                        Visitors(one.url, people, threads=2, rest=pause / 200, history=history)
                    )
                    for one in there.values()
                ]
                for crowd in crowds:
                    crowd.wait_answered(10)
                time.sleep(chance.random() * 0.5)
                history.note(frozen, "pause")
                with there[frozen].paused():
                    history.note("base", "trouble", round_)
                    trouble(round_)(database)
                    history.note("base", "trouble", round_, "ok")
                    time.sleep(pause)
                    there[struck].kill()
                    history.note(struck, "kill")
                    time.sleep(chance.random())
                history.note(frozen, "pause", outcome="ok")
                there[struck] = begun(struck)
                wait_until(lambda: sum(len(one.acknowledged) for one in crowds) >= ENOUGH, 60)  # noqa: B023
            for crowd in crowds:
                acknowledged |= crowd.acknowledged
            assert there[struck].wait_ready()
        wait_until(lambda: at_rest(database.direct), 120)
        assert {one.process.returncode for one in there.values()} == {None}, "one left unasked"
        for one in there.values():
            assert one.stop() < 12
        assert len(acknowledged) >= ENOUGH * KILLS, "too little load to prove anything"
        assert_nothing_lost_nothing_twice(copied(database.direct, place), acknowledged, sink)
        assert len(senders(place)) > 1, "one process alone sent"
