"""Reports that somebody saved, as the base holds them: what they ask, and who is sent them when."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, dataclass, fields

from sqlalchemy import RowMapping, delete, func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from relance.fold import key_of
from server.store.instants import Micros
from server.store.schema.reports import report_mails, saved_report_readers, saved_reports

#: More are not kept: a page lists them all.
MOST = 200
_T = saved_reports.c


@dataclass(frozen=True, slots=True)
class SavedQuestion:
    """What is asked each time: the word of the report, of what, of whom, by which step, of which days.

    `days`: a code of `relative_days`; `compared`: beside the time before.
    """

    report: str
    subject: str
    campaign: str
    pace: str
    days: str
    compared: bool


@dataclass(frozen=True, slots=True)
class SavedReport:
    """One of them. `cron`: when it is mailed, None: never; `attached`: « .xlsx », « .csv » or nothing.

    `fault`: why the last mail could not be, in French.
    """

    id: int
    name: str
    account_id: int
    asked: SavedQuestion
    saved_at: Micros
    cron: str | None
    attached: str
    due_at: Micros | None
    fault: str | None


_ASKED = tuple(one.name for one in fields(SavedQuestion))
_OWN = tuple(one.name for one in fields(SavedReport) if one.name != "asked")
_ALL = select(*(_T[name] for name in (*_OWN, *_ASKED)))


def _saved(row: RowMapping) -> SavedReport:
    values = dict(row)
    asked = SavedQuestion(**{name: values.pop(name) for name in _ASKED})
    return SavedReport(asked=asked, **values)


async def everything(conn: AsyncConnection) -> Sequence[SavedReport]:
    """All of them, by name."""
    found = await conn.execute(_ALL.order_by(_T.name_key).limit(MOST))
    return [_saved(row) for row in found.mappings()]


async def by_id(conn: AsyncConnection, number: int) -> SavedReport | None:
    """The one that bears it."""
    row = (await conn.execute(_ALL.where(_T.id == number))).mappings().first()
    return None if row is None else _saved(row)


async def by_name(conn: AsyncConnection, name: str) -> SavedReport | None:
    """The one called so, however that is written."""
    row = (await conn.execute(_ALL.where(_T.name_key == key_of(name)[:120]))).mappings().first()
    return None if row is None else _saved(row)


async def due(conn: AsyncConnection, now: Micros, most: int) -> Sequence[SavedReport]:
    """Those whose date has come, the longest due first."""
    found = await conn.execute(_ALL.where(_T.due_at <= now).order_by(_T.due_at).limit(most))
    return [_saved(row) for row in found.mappings()]


async def next_due(conn: AsyncConnection) -> Micros | None:
    """When the next date is."""
    found: Micros | None = await conn.scalar(
        select(func.min(_T.due_at)).where(_T.due_at.is_not(None))
    )
    return found


async def count(conn: AsyncConnection) -> int:
    """How many there are."""
    return int(await conn.scalar(select(func.count()).select_from(saved_reports)) or 0)


async def create(
    conn: AsyncConnection, name: str, account: int, asked: SavedQuestion, now: Micros
) -> None:
    """Keep one more; it is not mailed yet."""
    row = {"name": name, "name_key": key_of(name)[:120], "account_id": account, "saved_at": now}
    await conn.execute(insert(saved_reports), {**row, **asdict(asked), "attached": ".xlsx"})


async def change(conn: AsyncConnection, number: int, **values: object) -> None:
    """Write these columns of it."""
    if "name" in values:
        values["name_key"] = key_of(str(values["name"]))[:120]
    await conn.execute(update(saved_reports).where(_T.id == number).values(**values))


async def remove(conn: AsyncConnection, number: int) -> None:
    """Forget it, whom it was sent to, and its mails: its number may be given again."""
    await set_readers(conn, number, ())
    await conn.execute(delete(report_mails).where(report_mails.c.report_id == number))
    await conn.execute(delete(saved_reports).where(_T.id == number))


async def readers(conn: AsyncConnection, number: int) -> Sequence[int]:
    """The accounts it is mailed to."""
    mine = select(saved_report_readers.c.account_id).where(
        saved_report_readers.c.report_id == number
    )
    return (await conn.scalars(mine.order_by(saved_report_readers.c.account_id))).all()


async def reader_counts(conn: AsyncConnection) -> Mapping[int, int]:
    """To how many accounts each is mailed, by its number; those that go to nobody are not there."""
    report = saved_report_readers.c.report_id
    rows = await conn.execute(select(report, func.count()).group_by(report))
    return {int(row[0]): int(row[1]) for row in rows}


async def set_readers(conn: AsyncConnection, number: int, accounts: Collection[int]) -> None:
    """Mail it to these, and to nobody else."""
    table = saved_report_readers
    await conn.execute(delete(table).where(table.c.report_id == number))
    rows = [{"report_id": number, "account_id": one} for one in sorted(set(accounts))]
    if rows:
        await conn.execute(insert(table), rows)
