"""A scenario that says « Ajouté à la liste (X) » means it: the lead is in the list afterwards."""

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import Table, delete, insert
from sqlalchemy.ext.asyncio import AsyncConnection

from relance import events
from relance.events import NewEvent
from relance.fold import key_of
from server.store.instants import to_micros
from server.store.schema.leads import lead_tags, list_members

_GROUPS: Mapping[str, tuple[Table, str, bool]] = {
    events.LIST_ADDED: (list_members, "list_key", True),
    events.LIST_REMOVED: (list_members, "list_key", False),
    events.TAG_ADDED: (lead_tags, "tag_key", True),
    events.TAG_REMOVED: (lead_tags, "tag_key", False),
}


async def apply(conn: AsyncConnection, lead_id: int, event: NewEvent, at: datetime) -> None:
    """Make the lead a member, or no longer one, if that is what the event tells."""
    group = _GROUPS.get(event.type)
    if group is None or event.subject is None:
        return
    table, key, added = group
    place = {"lead_id": lead_id, key: key_of(event.subject)}
    await conn.execute(delete(table).where(*(table.c[name] == place[name] for name in place)))
    if added:
        named = {"name": event.subject} if "name" in table.c else {}
        await conn.execute(insert(table).values(since=to_micros(at), **place, **named))
