"""Events in French, for those who ask what makes an answer change."""

from collections.abc import Iterable

from relance.event_type import EventType
from relance.events import EventPattern
from server.reports.words import event_label


class EventNames:
    """What each type of event is called: as its plugin says, else as reports do."""

    def __init__(self, types: Iterable[EventType]) -> None:
        self._names = {one.type: one.name for one in types}

    def of(self, patterns: Iterable[EventPattern]) -> list[str]:
        """The names of the types in these patterns, each once, in alphabetical order."""
        return sorted({self._names.get(one.type) or event_label(one.type) for one in patterns})
