"""Who would leave as they pass to a version: by an exit it adds that already holds, or its time limit.

They are counted before a publication moves anybody, place by place: to whom it says « au même
endroit » is not to leave a minute later.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, TypeAlias

from sqlalchemy import ColumnElement, func, or_, select
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection

from dsl.program import Program
from relance.facts import Condition
from server.engine.conditions.conditions import compiled
from server.engine.conditions.scope import Scope
from server.engine.parameters import ZonedInstant
from server.engine.transfer.leaving import new_exits
from server.engine.triggers.entries import outside
from server.engine.version import Version
from server.reports.presence import as_declared
from server.reports.verdict import Askable
from server.store.calendar import earlier
from server.store.instants import Micros
from server.store.schema.campaigns import enrolments

#: A version, a statement of it, and the step those who stand there are in.
PlaceKey: TypeAlias = tuple[int, int, str | None]


async def departures(
    store: Askable,
    conn: AsyncConnection,
    here: Sequence[ColumnElement[bool]],
    new: Version,
    old: Mapping[int, Program],
    lists: Mapping[str, Condition],
    now: Micros,
) -> Mapping[PlaceKey, int]:
    """How many of those inside, by place, were all to pass to `new`; `here`: the tests of enrolments.

    `old`: the versions they are in; `lists`: what dynamic lists ask in the new rules, by folded name.
    Nobody where the store cannot tell: it does not know yet a field or a list that is asked about.
    """
    row = enrolments.c
    place = (row.version_id, row.statement, row.step)
    leads = store.fields.table
    beside = enrolments.join(leads, leads.c.id == row.lead_id)
    query = select(*place, func.count()).select_from(beside).where(*here).group_by(*place)
    found: dict[PlaceKey, int] = {}
    for number, program in old.items():
        out = list(_out(store, new, program, lists, now))
        if not out:
            continue
        asked = query.where(row.version_id == number, or_(*out))
        names = frozenset(asked.compile().params)
        given = ZonedInstant(now, new.zone).parameters(names)
        try:
            async with conn.begin_nested():
                found |= {tuple(one[:3]): one[3] for one in await conn.execute(asked, given)}
        except (DBAPIError, LookupError):
            continue
    return found


def _out(
    store: Askable, new: Version, former: Program, lists: Mapping[str, Condition], now: Micros
) -> Iterator[ColumnElement[Any]]:
    """The tests that each take out of it whoever comes from that one."""
    leads = store.fields.table
    scope = outside(Scope(store.dialect, store.fields, new.zone, leads.c.id, in_tick=False))
    for each in new_exits(new, former):
        condition = each.trigger.condition
        if condition is not None:
            yield compiled(as_declared(condition, lists), scope)
    if new.program.timeout is not None:
        yield enrolments.c.entered_at <= earlier(now, new.program.timeout, new.zone)
