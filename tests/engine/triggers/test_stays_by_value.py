"""One stay for each value an event says, and who is asked in while inside."""

from dsl.program import END, Act, Await, Branch, Exit, ExitRule, Pause, Reentry
from relance.effects import Send
from relance.events import EventPattern
from relance.facts import Events, Happened, SinceEntry
from relance.values import Duration
from relance.waits import WaitFor
from server.reports.glossary import BARE
from server.reports.ledger import read_ledger
from server.reports.timeline import journeys_of, timeline_of
from server.store.instants import DEFAULT_ZONE, now_micros
from server.store.merges import merge
from tests.engine.world import HERE, World, heard, on, program

REST = Pause("p", HERE, WaitFor(Duration(days=2)), END)
BY_NUMBER = {"reentry": Reentry.BY_VALUE, "reentry_property": "numéro"}
CAME = on("custom", "commande")
SHIPPED = Await("a", HERE, (Branch(HERE, heard("custom", "livrée"), 1),), None, END, ("custom",))
THANKS = Act("m", HERE, (Send("email", "merci"),), END)


async def say(world: World, lead: int, what: str, **properties: object) -> None:
    await world.event(lead, "custom", what, properties=properties)
    await world.settle()


async def test_each_value_has_a_stay_of_its_own_beside_the_others(world: World) -> None:
    await world.publish(program(REST, entries=(CAME,), **BY_NUMBER))
    lead = await world.lead()
    for number in ("A-1", "A-2", " a-1 ", 12):
        await say(world, lead, "commande", numéro=number)
    rows = await world.enrolments(lead)
    assert [(row.entry, row.stay_value, row.active) for row in rows] == [
        (1, "a-1", True),
        (2, "a-2", True),
        (3, "12", True),
    ]
    assert await world.refusals(lead) == ["already_in"]
    await world.later(days=3)
    await say(world, lead, "commande", numéro="A-1")
    await say(world, lead, "commande")
    await say(world, lead, "commande", numéro="9" * 101)
    assert len(await world.enrolments(lead)) == 3
    assert sorted(await world.refusals(lead)) == ["already_in", "no_value", "value_came"]


async def test_each_stay_is_told_with_its_value_and_who_says_none_with_what_was_asked(
    world: World,
) -> None:
    await world.publish(program(REST, entries=(CAME,), **BY_NUMBER))
    lead = await world.lead()
    for number in ("A-1", "A-2", ""):
        await say(world, lead, "commande", numéro=number)
    ledger = await read_ledger(world.store, lead, BARE)
    lines = [" — ".join((one.text, one.reason)) for one in timeline_of(ledger, DEFAULT_ZONE)]
    read = " ".join(lines).replace("\u00a0", " ")
    assert "(numéro : a-1)" in read
    assert "(fois n° 2, numéro : a-2)" in read
    assert "ne dit pas « numéro » (réentrée : par (numéro))" in read
    stays = journeys_of(ledger, DEFAULT_ZONE)
    assert sorted(one.value for one in stays) == ["a-1", "a-2"]
    assert all(f"numéro\u00a0: {one.value})" in one.state for one in stays)


async def test_what_says_a_value_is_heard_by_the_stay_of_that_value_alone(world: World) -> None:
    stop = ExitRule(Exit.FAILURE, on("custom", "annulée"))
    await world.publish(program(SHIPPED, THANKS, entries=(CAME,), exits=(stop,), **BY_NUMBER))
    lead = await world.lead()
    for number in ("1", "2", "3", "4"):
        await say(world, lead, "commande", numéro=number)
    await say(world, lead, "livrée", numéro="2")
    await say(world, lead, "annulée", numéro="3")

    async def outcomes() -> list[str | None]:
        return [row.outcome for row in await world.enrolments(lead)]

    assert await outcomes() == [None, "finished", "failure", None]
    await say(world, lead, "livrée")
    assert await outcomes() == ["finished", "finished", "failure", "finished"]
    assert await world.sent(lead) == ["merci"] * 3


async def test_what_happened_since_the_entry_is_asked_of_the_same_value(world: World) -> None:
    paid = Events(EventPattern("custom", "payée"), SinceEntry())
    twice = Await("a", HERE, (Branch(HERE, Happened(paid, 2), 1),), None, END, ("custom",))
    await world.publish(program(twice, THANKS, entries=(CAME,), **BY_NUMBER))
    lead = await world.lead()
    for what, number in (("commande", 1), ("commande", 2), ("payée", 1), ("payée", 2)):
        await say(world, lead, what, numéro=number)
    assert await world.sent(lead) == []
    await say(world, lead, "payée", numéro=2)
    assert [row.outcome for row in await world.enrolments(lead)] == [None, "finished"]


async def test_who_is_asked_in_while_inside_begins_again_where_the_campaign_says_so(
    world: World,
) -> None:
    hello = Act("h", HERE, (Send("email", "bonjour"),), 1)
    await world.publish(program(hello, REST, entries=(CAME,), restarts=True))
    lead = await world.lead()
    await say(world, lead, "commande")
    await world.later(days=1)
    await say(world, lead, "commande")
    rows = await world.enrolments(lead)
    assert [(row.entry, row.outcome) for row in rows] == [(1, "restarted"), (2, None)]
    await world.later(days=1)
    assert (await world.enrolments(lead))[1].active
    await world.later(days=1)
    await say(world, lead, "commande")
    assert [row.outcome for row in await world.enrolments(lead)] == ["restarted", "finished"]
    assert await world.refusals(lead) == ["once_only"]
    # What had not left of the first stay is taken back: the second says it again.
    assert await world.sent(lead) == ["bonjour"]


async def test_only_the_stay_of_the_value_begins_again(world: World) -> None:
    await world.publish(program(REST, entries=(CAME,), restarts=True, **BY_NUMBER))
    lead = await world.lead()
    for number in ("1", "2", "1"):
        await say(world, lead, "commande", numéro=number)
    rows = await world.enrolments(lead)
    assert [(row.stay_value, row.outcome) for row in rows] == [
        ("1", "restarted"),
        ("2", None),
        ("1", None),
    ]


async def test_a_stay_for_each_value_bars_who_is_inside_once_there_is_one_for_all(
    world: World,
) -> None:
    await world.publish(program(SHIPPED, THANKS, entries=(CAME,), **BY_NUMBER))
    lead = await world.lead()
    for number in ("1", "2"):
        await say(world, lead, "commande", numéro=number)
    await say(world, lead, "livrée", numéro="2")
    await world.publish(program(REST, entries=(CAME,), reentry=Reentry.AFTER_EXIT))
    await say(world, lead, "commande", numéro="3")
    assert await world.refusals(lead) == ["already_in"]
    await world.publish(program(REST, entries=(CAME,), reentry=Reentry.AFTER_EXIT, restarts=True))
    await say(world, lead, "commande", numéro="3")
    assert [row.outcome for row in await world.enrolments(lead)] == ["restarted", "finished", None]


async def test_leads_found_to_be_one_keep_the_stays_of_all_their_values(world: World) -> None:
    await world.publish(program(REST, entries=(CAME,), **BY_NUMBER))
    source, target = await world.lead(), await world.lead()
    for lead, number in ((target, "1"), (source, "1"), (source, "2")):
        await say(world, lead, "commande", numéro=number)
    async with world.store.write() as conn:
        await merge(conn, world.store.fields.table, [(source, target)], now_micros(world.clock))
    rows = await world.enrolments(target)
    assert [(row.stay_value, row.outcome) for row in rows] == [
        ("1", None),
        ("1", "merged"),
        ("2", None),
    ]
