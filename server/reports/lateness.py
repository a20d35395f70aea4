"""What came due in a campaign while it did not run, by step and message, and for how long."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, case, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from relance.french import quoted
from server.engine.life import overdue
from server.reports.campaigns import OverdueRow
from server.store.instants import DAY, MINUTE, Micros

_HOUR, _WEEK = 60 * MINUTE, 7 * DAY


async def overdue_rows(
    conn: AsyncConnection, campaign_id: int, now: Micros
) -> Sequence[OverdueRow]:
    """People by the last step they passed, then messages by channel."""
    behind = overdue.late_people(campaign_id, now).c
    step, people = behind.step, select(behind.step, *_ages(behind.since, now))
    found = [
        OverdueRow(f"Personnes, étape {quoted(row[0])}" if row[0] else "Personnes", None, *row[1:])
        for row in await conn.execute(people.group_by(step).order_by(step))
    ]
    late = overdue.late_messages(campaign_id, now)
    kind = (late.c.message, late.c.channel)
    mail = select(*kind, *_ages(late.c.since, now))
    found += [
        OverdueRow(f"Message {quoted(row[0])}", row[1], *row[2:])
        for row in await conn.execute(mail.group_by(*kind).order_by(*kind))
    ]
    return found


def _ages(since: ColumnElement[Any], now: Micros) -> list[ColumnElement[int]]:
    """How many in all, and of each age."""
    bounds = ((None, _HOUR), (_HOUR, DAY), (DAY, _WEEK), (_WEEK, None))
    found: list[ColumnElement[int]] = [func.count()]
    for least, most in bounds:
        tests = [since <= now - least] if least is not None else []
        tests += [since > now - most] if most is not None else []
        found.append(func.count(case((tests[0] if len(tests) == 1 else tests[0] & tests[1], 1))))
    return found
