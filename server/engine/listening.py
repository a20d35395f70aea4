"""From an event to those it may concern: look-ups in memory, whoever they are.

Ten thousand listeners to other things cost an event nothing but a dictionary access. What is found
here is proposed; the store decides, with the whole pattern and condition, for every lead at once.
"""

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Generic, TypeVar

from relance.events import LEAD_UPDATED, EventPattern
from relance.fold import identifier_of, key_of
from server.engine.by_hand import BY
from server.engine.conditions.patterns import wildcard_key

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Happening:
    """What those who listen need to know of an event; `fields`: which changed, as `changed` reads."""

    type: str
    subject_key: str | None = None
    address: str | None = None
    context_key: str | None = None
    fields: frozenset[str] = frozenset()

    def names(self) -> set[str]:
        """What it happened to, under every name."""
        return {name for name in (self.subject_key, self.address) if name is not None} | self.fields


@lru_cache(maxsize=4_096)
def changed(type_: str, properties: str | None) -> frozenset[str]:
    """The keys of the fields that a « lead_updated » told from outside says have changed."""
    if type_ != LEAD_UPDATED or not properties:
        return frozenset()
    fields = json.loads(properties).get("champs", ())
    return frozenset(identifier_of(str(field)) for field in fields)


@lru_cache(maxsize=1_024)
def changes_of(fields: tuple[str, ...], by: str = "") -> str:
    """What « lead_updated » says of them, as `changed` reads it; a site's forms give the same ones.

    `by`: who of the team changed them.
    """
    return json.dumps({"champs": fields} | ({BY: by} if by else {}), ensure_ascii=False)


class Listening(Generic[T]):
    """Finds who listens to an event by its type and subject, without trying every pattern."""

    def __init__(self) -> None:
        #: The types somebody listens to.
        self.types: set[str] = set()
        self._exact: dict[tuple[str, str], list[tuple[EventPattern, T]]] = defaultdict(list)
        self._loose: dict[str, list[tuple[EventPattern, T]]] = defaultdict(list)

    def add(self, pattern: EventPattern, who: T) -> None:
        """`who` is concerned by such events."""
        self.types.add(pattern.type)
        subject = pattern.subject
        if subject is None or "*" in subject:
            self._loose[pattern.type].append((pattern, who))
        else:
            # A field told of by an effect has its name, one told of from outside its key.
            for key in {key_of(subject), subject.strip(), identifier_of(subject)}:
                self._exact[pattern.type, key].append((pattern, who))

    def add_all(self, patterns: Iterable[EventPattern], who: T) -> None:
        """`who` is concerned by any of these."""
        for pattern in patterns:
            self.add(pattern, who)

    def of(self, event: Happening) -> Iterator[T]:
        """Those an event may concern, some perhaps twice."""
        if event.type not in self.types:
            return
        for name in event.names():
            for pattern, who in self._exact.get((event.type, name), ()):
                if _in_context(pattern, event):
                    yield who
        for pattern, who in self._loose.get(event.type, ()):
            if _in_context(pattern, event) and _may_match(pattern, event):
                yield who


def _in_context(pattern: EventPattern, event: Happening) -> bool:
    context = pattern.context
    return context is None or "*" in context or key_of(context) == event.context_key


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
