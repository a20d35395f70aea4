"""A conversion, compiled: counted once an event that earns it, by an event of its own."""

from sqlalchemy import exists, select

from dsl.rules import Conversion
from relance import events as names
from relance.fold import key_of
from server.engine.batch import arrivals, beside_leads, handled
from server.engine.conditions.scope import Scope
from server.engine.event_insertion import insert_events_from
from server.engine.listener import Listener
from server.engine.listening import Happening
from server.engine.parameters import TICK_FLOOR
from server.engine.tick import Tick
from server.engine.triggers.entries import fired
from server.store.schema.events import events


class Converting:
    """A conversion, compiled."""

    def __init__(self, rule: Conversion, listener: Listener, scope: Scope) -> None:
        self._owner = listener.owner
        leads, source = scope.fields.table, events.alias("source")
        known = events.alias("known")
        # The only conversions this tick has made of that name come from this very event.
        counted = exists(
            select(1).where(
                known.c.lead_id == arrivals.c.lead_id,
                known.c.type == names.CONVERTED,
                known.c.id >= TICK_FLOOR,
                known.c.subject_key == key_of(rule.name),
            )
        )
        event = (
            (source.c.lead_id == arrivals.c.lead_id)
            & (source.c.type == arrivals.c.type)
            & (source.c.id == arrivals.c.id)
        )
        rows = (
            select(arrivals.c.lead_id)
            .select_from(beside_leads(arrivals, leads).join(source, event))
            .where(handled, *fired(listener, scope), ~counted)
        )
        self._converted = Happening(names.CONVERTED, key_of(rule.name))
        self._record = insert_events_from(
            rows,
            arrivals.c.lead_id,
            names.CONVERTED,
            rule.name,
            occurred_at=arrivals.c.occurred_at,
            amount=source.c.amount,
            currency=source.c.currency,
        )

    async def run(self, tick: Tick, count: int) -> int:
        """Count it; for how many."""
        first, heard = tick.store.ids.reserve(count), tick.hears(self._converted)
        return await self._record.run(tick, heard, whose=self._owner, p_first_id=first)
