"""What was known when a message was decided: its journey, and the facts of that instant.

A message may leave long after, and be tried many times; what it says of the past is the same each
time, read from the facts and the journal by the message's own key.
"""

import json
import re
from collections.abc import Collection, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import Any, Protocol, cast
from zoneinfo import ZoneInfo

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.sql.elements import ColumnElement

from dsl.program_codec import from_json
from relance.channel import Message
from relance.events import NewEvent
from relance.host import Host
from relance.proof import Proof
from relance.variable import Variable, bare, variable
from server.dispatch.sayable import said
from server.engine.own_events import INNER
from server.store.amounts import amount_of
from server.store.calendar import zone_named
from server.store.fields import FieldCatalogue
from server.store.instants import Micros, local
from server.store.schema.campaigns import journal, versions
from server.store.schema.events import events

#: The move of the journal that let the lead in.
_ENTRY = 1
_MOST_ZONES = 5_000
_WHOLE = re.compile(r"-?[0-9]{1,19}")


class Remembering(Protocol):
    """A store that can be read: the server's own, or one opened beside it."""

    @property
    def fields(self) -> FieldCatalogue:
        """The fields of leads."""

    def read(self) -> AbstractAsyncContextManager[AsyncConnection]:
        """A reading transaction."""


@dataclass(frozen=True, slots=True)
class Stay:
    """The stay in a campaign that a message belongs to, and when it was decided."""

    lead_id: int
    campaign_id: int
    entry: int
    decided_at: Micros


def journey_of(message: Message) -> Stay | None:
    """What a message's key says; None for a key that is not the dispatch's."""
    parts = message.key.split(".")
    if len(parts) != 6 or not all(map(_WHOLE.fullmatch, parts)):
        return None
    lead, campaign, entry, _, _, at = map(int, parts)
    return Stay(lead, campaign, entry, at)


class Recalling:
    """The part of a host (`relance.host.Host`) that answers for the past, once `recall` gave it one."""

    #: What messages may speak of beside fields.
    offered: Sequence[Variable] = ()

    def recall(self, store: Remembering, zone: ZoneInfo) -> None:
        """Answer from that store; `zone` is the server's."""
        self._remembered, self._zone = store, zone
        self._zones: dict[int, ZoneInfo] = {}

    async def variables(self, message: Message, names: Collection[str]) -> Mapping[str, object]:
        """What the variables of those names are for that message, but those that a field hides."""
        hidden = {
            spelt(field.name) for field in self._remembered.fields for spelt in (variable, bare)
        }
        values: dict[str, object] = {}
        for one in self.offered:
            asked = [name for name in one.names if name in names and name not in hidden]
            found = await one.read(cast(Host, self), message) if asked else None
            if found is not None:
                values |= dict.fromkeys(asked, found)
        return values

    async def zone_of(self, message: Message) -> ZoneInfo:
        """The zone that applies to the lead: its own, its campaign's, or the server's."""
        named = message.fields.get("fuseau")
        own = zone_named(named) if isinstance(named, str) else None
        if own is not None:
            return own
        journey = journey_of(message)
        if journey is None:
            return self._zone
        async with self._remembered.read() as conn:
            version = await conn.scalar(_entered(journey).with_only_columns(journal.c.version_id))
            if version is None:
                return self._zone
            if version not in self._zones:
                query = select(versions.c.program).where(versions.c.id == version)
                text = await conn.scalar(query)
                named = from_json(text).zone if text else None
                if len(self._zones) >= _MOST_ZONES:
                    self._zones.clear()
                self._zones[version] = zone_named(named) or self._zone
        return self._zones[version]

    async def entrance(self, message: Message) -> NewEvent | None:
        """The event that let the lead in; None when it is none of the world's."""
        journey = journey_of(message)
        if journey is None:
            return None
        zone = await self.zone_of(message)
        async with self._remembered.read() as conn:
            cause = await conn.scalar(_entered(journey).with_only_columns(journal.c.cause_event))
            if cause is None:
                return None
            row = (await conn.execute(_by_id(message.lead_id, cause))).first()
        return None if row is None or row.type in INNER else _event_of(row, zone)

    async def history(
        self, message: Message, types: Sequence[str], most: int
    ) -> Sequence[NewEvent]:
        """The latest events of these types that were known then, the oldest first."""
        journey = journey_of(message)
        zone = await self.zone_of(message)
        rows: list[Any] = []
        async with self._remembered.read() as conn:
            for type_ in types:
                query = select(events).where(
                    events.c.lead_id == message.lead_id, events.c.type == type_
                )
                if journey is not None:
                    query = query.where(events.c.received_at <= journey.decided_at)
                rows += await conn.execute(query.order_by(events.c.id.desc()).limit(most))
        rows.sort(key=lambda row: (row.occurred_at, row.id))
        return [_event_of(row, zone) for row in rows]


def _entered(journey: Stay) -> Any:
    """The move that let the lead in."""
    return select(journal).where(
        journal.c.lead_id == journey.lead_id,
        journal.c.campaign_id == journey.campaign_id,
        journal.c.entry == journey.entry,
        journal.c.move == _ENTRY,
    )


def _by_id(lead_id: int, event_id: int) -> Any:
    """An event of a lead, whatever its type: one look in the index for each type the lead has."""
    mine: ColumnElement[bool] = events.c.lead_id == lead_id
    first = select(func.min(events.c.type).label("type")).where(mine)
    types = first.cte("types", recursive=True)
    following = select(func.min(events.c.type)).where(mine, events.c.type > types.c.type)
    types = types.union_all(select(following.scalar_subquery()).where(types.c.type.is_not(None)))
    return (
        select(events)
        .join_from(types, events, events.c.type == types.c.type)
        .where(mine, events.c.id == event_id)
    )


def _event_of(row: Any, zone: ZoneInfo) -> NewEvent:
    """The event; of one that a stranger may have told, what a message may say (`sayable`)."""
    stated = row.proof is not None and row.proof < Proof.CONFIRMED
    properties = json.loads(row.properties) if row.properties else {}
    return NewEvent(
        row.type,
        said(row.subject) if stated else row.subject,
        address=None if stated else row.address,
        context=said(row.context) if stated else row.context,
        properties=said(properties) if stated else properties,
        occurred_at=local(row.occurred_at, zone),
        amount=amount_of(row.amount, row.currency),
    )
