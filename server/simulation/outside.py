"""The outside of a simulation: channels that take every message and report it sent and delivered.

Each is written as the real channel would write it: what cannot be filled in is refused here too.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from zoneinfo import ZoneInfo

from dsl.program import Act, Program
from relance.channel import Channel, Composer, Limits, Message, Outcome, Refused, Retry, Sent
from relance.effects import Send
from relance.errors import RelanceError
from relance.events import NewEvent
from relance.host import Clock
from relance.project_files import ProjectFiles
from relance.testing import FakeChannel, FakeHost
from server.past import Recalling
from server.plugins import Plugins
from server.store.store import Store

#: Where a channel writes, when its plugin cannot say without its settings.
_ADDRESS = "courriel"
Sections = Mapping[str, Mapping[str, object]]


class StageHost(Recalling, FakeHost):
    """What plugins see of a simulation: the project's files and settings, the stage's own facts."""

    def __init__(
        self, files: ProjectFiles, sections: Sections, store: Store, clock: Clock, zone: ZoneInfo
    ) -> None:
        super().__init__(sections, clock, files=files, zone=str(zone))
        self.recall(store, zone)


class Rehearsal(FakeChannel):
    """A channel from which nothing leaves; `texts` holds what would have, where it can be said."""

    def __init__(
        self, name: str, real: Channel | None, reports: Sequence[str], composer: Composer | None
    ) -> None:
        super().__init__(
            name,
            address_field=real.address_field if real is not None else _ADDRESS,
            otherwise=_delivered(reports or (f"{name}_sent", f"{name}_delivered")),
            limits=Limits(concurrency=100),
        )
        self._composer = composer
        self.texts: list[str] = []

    async def send(self, message: Message) -> Outcome:
        """Write the message; take it if it could be written."""
        if self._composer is not None:
            composed = await self._composer.compose(message)
            if isinstance(composed, Retry):
                return Refused(composed.reason)  # nobody will mend it in the course of a scenario
            if not isinstance(composed, str):
                return composed
            self.texts.append(composed)
        return await super().send(message)


class Outside:
    """The channels that a project's programs send through; `host`, when its files are at hand."""

    def __init__(
        self, programs: Sequence[Program], plugins: Plugins, host: StageHost | None
    ) -> None:
        self._names = names = sent_through(programs)
        self._writes = host is not None
        self._real = _real(plugins, host or FakeHost()) if names else {}
        self._reports = _reports_by_channel(plugins)

    def channels(self) -> tuple[Rehearsal, ...]:
        """A channel for each name that programs send through, nothing sent by it yet."""
        return tuple(self._channel(name, self._real.get(name)) for name in self._names)

    def _channel(self, name: str, real: Channel | None) -> Rehearsal:
        composer = real if self._writes and isinstance(real, Composer) else None
        return Rehearsal(name, real, self._reports.get(name, ()), composer)


def sent_through(programs: Iterable[Program]) -> Sequence[str]:
    """The channels that these send through, by name: those that a simulation has."""
    return sorted({name for program in programs for name in _channels_of(program)})


def _channels_of(program: Program) -> Iterator[str]:
    for statement in program.statements:
        if isinstance(statement, Act):
            yield from (one.channel for one in statement.effects if isinstance(one, Send))


def _real(plugins: Plugins, host: FakeHost) -> dict[str, Channel]:
    """The plugins' own channels, asked what they would write and to which field: none sends."""
    try:
        return dict(plugins.channels(host))
    except RelanceError:
        return {}


def _reports_by_channel(plugins: Plugins) -> dict[str, tuple[str, ...]]:
    """The events that channels tell of what they hand over, where a plugin says so."""
    found: dict[str, tuple[str, ...]] = {}
    for one in plugins.event_types():
        if one.reported_by is not None:
            found[one.reported_by] = (*found.get(one.reported_by, ()), one.type)
    return found


def _delivered(types: Sequence[str]) -> Callable[[Message], Outcome]:
    def outcome(message: Message) -> Outcome:
        said = {"message": message.key}
        events = tuple(NewEvent(type_, message.template, properties=said) for type_ in types)
        return Sent(reference=message.key, events=events)

    return outcome
