"""Whether the counters say what the ledger says: everything counted again, beside them."""

from collections.abc import Sequence
from typing import NamedTuple

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from server.store.counters.counted import COUNTED, VISITOR_DAYS
from server.store.counters.triggers import COLUMNS, KEY, recounted
from server.store.counters.visitors import days_seen


class Disagreement(NamedTuple):
    """A counter that is not what the ledger comes to: kept, and counted; their sums likewise."""

    campaign_id: int
    kind: str
    day: int
    version_id: int
    place: int
    subject: str
    detail: str
    kept: int
    counted: int
    kept_total: int
    counted_total: int


#: How many pages were seen a day, which the rows of its visitors say together.
_PAGES = "0, 'pages of visitors', day, 0, 0, '', ''"


async def disagreements(conn: AsyncConnection, most: int) -> Sequence[Disagreement]:
    """The counters that are wrong, at most so many, of one snapshot; none when all is right."""
    found = await conn.execute(_COMPARED[conn.dialect.name], {"most": most})
    return [Disagreement(*row) for row in found]


async def counted_rows(conn: AsyncConnection) -> int:
    """How many counters there are."""
    return int(await conn.scalar(text("SELECT count(*) FROM counters")) or 0)


def compared(dialect: str) -> str:
    """The query that tells them; `:most` of them."""
    keys = ", ".join(KEY)
    # Days of visitors are themselves made of events: those too are made again.
    made = {VISITOR_DAYS: "days_again"}
    again = [f"({recounted(one, dialect, made.get(one.table, ''))})" for one in COUNTED]
    named = ", ".join(f"again_{at} ({COLUMNS}) AS {query}" for at, query in enumerate(again))
    counted = [
        f"SELECT {keys}, 0 AS kept, n AS again, 0 AS kept_total, total AS total_again "  # noqa: S608
        f"FROM again_{at}"
        for at in range(len(again))
    ]
    counted.append(f"SELECT {_PAGES}, 0, sum(n), 0, 0 FROM days_again GROUP BY day")  # noqa: S608
    kept = [
        f"SELECT {keys}, n, 0, total, 0 FROM {table}"  # noqa: S608
        for table in ("counters", "counter_changes")
    ]
    kept.append(f"SELECT {_PAGES}, sum(n), 0, 0, 0 FROM {VISITOR_DAYS} GROUP BY day")  # noqa: S608
    sums = ("kept", "again", "kept_total", "total_again")
    added = ", ".join(f"CAST(sum({one}) AS BIGINT)" for one in sums)
    return (
        f"WITH days_again AS ({days_seen()}), {named} SELECT {keys}, {added} "  # noqa: S608
        f"FROM ({' UNION ALL '.join((*counted, *kept))}) AS both_of_them GROUP BY {keys} "
        "HAVING sum(kept) <> sum(again) OR sum(kept_total) <> sum(total_again) "
        f"ORDER BY {keys} LIMIT :most"
    )


_COMPARED = {dialect: text(compared(dialect)) for dialect in ("sqlite", "postgresql")}
