"""Storing a batch of facts inside a transaction: leads, merges, fields, events, receipts.

Also what the dispatch calls in its own transaction, so that « sent » and the event that says so
are one commit.
"""

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import NamedTuple

from sqlalchemy.ext.asyncio import AsyncConnection

from dsl.fold import key_of
from relance.events import LEAD_UPDATED, NewEvent
from relance.host import Receipt
from server.engine.listening import LEAD_CREATED, LEAD_MERGED, Happening
from server.engine.listening import changed as fields_changed
from server.intake.dated import Dated, dated
from server.intake.identities import Register, UnknownLead, wanted
from server.intake.incoming import Arrival
from server.store import arrivals as rows
from server.store import leads, merges
from server.store.amounts import stored_amount
from server.store.arrivals import EventRow, ReceiptRow
from server.store.instants import Micros, to_micros
from server.store.store import Store

#: What became of one fact.
Stored = Receipt | UnknownLead
Key = tuple[str, str]
_UPDATED, _CREATED, _MERGED = (
    NewEvent(type_) for type_ in (LEAD_UPDATED, LEAD_CREATED, LEAD_MERGED)
)
#: Whether somebody is to look at such an event.
Hears = Callable[[Happening], bool]


class Recorded(NamedTuple):
    """One answer a fact, in order; whether there are events for the engine."""

    answers: list[Stored]
    pending: bool


async def record(
    conn: AsyncConnection, store: Store, batch: Sequence[Arrival], now: Micros, hears: Hears
) -> Recorded:
    """Store a batch in the caller's writing transaction."""
    return await _Recording(conn, store, batch, now, hears).run()


@dataclass
class _Recording:
    """One batch."""

    conn: AsyncConnection
    store: Store
    batch: Sequence[Arrival]
    now: Micros
    hears: Hears
    #: By index in the batch: the answer once known.
    answers: dict[int, Stored] = field(default_factory=dict)
    #: By index: the lead the fact is about, as the register numbers it.
    places: dict[int, int] = field(default_factory=dict)
    #: By index: the earlier fact of the batch with the same key.
    doubles: dict[int, int] = field(default_factory=dict)
    receipts: dict[Key, ReceiptRow] = field(default_factory=dict)
    ids: dict[int, int] = field(default_factory=dict)
    #: What the facts that say since when they hold come too late to say.
    dated: Dated = field(default_factory=Dated)

    async def run(self) -> Recorded:
        await leads.serialize_intake(self.conn)
        await self._known()
        register = await self._register()
        self._place(register)
        self.dated = await dated(self.conn, self.batch, self.places, register.merged)
        await self._create(register)
        changed = await self._merge(register)
        for lead, names in (await self._write_fields(register)).items():
            changed.setdefault(lead, []).extend(names)
        await self.dated.write(self.conn, lambda lead: self._id(register, lead))
        events = self._events(register, changed)
        silent = await self._silent(register, events)
        await rows.insert_events(self.conn, events, silent)
        await rows.insert_receipts(self.conn, self._new_receipts(register))
        pending = any(event.lead_id not in silent for event in events)
        return Recorded(self._answers(register), pending)

    async def _silent(self, register: Register, events: Sequence[EventRow]) -> set[int]:
        """The leads of whom nothing told here concerns anybody: the engine has nothing to do.

        What is stored as handled is seen by decisions that an earlier event of the same lead still
        waits for: so there must be none. A merge leaves the engine waits to look at again.
        """
        told: dict[tuple[str | None, ...], bool] = {}
        silent: set[int] = set()
        heard = {self._id(register, source) for source in register.merged}
        for event in events:
            names = (event.type, event.subject_key, event.address, event.context_key)
            kind = (*names, event.properties if event.type == LEAD_UPDATED else None)
            if kind not in told:
                told[kind] = self.hears(
                    Happening(*names, fields_changed(event.type, event.properties))
                )
            (heard if told[kind] else silent).add(event.lead_id)
        silent -= heard
        new = set(self.ids.values())
        if silent <= new or not await rows.any_pending(self.conn):
            return silent
        return silent & new

    async def _known(self) -> None:
        """Answer the facts received before."""
        keys: dict[Key, int] = {}
        asked = [key for item in self.batch for key in _keys(item)]
        if asked:
            self.receipts = await rows.find_receipts(self.conn, asked)
        for index, item in enumerate(self.batch):
            key = _key(item)
            if key is None:
                continue
            if (before := self.receipts.get(key)) is not None:
                conflict = before.body_hash != item.body_hash
                self.answers[index] = Receipt(before.lead_id, duplicate=True, conflict=conflict)
            elif key in keys:
                self.doubles[index] = keys[key]
            else:
                keys[key] = index

    def _fresh(self) -> list[int]:
        return [
            index
            for index in range(len(self.batch))
            if index not in self.answers and index not in self.doubles
        ]

    async def _register(self) -> Register:
        fresh = [self.batch[index] for index in self._fresh()]
        owners = await leads.owners(self.conn, wanted(item.identities for item in fresh))
        explicit = {
            item.incoming.identities.lead_id
            for item in fresh
            if item.incoming.identities.lead_id is not None
        }
        duplicates = {a.lead_id for a in self.answers.values() if isinstance(a, Receipt)}
        standing = {}
        if explicit or duplicates:
            standing = await leads.standing(self.conn, explicit | duplicates)
        concerned = {*owners.values(), *standing.values()}
        held = await leads.known_identities(self.conn, concerned)
        return Register(owners=owners, held=held, standing=standing)

    def _place(self, register: Register) -> None:
        for index in self._fresh():
            item = self.batch[index]
            try:
                lead = register.place(item.incoming.identities.lead_id, item.identities)
            except UnknownLead as unknown:
                self.answers[index] = unknown
            else:
                self.places[index] = lead

    def _id(self, register: Register, lead: int) -> int:
        final = register.final(lead)
        return self.ids.get(final, final)

    async def _create(self, register: Register) -> None:
        """Insert the new leads, with the fields their facts give; claim the identities."""
        created = [lead for lead in register.created if lead not in register.merged]
        if created:
            numbers = await leads.new_ids(self.conn, len(created))
            self.ids.update(zip(created, numbers, strict=True))
            fields = self._fields(register)
            new = {number: fields.get(number, {}) for number in numbers}
            await leads.create(self.conn, self.store.fields.table, new, self.now)
        claimed = {
            identity: self._id(register, lead) for identity, lead in register.claimed.items()
        }
        await leads.claim(self.conn, claimed)

    def _fields(self, register: Register) -> dict[int, dict[str, object]]:
        """What the batch says of each lead, later facts over earlier ones."""
        told: dict[int, dict[str, object]] = {}
        for index, lead in self.places.items():
            fields = self.dated.fields(index, self.batch[index].fields)
            if fields:
                told.setdefault(self._id(register, lead), {}).update(fields)
        return told

    async def _merge(self, register: Register) -> dict[int, list[str]]:
        """Merge the known leads found to be one."""
        pending = {source: self._id(register, source) for source in register.merged if source > 0}
        changed: dict[int, list[str]] = {target: [] for target in pending.values()}
        await merges.merge_rounds(self.conn, self.store.fields.table, pending, self.now)
        return changed

    async def _write_fields(self, register: Register) -> dict[int, list[str]]:
        """Write what differs on known leads; the columns changed or given, by lead."""
        told = self._fields(register)
        new = set(self.ids.values())
        changed = {lead: list(told[lead]) for lead in told if lead in new}
        asked = {lead: fields for lead, fields in told.items() if lead not in new}
        if not asked:
            return changed
        columns = sorted({name for fields in asked.values() for name in fields})
        table = self.store.fields.table
        current = await leads.read(self.conn, table, asked, columns)
        different = {
            lead: {
                name: value
                for name, value in fields.items()
                if _differs(name, value, current[lead][name])
            }
            for lead, fields in asked.items()
        }
        different = {lead: fields for lead, fields in different.items() if fields}
        await leads.change(self.conn, table, different)
        return changed | {lead: list(fields) for lead, fields in different.items()}

    def _events(self, register: Register, changed: dict[int, list[str]]) -> list[EventRow]:
        """The events told, then « lead_updated » for each lead that changed."""
        told = [
            (self._id(register, lead), event, properties)
            for index, lead in self.places.items()
            for event, properties in self._told(index)
        ]
        became = list(self._became(register))
        first = self.store.ids.reserve(len(told) + len(changed) + len(became))
        written = [
            self._row(first + n, lead, event, properties)
            for n, (lead, event, properties) in enumerate(told)
        ]
        after = first + len(told)
        for n, (lead, columns) in enumerate(changed.items()):
            written.append(
                self._row(
                    after + n, lead, _UPDATED, _named(tuple(self.store.fields.names_of(columns)))
                )
            )
        after += len(changed)
        written += [self._row(after + n, lead, what, None) for n, (lead, what) in enumerate(became)]
        return written

    def _became(self, register: Register) -> Iterator[tuple[int, NewEvent]]:
        """What happened to the leads as such, told last: all that the facts say is known by then."""
        if self.hears(Happening(LEAD_CREATED)):
            yield from ((lead, _CREATED) for lead in self.ids.values())
        if self.hears(Happening(LEAD_MERGED)):
            merged = {self._id(register, source) for source in register.merged if source > 0}
            yield from ((lead, _MERGED) for lead in sorted(merged))

    def _told(self, index: int) -> list[tuple[NewEvent, str | None]]:
        """The events of a fact, less those received before under their own key."""
        item = self.batch[index]
        kept = []
        for event, properties in zip(item.incoming.events, item.properties, strict=True):
            key = _event_key(event)
            if key is not None:
                if key in self.receipts:
                    continue
                self.receipts[key] = ReceiptRow(*key, None, 0, self.now)
            kept.append((event, properties))
        return kept

    def _row(self, number: int, lead: int, event: NewEvent, properties: str | None) -> EventRow:
        # A sender's clock may run ahead; nothing has happened that is still to come.
        at = self.now if event.occurred_at is None else min(to_micros(event.occurred_at), self.now)
        return EventRow(
            lead_id=lead,
            type=event.type,
            id=number,
            subject=event.subject,
            subject_key=None if event.subject is None else key_of(event.subject),
            address=event.address,
            context=event.context,
            context_key=None if event.context is None else key_of(event.context),
            occurred_at=at,
            received_at=self.now,
            properties=properties,
            **stored_amount(event.amount, self.store.fields.currency),
        )

    def _new_receipts(self, register: Register) -> list[ReceiptRow]:
        new = []
        for index, lead in self.places.items():
            item, number = self.batch[index], self._id(register, lead)
            if (key := _key(item)) is not None:
                until = rows.FOR_GOOD if item.incoming.lasting else self.now
                new.append(ReceiptRow(*key, item.body_hash, number, until))
            for event in item.incoming.events:
                own = _event_key(event)
                if own is not None and (seen := self.receipts.get(own)) and not seen.lead_id:
                    self.receipts[own] = row = seen._replace(lead_id=number)
                    new.append(row)
        return new

    def _answers(self, register: Register) -> list[Stored]:
        answers: list[Stored] = []
        for index, item in enumerate(self.batch):
            first = self.doubles.get(index)
            place = self.places.get(index if first is None else first)
            if place is not None:
                conflict = first is not None and self.batch[first].body_hash != item.body_hash
                lead = self._id(register, place)
                answers.append(Receipt(lead, duplicate=first is not None, conflict=conflict))
            elif first is not None:
                answers.append(self.answers[first])
            else:
                answers.append(self._now_standing(register, self.answers[index]))
        return answers

    def _now_standing(self, register: Register, answer: Stored) -> Stored:
        if isinstance(answer, UnknownLead):
            return answer
        lead = register.final(register.standing.get(answer.lead_id, answer.lead_id))
        return Receipt(lead, duplicate=True, conflict=answer.conflict)


@lru_cache(maxsize=1_024)
def _named(fields: tuple[str, ...]) -> str:
    """What « lead_updated » says of them; forms of a site give the same ones again and again."""
    return json.dumps({"champs": fields}, ensure_ascii=False)


def _differs(column: str, value: object, current: object) -> bool:
    if column == "f_courriel" and current is not None:
        return False  # the same address in other capitals, or one told from elsewhere
    return value != current


def _key(item: Arrival) -> Key | None:
    key = item.incoming.key
    return None if key is None else (item.incoming.source, key)


def _event_key(event: NewEvent) -> Key | None:
    return None if event.key is None else (f"event:{event.type}", event.key)


def _keys(item: Arrival) -> list[Key]:
    found = [_key(item), *(_event_key(event) for event in item.incoming.events)]
    return [key for key in found if key is not None]
