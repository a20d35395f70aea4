"""What changes in the goals of a campaign, and in its objective in figures: no part of its program."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence

from dsl.comparison import Alteration, CampaignPart, ProgramEdit
from dsl.goals import Goal
from dsl.objectives import Objective
from dsl.program_codec import doing
from dsl.project import Checked, CheckedProgram
from relance.fold import key_of


class GoalComparison:
    """Those of two sides, by campaign: there may be thousands."""

    def __init__(self, old: Checked, new: Checked) -> None:
        self._old, self._new = old, new
        self._were, self._are = _by_campaign(old), _by_campaign(new)

    def edits(self, before: CheckedProgram, after: CheckedProgram) -> Iterator[ProgramEdit]:
        """Of a campaign that both have, under the one name and the other."""
        former, name = before.program.name, after.program.name
        were = _goals(self._were.get(former, ()), before)
        are = _goals(self._are.get(name, ()), after)
        for key in dict.fromkeys((*were, *are)):
            one, other = were.get(key), are.get(key)
            if one is None or other is None or _counts(one[0]) != _counts(other[0]):
                yield _edit(one and one[1], other and other[1])
        was, now = self._old.objectives.get(former), self._new.objectives.get(name)
        if was != now:
            yield _edit(_named(was), _named(now))


def _by_campaign(checked: Checked) -> Mapping[str, Sequence[Goal]]:
    found = defaultdict[str, list[Goal]](list)
    for goal in checked.goals:
        found[goal.campaign].append(goal)
    return found


def _goals(those: Sequence[Goal], one: CheckedProgram) -> dict[str, tuple[Goal, str]]:
    """By its key, each of these goals of that campaign, and its line."""
    lines = one.source.splitlines() if those else []
    return {key_of(goal.name): (goal, _line(goal, lines)) for goal in those}


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
