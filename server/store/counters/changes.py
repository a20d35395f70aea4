"""What a transaction counts by sets: added up as it goes, written once before it commits."""

from collections import defaultdict
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import NamedTuple

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from server.store.counters.counted import day_of
from server.store.counters.triggers import ADDED, COLUMNS
from server.store.instants import Micros


class CounterKey(NamedTuple):
    """A counter. `at`: an instant of its day; None: it is of now."""

    campaign_id: int
    kind: str
    at: Micros | None
    version_id: int
    place: int = 0
    subject: str = ""
    detail: str = ""
    #: Of how many days its day is the first.
    block: int = 1


class CountedChanges:
    """What is to be added to which counters, and to their sums."""

    def __init__(self) -> None:
        self._n: defaultdict[CounterKey, int] = defaultdict(int)
        self._total: defaultdict[CounterKey, int] = defaultdict(int)

    def add(self, key: CounterKey, n: int, total: int = 0) -> None:
        """Have that counter grow by `n`, its sum by `total`."""
        self._n[key] += n
        self._total[key] += total

    async def write(self, conn: AsyncConnection) -> None:
        """Add them to what is kept, in the transaction of what was counted."""
        rows = [
            {**dict(zip(_NAMES, key, strict=True)), "n": n, "total": self._total[key]}
            for key, n in self._n.items()
            if n or self._total[key]
        ]
        if rows:
            await conn.execute(_WRITE[conn.dialect.name], rows)


_NAMES = CounterKey.__annotations__
_SELECTED = (
    f"SELECT :campaign_id, :kind, CASE WHEN :at IS NULL THEN 0 ELSE {day_of(':at', ':block')} END, "
    ":version_id, :place, :subject, :detail, :n, :total"
)
_CAST = {
    "block": "BIGINT",
    "campaign_id": "BIGINT",
    "at": "BIGINT",
    "version_id": "BIGINT",
    "place": "BIGINT",
} | {
    "n": "BIGINT",
    "total": "BIGINT",
    "kind": "TEXT",
    "subject": "TEXT",
    "detail": "TEXT",
}


def _typed(selected: str) -> str:
    for name, type_ in _CAST.items():
        selected = selected.replace(f":{name},", f"CAST(:{name} AS {type_}),")
        selected = selected.replace(f":{name} ", f"CAST(:{name} AS {type_}) ")
    return selected


_WRITE = {
    "sqlite": text(f"INSERT INTO counters ({COLUMNS}) {_SELECTED} WHERE true {ADDED}"),
    "postgresql": text(f"INSERT INTO counter_changes ({COLUMNS}) {_typed(_SELECTED + ' ')}"),
}
_TURNED = {
    "sqlite": "UPDATE counting SET by_row = {}",
    "postgresql": "SELECT set_config('relance.by_sets', '{}', true)",
}


@asynccontextmanager
async def by_sets(conn: AsyncConnection) -> AsyncIterator[None]:
    """What is written meanwhile of enrolments is counted by who writes it, not row by row."""
    turned = _TURNED[conn.dialect.name]
    on, off = ("false", "true") if conn.dialect.name == "sqlite" else ("on", "off")
    await conn.exec_driver_sql(turned.format(on))
    yield
    await conn.exec_driver_sql(turned.format(off))
