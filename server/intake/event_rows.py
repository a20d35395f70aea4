"""The events of a batch as rows, and of whom they concern anybody."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

from sqlalchemy.ext.asyncio import AsyncConnection

from relance.events import FORM_SUBMITTED, LEAD_UPDATED, NewEvent
from relance.fold import key_of
from server.engine.listening import Happening
from server.engine.listening import changed as fields_changed
from server.store import inbox, leftovers
from server.store.amounts import stored_amount
from server.store.arrivals import EventRow
from server.store.instants import Micros, to_micros
from server.store.leftovers import Leftover, Reason
from server.store.store import Store

#: Whether somebody is to look at such an event.
Hears = Callable[[Happening], bool]


@dataclass
class EventRows:
    """Events, numbered in the order they are added once all are there."""

    store: Store
    now: Micros
    _added: list[tuple[int, NewEvent, str | None, Micros | None, int | None]] = field(
        default_factory=list
    )

    def add(
        self,
        lead: int,
        event: NewEvent,
        properties: str | None = None,
        brought: Micros | None = None,
        proof: int | None = None,
    ) -> None:
        """An event of a lead. `brought`: when it was received, if not now."""
        self._added.append((lead, event, properties, brought, proof))

    def numbered(self) -> list[EventRow]:
        """Their rows, in the order they were added, under ids that the store keeps for them."""
        first = self.store.ids.reserve(len(self._added))
        return [self._row(first + n, *one) for n, one in enumerate(self._added)]

    def _row(
        self,
        number: int,
        lead: int,
        event: NewEvent,
        properties: str | None,
        brought: Micros | None,
        proof: int | None,
    ) -> EventRow:
        now = self.now if brought is None else brought
        # A sender's clock may run ahead; nothing has happened that is still to come.
        at = now if event.occurred_at is None else min(to_micros(event.occurred_at), now)
        subject, context = event.subject, event.context
        # In the order of its columns: by their names it would cost twice as much.
        return EventRow(
            lead,
            event.type,
            number,
            at,
            now,
            subject,
            None if subject is None else key_of(subject),
            event.address,
            context,
            None if context is None else key_of(context),
            properties,
            *stored_amount(event.amount, self.store.fields.currency),
            proof,
        )


@dataclass
class Audience:
    """Who is to look at the events of a batch."""

    hears: Hears
    #: The names of the forms that nobody hears, as they came.
    _unheard: list[str] = field(default_factory=list)

    async def silent(
        self,
        conn: AsyncConnection,
        events: Sequence[EventRow],
        new: Iterable[int],
        merged: Iterable[int],
    ) -> set[int]:
        """The leads of whom nothing told here concerns anybody: the engine has nothing to do.

        What is stored as handled is seen by decisions that an earlier event of the same lead still
        waits for: so there must be none. A merge leaves the engine waits to look at again.
        """
        listened: dict[tuple[str | None, ...], bool] = {}
        silent: set[int] = set()
        heard = set(merged)
        for event in events:
            names = (event.type, event.subject_key, event.address, event.context_key)
            kind = (*names, event.properties if event.type == LEAD_UPDATED else None)
            if kind not in listened:
                listened[kind] = self.hears(
                    Happening(*names, fields_changed(event.type, event.properties))
                )
            (heard if listened[kind] else silent).add(event.lead_id)
            if event.type == FORM_SUBMITTED and not listened[kind]:
                self._unheard.append(event.subject or "")
        silent -= heard
        created = set(new)
        if silent <= created or not await inbox.any_waits(conn):
            return silent
        return silent & created

    def unheard(self) -> list[tuple[int, str, Leftover]]:
        """The forms no rule hears: counted by their names, whoever filled them."""
        return [
            (leftovers.NOBODY, leftovers.FORMS, Leftover(name, name, Reason.UNHEARD))
            for name in self._unheard
        ]
