"""The house over some days, as an extension's pages and reports may know it (`relance.house.House`)."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import date, datetime
from typing import TypeAlias
from zoneinfo import ZoneInfo

from sqlalchemy.ext.asyncio import AsyncConnection

from relance.french import quoted
from relance.house import MessageCount, MessagesBy
from relance.indicator import Indicator
from relance.report import Cell
from server.reports.measures import read_measured
from server.reports.performance.domains import domain_counts, message_count
from server.reports.performance.messages import channel_lines, found_messages
from server.reports.performance.reading import DaySpan

#: How the base is read: a transaction for each question, so that nobody holds one while waiting.
Reads: TypeAlias = Callable[[], AbstractAsyncContextManager[AsyncConnection]]
#: More lines than that, no page shows.
_MOST = 1_000


@dataclass(frozen=True, slots=True)
class CountedHouse:
    """Reads it. `declared`: the indicators that plugins have counted."""

    reads: Reads
    days: DaySpan
    now: datetime
    zone: ZoneInfo
    currency: str
    declared: Callable[[], Sequence[Indicator]]

    @property
    def first(self) -> date:
        """The first of these days."""
        return self.days.first

    @property
    def last(self) -> date:
        """The last, which is one of them."""
        return self.days.last

    async def indicators(self, asked: Sequence[Indicator]) -> Mapping[str, Cell]:
        """What each came to; ValueError for one that nobody declares: no index holds its events."""
        known = self.declared()
        strange = next((one for one in asked if one not in known), None)
        if strange is not None:
            raise ValueError(f"l’indicateur {quoted(strange.key)} n’est pas déclaré")
        async with self.reads() as conn:
            found = await read_measured(
                conn, self.first, self.last, self.currency, self.zone, asked
            )
        return {one.key: found.of(one) for one in asked}

    async def messages(
        self, channel: str, by: MessagesBy, most: int = 100
    ) -> Sequence[MessageCount]:
        """What became of the messages of a channel, the most sent first."""
        most = max(1, min(most, _MOST))
        async with self.reads() as conn:
            if by is MessagesBy.DOMAIN:
                return await domain_counts(conn, channel, self.days, most)
            shown = await found_messages(conn, self.days, most, channel=channel)
            whole = await channel_lines(conn, self.days)
        found = [message_count(one.message or "", Counter(one.counts)) for one in shown]
        rest = sum((Counter(one.counts) for one in whole if one.channel == channel), Counter[str]())
        for one in shown:
            rest.subtract(one.counts)
        rest = +rest
        return [*found, message_count("", rest)] if rest else found
