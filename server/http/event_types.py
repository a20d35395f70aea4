"""The types of events the outside may tell: what plugins declare public, and no other.

What only the server may assert is refused whatever the settings say. A type nobody knows is no
error of the site's: it is kept as an event of that name.
"""

from collections.abc import Iterable

from relance import events
from relance.event_type import EventType
from relance.fold import identifier_of

CUSTOM = "custom"
#: How the types begin that only the server may assert.
RESERVED = (
    "email_",
    "sms_",
    "push_",
    "link_",
    "lead_",
    "score_",
    "interest_",
    "list_",
    "tag_",
    "alert_",
    "crm_",
    "campaign_",
)
_OURS = frozenset({events.CONVERTED, events.ASSIGNED})


class EventTypes:
    """What may be told, by type and by French name."""

    def __init__(self, known: Iterable[EventType], opened: Iterable[str] = ()) -> None:
        self._names: dict[str, EventType] = {}
        self._closed = set(_OURS)
        for one in known:
            if not one.public or one.type.startswith(RESERVED):
                self._closed.add(one.type)
                continue
            self._names[identifier_of(one.type)] = self._names[identifier_of(one.name)] = one
        for type_ in opened:
            if not self.closed(type_):
                self._names.setdefault(
                    identifier_of(type_), EventType(type_, type_, "", public=True)
                )

    def find(self, name: str) -> EventType | None:
        """The public type so called."""
        return self._names.get(identifier_of(name))

    def closed(self, type_: str) -> bool:
        """Whether only the server, or a plugin, may assert that type."""
        return type_ in self._closed or type_.startswith(RESERVED)
