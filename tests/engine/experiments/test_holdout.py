"""« témoin »: the share of those who enter and get nothing is the same whatever is edited since."""

from dsl.compile.holdout import held_back
from dsl.program import END, Act, Reentry
from relance.effects import Send
from server.reports.experiments import read_experiments
from tests.engine.world import HERE, World, program

HELLO = Act("a", HERE, (Send("email", "bonjour"),), END)
AGAIN = Act("b", HERE, (Send("email", "encore"),), END)


async def publish(world: World, part: int, *statements: Act) -> None:
    drawn = held_back(statements, part, "bienvenue", 1, ("témoin", "campagne"))
    await world.publish(program(*drawn, reentry=Reentry.AFTER_EXIT))


async def greeted(world: World, leads: list[int]) -> set[int]:
    """Those who get a message more for entering once more."""
    before = {lead: len(await world.sent(lead)) for lead in leads}
    for lead in leads:
        await world.event(lead)
    await world.settle()
    return {lead for lead in leads if len(await world.sent(lead)) > before[lead]}


async def test_who_gets_nothing_goes_on_getting_nothing_when_the_share_grows_or_the_text_changes(
    world: World,
) -> None:
    leads = [await world.lead() for _ in range(60)]
    await publish(world, 2_000, HELLO)
    held = set(leads) - await greeted(world, leads)
    assert 3 <= len(held) <= 25
    await publish(world, 2_000, AGAIN)
    assert set(leads) - await greeted(world, leads) == held
    await publish(world, 4_000, AGAIN)
    assert set(leads) - await greeted(world, leads) > held
    moves = await world.moves(min(held))
    assert moves[:4] == ["entered", "split", "withheld", "left"]


async def test_those_who_get_nothing_are_compared_with_the_others(world: World) -> None:
    leads = [await world.lead() for _ in range(30)]
    await publish(world, 3_000, HELLO)
    got = await greeted(world, leads)
    async with world.store.read() as conn:
        (found,) = await read_experiments(conn)
    assert [one.leads for one in found.outcomes] == [30 - len(got), len(got)]
    assert [share.name for share in found.split.shares] == ["témoin", "campagne"]
    assert found.first == (None, HERE.said)
