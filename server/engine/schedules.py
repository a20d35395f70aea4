"""Recurring triggers: « chaque lundi à 9 h », and the look at state triggers each night.

A recurrence is walked in local time without a zone, then placed in the zone by us: the clocks
going back must not make it happen twice, nor going forward skip it.
"""

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from croniter import croniter
from sqlalchemy import BigInteger, Select, Text, func, insert, literal, select, true, update

from relance import facts
from server.engine.batch import insert_from
from server.engine.conditions import Scope, leaves_json
from server.engine.entries import holding, outside
from server.engine.index import SCHEDULE_DUE, Listener
from server.engine.tick import Tick
from server.store.instants import DAY, Micros, local, resolve
from server.store.tables import edges, events, schedules

#: A recurrence missed by more than this (the server was stopped) is not made up for.
_TOO_LATE = DAY
_NIGHTLY = "0 0 * * *"


def next_time(cron: str, zone: ZoneInfo, after: Micros) -> Micros:
    """The first instant of the recurrence after that one."""
    walk = croniter(cron, local(after, zone).replace(tzinfo=None))
    while True:
        naive: datetime = walk.get_next(datetime)
        instant = resolve(naive, zone)
        if instant > after:
            return instant


def recurrence(listener: Listener) -> str | None:
    """When to look at a trigger whatever happens; None for never."""
    trigger = listener.trigger
    if trigger.schedule is not None:
        return trigger.schedule
    if listener.by_state and trigger.condition is not None and facts.timed(trigger.condition):
        return _NIGHTLY
    return None


async def fire_due(tick: Tick, listeners: dict[tuple[int, int], Listener], scope_of: Any) -> bool:
    """Make the events of every recurrence that is due; whether there were any."""
    due = await tick.ask(select(schedules).where(schedules.c.due_at <= tick.now))
    for row in due:
        mine = (schedules.c.version_id == row.version_id) & (schedules.c.trigger == row.trigger)
        listener = listeners.get((row.version_id, row.trigger))
        if listener is None:
            await tick.conn.execute(schedules.delete().where(mine))
            continue
        if tick.now - row.due_at < _TOO_LATE:
            await _fire(tick, listener, scope_of(listener.version.id))
        following = next_time(recurrence(listener) or _NIGHTLY, listener.version.zone, tick.now)
        await tick.conn.execute(update(schedules).where(mine).values(due_at=following))
    return bool(due)


async def _fire(tick: Tick, listener: Listener, scope: Scope) -> None:
    leads = scope.fields.table
    condition = listener.trigger.condition
    here = outside(scope)
    rows: Select[Any] = holding(condition, scope)
    if listener.by_state:
        known = select(edges.c.lead_id).where(
            edges.c.version_id == listener.version.id, edges.c.trigger == listener.number
        )
        rows = rows.where(leads.c.id.not_in(known))
    values = tick.parameters(listener.version)
    count = await tick.conn.scalar(select(func.count()).select_from(rows.subquery()), dict(values))
    first = tick.store.ids.reserve(count or 1)
    number = func.row_number().over(order_by=leads.c.id)
    made = {
        "lead_id": leads.c.id,
        "type": literal(SCHEDULE_DUE, Text),
        "id": literal(first, BigInteger) + number - 1,
        "subject": literal(listener.subject, Text),
        "subject_key": literal(listener.subject, Text),
        "occurred_at": literal(tick.now, BigInteger),
        "received_at": literal(tick.now, BigInteger),
        "properties": leaves_json((condition,), here),
        "pending": true(),
    }
    await tick.conn.execute(insert_from(events, made, rows), dict(values))
    if listener.by_state:
        await refresh_edges(tick, listener, scope)


async def refresh_edges(tick: Tick, listener: Listener, scope: Scope) -> None:
    """Take note of the leads for which a state trigger's condition holds now."""
    mine = (edges.c.version_id == listener.version.id) & (edges.c.trigger == listener.number)
    await tick.conn.execute(edges.delete().where(mine))
    rows = holding(listener.trigger.condition, scope)
    values = {
        "lead_id": scope.fields.table.c.id,
        "version_id": literal(listener.version.id, BigInteger),
        "trigger": literal(listener.number),
    }
    parameters = dict(tick.parameters(listener.version))
    await tick.conn.execute(insert_from(edges, values, rows), parameters)


async def plan_recurrence(tick: Tick, listener: Listener, cron: str) -> None:
    """Put a trigger on the calendar, unless it stands there already."""
    version = listener.version
    mine = (schedules.c.version_id == version.id) & (schedules.c.trigger == listener.number)
    if await tick.conn.scalar(select(schedules.c.due_at).where(mine)) is None:
        due_at = next_time(cron, version.zone, tick.now)
        new = insert(schedules).values(
            version_id=version.id, trigger=listener.number, due_at=due_at
        )
        await tick.conn.execute(new)
