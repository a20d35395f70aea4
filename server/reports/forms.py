"""What came by forms: how many a day, the last answers, the fields they hold."""

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import func, select, text
from sqlalchemy.ext.asyncio import AsyncConnection

from relance.fold import key_of
from server.store.instants import HOUR, Micros, from_micros, to_micros
from server.store.schema.events import OF_FORMS, events

#: The steps in which arrivals are counted before they are told by day: no zone is off by less.
_STEP = HOUR // 4
_OF_FORMS = text(OF_FORMS)


@dataclass(frozen=True, slots=True)
class FormAnswer:
    """One answer. `values`: as they were posted, by name."""

    lead: int
    at: Micros
    values: Mapping[str, str]


async def arrivals_by_day(
    conn: AsyncConnection, form: str, last: date, days: int, zone: ZoneInfo
) -> Sequence[tuple[date, int]]:
    """How many came by that form each of so many days, the last of them last."""
    first = last - timedelta(days=days - 1)
    since = to_micros(datetime(first.year, first.month, first.day, tzinfo=zone))
    step = (events.c.received_at // _STEP).label("step")
    query = (
        select(step, func.count().label("n"))
        .where(_OF_FORMS, events.c.subject_key == key_of(form), events.c.received_at >= since)
        .group_by(step)
    )
    found = Counter[date]()
    for row in await conn.execute(query):
        found[from_micros(int(row.step) * _STEP).astimezone(zone).date()] += row.n
    return [(day, found[day]) for day in (first + timedelta(days=at) for at in range(days))]


async def last_answers(conn: AsyncConnection, form: str, most: int) -> Sequence[FormAnswer]:
    """The last that came by that form, the last first."""
    query = (
        select(events.c.lead_id, events.c.received_at, events.c.properties)
        .where(_OF_FORMS, events.c.subject_key == key_of(form))
        .order_by(events.c.received_at.desc())
        .limit(most)
    )
    return [
        FormAnswer(row.lead_id, row.received_at, _values(row.properties))
        for row in await conn.execute(query)
    ]


def _values(stored: str | None) -> Mapping[str, str]:
    given: Mapping[str, Any] = json.loads(stored) if stored else {}
    return {name: _said(value) for name, value in given.items()}


def _said(value: object) -> str:
    if isinstance(value, list):
        return ", ".join(map(_said, value))
    if isinstance(value, bool):
        return "oui" if value else "non"
    return "" if value is None else str(value)
