from datetime import date
from typing import Any

from dsl.program import END, Act, Decide, Exit, ExitRule, Pause, Reentry
from relance.effects import (
    AddTag,
    AddToList,
    ChangeScore,
    DatePlusDays,
    Emit,
    EnterCampaign,
    LeaveCampaign,
    RemoveFromList,
    RemoveTag,
    Send,
    SetField,
    Today,
)  # fmt: skip
from relance.facts import Field, HasTag, InList, Leaf
from relance.said import Said
from relance.values import Change, Duration
from relance.waits import WaitFor
from tests.engine.world import HERE, World, happened, on, program


def act(*effects: Any, next_: int = END) -> Act:
    return Act("a", HERE, effects, next_)


async def run(world: World, *effects: Any, **fields: Any) -> int:
    await world.publish(program(act(*effects)))
    lead = await world.lead(**fields)
    await world.event(lead)
    await world.settle()
    assert not world.engine.quarantine
    return lead


async def test_setting_a_field_tells_of_it_once(world: World) -> None:
    same = SetField("ville", "Laval")
    lead = await run(world, same, same, ville="Québec")
    assert await world.value(lead, "ville") == "Laval"
    assert await world.subjects(lead, "lead_updated") == ["ville"]


async def test_fields_take_copies_dates_and_nothing(world: World) -> None:
    lead = await run(
        world,
        SetField("nom", Field("prénom")),
        SetField("date de naissance", Today()),
        SetField("date de naissance", DatePlusDays(Field("date de naissance"), 40)),
        SetField("langue", None),
        **{"prénom": "Zoé", "langue": "fr"},
    )
    assert await world.value(lead, "nom") == "Zoé"
    assert await world.value(lead, "date de naissance") == date(2026, 2, 10)
    assert await world.value(lead, "langue") is None
    missing = await run(
        world, SetField("date de naissance", DatePlusDays(Field("date de naissance"), 1))
    )
    assert await world.value(missing, "date de naissance") is None


async def test_a_score_is_changed_relatively_or_absolutely(world: World) -> None:
    lead = await run(
        world,
        ChangeScore(Change(10)),
        ChangeScore(Change(-3)),
        ChangeScore(Change(0)),
        ChangeScore(Change(7, absolute=True)),
    )
    assert await world.value(lead, "score") == 7
    assert await world.subjects(lead, "score_changed") == [None, None]


async def test_lists_and_tags_tell_of_real_changes_only(world: World) -> None:
    lead = await run(
        world,
        AddToList("Infolettre"), AddToList("infolettre"), RemoveFromList("Autre"), AddTag("Or"),
        AddTag("or"), RemoveTag("or"), RemoveTag("or"), RemoveFromList("Infolettre"),
    )  # fmt: skip
    assert await world.subjects(lead, "list_added") == ["Infolettre"]
    assert await world.subjects(lead, "list_removed") == ["Infolettre"]
    assert await world.subjects(lead, "tag_added") == ["Or"]
    assert await world.subjects(lead, "tag_removed") == ["or"]


async def test_what_an_effect_did_is_seen_by_the_next_decision(world: World) -> None:
    yes = act(Send("email", "oui"))
    await world.publish(
        program(
            act(AddToList("VIP"), AddTag("Or"), Emit("custom", "Fait"), next_=1),
            Decide("d", HERE, Leaf(Said("l"), InList("vip")), 2, END),
            Decide("d", HERE, Leaf(Said("l"), HasTag("or")), 3, END),
            Decide("d", HERE, happened("custom", "fait"), 4, END),
            Decide("d", HERE, happened("list_added", "vip"), 5, END),
            yes,
        )
    )
    lead = await world.lead()
    await world.event(lead)
    await world.settle()
    assert await world.sent(lead) == ["oui"]


async def test_sends_of_one_activity_are_counted(world: World) -> None:
    lead = await run(world, Send("email", "un"), AddTag("x"), Send("sms", "deux"))
    assert await world.sent(lead) == ["un", "deux"]


async def test_an_emitted_event_lets_into_another_campaign(world: World) -> None:
    first = program(act(Emit("custom", "Chaud")), name="Un")
    second = program(act(Send("email", "suite")), name="Deux", entries=(on("custom", "chaud"),))
    await world.publish(first, second)
    lead = await world.lead()
    await world.event(lead)
    await world.settle()
    assert await world.sent(lead) == ["suite"]


async def test_a_lead_sent_into_a_campaign_enters_by_its_rules(world: World) -> None:
    first = program(act(EnterCampaign("Deux")), name="Un", reentry=Reentry.AFTER_EXIT)
    second = program(act(Send("email", "suite")), name="Deux", entries=(on("custom", "jamais"),))
    await world.publish(first, second)
    lead = await world.lead()
    for _ in range(2):
        await world.event(lead)
        await world.settle()
    assert await world.sent(lead) == ["suite"]
    assert await world.refusals(lead) == ["once_only"]


async def test_a_lead_is_taken_out_of_another_campaign(world: World) -> None:
    rest = Pause("p", HERE, WaitFor(Duration(days=9)), END)
    first = program(act(Send("email", "bientôt"), next_=1), rest, name="Un")
    second = program(act(LeaveCampaign("un")), name="Deux", entries=(on("custom", "stop"),))
    both = program(act(LeaveCampaign("Un")), name="Trois")
    await world.publish(first, second)
    lead = await world.lead()
    await world.event(lead)
    await world.settle()
    await world.event(lead, "custom", "stop")
    await world.settle()
    assert await world.outcomes(lead) == ["removed", "finished"]
    assert await world.moves(lead) == ["entered", "acted", "waited", "left"]
    assert await world.sent(lead) == [], "what was not sent yet is taken back"
    await world.publish(first, both)
    other = await world.lead()
    await world.event(other)
    await world.settle()
    assert await world.outcomes(other) == ["removed", "finished"], "even within one tick"
    assert world.wakes() is None


async def test_what_is_queued_leaves_when_a_lead_simply_finishes(world: World) -> None:
    lead = await run(world, Send("email", "merci"))
    assert await world.sent(lead) == ["merci"]


async def test_an_exit_takes_back_what_is_not_sent(world: World) -> None:
    await world.publish(
        program(
            act(Send("email", "relance"), next_=1),
            Pause("p", HERE, WaitFor(Duration(days=9)), END),
            exits=(ExitRule(Exit.FAILURE, on("email_unsubscribed")),),
        )
    )
    lead = await world.lead()
    await world.event(lead)
    await world.settle()
    await world.event(lead, "email_unsubscribed")
    await world.settle()
    assert await world.sent(lead) == []
    left = (await world.journal(lead))[-1]
    assert (left.kind, left.cause, await world.outcomes(lead)) == ("left", "event", ["failure"])
