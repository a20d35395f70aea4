"""`[metriques]` and `[traces]`: who may read the measures of a server, and where its traces are sent."""

from dataclasses import dataclass

from relance.errors import ConfigurationError
from relance.origin import origin_of
from relance.section import Section

METRICS_KEYS, TRACES_KEYS = ("jeton",), ("adresse", "part")
_SHORTEST = 16


@dataclass(frozen=True, slots=True)
class TraceSettings:
    """`address`: of what takes them, by OTLP on HTTP; empty: none is sent. `share`: of all, from 0 to 1."""

    address: str = ""
    share: float = 1.0


def metrics_token(given: Section) -> str:
    """What opens the measures; empty: nothing does. Raises `ConfigurationError`."""
    token = given.text("jeton")
    if token and (len(token) < _SHORTEST or not token.isascii()):
        raise ConfigurationError(
            "«\u00a0jeton\u00a0» dans [metriques] doit compter au moins 16 caractères, sans accent.",
            "jeton",
        )
    return token


def trace_settings(given: Section) -> TraceSettings:
    """Where traces go, and how many. Raises `ConfigurationError`."""
    address = given.text("adresse")
    if address and origin_of(address) is None:
        raise ConfigurationError(
            "«\u00a0adresse\u00a0» dans [traces] doit être une adresse entière, comme "
            "«\u00a0http://127.0.0.1:4318/v1/traces\u00a0».",
            "adresse",
        )
    return TraceSettings(address, given.number("part", 1, 0, 1))
