"""What a process did, sent as it is done to whoever gathers traces, by OTLP on HTTP.

The libraries come with an extra, and work on a thread of their own: a receiver that does not answer
holds nobody up, and what it did not take is lost. No span holds a name, an address nor a text.
"""

import asyncio
import logging
from collections.abc import Callable
from importlib.util import find_spec
from typing import Any

from relance.errors import ConfigurationError
from server.observation_settings import TraceSettings
from server.probe import TimedWork

log = logging.getLogger("relance.server")

MISSING = (
    "«\u00a0adresse\u00a0» dans [traces] demande des bibliothèques qui ne sont pas installées : "
    "«\u00a0relance[traces]\u00a0» (depuis les sources : pip install '.[traces]'). Installez-les, ou enlevez ce "
    "réglage."
)
#: How long a process that stops tries to send the last of them, in seconds.
_LAST_WORDS = 2.0


def refuse_without_libraries() -> None:
    """Raise `ConfigurationError` unless they are there."""
    for name in ("opentelemetry.sdk", "opentelemetry.exporter.otlp.proto.http"):
        try:
            found = find_spec(name)
        except ModuleNotFoundError:
            found = None
        if found is None:
            raise ConfigurationError(MISSING, "traces.adresse")


class Traces:
    """Sends them; `close` once, at the end."""

    def __init__(self, provider: Any) -> None:
        self._provider = provider
        self._tracer = provider.get_tracer("relance")

    def note(self, work: TimedWork) -> None:
        """A span of that work, which is done."""
        from opentelemetry.trace import Status, StatusCode

        span = self._tracer.start_span(work.name, attributes=work.said, start_time=work.began)
        if work.failed:
            span.set_status(Status(StatusCode.ERROR, work.failed))
        span.end(work.began + work.lasted)

    async def close(self) -> None:
        """Send what is left, if that can be done soon."""
        try:
            async with asyncio.timeout(_LAST_WORDS):
                await asyncio.to_thread(self._provider.shutdown)
        except TimeoutError:
            log.info("les dernières traces n’ont pas pu être remises à temps")


def traces(settings: TraceSettings, process: str, exporter: Callable[[str], Any]) -> Traces:
    """Those of a process of that name; `exporter`: what sends them to an address."""
    refuse_without_libraries()
    from opentelemetry.sdk.resources import Resource
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.sdk.trace.export import BatchSpanProcessor
    from opentelemetry.sdk.trace.sampling import TraceIdRatioBased

    about = Resource.create({"service.name": "relance", "service.instance.id": process})
    provider = TracerProvider(resource=about, sampler=TraceIdRatioBased(settings.share))
    provider.add_span_processor(BatchSpanProcessor(exporter(settings.address)))
    return Traces(provider)


def by_otlp(address: str) -> Any:
    """What sends spans there."""
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter

    return OTLPSpanExporter(endpoint=address)
