"""Objectives in figures: what their indicators came to since the campaign began, and their colour."""

from datetime import timedelta
from decimal import Decimal

from dsl.objectives import IndicatorBound, Objective
from relance.events import EventPattern
from relance.indicator import EventCount, Indicator
from relance.values import Comparator, Duration
from server.engine.life.state import CampaignChange
from server.reports.as_json import as_json
from server.reports.objective_tables import colour_words, course_report, objectives_report
from server.reports.objectives import FollowedObjective, ObjectiveReader
from server.store.instants import now_micros
from tests.engine.goals.test_goals import campaign, does, enter
from tests.engine.life.test_states import decided
from tests.engine.world import UTC, World

SALES = EventCount(EventPattern("custom", "Vente"))
VISITS = EventCount(EventPattern("custom", "Visite"))
COUNTED = (Indicator("visites", "Visites", VISITS),)
COUNTED += (Indicator("ventes", "Ventes", SALES, beside=("visites", "ventes")),)


def at_least(value: str, *, growth: bool = False) -> IndicatorBound:
    return IndicatorBound("ventes", Comparator.AT_LEAST, Decimal(value), growth=growth)


async def read(world: World) -> FollowedObjective:
    async with world.store.read() as conn:
        reads = ObjectiveReader(conn, world.store.dialect, "CAD", UTC, COUNTED)
        (found,) = await reads.read(now_micros(world.clock), "a")
        return found


async def test_an_objective_is_launched_then_red_then_green_and_grey_once_the_campaign_rests(
    world: World,
) -> None:
    most = IndicatorBound("ventes", Comparator.AT_MOST, Decimal(3))
    objective = Objective("Deux ou trois ventes", (at_least("2"), most))
    await world.publish(campaign("A"), objectives={"A": objective})
    assert colour_words(await read(world)) == "lancée : personne n’y est encore entré"
    (lead,) = await enter(world)
    await world.later(days=2)
    await does(world, lead, "Vente")
    await world.later(hours=1)
    assert colour_words(await read(world)) == "rouge : pas encore"
    await does(world, lead, "Vente", "Visite")
    await world.later(hours=1)
    assert colour_words(found := await read(world)) == "vert : atteint"
    assert [(one.key, found.now[one.key]) for one in found.followed] == [
        ("ventes", 2),
        ("visites", 1),
    ]
    await does(world, lead, "Vente", "Vente")
    await world.later(hours=1)
    assert colour_words(await read(world)) == "rouge : pas encore"
    await decided(world, "A", CampaignChange.PAUSED)
    await world.later(days=9)
    await does(world, lead, "Vente")
    assert colour_words(found := await read(world)) == "gris : en pause"
    assert found.now["ventes"] == 4


async def test_a_growth_is_found_against_as_long_a_time_before_the_campaign_began(
    world: World,
) -> None:
    someone = await world.lead()
    now = world.clock.now()
    for hours in (1, 2, 47, 49):
        await world.event(someone, "custom", "Vente", at=now - timedelta(hours=hours))
    objective = Objective("Ventes", (at_least("0.5", growth=True),))
    await world.publish(campaign("A"), objectives={"A": objective})
    (lead,) = await enter(world)
    for _ in range(4):
        await does(world, lead, "Vente")
        await world.later(hours=12)
    found = await read(world)
    assert (found.now["ventes"], found.before["ventes"], found.met) == (4, 3, False)
    await does(world, lead, "Vente")
    await world.later(seconds=1)
    found = await read(world)
    assert (found.now["ventes"], found.before["ventes"], found.met) == (5, 3, True)
    said = as_json(objectives_report([found], "CAD", UTC))
    assert (said[0]["valeur"], said[0]["avant"], said[0]["but"]) == (5, 3, "+\u00a050\u00a0%")
    assert said[0]["couleur"] == "vert"
    async with world.store.read() as conn:
        reads = ObjectiveReader(conn, world.store.dialect, "CAD", UTC, COUNTED)
        course = await reads.course(found)
    assert [value for _, value in course] == [3, 2]
    assert len(course_report(found, course, "CAD", UTC).rows) == 2


async def test_an_objective_of_each_month_forgets_what_came_before_it(world: World) -> None:
    each = Objective("Ventes", (at_least("1"),), every=Duration(months=1))
    await world.publish(campaign("A"), objectives={"A": each})
    (lead,) = await enter(world)
    await does(world, lead, "Vente")
    await world.later(days=30)
    assert (await read(world)).met
    await world.later(days=2)
    assert not (await read(world)).met
