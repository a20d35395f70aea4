"""Who is on a list, or bears a tag, as the team decides it: each change is an event of the lead.

Campaigns and lists hear of it as of what their own effects do; what changes nothing is no event.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum

from sqlalchemy import Table, delete, select
from sqlalchemy.ext.asyncio import AsyncConnection

from relance.events import LIST_ADDED, LIST_REMOVED, TAG_ADDED, TAG_REMOVED
from relance.fold import key_of
from server.engine.by_hand import BY
from server.store import arrivals, leads
from server.store.arrivals import EventRow
from server.store.bulk import insert_rows
from server.store.instants import Micros
from server.store.schema.leads import lead_tags, list_members
from server.store.store import Store


class Belonging(Enum):
    """What one may be put on."""

    LIST = "liste"
    TAG = "étiquette"


@dataclass(frozen=True, slots=True)
class MembershipChange:
    """What is done to leads: put on that list or given that tag, or the contrary; `who` decides it."""

    to: Belonging
    name: str
    joining: bool
    who: str = ""

    @property
    def key(self) -> str:
        """What the list or the tag is known by."""
        return key_of(self.name)

    @property
    def _table(self) -> Table:
        return list_members if self.to is Belonging.LIST else lead_tags

    async def members(self, conn: AsyncConnection, among: Sequence[int]) -> set[int]:
        """Those of these leads who are on it already."""
        table = self._table
        mine = table.c.list_key if self.to is Belonging.LIST else table.c.tag_key
        query = select(table.c.lead_id).where(mine == self.key, table.c.lead_id.in_(among))
        return set(await conn.scalars(query))

    async def carry_out(
        self, conn: AsyncConnection, store: Store, asked: Sequence[int], now: Micros
    ) -> int:
        """Do it to these leads, a few hundred at most; how many it changed.

        Who was merged is who they became; who was forgotten, or never was, is nobody.
        """
        known = sorted(set((await leads.survivors(conn, asked)).values()) - {0})
        there = await self.members(conn, known)
        changed = [one for one in known if (one in there) is not self.joining]
        if not changed:
            return 0
        if self.joining:
            await self._join(conn, changed, now)
        else:
            table = self._table
            mine = table.c.list_key if self.to is Belonging.LIST else table.c.tag_key
            gone = delete(table).where(mine == self.key, table.c.lead_id.in_(changed))
            await conn.execute(gone)
        await arrivals.insert_events(conn, self._events(store, changed, now))
        return len(changed)

    async def _join(self, conn: AsyncConnection, changed: Sequence[int], now: Micros) -> None:
        rows: list[tuple[object, ...]]
        if self.to is Belonging.LIST:
            await named(conn, self.name)
            rows = [(lead, self.key, now) for lead in changed]
            columns = ("lead_id", "list_key", "since")
            await insert_rows(conn, "list_members", columns, rows, "ON CONFLICT DO NOTHING")
            return
        rows = [(lead, self.key, self.name, now) for lead in changed]
        tagged = ("lead_id", "tag_key", "name", "since")
        await insert_rows(conn, "lead_tags", tagged, rows, "ON CONFLICT DO NOTHING")

    def _events(self, store: Store, changed: Sequence[int], now: Micros) -> list[EventRow]:
        types = {
            Belonging.LIST: (LIST_REMOVED, LIST_ADDED),
            Belonging.TAG: (TAG_REMOVED, TAG_ADDED),
        }
        properties = json.dumps({BY: self.who}, ensure_ascii=False) if self.who else None
        first = store.ids.reserve(len(changed))
        return [
            EventRow(
                lead_id=lead,
                type=types[self.to][self.joining],
                id=first + place,
                occurred_at=now,
                received_at=now,
                subject=self.name,
                subject_key=self.key,
                properties=properties,
            )
            for place, lead in enumerate(changed)
        ]


async def named(conn: AsyncConnection, name: str) -> None:
    """Have a static list of that name, if there is none yet."""
    row = [(key_of(name), name)]
    await insert_rows(conn, "lists", ("key", "name"), row, "ON CONFLICT (key) DO NOTHING")
