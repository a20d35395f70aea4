"""What is told of goals: counts, the target met or not, and how far a count has gone."""

from dataclasses import replace
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import update

from relance.values import Duration, Percentage
from server.cli.report import tell
from server.reports.as_json import as_json
from server.reports.goals import GoalLine, goal_lines, goals_report
from server.store.schema.goals import goals
from tests.engine.goals.test_goals import campaign, does, enter, goal
from tests.engine.world import World


async def test_each_goal_is_told_with_who_entered_who_reached_it_and_its_target(
    world: World,
) -> None:
    half = replace(goal("A"), target=Percentage(Decimal(50)), main=True)
    many = replace(goal("A", "Avis"), target=Decimal(2))
    await world.publish(campaign("A"), goals=[half, many])
    one, _ = await enter(world, count=2)
    await does(world, one, "Achat", "Avis")
    async with world.store.read() as conn:
        lines = await goal_lines(conn)
        assert await goal_lines(conn, "b") == []
    said = as_json(goals_report(lines))
    assert said[0] == {
        "campagne": "A",
        "objectif": "Achat",
        "principal": True,
        "type": "personnalisé",
        "entres": 2,
        "atteints": 1,
        "taux": 0.5,
        "cible": "50\u00a0%",
        "etat": "atteinte",
        "fenetre": "3\u00a0jours",
    }
    assert [(one["objectif"], one["etat"]) for one in said] == [
        ("Achat", "atteinte"),
        ("Avis", "pas encore"),
    ]
    async with world.store.write() as conn:
        await conn.execute(update(goals).values(counted_to=1))
    async with world.store.read() as conn:
        assert (await goal_lines(conn))[0].state == "en cours de compte : 50 %"


def test_a_share_of_nobody_is_not_met_and_a_goal_without_a_target_is_neither() -> None:
    of_all = replace(goal("A"), target=Percentage(Decimal(100)), window=Duration(days=1))
    assert GoalLine("A", of_all, 0, 0).met is False
    assert GoalLine("A", of_all, 3, 3).met is True
    assert GoalLine("A", of_all, 3, 2).met is False
    assert GoalLine("A", replace(of_all, target=None), 3, 3).state is None


def test_no_word_of_a_table_of_goals_is_cut_on_a_narrow_terminal(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    one = replace(goal("A"), main=True, target=Percentage(Decimal(25)))
    tell(goals_report([GoalLine("Relance des tarifs", one, 1200, 310)]), ZoneInfo("UTC"))
    shown = capsys.readouterr().out
    words = {word for line in shown.splitlines() for word in line.split()}
    assert {"(principal)", "atteinte", "3", "jours", "Fenêtre", "tarifs"} <= words
