"""What things are called by those who own them: events and channels, of the core and of plugins."""

import json
import logging
from collections.abc import Iterable, Sequence

from dsl.phrases.words import BARE as WORDLESS
from dsl.phrases.words import Words
from relance.channel_type import ChannelType
from relance.event_type import EventType
from relance.french import quoted
from relance.said import Said
from server.reports.words import message_state

log = logging.getLogger("relance.plugins")


class Glossary:
    """The words of everything that is declared; what is not goes by its code."""

    def __init__(
        self,
        events: Iterable[EventType] = (),
        channels: Iterable[ChannelType] = (),
        words: Words = WORDLESS,
    ) -> None:
        self._words = words
        self._events = {one.type: one for one in events}
        self._channels = {one.channel: one for one in channels}
        self._failed: set[str] = set()

    @property
    def reaching(self) -> Sequence[str]:
        """The types of events that tell that the team reached the lead."""
        return sorted(one.type for one in self._events.values() if one.reaches)

    def said(self, said: Said) -> str:
        """A line of a script, or a phrase of it."""
        return self._words.of(said)

    def event(self, type_: str, subject: str | None, context: str | None = None) -> str:
        """An event in a sentence: « Formulaire (Infolettre) rempli »."""
        known = self._events.get(type_)
        if known is not None:
            return known.said(subject, context)
        return f"Événement {quoted(type_)}" + (f" ({subject})" if subject else "")

    def event_label(self, type_: str) -> str:
        """A type of event, in a table."""
        known = self._events.get(type_)
        return known.label if known is not None else type_

    def declares(self, type_: str) -> bool:
        """Whether some plugin says what such an event is."""
        return type_ in self._events

    def event_icon(self, type_: str) -> str:
        """The sign before an event."""
        known = self._events.get(type_)
        return known.icon if known is not None else "•"

    def of_message(self, type_: str) -> bool:
        """Whether such an event is about a message that was sent."""
        known = self._events.get(type_)
        return known is not None and (known.mark is not None or known.reported_by is not None)

    def reason(self, type_: str, properties: str | None) -> str:
        """What an event says of itself; `properties` as the store holds them.

        Its owner’s code reads them: where it fails, the event is told without, and the log says so
        once.
        """
        known = self._events.get(type_)
        if known is None or known.reason is None or not properties:
            return ""
        try:
            said = known.reason(json.loads(properties))
            if not isinstance(said, str):
                raise TypeError(f"a text is due, not {type(said).__name__}")
        except Exception as error:
            if type_ not in self._failed:
                what = f"{type(error).__name__} : {error}"
                log.error("la raison de l’événement « %s » n’a pas pu être lue (%s)", type_, what)
            self._failed.add(type_)
            return ""
        return said

    def echo(self, type_: str) -> bool:
        """Whether such an event only follows from what the journal tells already."""
        known = self._events.get(type_)
        return known is not None and known.echo

    @property
    def channels(self) -> Sequence[ChannelType]:
        """Every channel there is a word for."""
        return tuple(self._channels.values())

    def channel(self, name: str) -> str:
        """A channel, in a table."""
        return self._channel(name).label

    def message(self, channel: str, name: str, recipient: str | None, state: str) -> str:
        """What became of one message."""
        known = self._channel(channel)
        became = known.sent if state == "sent" else None
        said = became or message_state(state, feminine=known.feminine)
        return f"{known.said(quoted(name), recipient)} : {said}"

    def message_icon(self, channel: str) -> str:
        """The sign before a message."""
        return self._channel(channel).icon

    def _channel(self, name: str) -> ChannelType:
        return self._channels.get(name) or ChannelType(name, name)


#: Nothing is declared: codes are told as they are.
BARE = Glossary()
