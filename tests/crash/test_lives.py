"""Kill the real server while campaigns are paused, resumed and archived with people inside."""

import sqlite3
import time
from pathlib import Path

import pytest

from bench.ports import free_port
from server.orders import spool
from server.orders.spool import Order
from tests.crash.load import Visitors, numbers
from tests.crash.project import write_project
from tests.crash.server import Server
from tests.crash.sink import Sink
from tests.crash.test_kill import instant, let_it_finish

SCRIPT = """\
campagne « Suite »
  entrée
    quand Formulaire (Inscription) rempli

  Envoyer courriel (Bienvenue)
  attendre 2 secondes
  Envoyer courriel (Suite)
fin

campagne « Close »
  entrée
    quand Formulaire (Inscription) rempli

  attendre 30 jours
fin
"""
PAUSE = Order("pause", {"campagne": "Suite", "qui": "alice"})
RESUME = Order("reprendre", {"campagne": "Suite", "qui": "alice", "comment": "all"})
#: What is caught up with is spread over what a round lasts: killed with a part of it given back.
SPREAD = Order(
    "reprendre", {"campagne": "Suite", "qui": "alice", "comment": "spread", "duree": "3000000"}
)
ARCHIVE = Order("archiver", {"campagne": "Close", "qui": "alice"})
#: What is asked in each round, and the point where the server dies; None: at some instant.
ROUNDS: tuple[tuple[Order, str | None], ...] = (
    (PAUSE, None),
    (RESUME, "life.before_commit:1"),
    (ARCHIVE, "life.before_commit:2"),
    (PAUSE, "life.after_commit:1"),
    (SPREAD, "life.after_commit:2"),
)


@pytest.mark.timeout(300)
def test_kills_while_campaigns_change_state_lose_nobody_and_send_nothing_twice(
    tmp_path: Path,
) -> None:
    port, people = free_port(), numbers()
    with Sink() as sink:
        folder = write_project(tmp_path / "projet", port=port, smtp=sink.port)
        (folder / "choc.relance").write_text(SCRIPT, "utf-8")
        before: set[str] = set()
        for number, (order, point) in enumerate(ROUNDS):
            with Server(folder, port, crash_at=point) as server:
                alive = server.wait_ready()
                if alive:
                    with Visitors(server.url, people, threads=2) as visitors:
                        visitors.wait_answered(10)
                        time.sleep(0.2)
                        if number == 0:
                            before = set(visitors.acknowledged)
                        spool.leave(folder, order)
                        if point is None:
                            time.sleep(0.3 + instant(number))
                            server.kill()
                        else:
                            server.process.wait(30)
            assert server.process.returncode in (137, -9), "it never got there"
        # A server may have died, of what it took up again, before it could be asked: a campaign that
        # runs already, or is archived, is told so.
        for order in (RESUME, ARCHIVE):
            spool.leave(folder, order)
        let_it_finish(folder, port)
        assert_each_went_through_once(folder / ".relance" / "relance.db", before, sink)


def assert_each_went_through_once(database: Path, before: set[str], sink: Sink) -> None:
    """Everybody who entered has left, by the way there was, with each message once."""
    connection = sqlite3.connect(database)
    outcomes = connection.execute(
        "SELECT c.name, e.outcome, count(*) FROM enrolments e JOIN campaigns c "
        "ON c.id = e.campaign_id GROUP BY c.name, e.outcome ORDER BY c.name"
    ).fetchall()
    assert [(name, outcome) for name, outcome, _ in outcomes] == [
        ("Close", "archived"),
        ("Suite", "finished"),
    ]
    for name in ("Close", "Suite"):
        inside = connection.execute(
            "SELECT l.f_courriel FROM enrolments e JOIN leads l ON l.id = e.lead_id "
            "JOIN campaigns c ON c.id = e.campaign_id WHERE c.name = ?",
            (name,),
        ).fetchall()
        addresses = [address for (address,) in inside]
        assert before <= set(addresses), "somebody who was inside was lost"
        assert len(addresses) == len(set(addresses)), "somebody entered twice"
    twice = connection.execute(
        "SELECT lead_id, kind, statement FROM journal GROUP BY lead_id, campaign_id, entry, "
        "kind, statement HAVING count(*) > 1"
    ).fetchall()
    assert twice == [], "a move was journalled twice"
    doubted = {
        address
        for (address,) in connection.execute(
            "SELECT f_courriel FROM outbox JOIN leads ON leads.id = lead_id "
            "WHERE doubted_at IS NOT NULL"
        )
    }
    received: dict[str, int] = {}
    for (address, _), copies in sink.copies.items():
        received[address] = received.get(address, 0) + 1
        assert copies == 1 or address in doubted, "a message left twice and nobody says so"
    assert {received.get(address, 0) for address in addresses} == {2}, "a message never left"
    connection.close()
