"""Who listens to what: from an event to the triggers, lists and waits it may concern, in memory.

The index proposes; the store decides, with the whole pattern and condition, for every lead at once.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Set

from dsl.program import Await, Pause
from relance import facts
from relance.events import LEAD_UPDATED, LIST_ADDED, LIST_REMOVED, EventPattern
from relance.fold import key_of
from relance.waits import WaitUntil
from server.engine.conditions.blank import may_hold
from server.engine.listener import CampaignListener, listeners
from server.engine.listening import Happening, Listening
from server.engine.lists.dynamic_list import DynamicList, in_order
from server.engine.own_events import (
    CAMPAIGN_REQUESTED,
    LEAD_CREATED,
    LEAD_MERGED,
    SCHEDULE_DUE,
    STATE_STANDS,
)
from server.engine.version import Version
from server.engine.watches import Key


class Index:
    """Built whole from the versions that are current or still have leads in them, and the lists."""

    def __init__(self, versions: Iterable[Version], lists: Iterable[DynamicList] = ()) -> None:
        self.versions = {version.id: version for version in versions}
        #: The dynamic lists, those that others rest on first.
        self.lists = in_order(lists)
        self._triggers: Listening[CampaignListener] = Listening()
        self._watched: Listening[DynamicList] = Listening()
        self._awaited: Listening[None] = Listening()
        self._new: list[CampaignListener] = []
        self._new_lists: list[DynamicList] = []
        self.scheduled: dict[Key, CampaignListener] = {}
        self.by_version: dict[int, list[CampaignListener]] = defaultdict(list)
        self.states: list[CampaignListener] = []
        #: Whether some enrolments may run out of time.
        self.bounded = any(version.bounded for version in self.versions.values())
        blank = self._add_lists()
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
        """The types of events that are handled, and not only marked so."""
        own = {CAMPAIGN_REQUESTED, SCHEDULE_DUE, LEAD_CREATED, LEAD_MERGED}
        return own | self._triggers.types | self._watched.types | self._awaited.types

    def _add_lists(self) -> Set[str]:
        """Take in the lists; the keys of those that may take in a new lead."""
        own = {each.key for each in self.lists}
        blank: set[str] = set()
        for list_ in self.lists:
            for pattern in list_.wakes:
                # The changes of dynamic lists are followed within the tick that makes them.
                followed = own & list_.rests_on
                told = pattern.type in (LIST_ADDED, LIST_REMOVED)
                if not (told and key_of(pattern.subject or "") in followed - list_.listens_to):
                    self._watched.add(pattern, list_)
            if may_hold(list_.condition, blank):
                self._new_lists.append(list_)
                blank.add(list_.key)
        return blank

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
            if listener.outcome is None:
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

    def lists_concerned(self, happenings: Iterable[Happening]) -> set[DynamicList]:
        """The dynamic lists that some of these may change."""
        return {list_ for event in happenings for list_ in self._lists(event)}

    def hears(self, event: Happening) -> bool:
        """Whether a tick would do more with that event than mark it handled."""
        return any(
            True
            for found in (self._awaited.of(event), self._lists(event), self._listeners(event))
            for _ in found
        )

    def _listeners(self, event: Happening) -> Iterator[CampaignListener]:
        if event.type == LEAD_MERGED:
            yield from self.states
        elif event.type == LEAD_CREATED:
            yield from self._new
        else:
            yield from self._triggers.of(event)

    def _lists(self, event: Happening) -> Iterator[DynamicList]:
        if event.type == LEAD_MERGED:
            yield from self.lists
        elif event.type == LEAD_CREATED:
            yield from self._new_lists
        else:
            yield from self._watched.of(event)
