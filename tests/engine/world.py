"""A small world for the engine's tests: programs made by hand, leads, events, and what became of them."""

import json
from collections.abc import Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import func, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from dsl.program import Place, Program, Reentry, Trigger
from relance.events import EventPattern
from relance.facts import Events, Happened, Leaf, SinceWait
from relance.fold import key_of
from relance.said import Said
from relance.testing import VirtualClock
from server.engine.engine import Engine
from server.engine.publication.project import ProgramSource, Project
from server.orders.recorded import RecordedEngine
from server.settings import Settings
from server.store.arrivals import EventRow, insert_events
from server.store.fields import column_of
from server.store.instants import from_micros, now_micros, to_micros
from server.store.schema.campaigns import enrolments, journal, refusals, waits
from server.store.schema.events import events
from server.store.schema.messages import outbox
from server.store.schema.metadata import metadata
from server.store.schema.server import tenure
from server.store.store import Store

HERE = Place(1, Said("ici"))
UTC = ZoneInfo("UTC")


def on(type_: str, subject: str | None = None, **rest: Any) -> Trigger:
    return Trigger(HERE, on=EventPattern(type_, subject), **rest)


def happened(type_: str, subject: str | None = None, since: Any = None, times: int = 1) -> Leaf:
    return Leaf(
        Said(f"{type_} {subject}"), Happened(Events(EventPattern(type_, subject), since), times)
    )


def heard(type_: str, subject: str | None = None) -> Leaf:
    return happened(type_, subject, SinceWait())


def program(*statements: Any, **given: Any) -> Program:
    values: dict[str, Any] = {
        "name": "Essai",
        "description": None,
        "zone": "UTC",
        "starts": None,
        "ends": None,
        "reentry": Reentry.NEVER,
        "reentry_delay": None,
        "timeout": None,
        "entries": (on("form_submitted", "Essai"),),
        "exits": (),
        "statements": statements,
    }
    return Program(**{**values, **given})


async def emptied(conn: AsyncConnection) -> None:
    """Leave nothing of an example before in the database, and the hold of its server."""
    for table in reversed(metadata.sorted_tables):
        if table is not tenure:
            await conn.execute(table.delete())


class World:
    """A store, a clock that obeys and an engine, with short ways to act and look."""

    def __init__(self, store: Store, clock: VirtualClock, **options: Any) -> None:
        self.store, self.clock = store, clock
        self.engine = Engine(store, clock, zone=UTC, **options)

    def ordering(self, **settings: Any) -> RecordedEngine:
        """The engine, as orders ask it; `settings`: those that are not as usual."""

        async def write_down(_: AsyncConnection) -> None:
            """Nobody audits it."""

        given = Settings(Path(), zone=UTC, **settings)
        return RecordedEngine(self.engine, write_down, given)

    async def publish(self, *programs: Program, **options: Any) -> None:
        await self.engine.publish(Project([ProgramSource(each) for each in programs], **options))

    async def lead(self, **fields: Any) -> int:
        leads = self.store.fields.table
        values = {column_of(name): value for name, value in fields.items() if name != "score"}
        if "score" in fields:
            values["score"] = fields["score"]
        async with self.store.write() as conn:
            made = insert(leads).values(created_at=0, **values).returning(leads.c.id)
            return (await conn.execute(made)).scalar_one()

    async def set(self, lead: int, **fields: Any) -> None:
        leads = self.store.fields.table
        values = {name if name == "score" else column_of(name): v for name, v in fields.items()}
        async with self.store.write() as conn:
            await conn.execute(leads.update().where(leads.c.id == lead).values(**values))

    async def event(
        self,
        lead: int,
        type_: str = "form_submitted",
        subject: str | None = "Essai",
        *,
        address: str | None = None,
        context: str | None = None,
        properties: Mapping[str, Any] | None = None,
        at: datetime | None = None,
    ) -> int:
        async with self.store.write() as conn:
            number = self.store.ids.next()
            await insert_events(
                conn,
                [
                    EventRow(
                        lead_id=lead,
                        type=type_,
                        id=number,
                        subject=subject,
                        subject_key=key_of(subject) if subject else None,
                        address=address,
                        context=context,
                        context_key=key_of(context) if context else None,
                        occurred_at=to_micros(at) if at else now_micros(self.clock),
                        received_at=now_micros(self.clock),
                        properties=json.dumps(properties, ensure_ascii=False)
                        if properties
                        else None,
                    )
                ],
            )
        return number

    async def settle(self) -> int:
        """Tick until nothing is left to do now."""
        count = 0
        while await self.engine.tick():
            count += 1
            assert count < 200, "the engine never rests"
        return count

    async def later(self, **span: float) -> None:
        self.clock.advance(timedelta(**span))
        await self.settle()

    async def rows(self, query: Any) -> list[Any]:
        async with self.store.read() as conn:
            return list((await conn.execute(query)).all())

    async def moves(self, lead: int, campaign: int = 1) -> list[str]:
        found = await self.rows(
            select(journal.c.kind)
            .where(journal.c.lead_id == lead, journal.c.campaign_id == campaign)
            .order_by(journal.c.entry, journal.c.move)
        )
        return [row.kind for row in found]

    async def journal(self, lead: int) -> list[Any]:
        return await self.rows(
            select(journal)
            .where(journal.c.lead_id == lead)
            .order_by(journal.c.campaign_id, journal.c.entry, journal.c.move)
        )

    async def sent(self, lead: int) -> list[str]:
        """The messages of the outbox, in the order they were put there; cancelled ones aside."""
        return await self.sent_ever(lead, outbox.c.state != "cancelled")

    async def sent_ever(self, lead: int, *tests: Any) -> list[str]:
        """The messages put in the outbox, in that order."""
        found = await self.rows(
            select(outbox.c.message)
            .where(outbox.c.lead_id == lead, *tests)
            .order_by(outbox.c.created_at, outbox.c.campaign_id, outbox.c.entry, outbox.c.move)
        )
        return [row.message for row in found]

    async def enrolments(self, lead: int) -> list[Any]:
        return await self.rows(
            select(enrolments)
            .where(enrolments.c.lead_id == lead)
            .order_by(enrolments.c.campaign_id, enrolments.c.entry)
        )

    async def outcomes(self, lead: int) -> list[str | None]:
        return [row.outcome for row in await self.enrolments(lead)]

    async def refusals(self, lead: int) -> list[str]:
        query = select(refusals.c.reason).where(refusals.c.lead_id == lead)
        return [row.reason for row in await self.rows(query)]

    async def subscriptions(self) -> int:
        return (await self.rows(select(func.count()).select_from(waits)))[0][0]

    async def value(self, lead: int, name: str) -> Any:
        leads = self.store.fields.table
        column = leads.c.score if name == "score" else self.store.fields.get(name).column
        return (await self.rows(select(column).where(leads.c.id == lead)))[0][0]

    async def subjects(self, lead: int, type_: str) -> list[str | None]:
        query = select(events.c.subject).where(events.c.lead_id == lead, events.c.type == type_)
        return [row.subject for row in await self.rows(query.order_by(events.c.id))]

    def wakes(self) -> datetime | None:
        return self.engine.next_wake()

    @staticmethod
    def instant(micros: int) -> datetime:
        return from_micros(micros)
