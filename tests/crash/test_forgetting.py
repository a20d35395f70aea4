"""Kill the real server while it forgets somebody: started again, nothing tells who she was."""

import sqlite3
import time
from pathlib import Path

import httpx
import pytest

from bench.ports import free_port
from server.orders import spool
from server.orders.spool import Order
from tests.crash.project import write_project
from tests.crash.server import Server
from tests.crash.sink import Sink
from tests.rights.traces import held_in_files

ADDRESS = "zephyrine.quatrepoint@exemple.ca"
NAME = "Nom-Inventé-7391"


@pytest.mark.timeout(120)
@pytest.mark.parametrize("point", ["rights.before_commit", "rights.after_commit"])
def test_a_kill_while_somebody_is_forgotten_leaves_nothing_of_her(
    point: str, tmp_path: Path
) -> None:
    port = free_port()
    with Sink() as sink:
        folder = write_project(tmp_path / "projet", port=port, smtp=sink.port)
        with Server(folder, port, crash_at=point) as server:
            assert server.wait_ready()
            data = {"courriel": ADDRESS, "nom": NAME}
            url = f"{server.url}/webhooks/forms/Inscription"
            assert httpx.post(url, data=data, timeout=30).is_success
            order = spool.leave(folder, Order("oublier", {"lead": "1", "qui": "alice"}))
            server.process.wait(60)
            assert server.process.returncode == 137, "the point was never passed"
        written = [1] if point == "rights.after_commit" else []
        assert orders_written(folder) == written, (
            "who gave it is kept with what was done, or neither"
        )
        with Server(folder, port) as server:
            assert server.wait_ready()
            limit = time.monotonic() + 60
            while (answer := spool.answered(order)) is None:
                assert time.monotonic() < limit, "nobody took the order up again"
                time.sleep(0.05)
            assert answer[0], answer[1]
            spool.take_away(order)
            server.stop()
        assert held_in_files(folder, frozenset({ADDRESS, NAME})) == set()
        connection = sqlite3.connect(folder / ".relance" / "relance.db")
        rows = connection.execute("SELECT lead_id, who, finished_at > 0 FROM erasures").fetchall()
        connection.close()
        assert rows == [(1, "alice", 1)]


def orders_written(folder: Path) -> list[int]:
    """The leads whose forgetting the audit log has."""
    connection = sqlite3.connect(folder / ".relance" / "relance.db")
    query = "SELECT object FROM audit_log WHERE action = 'ordre.oublier'"
    found = [int(lead) for (lead,) in connection.execute(query)]
    connection.close()
    return found
