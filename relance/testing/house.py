"""A house and a lead in memory, for the tests of pages, reports and panels that a plugin adds."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

from relance.events import NewEvent
from relance.house import MessageCount, MessagesBy
from relance.indicator import Indicator
from relance.report import Cell
from relance.values import Value

_NOW = datetime(2026, 1, 31, 15, tzinfo=UTC)
_ZONE = ZoneInfo("America/Montreal")


@dataclass(slots=True)
class FakeHouse:
    """`found`: what indicators came to, by key; `counted`: messages, by channel and what they are by."""

    first: date = date(2026, 1, 1)
    last: date = date(2026, 1, 31)
    now: datetime = _NOW
    zone: ZoneInfo = _ZONE
    currency: str = "CAD"
    found: Mapping[str, Cell] = field(default_factory=dict)
    counted: Mapping[tuple[str, MessagesBy], Sequence[MessageCount]] = field(default_factory=dict)

    async def indicators(self, asked: Sequence[Indicator]) -> Mapping[str, Cell]:
        """Those in `found`; None of the others."""
        return {one.key: self.found.get(one.key) for one in asked}

    async def messages(
        self, channel: str, by: MessagesBy, most: int = 100
    ) -> Sequence[MessageCount]:
        """Those in `counted`, as they stand there."""
        return list(self.counted.get((channel, by), ()))[:most]


@dataclass(slots=True)
class FakeLead:
    """`happened`: its events, in any order, each with its time."""

    id: int = 1
    called: str = "Aline Gagnon"
    fields: Mapping[str, Value] = field(default_factory=dict)
    now: datetime = _NOW
    zone: ZoneInfo = _ZONE
    happened: Sequence[NewEvent] = ()

    async def events(self, types: Sequence[str], most: int = 20) -> Sequence[NewEvent]:
        """Those of `happened`, the latest first."""
        mine = [one for type_ in types for one in self._latest(type_)[:most]]
        return sorted(mine, key=_at, reverse=True)

    def _latest(self, type_: str) -> Sequence[NewEvent]:
        return sorted((one for one in self.happened if one.type == type_), key=_at, reverse=True)


def _at(event: NewEvent) -> datetime:
    return event.occurred_at or _NOW
