"""One tick's means: the transaction, the instant, and how prepared statements are run in it."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from sqlalchemy import Executable, Select
from sqlalchemy.ext.asyncio import AsyncConnection

from server.engine.listening import Happening
from server.engine.parameters import Zoned, ZonedInstant
from server.store.counters.changes import CountedChanges
from server.store.instants import Micros
from server.store.store import Store

_BASE = frozenset(
    {"p_now", "p_today", "p_month_day", "p_year", "p_minutes", "p_tick_floor", "p_behind"}
)


class Prepared:
    """A statement built once; its `p_…` holes are filled at each run."""

    def __init__(self, statement: Executable) -> None:
        self.statement: Any = statement


@dataclass
class Tick:
    """One transaction of the engine. `heard`: the event types somebody listens to."""

    conn: AsyncConnection
    store: Store
    now: Micros
    floor: int
    heard: frozenset[str]
    #: Whether such an event is to wait in the inbox: else it is only kept.
    hears: Callable[[Happening], bool]
    #: What the clock shows; `now` stays behind it while facts that came are being stored.
    clock: Micros = 0
    visits: int = 0
    #: Whether messages were put in the outbox.
    sent: bool = False
    #: What `Rewrite` may make of a text, by name.
    rewriters: Mapping[str, Callable[[str], str]] = field(default_factory=dict)
    #: To be called once the transaction is committed, in this order.
    after_commit: list[Callable[[], None]] = field(default_factory=list)
    #: Whether some who passed from another version have taken along what they did there.
    carries: bool = False
    #: Whether something may have been put in its tables.
    used: bool = False
    #: How many rows went through it.
    rows_moved: int = 0
    #: What it counted, to be written as it ends; None where nothing is counted.
    counted: CountedChanges | None = None
    #: The leads it has to itself, where several processes move them (`server.store.shards`); None:
    #: all, and nobody else numbers events.
    shards: Sequence[int] | None = None
    #: There, no event of theirs up to this one is behind what was decided.
    last_id: int = 0
    #: How many leads reached each goal, or no longer do.
    reached: "Counter[int]" = field(default_factory=Counter)
    _parameters: dict[int, dict[str, Any]] = field(default_factory=dict)

    def visit(self) -> int:
        """A number for this passage of a statement."""
        self.visits += 1
        return self.visits

    @property
    def numbered(self) -> bool:
        """Whether events may have been made since it began."""
        return self.store.ids.last > self.floor

    def parameters(self, version: Zoned) -> Mapping[str, Any]:
        """What « now » means in that version's zone."""
        found = self._parameters.get(version.id)
        if found is None:
            instant = ZonedInstant(self.now, version.zone, self.floor, self.clock)
            found = self._parameters[version.id] = instant.parameters(_BASE | version.holes)
        return found

    def begin_anew(self, floor: int) -> None:
        """What is numbered from here on is of this tick; what was before is of who was before."""
        self.floor = floor
        self._parameters.clear()

    def at(self, instant: Micros) -> "Tick":
        """The same transaction, as if it were that instant."""
        return replace(self, now=instant, _parameters={})

    async def run(self, prepared: Prepared, version: Zoned, **holes: Any) -> int:
        """Run a statement of a version; how many rows it touched."""
        values = {**self.parameters(version), **holes}
        result = await self.conn.execute(prepared.statement, values)
        return int(result.rowcount)

    async def rows(self, prepared: Prepared, version: Zoned, **holes: Any) -> Sequence[Any]:
        """The rows a statement of a version selects."""
        values = {**self.parameters(version), **holes}
        return (await self.conn.execute(prepared.statement, values)).all()

    @property
    def usual(self) -> dict[str, Any]:
        """What statements that are of no version may ask for."""
        found = {"p_now": self.now, "p_tick_floor": self.floor}
        return found if self.shards is None else {**found, "p_shards": self.shards}

    async def do(self, prepared: Prepared, **holes: Any) -> int:
        """Run a statement that is of no version."""
        values = {**self.usual, **holes}
        result = await self.conn.execute(prepared.statement, values)
        return int(result.rowcount)

    async def ask(self, query: Prepared | Select[Any], **holes: Any) -> Sequence[Any]:
        """The rows a statement of no version selects."""
        statement = query.statement if isinstance(query, Prepared) else query
        values = {**self.usual, **holes}
        return (await self.conn.execute(statement, values)).all()

    async def write_counted(self) -> None:
        """Write what was counted, before the commit."""
        if self.counted is not None:
            await self.counted.write(self.conn)
