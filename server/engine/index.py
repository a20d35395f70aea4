"""Who listens to what: from an event to the triggers and waits it may concern, in memory.

The index proposes; the store decides, with the whole pattern and condition, for every lead at once.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Set
from itertools import islice

from dsl.program import Await, Pause
from relance import facts
from relance.events import LEAD_UPDATED, EventPattern
from relance.waits import WaitUntil
from server.engine.listener import CampaignListener, listeners
from server.engine.listening import Happening, Listening
from server.engine.own_events import (
    CAMPAIGN_REQUESTED,
    LEAD_CREATED,
    LEAD_MERGED,
    SCHEDULE_DUE,
    STATE_STANDS,
)
from server.engine.owner import Key
from server.engine.version import Version


class Index:
    """Built whole from the versions that are current or still have leads in them.

    `blank`: the lists that may hold a lead of whom nothing is known.
    """

    def __init__(self, versions: Iterable[Version], blank: Set[str] = frozenset()) -> None:
        self.versions = {version.id: version for version in versions}
        #: The versions that let in, by the exclusive group of their campaign, the first to let in
        #: first: by priority, then by name.
        self.groups = _groups(self.versions.values())
        self._triggers: Listening[CampaignListener] = Listening()
        self._awaited: Listening[None] = Listening()
        self._new: list[CampaignListener] = []
        self.scheduled: dict[Key, CampaignListener] = {}
        self.by_version: dict[int, list[CampaignListener]] = defaultdict(list)
        self.states: list[CampaignListener] = []
        #: Whether some enrolments may run out of time.
        self.bounded = any(version.bounded for version in self.versions.values())
        for version in self.versions.values():
            for listener in listeners(version, blank):
                self._add(listener)
            for statement in version.program.statements:
                if isinstance(statement, Await):
                    self._add_wait(statement)
                elif isinstance(statement, Pause):
                    self._add_pause(statement)

    @property
    def heard(self) -> set[str]:
        """The types of events that are handled: others are only taken out of the inbox."""
        own = {CAMPAIGN_REQUESTED, SCHEDULE_DUE, LEAD_CREATED, LEAD_MERGED}
        return own | self._triggers.types | self._awaited.types

    def _add(self, listener: CampaignListener) -> None:
        trigger = listener.trigger
        self.by_version[listener.version.id].append(listener)
        due = EventPattern(SCHEDULE_DUE, listener.subject)
        if listener.requested is not None:
            self._triggers.add(EventPattern(CAMPAIGN_REQUESTED, listener.requested), listener)
        elif trigger.schedule is not None:
            self.scheduled[listener.version.id, listener.number] = listener
            self._triggers.add(due, listener)
        elif trigger.on is None:
            self.states.append(listener)
            if listener.timed:
                # Time alone may turn it true: then the engine's own event says so.
                self._triggers.add(due, listener)
            self._triggers.add(EventPattern(STATE_STANDS, listener.subject), listener)
            self._triggers.add_all(listener.wakes, listener)
            if listener.blank:
                self._new.append(listener)
        else:
            self._triggers.add(trigger.on, listener)

    def _add_wait(self, statement: Await) -> None:
        for branch in statement.branches:
            self._awaited.add_all(facts.wakes(branch.condition), None)

    def _add_pause(self, statement: Pause) -> None:
        wait = statement.wait
        if isinstance(wait, WaitUntil) and isinstance(wait.day, facts.Field):
            self._awaited.add(EventPattern(LEAD_UPDATED, wait.day.name), None)

    def concerned(self, happenings: Iterable[Happening]) -> list[CampaignListener]:
        """The listeners some of these may concern, in a stable order, each once."""
        found: dict[int, CampaignListener] = {}
        for event in happenings:
            for listener in self._listeners(event):
                found[id(listener)] = listener
        return sorted(found.values(), key=lambda each: each.key)

    def hears(self, event: Happening) -> bool:
        """Whether a tick would do more with that event than mark it handled."""
        found = (*islice(self._awaited.of(event), 1), *islice(self._listeners(event), 1))
        return bool(found)

    def _listeners(self, event: Happening) -> Iterator[CampaignListener]:
        if event.type == LEAD_MERGED:
            yield from self.states
        elif event.type == LEAD_CREATED:
            yield from self._new
        else:
            yield from self._triggers.of(event)


def _groups(versions: Iterable[Version]) -> dict[str, list[Version]]:
    found: dict[str, list[Version]] = defaultdict(list)
    for version in versions:
        if version.group is not None:
            found[version.group].append(version)
    for group in found.values():
        group.sort(key=_order)
        for place, version in enumerate(group, 1):
            version.place = place
    return found


def _order(version: Version) -> tuple[int, str]:
    return (version.program.priority, version.key)
