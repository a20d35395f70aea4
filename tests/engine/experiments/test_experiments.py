"""The shares of a « répartir » compared by the principal goal: each lead once, no version with another."""

from dataclasses import replace

import pytest

from dsl.program import END, Pause, Place, Program, Share, Split
from relance.said import Said
from relance.values import Duration
from relance.waits import WaitFor
from server.cli.report import tell
from server.engine.experiments.likelihood import Outcome
from server.reports.as_json import as_json
from server.reports.experiments import Experiment, experiments_report, read_experiments
from server.reports.glossary import BARE
from tests.engine.goals.test_goals import does, enter, goal
from tests.engine.world import HERE, UTC, World, on, program

NAMED = Place(1, Said("split", (("name", "Objet"),)))
REST = Pause("p", HERE, WaitFor(Duration(days=2)), END)


def splitting(*, days: int = 2) -> Program:
    halves = (Share("Question", 5_000, 1), Share("Promesse", 10_000, 1))
    rest = replace(REST, wait=WaitFor(Duration(days=days)))
    entries = (on("form_submitted", "A"),)
    return program(Split("s", NAMED, "A/objet", halves), rest, name="A", entries=entries)


async def read(world: World, campaign: str | None = None) -> list[Experiment]:
    async with world.store.read() as conn:
        return list(await read_experiments(conn, campaign))


async def test_each_share_has_its_leads_and_those_who_reached_the_goal(world: World) -> None:
    main = replace(goal("A"), main=True)
    await world.publish(splitting(), goals=[main, goal("A", "Avis")])
    leads = await enter(world, count=12)
    for lead in leads[:5]:
        await does(world, lead, "Achat", "Achat")
    await does(world, leads[6], "Avis")
    shares = {
        row.lead_id: row.branch
        for lead in leads
        for row in await world.journal(lead)
        if row.kind == "split"
    }
    (found,) = await read(world)
    assert found.goal == "Achat"
    assert found.outcomes == tuple(
        Outcome(
            sum(share == number for share in shares.values()),
            sum(shares[lead] == number for lead in leads[:5]),
        )
        for number in (0, 1)
    )
    said = as_json(experiments_report([found], BARE))
    assert [(one["repartition"], one["part"], one["prevue"]) for one in said] == [
        ("Objet", "Question", 0.5),
        ("Objet", "Promesse", 0.5),
    ]
    assert {one["verdict"] for one in said} == {"trop peu de leads"}


async def test_versions_are_told_apart_and_a_campaign_without_a_goal_tells_only_its_leads(
    world: World,
) -> None:
    await world.publish(splitting())
    await enter(world, count=3)
    await world.publish(splitting(days=3))
    await enter(world, count=2)
    found = await read(world, "a")
    totals = [(one.version, sum(each.leads for each in one.outcomes)) for one in found]
    assert totals == [(1, 3), (2, 2)]
    assert [one.version for one in await read(world)] == [2]
    said = as_json(experiments_report(found, BARE))
    assert {(one["taux"], one["verdict"]) for one in said} == {(None, "sans objectif")}


def test_a_winner_is_said_on_its_own_line_with_how_surely_it_is_one() -> None:
    split = splitting().statements[0]
    assert isinstance(split, Split)
    found = Experiment("A", 1, split, "Achat", (Outcome(900, 90), Outcome(900, 180)))
    first, second = as_json(experiments_report([found], BARE))
    assert (first["verdict"], second["verdict"]) == (None, "gagnante")
    assert second["probabilite"] > 0.999
    assert first["taux_min"] < 0.1 < first["taux_max"] < second["taux_min"]
    close = replace(found, outcomes=(Outcome(900, 90), Outcome(900, 92)))
    assert {one["verdict"] for one in as_json(experiments_report([close], BARE))} == {"indécis"}


def test_two_shares_as_large_are_told_apart_and_who_wins_is_read_on_a_narrow_terminal(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    halves = (Share("50 %", 5_000, 1), Share("50 %", 10_000, 2))
    split = Split("s", NAMED, "A/objet", halves)
    first = tuple(Said(f"catalogue.envoi_{word}") for word in "ab")
    found = Experiment(
        "Relance des tarifs", 1, split, "Achat", (Outcome(900, 90), Outcome(900, 180)), (), first
    )
    made = experiments_report([found], BARE)
    assert [(one["rang"], one["commence"]) for one in as_json(made)] == [
        (1, BARE.said(first[0])),
        (2, BARE.said(first[1])),
    ]
    tell(made, UTC)
    shown = capsys.readouterr().out
    assert "1. 50" in shown
    assert "gagnante" in shown
    assert "99,8 %" in shown
    assert ", Une" not in shown
