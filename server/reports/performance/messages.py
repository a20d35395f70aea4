"""What became of messages: how many left, arrived, were read, by channel and by message."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, TypeAlias

from sqlalchemy.ext.asyncio import AsyncConnection

from relance.fold import key_of
from relance.message_mark import MessageMark
from relance.report import CellType, Column, Columns, Report, To, report
from server.reports.glossary import Glossary
from server.reports.performance.reading import HOUSE, DaySpan, counted
from server.store.counters.counted import OF_HOUSE
from server.store.schema.messages import OUTBOX_STATES

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


_Found: TypeAlias = dict[tuple[str, str | None, int | None], MessageLine]
_ALONE = ("detail", "kind")


def _add(found: _Found, row: Any, message: str | None, version: int | None) -> None:
    if not row.n:
        return
    line = MessageLine(row.detail, message, version=version)
    line = found.setdefault((row.detail, message, version), line)
    fate = row.kind.removeprefix(OF_HOUSE).removeprefix("message ")
    line.counts[fate] = line.counts.get(fate, 0) + row.n


def _in_order(line: MessageLine) -> tuple[int, str, int, str]:
    return (line.version or 0, line.channel, -line.sent, line.message or "")


def messages_report(
    lines: Sequence[MessageLine], glossary: Glossary, *, each: bool, notes: Iterable[str] = ()
) -> Report:
    """Each, and how many came to what; rates are of those that left."""
    columns = {**(_NAMED if each else {}), **_columns(lines, glossary)}
    title = "Messages" if each else "Messages par canal"
    return report(title, columns, lines, empty=_EMPTY, notes=notes)


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
