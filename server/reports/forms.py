"""What came by forms: how many a day, the last answers, the fields they hold."""

import json
from bisect import bisect_right
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import func, select, text
from sqlalchemy.ext.asyncio import AsyncConnection

from relance.fold import key_of
from server.store.instants import HOUR, Micros, to_micros
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
    conn: AsyncConnection, forms: Collection[str], last: date, days: int, zone: ZoneInfo
) -> Mapping[str, Sequence[tuple[date, int]]]:
    """By form, how many came each of so many days, the last of them last."""
    every = [last - timedelta(days=days - 1 - at) for at in range(days)]
    begun = [to_micros(datetime(one.year, one.month, one.day, tzinfo=zone)) for one in every]
    step = (events.c.received_at // _STEP).label("step")
    subject, keys = events.c.subject_key, {key_of(one) for one in forms}
    query = (
        select(subject, step, func.count().label("n"))
        .where(_OF_FORMS, subject.in_(sorted(keys)), events.c.received_at >= begun[0])
        .group_by(subject, step)
    )
    found: dict[str, list[int]] = {key: [0] * days for key in keys}
    for key, number, n in await conn.execute(query):
        found[key][bisect_right(begun, int(number) * _STEP) - 1] += n
    return {one: list(zip(every, found[key_of(one)], strict=True)) for one in forms}


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
