"""The mails of saved reports: one a date and a person, written before it leaves and settled after."""

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, delete, func, insert, select, text, tuple_, update
from sqlalchemy.ext.asyncio import AsyncConnection

from server.store.instants import Micros
from server.store.schema.reports import UNSETTLED, report_mails

_T = report_mails.c
PENDING, SENDING, SENT = "pending", "sending", "sent"
FAILED, DOUBTFUL, CANCELLED = "failed", "doubtful", "cancelled"


class ReportMail(NamedTuple):
    """One of them. `missed`: the dates before that it makes up for; `fault`: it says that nothing could
    be made, and why."""

    report_id: int
    due_at: Micros
    account_id: int
    missed: int
    state: str
    attempts: int
    next_at: Micros | None
    settled_at: Micros | None
    reason: str | None
    fault: str | None

    @property
    def key(self) -> str:
        """The same at every attempt, and no other's."""
        return f"{self.report_id}.{self.due_at}.{self.account_id}{'.faute' if self.fault else ''}"


_ALL = select(*(_T[name] for name in ReportMail._fields))


def _is(one: ReportMail) -> ColumnElement[bool]:
    mine = (_T.report_id == one.report_id, _T.due_at == one.due_at)
    return mine[0] & mine[1] & (_T.account_id == one.account_id)


async def plan(
    conn: AsyncConnection,
    report: int,
    due_at: Micros,
    missed: int,
    accounts: Iterable[int],
    fault: str | None = None,
) -> None:
    """Write those of a date down, but for those that are already: they leave once."""
    query = select(_T.account_id).where(_T.report_id == report, _T.due_at == due_at)
    known = set((await conn.scalars(query)).all())
    rows = [
        {
            **{"report_id": report, "due_at": due_at, "account_id": one, "missed": missed},
            **{"state": PENDING, "attempts": 0, "next_at": due_at, "fault": fault},
        }
        for one in dict.fromkeys(accounts)
        if one not in known
    ]
    if rows:
        await conn.execute(insert(report_mails), rows)


async def waiting(conn: AsyncConnection, now: Micros, most: int) -> Sequence[ReportMail]:
    """Those that may leave now, the longest due first, then those of one date together."""
    query = _ALL.where(text(UNSETTLED), _T.state == PENDING, _T.next_at <= now)
    found = await conn.execute(query.order_by(_T.next_at).limit(most))
    return sorted((ReportMail(*row) for row in found), key=lambda one: one[:3])


async def under_way(conn: AsyncConnection) -> Sequence[ReportMail]:
    """Those that were being sent."""
    found = await conn.execute(_ALL.where(text(UNSETTLED), _T.state == SENDING))
    return [ReportMail(*row) for row in found]


async def next_at(conn: AsyncConnection) -> Micros | None:
    """When the next may leave."""
    query = select(func.min(_T.next_at)).where(text(UNSETTLED), _T.state == PENDING)
    found: Micros | None = await conn.scalar(query)
    return found


async def take(conn: AsyncConnection, one: ReportMail) -> bool:
    """Have it, to send it; whether it was still to be."""
    took = update(report_mails).where(_is(one), _T.state == PENDING)
    values: dict[str, Any] = {"state": SENDING, "next_at": None, "attempts": _T.attempts + 1}
    return (await conn.execute(took.values(values))).rowcount > 0


async def put(conn: AsyncConnection, one: ReportMail, **values: object) -> None:
    """Write these columns of it."""
    await conn.execute(update(report_mails).where(_is(one)).values(**values))


async def stop(conn: AsyncConnection, report: int, reason: str, now: Micros) -> None:
    """Send none of those of a report that wait."""
    mine = update(report_mails).where(_T.report_id == report, _T.state == PENDING)
    over = {"state": CANCELLED, "next_at": None, "settled_at": now, "reason": reason}
    await conn.execute(mine.values(**over))


async def last_of(conn: AsyncConnection, report: int, most: int) -> Sequence[ReportMail]:
    """The last ones of that report, the last first."""
    query = _ALL.where(_T.report_id == report).order_by(_T.due_at.desc(), _T.account_id)
    return [ReportMail(*row) for row in await conn.execute(query.limit(most))]


async def forget(conn: AsyncConnection, before: Micros, most: int) -> int:
    """Let go of what was settled before then; how many."""
    key = tuple_(_T.report_id, _T.due_at, _T.account_id)
    old = select(_T.report_id, _T.due_at, _T.account_id).where(_T.settled_at < before).limit(most)
    return (await conn.execute(delete(report_mails).where(key.in_(old)))).rowcount
