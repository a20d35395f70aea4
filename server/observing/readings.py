"""The values of the measures, read when they are asked for."""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import TypeAlias

from relance.concern import Gravity
from relance.errors import StoreUnavailable
from relance.host import Clock
from server.health.answer import GRAVITIES
from server.health.checkup import Checkup
from server.health.operation import operation
from server.http.forms import Forms
from server.intake.queue import IntakeQueue
from server.probe import Probe, Timing
from server.reports.outbox_states import outbox_states
from server.store.instants import now_micros
from server.store.store import Store

#: What the base says is waited for so long, in seconds.
PATIENCE = 2.0


@dataclass(frozen=True, slots=True)
class MetricValue:
    """A value of a measure; `labels` in the order in which it is declared."""

    name: str
    value: float | Timing
    labels: tuple[str, ...] = ()


OfBase: TypeAlias = Callable[[], Awaitable[Iterable[MetricValue]]]


@dataclass(frozen=True, slots=True)
class ProcessReadings:
    """What a process knows of itself."""

    name: str
    roles: str
    release: str
    probe: Probe
    queue: IntakeQueue
    forms: Forms
    lost: Callable[[], int]
    failing: Callable[[], Collection[str]]

    def read(self) -> Iterator[MetricValue]:
        """All of it, now."""
        probe, queue = self.probe, self.queue
        yield MetricValue("relance_process_info", 1, (self.name, self.roles, self.release))
        yield MetricValue("relance_intake_group_seconds", probe.groups)
        yield MetricValue("relance_intake_facts_total", probe.facts)
        yield MetricValue("relance_intake_waiting_facts", queue.facts)
        yield MetricValue("relance_intake_waiting_bytes", queue.bytes)
        yield MetricValue("relance_intake_refused_total", queue.refused)
        yield MetricValue("relance_forms_received_total", self.forms.taken)
        yield MetricValue("relance_forms_trapped_total", self.forms.trapped)
        yield MetricValue("relance_visits_lost_total", self.lost())
        yield MetricValue("relance_tick_seconds", probe.ticks)
        yield MetricValue("relance_tick_rows_total", probe.rows)
        for labels, timing in sorted(probe.sends.items()):
            yield MetricValue("relance_send_seconds", timing, labels)
        yield MetricValue("relance_tasks_failing", len(self.failing()))


@dataclass(frozen=True, slots=True)
class BaseReadings:
    """What the base says of all the processes."""

    store: Store
    clock: Clock
    checkup: Checkup
    channels: Collection[str]
    cut: Callable[[], Mapping[str, str]]

    async def read(self) -> list[MetricValue]:
        """All of it; that the base does not answer, when it does not in time."""
        cut = self.cut()
        known = [
            MetricValue("relance_channel_cut", name in cut, (name,))
            for name in sorted(self.channels)
        ]
        try:
            async with asyncio.timeout(PATIENCE):
                return [*known, MetricValue("relance_base_up", 1), *await self._asked()]
        except (StoreUnavailable, TimeoutError):
            return [*known, MetricValue("relance_base_up", 0)]

    async def _asked(self) -> list[MetricValue]:
        health = await self.checkup.health()
        gravities = Counter(one.gravity for one in health.concerns)
        async with self.store.read() as conn:
            found = await operation(conn, now_micros(self.clock))
            messages = await outbox_states(conn)
        states = Counter(one.state for one in found.processes)
        return [
            *(
                MetricValue("relance_concerns", gravities[one], (GRAVITIES[one],))
                for one in Gravity
            ),
            *(MetricValue("relance_processes", n, (state,)) for state, n in sorted(states.items())),
            *(MetricValue("relance_waiting", one.count, (one.key,)) for one in found.waiting),
            *(
                MetricValue("relance_waiting_oldest_seconds", one.oldest or 0, (one.key,))
                for one in found.waiting
            ),
            *(
                MetricValue("relance_messages", n, which)
                for which, n in sorted(messages.items())
                if n
            ),
        ]
