"""The processes of one database, on PostgreSQL: who is there, as what, of which release and project.

A process is there as long as a session of its own holds its number (`server.store.sole`): nothing
has to be cleaned up for it to be gone. Its row tells the others what it is; one whose session is
over is removed by the first, which before that ends whatever it might still write.
"""

import json
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from sqlalchemy import ColumnClause, delete, insert, literal_column, select, text, update
from sqlalchemy.ext.asyncio import AsyncConnection

from server.store.instants import Micros
from server.store.schema.server import processes, tenure

#: Of the locks of two numbers: the second is that of the process.
LOCK = 7_236_531
#: The first's, which is of one number (`server.store.sole`).
FIRST_LOCK = 7_236_520
#: A clock may be off by so much, in microseconds.
MOST_SKEW = 60_000_000
#: The locks that sessions hold the numbers of processes by.
_HELD = (
    "pg_locks held WHERE locktype = 'advisory' "
    "AND granted AND database = (SELECT oid FROM pg_database WHERE datname = current_database()) "
    "AND ((objsubid = 2 AND classid = :lock) OR (objsubid = 1 AND classid = 0 AND objid = :first))"
)
_LOCKS = {"lock": LOCK, "first": FIRST_LOCK}
_NUMBER = "CASE objsubid WHEN 2 THEN objid ELSE 0 END"
#: Of the row whole: it is read before the tables are brought to this release, which added it. On a file
#: there is one process, which differs from none.
_SETTINGS: Mapping[str, ColumnClause[str | None]] = {
    "postgresql": literal_column("to_jsonb(processes) ->> 'settings'"),
    "sqlite": literal_column("NULL"),
}


class ProcessRow(NamedTuple):
    """What a process says of itself. `known`: the first counts with it.

    `settings`: a digest of each that all should have alike (`server.shared_settings`), as JSON.
    """

    number: int
    name: str
    roles: str
    release: str
    project: str
    since: Micros
    known: bool
    settings: str | None = None

    def has(self, role: str) -> bool:
        """Whether it is to do that."""
        return role in self.roles.split(",")


def set_otherwise(one: ProcessRow, other: ProcessRow) -> Sequence[str]:
    """The names of the settings by which they differ; none where either says nothing of its own.

    Of two releases, one may know settings that the other does not: what both say is compared.
    """
    if not one.settings or not other.settings:
        return ()
    these, those = json.loads(one.settings), json.loads(other.settings)
    alike = one.release == other.release
    names = {*these, *those} if alike else these.keys() & those.keys()
    return sorted(name for name in names if these.get(name) != those.get(name))


async def every(conn: AsyncConnection) -> Sequence[ProcessRow]:
    """All that ever said so, and were not removed since; in the tables of the release before, too."""
    columns = [processes.c[name] for name in ProcessRow._fields[:-1]]
    query = select(*columns, _SETTINGS[conn.dialect.name])
    rows = await conn.execute(query.select_from(processes).order_by(processes.c.number))
    return [ProcessRow._make(row) for row in rows]


async def there(conn: AsyncConnection) -> frozenset[int]:
    """The numbers that a session holds."""
    query = text(f"SELECT {_NUMBER} FROM {_HELD}")  # noqa: S608 — names of ours
    return frozenset(int(row[0]) for row in await conn.execute(query, _LOCKS))


async def silences(conn: AsyncConnection) -> Mapping[int, float | None]:
    """By the numbers that a session holds, for how many seconds that session has said nothing.

    Each is asked every few seconds whether it is there (`server.store.sole`). None: the database
    does not say, to this account.
    """
    silent = (
        "SELECT extract(epoch FROM clock_timestamp() - state_change) FROM pg_stat_activity "
        "WHERE pg_stat_activity.pid = held.pid"
    )
    query = text(f"SELECT {_NUMBER}, ({silent}) FROM {_HELD}")  # noqa: S608 — names of ours
    rows = await conn.execute(query, _LOCKS)
    return {int(row[0]): None if row[1] is None else max(float(row[1]), 0.0) for row in rows}


async def say(conn: AsyncConnection, row: ProcessRow) -> None:
    """Tell the others."""
    await conn.execute(delete(processes).where(processes.c.number == row.number))
    said = dict(zip(ProcessRow._fields, row, strict=True))
    if row.settings is None:
        del said["settings"]
    await conn.execute(insert(processes).values(said))


async def count_with(conn: AsyncConnection, numbers: Sequence[int]) -> None:
    """The first knows that those are there: what they number is taken account of."""
    known = update(processes).where(processes.c.number.in_(numbers))
    await conn.execute(known.values(known=True))


async def is_known(conn: AsyncConnection, number: int) -> bool:
    """Whether the first does."""
    query = select(processes.c.known).where(processes.c.number == number)
    return bool(await conn.scalar(query))


async def remove(conn: AsyncConnection, number: int) -> None:
    """It is gone: what it is writing ends first, and it writes no more; unless another took its place."""
    if number in await there(conn):
        return
    await end(conn, number)
    await conn.execute(delete(processes).where(processes.c.number == number))


async def end(conn: AsyncConnection, number: int) -> None:
    """What that one is writing ends first, and it writes no more."""
    held = select(tenure.c.number).where(tenure.c.number == number + 1).with_for_update()
    raised = update(tenure).where(tenure.c.number.in_(held.scalar_subquery()))
    await conn.execute(raised.values(epoch=tenure.c.epoch + 1))


async def of_another_release(conn: AsyncConnection, release: str) -> Sequence[ProcessRow]:
    """The helpers that are there and run another Relance than that."""
    present = await there(conn) - {0}
    rows = await every(conn)
    return [one for one in rows if one.number in present and one.release != release]


async def succeed(conn: AsyncConnection, release: str, name: str) -> None:
    """Tell the others that the first is of that release now."""
    first = update(processes).where(processes.c.number == 0)
    await conn.execute(first.values(release=release, name=name))


async def first_release(conn: AsyncConnection) -> str | None:
    """Of which the first is, or was the last time there was one."""
    first = select(processes.c.release).where(processes.c.number == 0)
    found: str | None = await conn.scalar(first)
    return found


async def does_now(conn: AsyncConnection, number: int, roles: str) -> None:
    """It does that, and nothing else, from now on."""
    mine = update(processes).where(processes.c.number == number)
    await conn.execute(mine.values(roles=roles))


async def base_time(conn: AsyncConnection) -> Micros:
    """What the database's clock shows."""
    query = text("SELECT CAST(extract(epoch FROM clock_timestamp()) * 1000000 AS BIGINT)")
    return int(await conn.scalar(query))
