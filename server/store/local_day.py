"""The calendar day of an instant, as SQL: PostgreSQL knows time zones, SQLite asks Python."""

from datetime import date
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, Date, func
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import GenericFunction

from server.store.instants import Micros, local


class relance_local_day(GenericFunction[date]):  # noqa: N801 — the name SQL knows it by
    """The day that calendars show in a zone at an instant."""

    type = Date()
    inherit_cache = True


@compiles(relance_local_day, "postgresql")
def _on_postgresql(element: relance_local_day, compiler: SQLCompiler, **options: Any) -> str:
    instant, zone = (compiler.process(part, **options) for part in element.clauses)
    return (
        f"CAST(timezone(CAST({zone} AS TEXT), "
        f"to_timestamp(CAST({instant} AS DOUBLE PRECISION) / 1000000)) AS DATE)"
    )


def local_day(instant: ColumnElement[int], zone: ZoneInfo) -> ColumnElement[date]:
    """The day of `instant` in `zone`; missing when it is."""
    return func.relance_local_day(instant, zone.key)


def day_on_sqlite(instant: Micros | None, zone: str) -> str | None:
    """What SQLite calls."""
    return None if instant is None else local(instant, _zone(zone)).date().isoformat()


_zone = lru_cache(maxsize=64)(ZoneInfo)
