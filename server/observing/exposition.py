"""The readings in the words of Prometheus, by its own library, which comes with an extra."""

from collections.abc import Callable, Iterable, Iterator
from importlib.util import find_spec
from itertools import accumulate
from typing import Any

from relance.errors import ConfigurationError
from server.observing.catalogue import BY_NAME, MetricDeclaration, MetricKind
from server.observing.readings import MetricValue
from server.probe import BOUNDS, Timing

MISSING = (
    "«\u00a0jeton\u00a0» dans [metriques] demande une bibliothèque qui n’est pas installée : «\u00a0relance[mesures]\u00a0» "
    "(depuis les sources : pip install '.[mesures]'). Installez-la, ou enlevez ce réglage."
)


def refuse_without_library() -> None:
    """Raise `ConfigurationError` unless it is there."""
    if find_spec("prometheus_client") is None:
        raise ConfigurationError(MISSING, "metriques.jeton")


class Exposition:
    """Writes readings out, and what the library reads of the system beside."""

    def __init__(self) -> None:
        refuse_without_library()
        from prometheus_client import CollectorRegistry, ProcessCollector

        self._registry = CollectorRegistry()
        ProcessCollector(namespace="relance", registry=self._registry)
        self._made: Iterable[Any] = ()
        self._registry.register(_Made(lambda: self._made))

    def write(self, readings: Iterable[MetricValue], accept: str) -> tuple[bytes, str]:
        """The text, in the form that `accept` asks for, and its type."""
        from prometheus_client.exposition import choose_encoder

        encode, content_type = choose_encoder(accept)
        self._made = list(_families(readings))
        return encode(self._registry), content_type


class _Made:
    """What the registry asks for our own measures."""

    def __init__(self, made: Callable[[], Iterable[Any]]) -> None:
        self._made = made

    def describe(self) -> Iterable[Any]:
        """Nothing: what there is changes."""
        return ()

    def collect(self) -> Iterable[Any]:
        """The families of the readings."""
        return self._made()


def _families(readings: Iterable[MetricValue]) -> Iterator[Any]:
    """One a measure, in the order of the readings."""
    families: dict[str, Any] = {}
    for one in readings:
        declared = BY_NAME[one.name]
        family = families.get(one.name)
        if family is None:
            family = families[one.name] = _family(declared)
        if isinstance(one.value, Timing):
            totals = accumulate(one.value.counts)
            bounds = (*(str(bound) for bound in BOUNDS), "+Inf")
            family.add_metric(one.labels, list(zip(bounds, totals, strict=True)), one.value.seconds)
        else:
            family.add_metric(one.labels, one.value)
    yield from families.values()


def _family(declared: MetricDeclaration) -> Any:
    from prometheus_client import core

    kinds = {
        MetricKind.COUNTER: core.CounterMetricFamily,
        MetricKind.GAUGE: core.GaugeMetricFamily,
        MetricKind.HISTOGRAM: core.HistogramMetricFamily,
    }
    return kinds[declared.kind](declared.name, declared.meaning, labels=declared.labels)
