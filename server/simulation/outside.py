"""The outside of a simulation: channels that take every message and report it sent and delivered."""

from collections.abc import Callable, Iterator, Sequence

from dsl.program import Act, Program
from relance.channel import Channel, Limits, Message, Outcome, Sent
from relance.effects import Send
from relance.errors import RelanceError
from relance.events import NewEvent
from relance.testing import FakeChannel, FakeHost
from server.plugins import Plugins

#: Where a channel writes, when its plugin cannot say without its settings.
_ADDRESS = "courriel"


def channels_of(programs: Sequence[Program], plugins: Plugins) -> tuple[FakeChannel, ...]:
    """A channel for each one that the programs send through."""
    names = sorted({name for program in programs for name in _sent_through(program)})
    if not names:
        return ()
    real = _real(plugins)
    told = _told(plugins)
    return tuple(
        FakeChannel(
            name,
            address_field=real[name].address_field if name in real else _ADDRESS,
            otherwise=_delivered(told.get(name) or (f"{name}_sent", f"{name}_delivered")),
            limits=Limits(concurrency=100),
        )
        for name in names
    )


def _sent_through(program: Program) -> Iterator[str]:
    for statement in program.statements:
        if isinstance(statement, Act):
            yield from (one.channel for one in statement.effects if isinstance(one, Send))


def _real(plugins: Plugins) -> dict[str, Channel]:
    """The plugins' own channels, never used: only asked which field they write to."""
    try:
        return dict(plugins.channels(FakeHost()))
    except RelanceError:
        return {}


def _told(plugins: Plugins) -> dict[str, tuple[str, ...]]:
    """The events that channels tell of what they hand over, where a plugin says so."""
    found: dict[str, tuple[str, ...]] = {}
    for one in plugins.event_types():
        if one.told_by is not None:
            found[one.told_by] = (*found.get(one.told_by, ()), one.type)
    return found


def _delivered(types: Sequence[str]) -> Callable[[Message], Outcome]:
    def outcome(message: Message) -> Outcome:
        events = tuple(NewEvent(type_, message.template) for type_ in types)
        return Sent(reference=message.key, events=events)

    return outcome
