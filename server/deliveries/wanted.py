"""Which events each sink wants: types as it names them, put as the store knows them."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from relance.errors import ConfigurationError
from relance.event_type import EventType
from relance.events import EventPattern
from relance.fold import fold
from relance.french import quoted
from relance.sink import Sink
from relance.slip import slip_of
from server.engine.own_events import INNER
from server.engine.subscriptions import SinkSubscription

_ALL = "*"


def subscriptions(
    sinks: Sequence[Sink], types: Sequence[EventType]
) -> tuple[SinkSubscription, ...]:
    """What each wants; ConfigurationError for a type that nobody records."""
    known = [one for one in types if one.type not in INNER]
    return tuple(SinkSubscription(sink.name, tuple(_wanted(sink, known))) for sink in sinks)


def _wanted(sink: Sink, types: Sequence[EventType]) -> Iterator[EventPattern]:
    named = [
        replace(pattern, type=_type(sink, pattern.type, types))
        for pattern in sink.wants
        if pattern.type != _ALL
    ]
    yield from named
    if len(named) < len(sink.wants):
        known = {pattern.type for pattern in named}
        yield from (EventPattern(one.type) for one in types if one.type not in known)


def _type(sink: Sink, said: str, types: Sequence[EventType]) -> str:
    for one in types:
        if said.strip() == one.type or fold(said) == fold(one.label):
            return one.type
    labels = sorted(one.label for one in types)
    near = slip_of(said, labels)
    hint = (
        f"Vouliez-vous dire {quoted(near)}\u00a0?"
        if near
        else f"Il y a\u00a0: {', '.join(labels)}."
    )
    raise ConfigurationError(
        f"[{sink.name}] demande l’événement {quoted(said)}, que personne n’enregistre. {hint}",
        "evenements",
    )
