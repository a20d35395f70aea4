"""Goals: what a campaign's « objectif » counts, as what the engine listens for."""

from dsl.compile.triggers import LineOf, TriggerCompiler
from dsl.goals import Goal
from dsl.tree.bound import BoundCampaign, BoundGoal


def compile_goal(goal: BoundGoal, campaign: BoundCampaign, line_of: LineOf) -> Goal:
    """What a goal of a campaign counts, ready to be listened for."""
    return Goal(
        campaign.name,
        goal.name,
        goal.key,
        TriggerCompiler(line_of, f"{goal.key}/").compile(goal.when),
        goal.window,
        goal.main,
        goal.own,
        goal.kind,
        goal.target,
    )
