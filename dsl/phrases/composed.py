"""Phrases that hold another: « Plus de (90 minutes) se sont écoulées depuis … » takes any event.

A slot of type « fait » stands for an event phrase, whoever brings it. Each event phrase gives such
a pattern one more phrase, with the slots of both; what it means is asked of the event first.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from functools import cache
from re import compile as pattern_of
from typing import TypeVar

from dsl.language.fr.core_slots import FACT
from relance.events import EventPattern
from relance.facts import Events
from relance.phrase import Kind, Meaning, Phrase

_SLOT = pattern_of(r"\{\s*(\w+)\s*:\s*" + FACT + r"\s*\}")
_NAME = pattern_of(r"\{\s*(\w+)\s*:")

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Composed(Phrase):
    """`host` with `event` in it; `inner` are the slots of the event."""

    host: Phrase
    event: Phrase
    inner: frozenset[str] = field(default=frozenset())


@cache
def takes_fact(pattern: str) -> bool:
    """Whether an event phrase stands in a pattern."""
    return _SLOT.search(pattern) is not None


def compose(host: Phrase, events: Iterable[Phrase]) -> Iterator[Composed]:
    """What `host` is with each of these event phrases in it."""
    holding = [one for one in (host.pattern, *host.aliases) if takes_fact(one)]
    for event in events if holding else ():
        if event.kind is Kind.EVENT:
            yield _composed(host, event, holding)


def _composed(host: Phrase, event: Phrase, holding: list[str]) -> Composed:
    first, *others = [
        _SLOT.sub(lambda slot, one=one: _within(slot[1], one), pattern)  # type: ignore[misc]
        for pattern in holding
        for one in (event.pattern, *event.aliases)
    ]
    slot = next(found[1] for pattern in holding for found in _SLOT.finditer(pattern))
    begins = f"{slot}_"

    def means(**values: object) -> Meaning:
        given = {name.removeprefix(begins): v for name, v in values.items() if name in inner}
        pattern = event.means(**given)
        if not isinstance(pattern, EventPattern):
            raise TypeError(f"{event.id}: {pattern!r}")
        own = {name: value for name, value in values.items() if name not in inner}
        return host.means(**own, **{slot: Events(pattern)})

    names = {name for one in (first, *others) for name in _NAME.findall(one)}
    inner = frozenset(name for name in names if name.startswith(begins))
    return Composed(
        id=f"{host.id}:{event.id}",
        kind=host.kind,
        pattern=first,
        aliases=tuple(others),
        means=means,
        help=host.help,
        example=host.example,
        host=host,
        event=event,
        inner=inner,
    )


def _within(slot: str, pattern: str) -> str:
    """An event's pattern amid a sentence, its slots named after the slot it stands in."""
    named = _NAME.sub(lambda found: f"{{{slot}_{found[1]}:", pattern)
    return named[:1].lower() + named[1:] if named[1:2].islower() else named


def narrowed(node: T, events: Events) -> T:
    """`node` with what happened narrowed to `events`."""
    if isinstance(node, Events):
        return events  # type: ignore[return-value]
    if isinstance(node, tuple):
        return tuple(narrowed(one, events) for one in node)  # type: ignore[return-value]
    if not hasattr(type(node), "__dataclass_fields__"):
        return node
    names = type(node).__dataclass_fields__  # type: ignore[attr-defined]
    return replace(node, **{name: narrowed(getattr(node, name), events) for name in names})  # type: ignore[type-var]
