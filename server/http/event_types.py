"""The types of events the outside may tell: what plugins declare public, and no other.

What only the server may assert is refused whatever the settings say. A type nobody knows is no
error of the site's: it is kept as an event of that name.
"""

from collections.abc import Collection, Iterable

from relance.event_type import EventType
from relance.events import CUSTOM
from relance.fold import identifier_of


class EventTypes:
    """What may be told, by type and by French name, and what is reserved."""

    def __init__(
        self,
        known: Iterable[EventType],
        opened: Iterable[str] = (),
        reserved: Collection[str] = (),
    ) -> None:
        self._names: dict[str, EventType] = {}
        self._reserved = reserved
        known = tuple(known)
        #: What nobody knows is kept as.
        self.unknown = next(one for one in known if one.type == CUSTOM)
        for one in known:
            if one.public:
                self._names[identifier_of(one.type)] = self._names[identifier_of(one.label)] = one
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
        return type_ in self._reserved
