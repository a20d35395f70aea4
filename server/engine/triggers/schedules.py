"""Recurring triggers: « chaque lundi à 9 h », and the look at state triggers each night.

A recurrence is walked in local time without a zone, then placed in the zone by us: the clocks
going back must not make it happen twice, nor going forward skip it.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from croniter import croniter
from sqlalchemy import Select, insert, select, update

from server.engine.conditions.leaves import leaves_json
from server.engine.conditions.scope import Scope
from server.engine.index import SCHEDULE_DUE, Listener
from server.engine.tick import Tick
from server.engine.triggers.entries import holding, outside
from server.engine.triggers.notings import noted
from server.store.instants import DAY, Micros, local, resolve
from server.store.schema.campaigns import edges, schedules
from server.store.schema.events import events

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
    return None


async def fire_due(
    tick: Tick, listeners: Mapping[tuple[int, int], Listener], scope_of: Any, limit: int
) -> bool:
    """Make the events of every recurrence that is due; whether there were any.

    A crowd comes in parts of `limit` leads, a tick each: how far it got is committed with them.
    """
    due = await tick.ask(select(schedules).where(schedules.c.due_at <= tick.now))
    for row in due:
        mine = (schedules.c.version_id == row.version_id) & (schedules.c.trigger == row.trigger)
        listener = listeners.get((row.version_id, row.trigger))
        if listener is None:
            await tick.conn.execute(schedules.delete().where(mine))
            continue
        begun = row.after_lead is not None
        last = None
        if begun or tick.now - row.due_at < _TOO_LATE:
            part = _Part(listener, scope_of(listener.version.id), row.after_lead or 0)
            last = await part.fire(tick, limit)
        change: dict[str, Any] = {"after_lead": last}
        if last is None:
            cron = recurrence(listener) or _NIGHTLY
            change["due_at"] = next_time(cron, listener.version.zone, tick.now)
        await tick.conn.execute(update(schedules).where(mine).values(**change))
    return bool(due)


class _Part:
    """The leads after one, as many as a transaction should take."""

    def __init__(self, listener: Listener, scope: Scope, after: int) -> None:
        self._listener, self._scope, self._after = listener, scope, after
        self._leads = scope.fields.table

    async def fire(self, tick: Tick, limit: int) -> int | None:
        """Make their events; the last of them, None when no one is left after."""
        lead_id = self._leads.c.id
        rows = self._concerned().add_columns(self._leaves()).order_by(lead_id).limit(limit)
        # Read once: on a store that lets others write meanwhile, a second look may see more.
        found = (await tick.conn.execute(rows, self._now(tick))).all()
        last = found[-1][0] if len(found) == limit else None
        if found:
            await tick.conn.execute(insert(events), self._events(tick, found))
        if self._listener.by_state:
            await self._note(tick, [lead for lead, _ in found], last)
        return last

    def _now(self, tick: Tick) -> dict[str, Any]:
        return dict(tick.parameters(self._listener.version))

    def _holding(self) -> Select[Any]:
        rows = holding(self._listener.trigger.condition, self._scope)
        return rows.where(self._leads.c.id > self._after)

    def _concerned(self) -> Select[Any]:
        if not self._listener.by_state:
            return self._holding()
        known = select(edges.c.lead_id).where(noted(self._listener))
        return self._holding().where(self._leads.c.id.not_in(known))

    def _leaves(self) -> Any:
        condition = self._listener.trigger.condition
        return leaves_json((condition,), outside(self._scope)).label("leaves")

    def _events(self, tick: Tick, found: Sequence[Any]) -> list[dict[str, Any]]:
        first = tick.store.ids.reserve(len(found))
        subject = self._listener.subject
        return [
            {
                "lead_id": lead,
                "type": SCHEDULE_DUE,
                "id": first + place,
                "subject": subject,
                "subject_key": subject,
                "occurred_at": tick.now,
                "received_at": tick.now,
                "properties": leaves,
                "pending": True,
            }
            for place, (lead, leaves) in enumerate(found)
        ]

    async def _note(self, tick: Tick, turned: Sequence[int], last: int | None) -> None:
        """Their condition holds now; of those looked at, forget the ones whose does not any more."""
        over = noted(self._listener) & (edges.c.lead_id > self._after)
        if last is not None:
            over &= edges.c.lead_id <= last
        over &= edges.c.lead_id.not_in(self._holding())
        await tick.conn.execute(edges.delete().where(over), self._now(tick))
        if turned:
            version_id, number = self._listener.version.id, self._listener.number
            rows = [
                {"lead_id": lead, "version_id": version_id, "trigger": number} for lead in turned
            ]
            await tick.conn.execute(insert(edges), rows)


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
