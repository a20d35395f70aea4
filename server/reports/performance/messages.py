"""What became of messages: how many left, arrived, were read, by channel and by message."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any, TypeAlias

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Select,
    Text,
    case,
    cast,
    func,
    literal_column,
    select,
    union_all,
)
from sqlalchemy.ext.asyncio import AsyncConnection

from relance.fold import key_of
from relance.message_mark import MessageMark
from relance.report import CellType, Column, Columns, Report, To, report
from server.reports.glossary import Glossary
from server.reports.performance.reading import HOUSE, DaySpan, counted, tables_of
from server.store.counters.counted import OF_EACH, OF_HOUSE
from server.store.schema.messages import OUTBOX_STATES
from server.store.search import bears, folded, search_key

#: Each column: its heading, its key, and the states and marks of messages that it counts.
_FATES: Mapping[Column, tuple[str, ...]] = {
    Column("Envoyés", "envoyes", CellType.COUNT): ("sent",),
    Column("Livrés", "livres", CellType.COUNT): ("delivered",),
    Column("Lus", "lus", CellType.COUNT): ("read",),
    Column("Cliqués", "cliques", CellType.COUNT): ("clicked",),
    Column("Rebonds", "rebonds", CellType.COUNT): ("bounced",),
    Column("Désabonnés", "desabonnes", CellType.COUNT): ("unsubscribed",),
    Column("Plaintes", "plaintes", CellType.COUNT): ("complained",),
    Column("Retenus", "retenus", CellType.COUNT): ("held", "limited", "put off"),
    Column("Trop tard", "expires", CellType.COUNT): ("expired",),
    Column("Non partis", "non_partis", CellType.COUNT): (
        *("refused", "unreachable", "failed", "suppressed", "unconsented"),
        *("cancelled", "skipped"),
    ),
    Column("Incertains", "incertains", CellType.COUNT): ("doubtful",),
}
#: What a screen says even when there was none.
_USUAL = ("sent", "delivered", "read", "clicked")
KINDS = tuple(f"message {one}" for one in (*OUTBOX_STATES, "put off", *MessageMark))


@dataclass
class MessageLine:
    """One message on a channel, or all of a channel: how many came to each state or mark.

    `version`: the id of the one that sent them, of lines that are told by version; 0: nobody knows.
    """

    channel: str
    message: str | None
    counts: dict[str, int] = field(default_factory=dict)
    version: int | None = None

    def of(self, fates: Iterable[str]) -> int:
        """How many came to any of these."""
        return sum(self.counts.get(one, 0) for one in fates)

    @property
    def sent(self) -> int:
        """How many left."""
        return self.of(("sent",))


async def message_lines(
    conn: AsyncConnection,
    campaigns: Collection[int],
    days: DaySpan,
    *,
    each: bool,
    name: str | None = None,
    by_version: bool = False,
) -> Sequence[MessageLine]:
    """Those of these campaigns. `each`: by message, else by channel; `name`: that message alone."""
    apart = ("version_id",) if by_version else ()
    found: _Found = {}
    rows = await counted(conn, campaigns, KINDS, days, "detail", "subject", "kind", *apart)
    for row in rows:
        if name is None or key_of(row.subject) == key_of(name):
            message = row.subject if each else None
            _add(found, row, message, row.version_id if by_version else None)
    return sorted(found.values(), key=_in_order)


async def channel_lines(conn: AsyncConnection, days: DaySpan) -> Sequence[MessageLine]:
    """All of each channel, of all campaigns together, however many there are."""
    found: _Found = {}
    for row in await counted(conn, HOUSE, [f"{OF_HOUSE}{one}" for one in KINDS], days, *_ALONE):
        _add(found, row, None, None)
    return sorted(found.values(), key=_in_order)


async def found_messages(
    conn: AsyncConnection,
    days: DaySpan,
    most: int,
    *,
    name: str = "",
    search: str = "",
    channel: str = "",
) -> Sequence[MessageLine]:
    """So many messages of those days, whatever sent them, the most sent first on each channel.

    What is read is what those days hold, whatever the number of campaigns; what is kept, these alone.
    `name`: that one; `search`: those whose names hold these words; `channel`: on that one.
    """
    dialect = conn.dialect.name
    tests = [bears(_subject, word, dialect, inside=True) for word in search_key(search).split()]
    if name:
        tests.append(_subject.in_(await _spelt(conn, days, name)))
    if channel:
        tests.append(_channel == channel)
    each = _each(dialect, days, *tests).subquery()
    sent = func.sum(case((each.c.kind == _SENT, each.c.n), else_=0))
    keys = (each.c.detail, each.c.subject)
    ranked = select(*keys).group_by(*keys).order_by(each.c.detail, sent.desc(), each.c.subject)
    rows = (await conn.execute(ranked.limit(most))).all()
    shown = _each(dialect, days, _subject.in_({row.subject for row in rows}))
    found: _Found = {(row.detail, row.subject, None): MessageLine(*row) for row in rows}
    for row in await conn.execute(shown):
        if (row.detail, row.subject, None) in found:
            _add(found, row, row.subject, None)
    return list(found.values())


async def named_messages(
    conn: AsyncConnection, days: DaySpan, names: Collection[str]
) -> Mapping[tuple[str, str], MessageLine]:
    """What became of the messages of these names over those days, by channel and key of its name."""
    mine = folded(_subject).in_({search_key(name) for name in names})
    found: _Found = {}
    for row in await conn.execute(_each(conn.dialect.name, days, mine)):
        _add(found, row, key_of(row.subject), None)
    return {(channel, name or ""): line for (channel, name, _), line in found.items()}


async def message_names(conn: AsyncConnection, days: DaySpan, most: int) -> Sequence[str]:
    """What the messages of those days are called, in order, so many at most."""
    each = _each(conn.dialect.name, days).subquery().c.subject
    return (await conn.scalars(select(each).distinct().order_by(each).limit(most))).all()


async def _spelt(conn: AsyncConnection, days: DaySpan, name: str) -> Sequence[str]:
    """As they are written, the names that are that one."""
    each = _each(conn.dialect.name, days).subquery().c.subject
    named = await conn.scalars(select(each).distinct())
    return [one for one in named if key_of(one) == key_of(name)]


def _each(dialect: str, days: DaySpan, *tests: ColumnElement[bool]) -> Select[Any]:
    """The counters of each message over those days: its channel, its name, what became of it, how often."""
    every = [
        select(table.c.detail, table.c.subject, table.c.kind, table.c.n).where(
            table.c.campaign_id.in_(HOUSE), table.c.kind.in_(_EACH), days.test(table.c.day)
        )
        for table in tables_of(dialect)
    ]
    rows = union_all(*every).subquery("each") if len(every) > 1 else every[0].subquery("each")
    n = cast(func.sum(rows.c.n), BigInteger)
    keys = (rows.c.detail, rows.c.subject, rows.c.kind)
    query: Select[Any] = select(*keys, n.label("n")).where(*tests).group_by(*keys)
    return query.having(n != 0)


_EACH = tuple(f"{OF_EACH}{kind}" for kind in KINDS)
_SENT = f"{OF_EACH}message sent"
_of_each = partial(literal_column, type_=Text)
_subject, _channel = _of_each("each.subject"), _of_each("each.detail")
_Found: TypeAlias = dict[tuple[str, str | None, int | None], MessageLine]
_ALONE = ("detail", "kind")


def _add(found: _Found, row: Any, message: str | None, version: int | None) -> None:
    if not row.n:
        return
    line = MessageLine(row.detail, message, version=version)
    line = found.setdefault((row.detail, message, version), line)
    fate = row.kind.rpartition("message ")[2]
    line.counts[fate] = line.counts.get(fate, 0) + row.n


def _in_order(line: MessageLine) -> tuple[int, str, int, str]:
    return (line.version or 0, line.channel, -line.sent, line.message or "")


def messages_report(
    lines: Sequence[MessageLine], glossary: Glossary, *, each: bool, most: int | None = None
) -> Report:
    """Each, and how many came to what, `most` at once; rates are of those that left."""
    columns = {**(_NAMED if each else {}), **_columns(lines, glossary)}
    title = "Messages" if each else "Messages par canal"
    return report(title, columns, lines, empty=_EMPTY, most=most, cut=_MORE)


def versions_messages_report(
    lines: Sequence[MessageLine], numbers: Mapping[int, int], glossary: Glossary
) -> Report:
    """Each message of each version. `numbers`: by id, how the versions are told."""
    known: Columns[MessageLine] = {
        Column("Version", "version", CellType.NUMBER, To.SHEET): lambda line: numbers.get(
            line.version or 0
        ),
        Column("Version", to=To.SCREEN): lambda line: str(
            numbers.get(line.version or 0, "inconnue")
        ),
    }
    columns = {**known, **_NAMED, **_columns(lines, glossary)}
    return report("Messages par version", columns, lines, empty=_EMPTY)


_MORE = "Il y en a d’autres : cherchez-en un par son nom, ou prenez un fichier, qui les a tous."
_EMPTY = "Aucun message dans cette période."
_NAMED: Columns[MessageLine] = {Column("Message", "message"): lambda line: line.message}


def _columns(lines: Sequence[MessageLine], glossary: Glossary) -> Columns[MessageLine]:
    return {
        Column("Canal", "canal_dit"): lambda line: glossary.channel(line.channel),
        Column("", "canal"): lambda line: line.channel,
        **{_shown(column, fates, lines): _counting(fates) for column, fates in _FATES.items()},
        Column("Taux de lecture", "taux_lecture", CellType.SHARE, base="envoyes"): _rate("read"),
        Column("Taux de clics", "taux_clics", CellType.SHARE, To.SHEET, "envoyes"): _rate(
            "clicked"
        ),
    }


def _shown(column: Column, fates: Sequence[str], lines: Sequence[MessageLine]) -> Column:
    """A column of which there is nothing is told to programs and sheets alone: a screen is narrow."""
    usual = fates[0] in _USUAL or any(line.of(fates) for line in lines)
    return column if usual else replace(column, to=To.SHEET)


def _counting(fates: Sequence[str]) -> Any:
    return lambda line: line.of(fates)


def _rate(fate: str) -> Any:
    return lambda line: line.of((fate,)) / line.sent if line.sent else None
