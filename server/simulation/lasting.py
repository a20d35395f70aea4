"""Which scenarios need not be played again: those that passed, and that nothing changed since can touch.

What a scenario comes to follows from its own lines and from what the stage is made of. Let a project
differ from the one it passed in by nothing but the bodies of campaigns that nobody entered nor was
refused by while it was played, and by messages that were not to be written. Then it comes to the same,
instant by instant. Suppose that all is the same until some tick of the engine, and look at that tick.
What it does to somebody who is in no campaign, or who is let into one or refused, is decided by the
heads of campaigns, the lists, the rules, the policy: none differs. What it does to somebody inside is
decided by the body of that campaign too: somebody entered it, so it is the same body. Nobody enters
another, since nobody did. What is sent is written from the files of its message, which was to be
written, or from those that no message has: they are the same. So after the tick all is the same again,
and before the first it was, the stage being empty.

What holds in a project is kept by name (`meaning`): what is held to be unchanged is so to the letter,
but for the lines where it stands. What is not known to be a body or a message counts for every scenario:
the code, the settings, the heads, their order (a campaign has a number), the channels, whatever else
scripts say, and the other files. When in doubt, all are played.
"""

import logging
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace

from dsl.project import Checked
from dsl.scenario import CheckedScenario
from relance.fold import fold, key_of
from relance.person import Person
from relance.project_files import ProjectFiles
from server.plugins import Plugins
from server.simulation.meaning import meaning
from server.simulation.outside import sent_through
from server.simulation.results import ScenarioResult

log = logging.getLogger("relance.rules")

_SCRIPT = ".relance"


@dataclass(frozen=True, slots=True)
class ScenarioSuccess:
    """A scenario that passed, by its name, and the names of all that could have made it fail.

    `ground`: of what counts for all; `campaigns`, `messages`: of those it touched, by their keys.
    """

    scenario: str
    ground: str
    campaigns: Mapping[str, str] = field(default_factory=dict)
    messages: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class StageMarks:
    """The names of what a stage is made of: the ground, each campaign whole, each message."""

    ground: str
    campaigns: Mapping[str, str]
    messages: Mapping[str, str]

    def success(self, result: ScenarioResult) -> ScenarioSuccess | None:
        """What is kept of one that was played there; None where it failed."""
        if result.touched is None or not result.passed:
            return None
        campaigns = {key: self.campaigns[key] for key in sorted(result.touched.campaigns)}
        keys = sorted(_key(*one) for one in result.touched.messages)
        messages = {key: self.messages.get(key, "") for key in keys}
        return ScenarioSuccess(meaning(result.scenario), self.ground, campaigns, messages)

    def same(self, past: ScenarioSuccess) -> bool:
        """Whether it would pass here too, as it did where it was played."""
        return (
            past.ground == self.ground
            and all(self.campaigns.get(key) == mark for key, mark in past.campaigns.items())
            and all(self.messages.get(key, "") == mark for key, mark in past.messages.items())
        )

    def moved(self, past: ScenarioSuccess) -> bool:
        """Whether a campaign that it touched has changed since."""
        return any(self.campaigns.get(key) != mark for key, mark in past.campaigns.items())


def marks_of(
    checked: Checked,
    people: Sequence[Person],
    files: ProjectFiles,
    plugins: Plugins,
    settings: Sequence[object],
) -> StageMarks | None:
    """Those of a draft; `settings`: what else it is played with, the code included.

    None where something of it has no name that can be relied on: all is played then.
    """
    try:
        return _marks(checked, people, files, plugins, settings)
    except TypeError as error:
        log.warning("scénarios : tous seront rejoués, «\u00a0%s\u00a0» n’a pas de nom sûr", error)
        return None


def _marks(
    checked: Checked,
    people: Sequence[Person],
    files: ProjectFiles,
    plugins: Plugins,
    settings: Sequence[object],
) -> StageMarks:
    messages: defaultdict[str, list[tuple[str, str]]] = defaultdict(list)
    of_messages = {}
    for kind in plugins.edited():
        for path, name in sorted(kind.places(files).items()):
            of_messages[path] = _key(kind.channel, fold(name))
    for path, key in of_messages.items():
        messages[key].append((path, files.mark(path)))
    others = [
        (path, files.mark(path))
        for path in sorted(files.contents)
        if path not in of_messages and not path.endswith(_SCRIPT)
    ]
    heads = [
        (one.file, replace(one.program, statements=(), first=0), one.former, one.new, one.family)
        for one in checked.programs
    ]
    said = (
        *(checked.fields, checked.lists, checked.points, checked.conversions, checked.links),
        *(checked.goals, checked.policy, checked.objectives),
    )
    channels = sent_through(one.program for one in checked.programs)
    return StageMarks(
        meaning(settings, heads, said, channels, people, others),
        {key_of(one.program.name): meaning(one.program) for one in checked.programs},
        {key: meaning(found) for key, found in messages.items()},
    )


def _key(channel: str, name: str) -> str:
    return f"{channel} {name}"


def chosen_of(
    scenarios: Sequence[CheckedScenario],
    marks: StageMarks | None,
    past: Mapping[str, Sequence[ScenarioSuccess]],
    changed: Collection[str],
) -> Sequence[CheckedScenario]:
    """Those that are played, in that order: of what changed first, so that a failure is known at once.

    `past`: what passed, by scenario; `changed`: the files that did since what runs. One is played in
    any case: whatever keeps the whole stage from being set shows there.
    """
    kept = [() if marks is None else past.get(meaning(one), ()) for one in scenarios]
    lasts = [marks is not None and any(map(marks.same, several)) for several in kept]

    def rank(at: int) -> int:
        if scenarios[at].file in changed:
            return 0
        return 1 if marks is not None and any(map(marks.moved, kept[at])) else 2

    places = sorted((at for at, same in enumerate(lasts) if not same), key=rank)
    return [scenarios[at] for at in places or range(len(scenarios))[:1]]
