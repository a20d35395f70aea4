"""An intake over each store, and looks into what it stored."""

from collections.abc import Sequence
from typing import Any

import pytest
from sqlalchemy import text

from relance.events import NewEvent
from relance.host import Identities, Incoming, Receipt
from relance.proof import Proof
from relance.testing import VirtualClock
from server.intake.intake import Intake
from server.store.store import Store

VISITOR = "visiteur-" + "a" * 16
OTHER_VISITOR = "visiteur-" + "b" * 16


class Desk:
    """Brings facts in and looks at the tables."""

    def __init__(self, store: Store, clock: VirtualClock) -> None:
        self.store = store
        self.clock = clock
        self.intake = Intake(store, clock)

    async def bring(
        self,
        fields: dict[str, Any] | None = None,
        event: str | NewEvent | None = None,
        key: str | None = None,
        proof: Proof = Proof.SIGNED,
        **who: Any,
    ) -> Receipt:
        happened = NewEvent("custom", event) if isinstance(event, str) else event
        events = (happened,) if happened else ()
        incoming = Incoming("test", Identities(**who), fields or {}, events, key, proof=proof)
        return (await self.intake.record([incoming]))[0]

    async def rows(self, query: str, **values: Any) -> Sequence[Any]:
        async with self.store.read() as conn:
            return (await conn.execute(text(query), values)).all()

    async def do(self, statement: str, **values: Any) -> None:
        async with self.store.write() as conn:
            await conn.execute(text(statement), values)

    async def fields(self, lead: int) -> Any:
        return (await self.rows("SELECT * FROM leads WHERE id = :lead", lead=lead))[0]

    async def subjects(self, lead: int) -> list[str]:
        query = "SELECT subject FROM events WHERE lead_id = :lead AND type = 'custom' ORDER BY id"
        return [row[0] for row in await self.rows(query, lead=lead)]

    async def enrol(self, lead: int, campaign: int = 1, entry: int = 1, **more: Any) -> None:
        values = {"active": True, "entered_at": 1000, "moves": 1, **more}
        await self.do(
            "INSERT INTO enrolments (lead_id, campaign_id, entry, version_id, active, statement, "
            "moves, entered_at, since_at, since_event) VALUES "
            "(:lead, :campaign, :entry, 1, :active, 0, :moves, :entered_at, 0, 0)",
            lead=lead,
            campaign=campaign,
            entry=entry,
            **values,
        )
        await self.do(
            "INSERT INTO journal (lead_id, campaign_id, entry, move, version_id, at, kind, cause) "
            "VALUES (:lead, :campaign, :entry, 1, 1, 1000, 'entered', 'event')",
            lead=lead,
            campaign=campaign,
            entry=entry,
        )


@pytest.fixture
def desk(store: Store, clock: VirtualClock) -> Desk:
    return Desk(store, clock)
