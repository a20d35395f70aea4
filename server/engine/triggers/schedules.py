"""Recurring triggers: « chaque lundi à 9 h ».

A recurrence is walked in local time without a zone, then placed in the zone by us: the clocks
going back must not make it happen twice, nor going forward skip it.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from functools import cache, lru_cache
from typing import Any
from zoneinfo import ZoneInfo

from croniter import croniter
from sqlalchemy import BigInteger, Integer, bindparam, insert, select, update

from server.engine.conditions.leaves import leaves_json
from server.engine.conditions.scope import Scope
from server.engine.listener import Listener
from server.engine.own_events import SCHEDULE_DUE
from server.engine.owner import Key
from server.engine.parameters import LIMIT, NOW
from server.engine.tick import Prepared, Tick
from server.engine.triggers.entries import holding, outside
from server.store.arrivals import EventRow, insert_events
from server.store.instants import DAY, Micros, local, resolve
from server.store.schema.campaigns import schedules

#: A recurrence missed by more than this (the server was stopped) is not made up for.
_TOO_LATE = DAY
#: The last lead of the part before.
_AFTER = bindparam("p_after", type_=BigInteger)


_VERSION, _TRIGGER = schedules.c.version_id, schedules.c.trigger


def _is(version: Any, trigger: Any) -> Any:
    return (version == _VERSION) & (trigger == _TRIGGER)


_RESTING = bindparam("p_resting", type_=BigInteger, expanding=True)
_due = Prepared(select(schedules).where(schedules.c.due_at <= NOW, _VERSION.not_in(_RESTING)))
_go_on = Prepared(
    update(schedules)
    .where(_is(bindparam("p_version", type_=BigInteger), bindparam("p_trigger", type_=Integer)))
    .values(due_at=bindparam("p_due", type_=BigInteger), after_lead=_AFTER)
)


@cache
def _walk(cron: str) -> croniter:
    """A recurrence understood once, to be walked from anywhere."""
    return croniter(cron)


@lru_cache(maxsize=1024)  # thousands of campaigns look at the same hour
def next_time(cron: str, zone: ZoneInfo, after: Micros) -> Micros:
    """The first instant of the recurrence after that one."""
    walk = _walk(cron)
    walk.set_current(local(after, zone).replace(tzinfo=None), force=True)
    while True:
        naive: datetime = walk.get_next(datetime)
        instant = resolve(naive, zone)
        if instant > after:
            return instant


class Schedules:
    """Those there are; the statements of each are compiled when it is first due.

    `scope_of` tells what the words of an owner refer to.
    """

    def __init__(self, listeners: Mapping[Key, Listener], scope_of: Callable[[int], Scope]) -> None:
        self._listeners, self._scope_of = listeners, scope_of
        self._firing: dict[Key, _Firing] = {}

    async def fire_due(self, tick: Tick, limit: int, resting: Sequence[int]) -> bool:
        """Make the events of every recurrence that is due; whether there were any.

        `resting`: the versions in which a crowd half let in waits until they run again.
        A crowd comes in parts of `limit` leads, a tick each: how far it got is committed with them.
        """
        due = await tick.ask(_due, p_resting=resting)
        busy: set[str] = set()
        moved: list[dict[str, Any]] = []
        for row in sorted(due, key=self._order):
            key = (row.version_id, row.trigger)
            listener = self._listeners.get(key)
            if listener is not None and listener.group in busy:
                continue
            cron = listener.trigger.schedule if listener is not None else None
            if listener is None or cron is None:
                await tick.conn.execute(schedules.delete().where(_is(*key)))
                continue
            last = None
            if row.after_lead is not None or tick.now - row.due_at < _TOO_LATE:
                last = await self._of(key, listener).part(tick, row.after_lead or 0, limit)
            due_at = row.due_at
            if last is not None and listener.group is not None:
                busy.add(listener.group)  # the next of its group waits until all had their turn
            if last is None:
                due_at = next_time(cron, listener.owner.zone, tick.now)
            whose = {"p_version": row.version_id, "p_trigger": row.trigger}
            moved.append({**whose, "p_due": due_at, "p_after": last})
        if moved:
            await tick.conn.execute(_go_on.statement, moved)
        return bool(due)

    def _order(self, row: Any) -> tuple[Micros, int, int, int]:
        """The longest due first; of those due together, as their exclusive group has it."""
        listener = self._listeners.get((row.version_id, row.trigger))
        place = listener.place if listener is not None else 0
        return (row.due_at, place, row.version_id, row.trigger)

    def _of(self, key: Key, listener: Listener) -> "_Firing":
        found = self._firing.get(key)
        if found is None:
            found = self._firing[key] = _Firing(listener, self._scope_of(listener.owner.id))
        return found


class _Firing:
    """What a recurrence does when it is due: a part at a time, the leads after one."""

    def __init__(self, listener: Listener, scope: Scope) -> None:
        self._listener = listener
        condition, lead_id = listener.trigger.condition, scope.fields.table.c.id
        leaves = leaves_json((condition,), outside(scope)).label("leaves")
        rows = holding(condition, scope).where(lead_id > _AFTER).add_columns(leaves)
        self._rows = Prepared(rows.order_by(lead_id).limit(LIMIT))

    async def part(self, tick: Tick, after: int, limit: int) -> int | None:
        """Make the events of so many leads; the last of them, None when no one is left after."""
        # Read once: on a store that lets others write meanwhile, a second look may see more.
        found = await tick.rows(self._rows, self._listener.owner, p_after=after, p_limit=limit)
        last = found[-1][0] if len(found) == limit else None
        if found:
            await insert_events(tick.conn, self._events(tick, found))
        return last

    def _events(self, tick: Tick, found: Sequence[Any]) -> list[EventRow]:
        first = tick.store.ids.reserve(len(found))
        subject = self._listener.subject
        return [
            EventRow(
                lead_id=lead,
                type=SCHEDULE_DUE,
                id=first + place,
                occurred_at=tick.now,
                received_at=tick.now,
                subject=subject,
                subject_key=subject,
                properties=leaves,
            )
            for place, (lead, leaves) in enumerate(found)
        ]


async def plan_recurrences(tick: Tick, listeners: Iterable[Listener]) -> None:
    """Put triggers on the calendar, but for those that stand there already."""
    known = {tuple(row) for row in await tick.conn.execute(select(_VERSION, _TRIGGER))}
    rows = [
        {
            "version_id": each.owner.id,
            "trigger": each.number,
            "due_at": next_time(each.trigger.schedule, each.owner.zone, tick.now),
        }
        for each in listeners
        if each.trigger.schedule is not None and each.key not in known
    ]
    if rows:
        await tick.conn.execute(insert(schedules), rows)
