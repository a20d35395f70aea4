"""A policy in scenarios: what it holds on their clock is what the server would hold."""

from pathlib import Path

from server.publication.on_disk import on_disk
from server.simulation import run_scenarios
from tests.simulation.project import built_in, of_folder

FOLDER = Path(__file__).parent / "politique"


async def test_each_line_of_a_policy_does_in_scenarios_what_it_says() -> None:
    results = await run_scenarios(of_folder(FOLDER), built_in(), files=on_disk(FOLDER))
    assert {one.scenario.name: one.failures for one in results if not one.passed} == {}
    assert len(results) == 8
