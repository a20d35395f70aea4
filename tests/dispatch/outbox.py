"""Leads and messages put straight in the store, without an engine."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import insert, select

from relance.proof import Proof
from relance.testing import FakeChannel, VirtualClock
from server.dispatch.allowance import ORDINARY, Allowance
from server.dispatch.claims import Claims
from server.dispatch.settling import Settling
from server.dispatch.terms import Terms
from server.intake.intake import Intake
from server.store.instants import to_micros
from server.store.schema.campaigns import campaigns
from server.store.schema.events import events
from server.store.schema.leads import leads
from server.store.schema.messages import outbox
from server.store.store import Store


class Noticed(Intake):
    """An intake that counts how often it is told of new events."""

    def __init__(self, store: Store, clock: VirtualClock) -> None:
        super().__init__(store, clock)
        self.times = 0
        self.on_commit = self._notice

    def _notice(self) -> None:
        self.times += 1


class Outbox:
    """Fills and reads the outbox of a test."""

    def __init__(self, store: Store, clock: VirtualClock) -> None:
        self.store = store
        self.clock = clock
        self._moves = 0

    def claims(
        self, channel: FakeChannel | None = None, recipients: Allowance = ORDINARY
    ) -> Claims:
        return Claims(self.store, channel or FakeChannel(), Terms(recipients))

    def settling(self, channel: FakeChannel | None = None) -> Settling:
        return Settling(channel or FakeChannel(), Intake(self.store, self.clock).tell)

    async def campaign(self, name: str = "Accueil") -> None:
        async with self.store.write() as conn:
            await conn.execute(
                insert(campaigns).values(id=1, key="accueil", name=name, present=True)
            )

    async def lead(self, lead_id: int, address: str | None = None, **values: Any) -> None:
        known = {"created_at": 0, "proof": int(Proof.TEAM)}
        row = {"id": lead_id, "f_courriel": address} | known | values
        async with self.store.write() as conn:
            await conn.execute(insert(leads).values(**row))

    async def put(
        self, lead_id: int, message: str = "Tarifs", channel: str = "email", **values: Any
    ) -> int:
        self._moves += 1
        now = to_micros(self.clock.now())
        row = {
            "lead_id": lead_id,
            "campaign_id": 1,
            "entry": 1,
            "move": self._moves,
            "ordinal": 1,
            "channel": channel,
            "message": message,
            "state": "pending",
            "created_at": now,
            "due_at": now,
        }
        async with self.store.write() as conn:
            await conn.execute(insert(outbox).values(**(row | values)))
        return self._moves

    async def rows(self) -> list[Mapping[str, Any]]:
        async with self.store.read() as conn:
            found = await conn.execute(select(outbox).order_by(outbox.c.move))
            return [row._mapping for row in found]

    async def row(self, move: int = 1) -> Mapping[str, Any]:
        return next(row for row in await self.rows() if row["move"] == move)

    async def states(self) -> list[str]:
        return [row["state"] for row in await self.rows()]

    async def events(self) -> list[tuple[int, str, str | None]]:
        async with self.store.read() as conn:
            found = await conn.execute(select(events).order_by(events.c.id))
            return [(row.lead_id, row.type, row.subject) for row in found]


def at(row: Mapping[str, Any], column: str) -> datetime:
    from server.store.instants import from_micros

    return from_micros(row[column])
