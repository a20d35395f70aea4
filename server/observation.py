"""What a process of a server tells of itself to programs, as its settings ask: measures, traces."""

from collections.abc import Callable, Collection

from relance.channel import Channel
from server.attendance import own_name
from server.http.forms import Forms
from server.http.metrics import MetricsDoor
from server.http.problems import Problems
from server.intake.intake import Intake
from server.observing import exposition, traces
from server.observing.exposition import Exposition
from server.observing.observed_channel import observed
from server.observing.readings import BaseReadings, ProcessReadings
from server.observing.traces import Traces
from server.settings import Settings
from server.visit_buffer import VisitBuffer

_RELEASE = 8


class Observation:
    """Begun with the process; `close` at its end. Raises `ConfigurationError` for want of a library."""

    def __init__(self, settings: Settings, intake: Intake, visits: VisitBuffer) -> None:
        self._settings, self._intake, self._visits = settings, intake, visits
        self.probe = intake.probe
        self._traces: Traces | None = None
        if settings.metrics_token:
            exposition.refuse_without_library()
        if settings.traces.address:
            self._traces = traces.traces(settings.traces, own_name(), traces.by_otlp)
            self.probe.on_work = self._traces.note

    def channels(self, channels: Collection[Channel]) -> list[Channel]:
        """The same, their sends timed."""
        return [observed(one, self.probe) for one in channels]

    def door(
        self,
        problems: Problems,
        forms: Forms,
        roles: str,
        release: str,
        failing: Callable[[], Collection[str]],
        base: BaseReadings | None = None,
    ) -> MetricsDoor | None:
        """What answers the measures, if anything does; `base`: what the first reads of the base."""
        if not self._settings.metrics_token:
            return None
        lost = self._visits
        process = ProcessReadings(
            *(own_name(), roles, release[:_RELEASE], self.probe, self._intake.queue, forms),
            *(lambda: lost.lost, failing),
        )
        written = Exposition()

        async def exposed(accept: str) -> tuple[bytes, str]:
            of_base = [] if base is None else await base.read()
            return written.write([*process.read(), *of_base], accept)

        return MetricsDoor(self._settings.metrics_token, problems, exposed)

    async def close(self) -> None:
        """Send the last traces."""
        if self._traces is not None:
            await self._traces.close()
