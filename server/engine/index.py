"""Who listens to what: from an event to the triggers it may fire, by look-ups in memory.

Ten thousand idle campaigns cost an event nothing but a dictionary access. The index proposes;
the store decides, with the whole pattern and condition, for every lead at once.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from dsl.fold import key_of
from dsl.program import Await, Exit, Trigger
from relance.events import EventPattern
from server.engine.patterns import wildcard_key
from server.engine.version import Version

#: Events of the engine's own: a scheduled trigger came due for a lead; a campaign sent it here.
SCHEDULE_DUE = "schedule_due"
CAMPAIGN_REQUESTED = "campaign_requested"


@dataclass(frozen=True, slots=True)
class Listener:
    """A trigger of a version; `outcome` None lets in, else it takes out. `requested`: by an effect."""

    version: Version
    number: int
    trigger: Trigger
    outcome: Exit | None = None
    requested: bool = False

    @property
    def by_state(self) -> bool:
        """Whether it fires when a condition turns true."""
        return self.trigger.on is None and self.trigger.schedule is None and not self.requested

    @property
    def subject(self) -> str:
        """What the engine's own events name it by."""
        return f"{self.version.id}/{self.number}"


@dataclass(frozen=True, slots=True)
class Happening:
    """What the index needs to know of an event."""

    type: str
    subject_key: str | None
    address: str | None
    context_key: str | None


class Index:
    """Built whole from the versions that are current or still have leads in them."""

    def __init__(self, versions: Iterable[Version]) -> None:
        self.versions = {version.id: version for version in versions}
        self.heard: set[str] = {CAMPAIGN_REQUESTED, SCHEDULE_DUE}
        #: Types that those inside wait for, whatever their subject.
        self._awaited: set[str] = set()
        self._exact: dict[tuple[str, str], list[Listener]] = defaultdict(list)
        self._loose: dict[str, list[Listener]] = defaultdict(list)
        self.scheduled: dict[tuple[int, int], Listener] = {}
        self.by_version: dict[int, list[Listener]] = defaultdict(list)
        self.states: list[Listener] = []
        #: Whether some enrolments may run out of time.
        self.bounded = any(version.bounded for version in self.versions.values())
        for version in self.versions.values():
            for listener in listeners(version):
                self._add(listener)
            for statement in version.program.statements:
                if isinstance(statement, Await):
                    self._awaited.update(statement.topics)
        self.heard |= self._awaited

    def _add(self, listener: Listener) -> None:
        trigger = listener.trigger
        self.by_version[listener.version.id].append(listener)
        if listener.requested:
            self._exact[CAMPAIGN_REQUESTED, listener.version.key].append(listener)
        elif trigger.schedule is not None:
            self.scheduled[listener.version.id, listener.number] = listener
            self._exact[SCHEDULE_DUE, listener.subject].append(listener)
        elif trigger.on is None:
            self.states.append(listener)
            # Time alone may turn it true: then the engine's own event says so.
            self.scheduled[listener.version.id, listener.number] = listener
            self._exact[SCHEDULE_DUE, listener.subject].append(listener)
            self.heard.update(trigger.topics)
            for topic in trigger.topics:
                self._loose[topic].append(listener)
        else:
            self._add_pattern(trigger.on, listener)

    def _add_pattern(self, pattern: EventPattern, listener: Listener) -> None:
        self.heard.add(pattern.type)
        subject = pattern.subject
        if subject is None or "*" in subject:
            self._loose[pattern.type].append(listener)
        else:
            for key in {key_of(subject), subject.strip()}:
                self._exact[pattern.type, key].append(listener)

    def concerned(self, happenings: Iterable[Happening]) -> list[Listener]:
        """The listeners some of these may concern, in a stable order, each once."""
        found: dict[int, Listener] = {}
        for event in happenings:
            for listener in self._candidates(event):
                found[id(listener)] = listener
        return sorted(found.values(), key=lambda each: (each.version.id, each.number))

    def hears(self, event: Happening) -> bool:
        """Whether a tick would do more with that event than mark it handled."""
        return event.type in self._awaited or any(True for _ in self._candidates(event))

    def _candidates(self, event: Happening) -> Iterator[Listener]:
        for name in {event.subject_key, event.address} - {None}:
            yield from self._exact.get((event.type, name or ""), ())
        for listener in self._loose.get(event.type, ()):
            if listener.trigger.on is None or _may_match(listener.trigger.on, event):
                yield listener


def listeners(version: Version) -> Iterator[Listener]:
    """Every trigger of a version, numbered; those that let in only while it is open."""
    entries = version.program.entries
    if version.open_:
        for number, trigger in enumerate(entries):
            yield Listener(version, number, trigger)
        if version.program.statements:
            request = Trigger(place=version.program.statements[0].place)
            yield Listener(version, -1, request, requested=True)
    for number, rule in enumerate(version.program.exits, start=len(entries)):
        yield Listener(version, number, rule.trigger, rule.outcome)


def _may_match(pattern: EventPattern, event: Happening) -> bool:
    subject = pattern.subject
    if subject is None or subject.strip() == "*":
        return True
    return _covers(wildcard_key(subject), event.subject_key) or _covers(
        subject.strip(), event.address
    )


def _covers(pattern: str, text: str | None) -> bool:
    """Whether the text reads as the pattern, where « * » stands for anything.

    No regular expression: with a few stars, a well chosen address would keep one busy for hours.
    """
    if text is None:
        return False
    first, *others = pattern.split("*")
    if not others:
        return text == first
    *between, last = others
    if len(text) < len(first) + len(last) or not (text.startswith(first) and text.endswith(last)):
        return False
    at, end = len(first), len(text) - len(last)
    for part in between:
        at = text.find(part, at, end)
        if at < 0:
            return False
        at += len(part)
    return True
