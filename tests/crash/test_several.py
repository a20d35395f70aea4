"""Several servers on one base, killed and paused at any instant: what one alone would have done is done."""

import os
import random
import time
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from bench.ports import free_port
from tests.crash.load import Visitors, numbers
from tests.crash.project import write_project
from tests.crash.several import Process, copied, senders, tidied, wait_until
from tests.crash.sink import Sink
from tests.crash.verdict import assert_nothing_lost_nothing_twice, settled

#: A thousand by `KILLS=1000`: `make chaos`.
KILLS = int(os.environ.get("KILLS", "2"))
ROLES = "recevoir,avancer,envoyer"
#: One round in so many freezes a server for longer than its transactions may last.
LONG = 20


@pytest.mark.timeout(1800)
def test_kills_and_pauses_of_three_servers_lose_nothing_and_double_nothing(
    tmp_path: Path, new_postgresql: Any
) -> None:
    address, people = new_postgresql(), numbers()
    chance = random.Random(int(os.environ.get("CHAOS", "1")))
    acknowledged: set[str] = set()
    ports = [free_port() for _ in range(3)]
    with Sink() as sink, ExitStack() as stack:
        folder = write_project(tmp_path / "projet", port=ports[0], smtp=sink.port)
        written = (folder / "relance.toml").read_text("utf-8")
        (folder / "relance.toml").write_text(f'base = "{address}"\n{written}', "utf-8")
        there = {port: stack.enter_context(Process(folder, port, ROLES)) for port in ports}
        for one in there.values():
            assert one.wait_ready()
        for round_ in range(KILLS):
            struck, frozen = (ports[(round_ + n) % 3] for n in (0, 1))
            with ExitStack() as visiting:
                crowds = [
                    visiting.enter_context(Visitors(one.url, people, threads=2))
                    for one in there.values()
                ]
                for crowd in crowds:
                    crowd.wait_answered(10)
                time.sleep(chance.random() * 0.5)
                long = round_ % LONG == LONG - 1
                with there[frozen].paused():
                    time.sleep(20 if long else chance.random())
                    there[struck].kill()
                    time.sleep(chance.random())
                there[struck] = stack.enter_context(Process(folder, struck, ROLES))
            for crowd in crowds:
                acknowledged |= crowd.acknowledged
            assert there[struck].wait_ready()
            tidied(address)
        place = tmp_path / "copie.db"
        wait_until(lambda: settled(copied(address, place)), 120)
        for one in there.values():
            assert one.stop() < 12
        assert len(acknowledged) >= 10 * KILLS, "too little load to prove anything"
        assert_nothing_lost_nothing_twice(copied(address, place), acknowledged, sink)
        assert len(senders(place)) > 1, "one process alone sent"
