"""« ordre : Audience »: on the hour, what came since the last is looked at, exits first, then entries.

So does Audience (seed 004: « Les actions sont traitées toutes les heures »). What a trigger would have
answered at once is kept meanwhile among what is missed (`backlog`); who waits is due on the hour, after
the exits and the entries. What came as the hour struck is looked at on the next.
"""

from collections.abc import Collection, Iterable, Mapping
from typing import Any

from sqlalchemy import select

from server.engine.batch import entrants
from server.engine.event_insertion import EventInsertion
from server.engine.index import Index
from server.engine.quarantine import Quarantine
from server.engine.tick import Tick
from server.engine.triggers.backlog import Missed, these
from server.engine.triggers.edge import held
from server.engine.triggers.state_events import insert_state_events
from server.store.ids import floor_of
from server.store.instants import HOUR, Micros
from server.store.schema.campaigns import missed

#: Why a state that takes out is told of whoever enters: what the journal shows.
_ENTERED = "entrée"


class Hourly:
    """The versions of an index that are looked at on the hour."""

    def __init__(self, index: Index, quarantine: Quarantine) -> None:
        self._index, self._quarantine = index, quarantine
        self._hourly = {each.id: each for each in index.versions.values() if each.hourly}
        self._looked: Micros | None = None
        self._holding: Mapping[int, list[EventInsertion]] | None = None

    @property
    def versions(self) -> Collection[int]:
        """Their numbers."""
        return self._hourly.keys()

    def next(self, now: Micros, *, kept: bool) -> Micros | None:
        """When to look next; `kept`: whether anything waits for it."""
        if not kept:
            return None
        hour = now - now % HOUR
        return hour if self._looked != hour else hour + HOUR

    async def take(self, tick: Tick, limit: int, still: Collection[int]) -> Missed | None:
        """Fill the arrivals with what was kept until this hour; whose it is, None when all was seen."""
        hour = tick.now - tick.now % HOUR
        upto = floor_of(hour)
        for group in self._groups(still):
            if await tick.conn.scalar(
                select(missed.c.lead_id).where(*of_group(group, upto)).limit(1)
            ):
                await tick.conn.execute(these(group, limit, upto))
                return group
        # Whatever becomes of this transaction: nothing is left that came before the hour.
        self._looked = hour
        return None

    def _groups(self, still: Collection[int]) -> list[Missed]:
        """Exits first, of all campaigns; then entries, the first of an exclusive group first."""
        running = [
            each
            for each in self._hourly.values()
            if each.id not in still and not self._quarantine.holds((each.id, 0))
        ]
        running.sort(key=lambda each: (each.place, each.id))
        return [
            Missed(each.id, entering, each.campaign_id)
            for entering in (False, True)
            for each in running
        ]

    async def tell_exits(self, tick: Tick, versions: Iterable[int], asked: int) -> None:
        """Tell of the states that take out, which hold already for those who enter: for the next hour.

        `versions`: those into which some of the `asked` may enter.
        """
        if self._holding is None:
            self._holding = {
                number: [
                    insert_state_events(_entering(each), entrants.c.lead_id, each.subject, _ENTERED)
                    for each in self._index.by_version[number]
                    if each.outcome is not None and each.by_state
                ]
                for number in self._hourly
            }
        for number in sorted(versions):
            for statement in self._holding[number]:
                first = tick.store.ids.reserve(asked)
                await statement.run(tick, True, p_first_id=first)


def of_group(group: Missed, upto: int) -> tuple[Any, ...]:
    """What a version missed up to that event."""
    return (
        missed.c.version_id == group.version_id,
        missed.c.entering == group.entering,
        missed.c.event_id <= upto,
    )


def _entering(listener: Any) -> Any:
    return select(entrants.c.lead_id).where(
        entrants.c.reason.is_(None),
        entrants.c.version_id == listener.version.id,
        held(listener, entrants.c.lead_id),
    )
