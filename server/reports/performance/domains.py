"""What became of messages by the domain they went to: some providers take what others turn away."""

from collections import Counter, defaultdict
from collections.abc import Sequence
from typing import Any

from sqlalchemy import Select, func, select, union_all
from sqlalchemy.ext.asyncio import AsyncConnection

from relance.house import MessageCount
from relance.message_mark import MessageMark
from server.reports.performance.reading import HOUSE, DaySpan
from server.store.counters.counted import BLOCK, OF_BLOCK
from server.store.schema.counters import counter_changes, counters

_PREFIX = "domain "
_STATES = ("sent", "unreachable")
_KINDS = tuple(f"{_PREFIX}{one}" for one in (*_STATES, *MessageMark))


async def domain_counts(
    conn: AsyncConnection, channel: str, days: DaySpan, most: int
) -> Sequence[MessageCount]:
    """Of a channel: the domains most written to, then all the others under no name.

    The base adds up; what is read is bounded by `most`, whatever the number of domains.
    """
    counted = _counted(conn.dialect.name, channel, days)
    written = func.sum(counted.c.n).label("n")
    first = (
        select(counted.c.subject, written)
        .where(counted.c.kind.in_([f"{_PREFIX}{one}" for one in _STATES]))
        .group_by(counted.c.subject)
        .having(written > 0)
        .order_by(written.desc(), counted.c.subject)
        .limit(most)
    )
    names = [row.subject for row in await conn.execute(first)]
    each = select(counted.c.subject, counted.c.kind, written).where(counted.c.subject.in_(names))
    found: dict[str, Counter[str]] = defaultdict(Counter)
    for row in await conn.execute(each.group_by(counted.c.subject, counted.c.kind)):
        found[row.subject][row.kind.removeprefix(_PREFIX)] = int(row.n)
    whole: Counter[str] = Counter()
    for row in await conn.execute(select(counted.c.kind, written).group_by(counted.c.kind)):
        whole[row.kind.removeprefix(_PREFIX)] = int(row.n)
    others = whole - sum(found.values(), Counter())
    lines = [message_count(name, found[name]) for name in names]
    return [*lines, message_count("", others)] if others else lines


def message_count(name: str, counts: Counter[str]) -> MessageCount:
    """These, as whoever adds pages reads them."""
    marks = {one: counts[one.value] for one in MessageMark if counts[one.value]}
    return MessageCount(name, counts["sent"], counts["unreachable"], marks)


def _counted(dialect: str, channel: str, days: DaySpan) -> Any:
    """The counters of those days, as a table: whole blocks of them where there are, which are few."""
    tables = (counters, counter_changes) if dialect == "postgresql" else (counters,)
    blocks, ends = days.blocks(BLOCK)
    spans = [*((one, OF_BLOCK) for one in blocks), *((one, "") for one in ends)]
    each = [_of(table, channel, span, ending) for table in tables for span, ending in spans]
    return (each[0] if len(each) == 1 else union_all(*each)).subquery("counted")


def _of(table: Any, channel: str, days: DaySpan, ending: str) -> Select[Any]:
    kind = func.substr(table.c.kind, 1, func.length(table.c.kind) - len(ending))
    return select(table.c.subject, kind.label("kind"), table.c.n).where(
        table.c.campaign_id.in_(HOUSE),
        table.c.kind.in_([f"{one}{ending}" for one in _KINDS]),
        days.test(table.c.day),
        table.c.detail == channel,
    )
