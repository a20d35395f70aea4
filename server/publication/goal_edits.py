"""What changes in the goals of a campaign, and in its objective in figures: no part of its program."""

from collections.abc import Iterator

from dsl.comparison import Alteration, CampaignPart, ProgramEdit
from dsl.goals import Goal
from dsl.objectives import Objective
from dsl.program_codec import doing
from dsl.project import Checked, CheckedProgram
from relance.fold import key_of


def goal_edits(
    old: Checked, new: Checked, before: CheckedProgram, after: CheckedProgram
) -> Iterator[ProgramEdit]:
    """Of a campaign that both have, under the one name and the other."""
    were, are = _goals(old, before), _goals(new, after)
    for key in dict.fromkeys((*were, *are)):
        one, other = were.get(key), are.get(key)
        if one is None or other is None or _counts(one[0]) != _counts(other[0]):
            yield _edit(one and one[1], other and other[1])
    was = old.objectives.get(before.program.name)
    now = new.objectives.get(after.program.name)
    if was != now:
        yield _edit(_named(was), _named(now))


def _goals(checked: Checked, one: CheckedProgram) -> dict[str, tuple[Goal, str]]:
    """By its key, each goal of that campaign, and its line."""
    lines = one.source.splitlines()
    return {
        key_of(goal.name): (goal, _line(goal, lines))
        for goal in checked.goals
        if goal.campaign == one.program.name
    }


def _line(goal: Goal, lines: list[str]) -> str:
    places = [one.place.line for one in goal.triggers]
    return " ".join(lines[places[0] - 1].split()) if places else goal.name


def _counts(goal: Goal) -> object:
    """What it counts, whatever its campaign is called and wherever it stands."""
    asked = doing(goal.triggers)
    return asked, goal.name, goal.window, goal.main, goal.own, goal.kind, goal.target


def _named(objective: Objective | None) -> str | None:
    return None if objective is None else objective.name


def _edit(before: str | None, after: str | None) -> ProgramEdit:
    added, removed = before is None, after is None
    change = Alteration.ADDED if added else Alteration.REMOVED if removed else Alteration.CHANGED
    return ProgramEdit(change, CampaignPart.GOALS, before, after)
