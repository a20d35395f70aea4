"""Storing a batch of facts inside a transaction: leads, merges, fields, events, receipts.

Also what the dispatch calls in its own transaction, so that « sent » and the event that says so
are one commit.
"""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from sqlalchemy.ext.asyncio import AsyncConnection

from relance.events import LEAD_UPDATED, NewEvent
from relance.host import Receipt
from relance.message_mark import MessageMark
from relance.proof import Proof
from server.engine.by_hand import BY
from server.engine.listening import Happening, changes_of
from server.engine.own_events import LEAD_CREATED, LEAD_MERGED
from server.intake import facts, reach
from server.intake.canon import conflicts
from server.intake.event_rows import Audience, EventRows, Hears
from server.intake.facts import Key
from server.intake.identities import (
    FOLLOWED,
    VISITOR,
    Identity,
    LeadPlace,
    Register,
    UnknownLead,
    wanted,
)
from server.intake.incoming import Arrival, read_again
from server.intake.knowledge import FactFields, Known, Unproven, learn
from server.store import arrivals as rows
from server.store import attached, declarations, field_proofs, leads, leftovers, marks, merges
from server.store.arrivals import EventRow, ReceiptRow
from server.store.declarations import Pair, Promise
from server.store.field_proofs import Sure
from server.store.instants import Micros
from server.store.leads import Made, Owned
from server.store.leftovers import NOBODY, Leftover, Reason
from server.store.store import Store

#: What became of one fact.
Stored = Receipt | UnknownLead
_UPDATED, _CREATED, _MERGED = (
    NewEvent(type_) for type_ in (LEAD_UPDATED, LEAD_CREATED, LEAD_MERGED)
)


class RecordedBatch(NamedTuple):
    """One answer a fact, in order; whether there are events for the engine."""

    answers: list[Stored]
    pending: bool


class Contended(Exception):
    """This batch takes what is another lead's: it is to be stored with nobody beside."""


def may_share(batch: Iterable[Arrival]) -> bool:
    """Whether a batch may be stored beside those of other processes: it tells of people by what
    they are known by, as forms do, and changes nothing of where they are written to."""
    return all(
        item.incoming.identities.lead_id is None
        and not item.incoming.receives
        and not item.incoming.reach
        for item in batch
    )


async def record(
    conn: AsyncConnection,
    store: Store,
    batch: Sequence[Arrival],
    now: Micros,
    hears: Hears,
    marks: Mapping[str, MessageMark],
    by: str = "",
    *,
    shared: bool = False,
) -> RecordedBatch:
    """Store a batch in the caller's writing transaction; `marks`: what events tell of messages.

    `by`: who of the team said all of it. `shared`: beside other processes, on PostgreSQL; raises
    `Contended`, or the driver's own of what two say at once, when it cannot be.
    """
    return await _Recording(conn, store, batch, now, hears, marks, by, shared).run()


@dataclass
class _Recording:
    """One batch."""

    conn: AsyncConnection
    store: Store
    batch: Sequence[Arrival]
    now: Micros
    hears: Hears
    marks: Mapping[str, MessageMark]
    by: str = ""
    shared: bool = False
    #: By index in the batch: the answer once known.
    answers: dict[int, Stored] = field(default_factory=dict)
    #: By index: the lead the fact is about, as the register numbers it, and what it may do to it.
    places: dict[int, LeadPlace] = field(default_factory=dict)
    #: By index: the earlier fact of the batch with the same key.
    doubles: dict[int, int] = field(default_factory=dict)
    #: By index: the lead it is about, once the new ones have their ids.
    about: dict[int, int] = field(default_factory=dict)
    receipts: dict[Key, ReceiptRow] = field(default_factory=dict)
    ids: dict[int, int] = field(default_factory=dict)
    #: What was said of leads in browsers that facts of this batch may prove to be theirs.
    promised: dict[Pair, list[Promise]] = field(default_factory=dict)
    sure: dict[tuple[int, str], Sure] = field(default_factory=dict)
    unproven: list[tuple[int, Unproven]] = field(default_factory=list)
    #: Whose each identity was before the batch.
    owned: Mapping[Identity, Owned] = field(default_factory=dict)
    #: What is told of leads that came to have an address, or lost their last: (lead, type).
    followed: list[tuple[int, str]] = field(default_factory=list)

    async def run(self) -> RecordedBatch:
        await (leads.share_intake if self.shared else leads.serialize_intake)(self.conn)
        await self._turn_away()
        await self._known()
        register = await self._register()
        self._place(register)
        await self._number(register)
        given = self._facts_by_lead()
        changed = await self._create(given)
        changed |= await self._merge(register)
        await self._claim(register)
        for lead, names in (await self._write_fields(given)).items():
            changed.setdefault(lead, []).extend(names)
        await field_proofs.write(self.conn, self.sure)
        await self._keep_unproven(register)
        await self._keep_leftovers()
        answers = self._answers(register)
        self.followed += await reach.change(
            self.conn, self.batch, answers, self.now, self.store.forgotten
        )
        events = self._events(register, changed)
        audience = Audience(self.hears)
        merged = {self._id(register, source) for source in register.merged}
        silent = await audience.silent(self.conn, events, self.ids.values(), merged)
        await rows.insert_events(self.conn, events, silent)
        await marks.keep(self.conn, events, self.marks)
        await leftovers.keep(self.conn, audience.unheard(), self.now)
        await rows.insert_receipts(self.conn, self._new_receipts())
        pending = any(event.lead_id not in silent for event in events)
        return RecordedBatch(answers, pending)

    async def _keep_leftovers(self) -> None:
        """Keep what finds no place, with whom it was told of."""
        found = [
            (lead, self.batch[index].incoming.source, one)
            for index, lead in self.about.items()
            for one in self.batch[index].leftovers
        ]
        if found:
            await leftovers.keep(self.conn, found, self.now)

    async def _turn_away(self) -> None:
        """Keep nothing of what is told of those who were forgotten, but that it was told."""
        if not (known := self.store.forgotten):
            return
        for index, item in enumerate(self.batch):
            if known.knows(facts.addresses(item)):
                self.answers[index] = Receipt(NOBODY, forgotten=True)
        sources = (self.batch[index].incoming.source for index in self.answers)
        left = Leftover("", "", Reason.FORGOTTEN)
        await leftovers.keep(self.conn, [(NOBODY, source, left) for source in sources], self.now)

    async def _known(self) -> None:
        """Answer the facts received before."""
        keys: dict[Key, int] = {}
        asked = [key for item in self.batch for key in facts.keys(item)]
        if asked:
            self.receipts = await rows.find_receipts(self.conn, asked)
        for index, item in enumerate(self.batch):
            key = facts.key(item)
            if key is None or index in self.answers:
                continue
            if (before := self.receipts.get(key)) is not None:
                conflict = conflicts(before.body_hash, item.incoming, item.body_hash)
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
        explicit = {
            item.incoming.identities.lead_id
            for item in fresh
            if item.incoming.identities.lead_id is not None
        }
        duplicates = {a.lead_id for a in self.answers.values() if isinstance(a, Receipt)}
        survivors = {}
        if explicit or duplicates:
            survivors = await leads.survivors(self.conn, explicit | duplicates)
        pledges = await self._pledges(fresh, survivors)
        asked = [item.identities for item in fresh]
        asked += [facts.phones(promises) for promises in self.promised.values()]
        self.owned = owners = await self._owners(wanted(asked))
        concerned = {owned.lead_id for owned in owners.values()} | {*survivors.values()}
        held = await leads.known_identities(self.conn, concerned)
        register = Register.known(owners, held, survivors, pledges)
        register.born = await self._born(fresh, register)
        return register

    async def _owners(self, asked: Mapping[str, Sequence[str]]) -> dict[Identity, Owned]:
        """Whose each identity is; beside others, once those who write of the same leads have."""
        owners = await leads.owners(self.conn, asked)
        if self.shared and owners:
            held = {owned.lead_id for owned in owners.values()}
            await leads.hold(self.conn, held)
            owners = await leads.owners(self.conn, asked)
            if not held.issuperset(owned.lead_id for owned in owners.values()):
                raise Contended
        return owners

    async def _born(self, fresh: Sequence[Arrival], register: Register) -> dict[int, Micros]:
        """Since when the leads of browsers in which a link was followed are there."""
        marks = [
            register.owner((VISITOR, item.incoming.identities.visitor))
            for item in fresh
            if item.incoming.proof == Proof.CONFIRMED and item.incoming.identities.visitor
        ]
        asked = {lead for lead in marks if lead is not None and not register.kinds(lead)}
        return await leads.born(self.conn, asked) if asked else {}

    async def _pledges(
        self, fresh: Sequence[Arrival], survivors: Mapping[int, int]
    ) -> frozenset[Pair]:
        """The browsers that links followed prove to be a lead's, and what was said in them."""
        asked: dict[Pair, Micros] = {}
        for item in fresh:
            who = item.incoming.identities
            lead = None if who.lead_id is None else survivors.get(who.lead_id)
            if item.incoming.proof == Proof.CONFIRMED and lead is not None and who.visitor:
                at = facts.as_of(item.incoming, self.now)
                pair = (lead, who.visitor)
                asked[pair] = max(at, asked.get(pair, at))
        pledges = await declarations.pledged(self.conn, asked)
        self.promised = await declarations.promised(self.conn, pledges)
        return pledges

    def _place(self, register: Register) -> None:
        for index in self._fresh():
            item = self.batch[index]
            incoming = item.incoming
            try:
                place = register.place(
                    incoming.identities.lead_id,
                    item.identities,
                    incoming.proof,
                    receives=incoming.receives,
                    at=facts.happened(incoming, self.now),
                )
            except UnknownLead as unknown:
                self.answers[index] = unknown
                continue
            self.places[index] = place
            if place.proven:
                for phone in facts.phones(self.promised.get((place.lead, place.proven), ())):
                    if register.owner(phone) is None:
                        register.claim(place.lead, phone, Proof.CONFIRMED)

    def _id(self, register: Register, lead: int) -> int:
        final = register.final(lead)
        return self.ids.get(final, final)

    async def _number(self, register: Register) -> None:
        """Give the new leads their ids: from now on it is known whom each fact is about."""
        created = [lead for lead in register.created if lead not in register.merged]
        if created:
            numbers = await leads.new_ids(self.conn, len(created))
            self.ids.update(zip(created, numbers, strict=True))
        self.about = {index: self._id(register, place.lead) for index, place in self.places.items()}

    async def _create(self, by_lead: Mapping[int, list[FactFields]]) -> dict[int, list[str]]:
        """Insert the new leads, with the fields their facts give: the columns given, by lead."""
        if not self.ids:
            return {}
        new = {lead: self._new(lead, by_lead.get(lead, [])) for lead in self.ids.values()}
        made = {lead: self._made(by_lead.get(lead)) for lead in new}
        await leads.create(self.conn, self.store.fields.table, new, self.now, made)
        return {lead: list(fields) for lead, fields in new.items() if fields}

    async def _claim(self, register: Register) -> None:
        """Give identities to whom they belong; once leads are one, which remembers whose they were."""
        claimed = {
            identity: Owned(self._id(register, lead), register.surety(identity))
            for identity, lead in register.claimed.items()
        }
        fresh = await self._raise(claimed) if self.shared else claimed
        await leads.claim(self.conn, fresh, anew=self.shared)
        hers = {
            value: owned.lead_id
            for (kind, value), owned in claimed.items()
            if kind == VISITOR and owned.proof > FOLLOWED and (kind, value) in self.owned
        }
        self.followed = await attached.follow(self.conn, hers)

    async def _raise(self, claimed: dict[Identity, Owned]) -> dict[Identity, Owned]:
        """Beside others, know more surely whose those known are, and no more; the others."""
        known = {identity: claimed[identity] for identity in self.owned.keys() & claimed.keys()}
        if any(self.owned[identity].lead_id != own.lead_id for identity, own in known.items()):
            raise Contended
        await leads.claim(self.conn, known)
        return {identity: own for identity, own in claimed.items() if identity not in known}

    def _made(self, given: Sequence[FactFields] | None) -> Made:
        """What a new lead is made with: its first fact."""
        if not given:
            return Made(Proof.STATED)
        first = given[0]
        return Made(first.place.proof, None if first.at == self.now else first.at)

    def _new(self, number: int, given: Sequence[FactFields]) -> dict[str, object]:
        """The fields of a new lead; what its first fact gave needs no word of its own."""
        if len(given) == 1:
            return dict(given[0].fields)
        learned = learn(given, {})
        self.unproven += [(number, one) for one in learned.unproven]
        if given:
            first = (given[0].place.proof, given[0].at)
            self.sure |= {
                (number, name): Sure(*sure) for name, sure in learned.sure.items() if sure != first
            }
        return learned.changes

    def _facts_by_lead(self) -> dict[int, list[FactFields]]:
        """What the batch says of each lead, in the order received."""
        by_lead: dict[int, list[FactFields]] = {}
        new = set(self.ids.values())
        for index, place in self.places.items():
            item, lead = self.batch[index], self.about[index]
            if item.fields or lead in new:
                by_lead.setdefault(lead, []).append(facts.fields_of(item, place, self.now))
            if place.proven:
                promises = self.promised.get((place.lead, place.proven), ())
                by_lead.setdefault(lead, []).extend(self._proven(place, promises))
        return by_lead

    def _proven(self, place: LeadPlace, promises: Iterable[Promise]) -> Iterator[FactFields]:
        """What was said in a browser that is now known to be the lead's."""
        sure = place._replace(proof=Proof.CONFIRMED, corrects=True, reaches=True)
        for promise in promises:
            known = self.store.fields.of_column(promise.field)
            if known is not None and (value := read_again(known, promise.value)) is not None:
                yield FactFields(sure, {promise.field: value}, promise.at)

    async def _merge(self, register: Register) -> dict[int, list[str]]:
        """Merge the known leads found to be one."""
        pending = {source: self._id(register, source) for source in register.merged if source > 0}
        if pending and self.shared:
            raise Contended
        changed: dict[int, list[str]] = {target: [] for target in pending.values()}
        await merges.merge_rounds(self.conn, self.store.fields.table, pending, self.now)
        return changed

    async def _write_fields(self, by_lead: Mapping[int, list[FactFields]]) -> dict[int, list[str]]:
        """Write what differs on known leads; the columns changed, by lead."""
        new = set(self.ids.values())
        asked = {lead: given for lead, given in by_lead.items() if lead not in new}
        if not asked:
            return {}
        columns = sorted({name for given in asked.values() for one in given for name in one.fields})
        table = self.store.fields.table
        rows = await field_proofs.read(self.conn, table, asked, columns)
        different: dict[int, dict[str, object]] = {}
        for lead, given in asked.items():
            row = rows[lead]
            known = {
                name: Known(row.values[name], *row.sure(name))
                for name in columns
                if row.values[name] is not None
            }
            learned = learn(given, known)
            self.unproven += [(lead, one) for one in learned.unproven]
            self.sure |= {(lead, name): Sure(*sure) for name, sure in learned.sure.items()}
            if learned.changes:
                different[lead] = learned.changes
        await leads.change(self.conn, table, different)
        return {lead: list(fields) for lead, fields in different.items()}

    async def _keep_unproven(self, register: Register) -> None:
        """Keep what was said without proof, and in which browsers; settle what was proven."""
        said = [facts.declared(lead, one) for lead, one in self.unproven]
        pledges: list[Pair] = []
        proven: list[Pair] = []
        for index, place in self.places.items():
            lead = self.about[index]
            if place.pledged:
                pledges.append((lead, place.pledged))
            if place.proven:
                proven.append((place.lead, place.proven))
            if place.same_as is not None and self._id(register, place.same_as) != lead:
                fact = facts.fields_of(self.batch[index], place, self.now)
                other = self._id(register, place.same_as)
                said.append(facts.declared(lead, Unproven(declarations.MERGE, other, fact)))
        await declarations.keep(self.conn, said, self.now)
        await declarations.pledge(self.conn, pledges, self.now)
        if proven:
            ids = [one.id for pair in proven for one in self.promised.get(pair, ())]
            await declarations.settle(self.conn, ids, declarations.PROVEN, self.now)
            await declarations.unpledge(self.conn, proven)

    def _events(self, register: Register, changed: dict[int, list[str]]) -> list[EventRow]:
        """The events told, then « lead_updated » for each lead that changed."""
        events = EventRows(self.store, self.now)
        for index, place in self.places.items():
            lead, brought = self.about[index], self.batch[index].at
            for event, properties in self._events_of(index):
                events.add(lead, event, properties, brought, place.proof)
        for lead, columns in changed.items():
            names = tuple(self.store.fields.names_of(columns))
            events.add(lead, _UPDATED, changes_of(names, self.by))
        hand = json.dumps({BY: self.by}, ensure_ascii=False) if self.by else None
        for lead, event in self._became(register):
            events.add(lead, event, hand)
        return events.numbered()

    def _became(self, register: Register) -> Iterator[tuple[int, NewEvent]]:
        """What happened to the leads as such, told last: all that the facts say is known by then."""
        yield from ((lead, NewEvent(event_type)) for lead, event_type in self.followed)
        if self.hears(Happening(LEAD_CREATED)):
            yield from ((lead, _CREATED) for lead in self.ids.values())
        if self.hears(Happening(LEAD_MERGED)):
            merged = {self._id(register, source) for source in register.merged if source > 0}
            yield from ((lead, _MERGED) for lead in sorted(merged))

    def _events_of(self, index: int) -> list[tuple[NewEvent, str | None]]:
        """The events of a fact, less those received before under their own key."""
        item = self.batch[index]
        kept = []
        for event, properties in zip(item.incoming.events, item.properties, strict=True):
            key = facts.event_key(event)
            if key is not None:
                if key in self.receipts:
                    continue
                self.receipts[key] = ReceiptRow(*key, None, 0, self.now)
            kept.append((event, properties))
        return kept

    def _new_receipts(self) -> list[ReceiptRow]:
        new = []
        for index, number in self.about.items():
            item = self.batch[index]
            if (key := facts.key(item)) is not None:
                until = rows.FOR_GOOD if item.incoming.lasting else self.now
                new.append(ReceiptRow(*key, item.body_hash, number, until))
            for event in item.incoming.events:
                own = facts.event_key(event)
                if own is not None and (seen := self.receipts.get(own)) and not seen.lead_id:
                    self.receipts[own] = row = seen._replace(lead_id=number)
                    new.append(row)
        return new

    def _answers(self, register: Register) -> list[Stored]:
        answers: list[Stored] = []
        for index, item in enumerate(self.batch):
            first = self.doubles.get(index)
            lead = self.about.get(index if first is None else first)
            if lead is not None:
                conflict = first is not None and self.batch[first].body_hash != item.body_hash
                answers.append(Receipt(lead, duplicate=first is not None, conflict=conflict))
            elif first is not None:
                answers.append(self.answers[first])
            else:
                answers.append(self._with_survivor(register, self.answers[index]))
        return answers

    def _with_survivor(self, register: Register, answer: Stored) -> Stored:
        if isinstance(answer, UnknownLead) or answer.forgotten:
            return answer
        lead = register.final(register.survivors.get(answer.lead_id, answer.lead_id))
        return Receipt(lead, duplicate=True, conflict=answer.conflict)
