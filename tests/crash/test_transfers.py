"""Kill a publication that moves people, at each of its commits: done again, nobody is moved twice."""

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.cli.conftest import relance as relance  # a fixture
from tests.cli.test_publishing import rows
from tests.cli.test_transfers import edit
from tests.cli.test_transfers import folder as folder  # a fixture
from tests.cli.test_transfers import inside as inside  # a fixture
from tests.processes import command

POINTS = (
    *("publish.before_commit", "publish.after_commit"),
    *("life.before_commit:1", "life.after_commit:1"),
)
MOVED = "SELECT e.version_id, e.statement, count(j.move) FROM enrolments e LEFT JOIN journal j ON "
MOVED += "j.lead_id = e.lead_id AND j.kind = 'transferred' GROUP BY e.lead_id"


@pytest.mark.parametrize("point", POINTS)
def test_a_publication_killed_midway_is_done_again_and_moves_each_once(
    point: str, inside: Path, relance: Callable[..., object]
) -> None:
    edit(inside, "3 jours", "2 jours")
    killed = command("publier", inside, "--migrer", "Suivi", variables={"RELANCE_CRASH_AT": point})
    assert killed.code == 137
    # What was published goes on by itself; what was not is asked again.
    options = ("--migrer", "Suivi") if point == "publish.before_commit" else ()
    assert command("publier", inside, *options).code == 0
    assert rows(inside, MOVED) == [(2, 3, 1), (2, 3, 1)]
    assert rows(inside, "SELECT state FROM transfers") == [("done",)]
