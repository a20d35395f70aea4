"""How many messages are in each state, on each channel: off the counters and a few indexes.

A house that has written for years has millions of messages behind it, which a page opened all day
long must not go through.
"""

from collections import Counter
from collections.abc import Mapping
from typing import Any

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from relance.report import CellType, Column, Columns, Report, report
from server.reports import words
from server.reports.glossary import Glossary
from server.reports.performance.reading import EVER, HOUSE, counted
from server.store.counters.counted import OF_HOUSE
from server.store.counting import counted_by
from server.store.schema.messages import OUTBOX_STATES, outbox

#: What a message that was once in doubt is told as, whatever came of it.
DOUBTFUL = "doubtful"
_KIND = f"{OF_HOUSE}message "


async def outbox_states(conn: AsyncConnection) -> Mapping[tuple[str, str], int]:
    """By channel and state; one that was in doubt counts as « doubtful »."""
    found: Counter[tuple[str, str]] = Counter()
    if await counted_by(conn) is None:  # no server has had the base since it was migrated
        await _add(conn, found)
    else:
        kinds = [_KIND + one for one in OUTBOX_STATES]
        for row in await counted(conn, HOUSE, kinds, EVER, "detail", "kind"):
            found[row.detail, row.kind.removeprefix(_KIND)] += row.n
        # Those that are not settled, each once, by the index that holds it.
        unsettled = outbox.c.state.not_in(OUTBOX_STATES)
        before: list[ColumnElement[Any]] = []
        for held in (outbox.c.due_at, outbox.c.overdue_at, outbox.c.gathering):
            await _add(conn, found, held.is_not(None), unsettled, *before)
            before.append(held.is_(None))
    doubted: Counter[tuple[str, str]] = Counter()
    await _add(conn, doubted, outbox.c.doubted_at.is_not(None))
    for (channel, state), n in doubted.items():
        found[channel, state] -= n
        found[channel, DOUBTFUL] += n
    return found


async def _add(
    conn: AsyncConnection, found: Counter[tuple[str, str]], *which: ColumnElement[Any]
) -> None:
    of = (outbox.c.channel, outbox.c.state)
    query = select(*of, func.count()).where(*which).group_by(*of)
    for channel, state, n in await conn.execute(query):
        found[channel, state] += n


async def outbox_report(conn: AsyncConnection, glossary: Glossary) -> Report:
    """The messages by channel and state; one that was in doubt counts as « incertain »."""
    found = await outbox_states(conn)
    rows = [(*one, n) for one, n in sorted(found.items()) if n]
    columns: Columns[Any] = {
        Column("Canal"): lambda row: glossary.channel(row[0]),
        Column("", "canal"): lambda row: row[0],
        Column("État"): lambda row: words.outbox_label(row[1]),
        Column("", "etat"): lambda row: row[1],
        Column("Nombre", "nombre", CellType.COUNT): lambda row: row[2],
    }
    return report("Messages", columns, rows, empty="Aucun message n’est encore parti.")
