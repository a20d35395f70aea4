"""The periods that indicators are counted over, and the events that happened in one, in SQL."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, FromClause, Text, and_, bindparam, select, text

from server.store.instants import Micros
from server.store.measured import among
from server.store.schema.campaigns import enrolments

#: So many statements are kept as they were made: to make one anew costs more than its answer.
WRITTEN = 256


@dataclass(frozen=True, slots=True)
class Period:
    """From an instant to another, the second left out.

    `campaign`: of what was done alone by those who entered it, since they first did.
    """

    start: Micros
    end: Micros
    campaign: int | None = None


@dataclass(frozen=True, slots=True)
class Periods:
    """Several, as rows that a statement reads beside events, told apart by their number."""

    rows: FromClause
    campaign: int | None = None

    @property
    def start(self) -> ColumnElement[int]:
        """When each begins."""
        return self.rows.c.start

    @property
    def end(self) -> ColumnElement[int]:
        """When each ends."""
        return self.rows.c.end

    @property
    def number(self) -> ColumnElement[int]:
        """Its place among them."""
        return self.rows.c.number


_ROWS: Mapping[str, str] = {
    "sqlite": "SELECT key AS number, json_extract(value, '$[0]') AS start, "
    "json_extract(value, '$[1]') AS \"end\" FROM json_each(:bounds)",
    "postgresql": "SELECT number - 1 AS number, CAST(value ->> 0 AS BIGINT) AS start, "
    'CAST(value ->> 1 AS BIGINT) AS "end" FROM jsonb_array_elements(CAST(:bounds AS JSONB)) '
    "WITH ORDINALITY AS each_of_them (value, number)",
}


@lru_cache(WRITTEN)
def periods_of(dialect: str, campaign: int | None = None) -> Periods:
    """Those that are given with a statement (`bounds`), as rows; all of that campaign, if of any."""
    types = dict.fromkeys(("number", "start", "end"), BigInteger)
    rows = text(_ROWS[dialect]).bindparams(bindparam("bounds", type_=Text)).columns(**types)
    return Periods(rows.cte("periods"), campaign)


def bounds(each: Sequence[Period]) -> Mapping[str, str]:
    """These, as the parameter that such statements ask for."""
    return {"bounds": json.dumps([(one.start, one.end) for one in each])}


def within(
    rows: Any, types: Iterable[str], over: Periods, indexed: Sequence[str]
) -> ColumnElement[bool]:
    """Events of those types in the period, by the index that holds no others where it can be."""
    wanted = sorted(set(types))
    held = [among(rows, indexed)] if set(wanted) <= set(indexed) else []
    return and_(
        *held,
        *(() if over.campaign is None else [entered(rows, over.campaign)]),
        rows.c.type.in_(wanted),
        rows.c.occurred_at >= over.start,
        rows.c.occurred_at < over.end,
    )


def entered(rows: Any, campaign: int) -> ColumnElement[bool]:
    """That those events are of leads who had entered that campaign by then."""
    stays = enrolments.alias("n")
    had = select(1).where(
        stays.c.lead_id == rows.c.lead_id,
        stays.c.campaign_id == campaign,
        stays.c.entered_at <= rows.c.occurred_at,
    )
    return had.correlate(rows).exists()
