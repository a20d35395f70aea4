"""Every phrase has scenarios: one that turns it true and one that leaves it false."""

from collections.abc import Iterator

import pytest

from dsl.phrases.catalogue import DECISIONS
from dsl.read.parser import parse
from dsl.tree import nodes
from server.publication.on_disk import on_disk
from server.simulation import run_scenarios
from tests.each import of_each
from tests.simulation.project import SCENARIOS, built_in, of_folder

PLAYED = of_folder(SCENARIOS).scenarios
TEAM = built_in().people(on_disk(SCENARIOS))


@pytest.mark.timeout(900)
async def test_the_scenarios_of_the_catalogue_hold_played_one_after_the_other_on_one_stage():
    results = await run_scenarios(of_folder(SCENARIOS), built_in(), people=TEAM)
    assert [result.scenario for result in results] == list(PLAYED)
    wrong = [(one.scenario.name, one.failures) for one in results if not one.passed]
    assert wrong == []
    assert [one.scenario.name for one in results if one.checks == 0] == []


@pytest.mark.parametrize(
    "scenario", PLAYED[::30], ids=[f"{one.file}: {one.name}" for one in PLAYED[::30]]
)
async def test_played_alone_it_holds_as_well(scenario):
    (result,) = await run_scenarios(
        of_folder(SCENARIOS), built_in(), wanted=lambda one: one is scenario, people=TEAM
    )
    assert result.passed, result.failures


def uses(node: object, negated: bool = False) -> Iterator[tuple[str, bool]]:
    """The phrases under a node, and whether « non » stands before each."""
    if isinstance(node, nodes.PhraseUse):
        assert node.phrase, node.written
        yield node.phrase.id.partition(":")[0], negated
    elif isinstance(node, nodes.Negation):
        yield from uses(node.item, not negated)
    elif isinstance(node, tuple):
        for part in node:
            yield from uses(part, negated)
    else:
        for name in getattr(type(node), "__dataclass_fields__", ()):
            yield from uses(getattr(node, name), negated)


def written(kind: type) -> set[tuple[str, bool]]:
    """The phrases of every block or line of that kind, in all the files."""
    found: set[tuple[str, bool]] = set()
    for path in SCENARIOS.glob("*.relance"):
        script = parse(path.read_text(encoding="utf-8"), built_in().catalogue).script
        for block in script.blocks:
            lines = block.lines if isinstance(block, nodes.Scenario) else (block,)
            found.update(use for line in lines if isinstance(line, kind) for use in uses(line))
    return found


VERIFIED = written(nodes.Verify)
RUN = {phrase for phrase, _ in written(nodes.Campaign)}
PHRASES = list(built_in().catalogue.phrases.values())


@of_each(PHRASES, lambda phrase: phrase.id)
def test_a_phrase_is_seen_true_and_false_or_at_work(phrase):
    if phrase.kind in DECISIONS:
        assert (phrase.id, False) in VERIFIED, "no scenario turns it true"
        assert (phrase.id, True) in VERIFIED, "no scenario leaves it false"
    else:
        assert phrase.id in RUN, "no campaign of the scenarios uses it"
