"""What a batch of people would change: who is found, created, corrected, put on lists.

The rules of identity are the intake's (`server.intake.identities`). What differs is the cost: a
file has the same columns for everybody, and most of its rows are of somebody nobody knows, who is
then made of the row as it stands. `server.imports.upsert_rows` writes it.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain

from sqlalchemy import String, func, select, text
from sqlalchemy import cast as sql_cast
from sqlalchemy.ext.asyncio import AsyncConnection

from relance.fold import key_of
from relance.proof import Proof
from relance.safe_cells import plain
from server.imports.consenting import ImportedConsent
from server.imports.people import OWN, ImportedPerson, Reject
from server.imports.upsert_events import Named
from server.intake.identities import EMAIL, PHONE, Identity, LeadPlace, Register, wanted
from server.intake.knowledge import FactFields, Known, learn
from server.store import contacts, field_proofs, leads
from server.store.field_proofs import Sure
from server.store.fields import FieldCatalogue, FieldColumn
from server.store.forgotten import ADDRESSES, ROW_FORGOTTEN, Forgotten
from server.store.instants import Micros
from server.store.leads import Owned, among

_TAKEN = "cette adresse de courriel est celle d’un autre lead"
_OTHER = "ce lead a déjà une autre adresse de courriel"
#: A file is the team's word.
_BY_THE_TEAM = LeadPlace(0, Proof.TEAM, corrects=True, reaches=True)


@dataclass
class UpsertTally:
    """What became of rows."""

    created: int = 0
    updated: int = 0
    unchanged: int = 0
    rejected: int = 0

    def add(self, other: "UpsertTally") -> None:
        """Count those of `other` too."""
        self.created += other.created
        self.updated += other.updated
        self.unchanged += other.unchanged
        self.rejected += other.rejected

    @property
    def rows(self) -> int:
        """How many rows were read, whatever became of them."""
        return self.created + self.updated + self.unchanged + self.rejected


@dataclass
class UpsertPlan:
    """Who the people of a batch are, and what would change: made by reading alone."""

    register: Register
    #: By person: the lead as the register numbers it, those below zero being new.
    places: list[tuple[ImportedPerson, int]]
    #: What each new lead is made of, by column in the order of the file's, and as of when.
    fresh: dict[int, tuple[object, ...]]
    as_of: dict[int, Micros | None]
    #: What changes on each known one, by column.
    changes: dict[int, dict[str, object]]
    #: What is known more surely, or since later, by lead and column.
    sure: dict[tuple[int, str], Sure]
    #: Leads new to a list, or to a tag.
    joined: Named
    tagged: Named
    rejects: list[Reject] = field(default_factory=list)

    @property
    def touched(self) -> set[int]:
        """The known leads of whom something changes."""
        named = (*self.joined.values(), *self.tagged.values())
        return {*self.changes, *(lead for leads in named for lead in leads if lead > 0)}

    def tally(self) -> UpsertTally:
        """What becomes of each row; of several about one lead, the first makes it."""
        created, updated = len(self.fresh), len(self.touched)
        unchanged = len(self.places) - created - updated
        return UpsertTally(created, updated, unchanged, len(self.rejects))


@dataclass(frozen=True, slots=True)
class Ground:
    """What does not change from batch to batch."""

    fields: FieldCatalogue
    columns: tuple[str, ...]
    own: FieldColumn | None
    #: Those who are not to be brought back, and the region their numbers are dialled in.
    forgotten: Forgotten = field(default_factory=Forgotten)
    region: str = contacts.DEFAULT_REGION
    #: On what basis they may all be written to, if the file says so.
    consent: ImportedConsent | None = None

    def hushed(self, rejects: Sequence[Reject]) -> Sequence[Reject]:
        """The same rows, but that nothing is said of those who were forgotten."""
        if not self.forgotten:
            return rejects
        return [
            Reject(one.line, ROW_FORGOTTEN, "[]") if self._about(one) else one for one in rejects
        ]

    def _about(self, reject: Reject) -> bool:
        found: list[Identity] = []
        for cell in json.loads(reject.cells):
            text = plain(str(cell).strip())
            email = contacts.email_key(text) if "@" in text else None
            phone = None if email else contacts.phone_key(text, self.region)
            found += [(EMAIL, email)] if email else []
            found += [(PHONE, phone)] if phone else []
        return self.forgotten.knows(found)


async def plan(
    conn: AsyncConnection, ground: Ground, batch: Sequence[ImportedPerson], now: Micros
) -> UpsertPlan:
    """Who they are and what would change; nothing is written."""
    batch, rejects = _without_forgotten(ground, batch)
    register = await _register(conn, ground, batch)
    places: list[tuple[ImportedPerson, int]] = []
    for person in batch:
        lead = register.newcomer(person.identities, Proof.TEAM)
        if lead is None:
            if ground.own is not None and (reason := _conflict(register, person)) is not None:
                rejects.append(Reject(person.line, reason, "[]"))
                continue
            lead = register.place(None, person.identities, Proof.TEAM).lead
        places.append((person, lead))
    by_lead: dict[int, list[ImportedPerson]] = {}
    for person, lead in places:
        by_lead.setdefault(register.final(lead), []).append(person)
    sure: dict[tuple[int, str], Sure] = {}
    fresh = _fresh(ground, {k: v for k, v in by_lead.items() if k < 0}, sure, now)
    changes = await _changes(conn, ground, {k: v for k, v in by_lead.items() if k > 0}, sure, now)
    return UpsertPlan(
        register,
        places,
        fresh,
        {lead: _at(by_lead[lead][0], now) for lead in fresh},
        changes,
        sure,
        await _new_names(conn, "list_members", "list_key", _asked(by_lead, "lists")),
        await _new_names(conn, "lead_tags", "tag_key", _asked(by_lead, "tags")),
        rejects,
    )


def _without_forgotten(
    ground: Ground, batch: Sequence[ImportedPerson]
) -> tuple[Sequence[ImportedPerson], list[Reject]]:
    """The others, and the rows of those who asked to be forgotten."""
    if not ground.forgotten:
        return batch, []
    gone = {person.line for person in batch if ground.forgotten.knows(_addresses(ground, person))}
    rejects = [Reject(line, ROW_FORGOTTEN, "[]") for line in sorted(gone)]
    return [person for person in batch if person.line not in gone], rejects


def _addresses(ground: Ground, person: ImportedPerson) -> list[Identity]:
    """Every address a row says is the lead's."""
    given = zip(ground.columns, person.values, strict=True)
    said = [(ADDRESSES[name], str(value)) for name, value in given if name in ADDRESSES and value]
    return [*person.identities, *said]


async def _register(
    conn: AsyncConnection, ground: Ground, batch: Sequence[ImportedPerson]
) -> Register:
    asked = wanted(person.identities for person in batch)
    own = asked.pop(OWN, [])
    owners: dict[Identity, Owned] = await leads.owners(conn, asked)
    if ground.own is not None and own:
        owners.update(await _by_own_key(conn, ground, ground.own, own))
    held = await leads.known_identities(conn, {owned.lead_id for owned in owners.values()})
    if ground.own is not None and held:
        for lead, value in await _own_keys(conn, ground, ground.own, list(held)):
            held[lead][OWN, value] = Proof.TEAM
    return Register.known(owners, held, {})


async def _own_keys(
    conn: AsyncConnection, ground: Ground, own: FieldColumn, ids: Sequence[int]
) -> Sequence[tuple[int, str]]:
    """The project's own key of those leads that have one."""
    found = await leads.read(conn, ground.fields.table, ids, [own.column.name])
    values = ((lead, row[own.column.name]) for lead, row in found.items())
    return [(lead, str(value)) for lead, value in values if value is not None]


async def _by_own_key(
    conn: AsyncConnection, ground: Ground, own: FieldColumn, values: Sequence[str]
) -> dict[Identity, Owned]:
    """Leads by the project's own key; the first one created, should two have the same."""
    table = ground.fields.table
    said = sql_cast(own.column, String)
    inside = text(f"IN {among(conn.dialect.name, 'own', 'TEXT')}")
    query = (
        select(said.label("value"), func.min(table.c.id).label("lead"))
        .where(table.c.merged_into.is_(None), said.op("")(inside))
        .group_by(said)
    )
    rows = await conn.execute(query, {"own": json.dumps(list(values))})
    return {(OWN, row.value): Owned(row.lead, Proof.TEAM) for row in rows}


def _conflict(register: Register, person: ImportedPerson) -> str | None:
    """Why a row known by the project's own key cannot be that lead's: an address contradicts it."""
    email = next((value for kind, value in person.identities if kind == EMAIL), None)
    if email is None:
        return None
    owner = register.owners.get(person.identities[0])
    other = register.owners.get((EMAIL, email))
    if other is None:
        known = set() if owner is None else _held(register, owner, EMAIL)
        return _OTHER if known and email not in known else None
    if owner is None:
        return _TAKEN if _held(register, other, OWN) else None
    return None if register.final(other) == register.final(owner) else _TAKEN


def _held(register: Register, lead: int, kind: str) -> set[str]:
    """What the lead is known by, of one kind."""
    return {value for held, value in register.held.get(register.final(lead), ()) if held == kind}


def _at(person: ImportedPerson, now: Micros) -> Micros | None:
    """As of when a row is so; None: now."""
    return None if person.at is None or person.at >= now else person.at


def _facts(ground: Ground, people: Iterable[ImportedPerson], now: Micros) -> Iterable[FactFields]:
    """What the file says of a lead, row by row."""
    for person in people:
        given = zip(ground.columns, person.values, strict=True)
        fields = {name: value for name, value in given if value is not None}
        at = _at(person, now)
        yield FactFields(_BY_THE_TEAM, fields, now if at is None else at)


def _fresh(
    ground: Ground,
    by_lead: Mapping[int, Sequence[ImportedPerson]],
    sure: dict[tuple[int, str], Sure],
    now: Micros,
) -> dict[int, tuple[object, ...]]:
    """What new leads are made of; `sure` learns what is known since another time than the first row."""
    fresh: dict[int, tuple[object, ...]] = {}
    for lead, people in by_lead.items():
        if len(people) == 1:
            fresh[lead] = people[0].values
            continue
        facts = list(_facts(ground, people, now))
        learned = learn(facts, {})
        fresh[lead] = tuple(map(learned.changes.get, ground.columns))
        first = facts[0].at
        sure |= {(lead, k): Sure(*v) for k, v in learned.sure.items() if v[1] != first}
    return fresh


async def _changes(
    conn: AsyncConnection,
    ground: Ground,
    by_lead: Mapping[int, Sequence[ImportedPerson]],
    sure: dict[tuple[int, str], Sure],
    now: Micros,
) -> dict[int, dict[str, object]]:
    """What the file says otherwise than the base; an address stays as it was first written."""
    if not by_lead:
        return {}
    current = await field_proofs.read(conn, ground.fields.table, by_lead, ground.columns)
    found: dict[int, dict[str, object]] = {}
    for lead, people in by_lead.items():
        row = current[lead]
        known = {
            name: Known(value, *row.sure(name))
            for name in ground.columns
            if (value := row.values[name]) is not None
        }
        learned = learn(_facts(ground, people, now), known)
        if learned.changes:
            found[lead] = learned.changes
        for name, (proof, at) in learned.sure.items():
            # A whole base brought in again as it is leaves nothing to write, unless it is dated.
            if name in learned.changes or at != now or proof > row.sure(name).proof:
                sure[lead, name] = Sure(proof, at)
    return found


def _asked(
    by_lead: Mapping[int, Sequence[ImportedPerson]], attribute: str
) -> Mapping[tuple[str, ...], Sequence[int]]:
    """Whom the file puts on lists, or gives tags, by those names: most rows say the same."""
    asked: dict[tuple[str, ...], list[int]] = {}
    for lead, people in by_lead.items():
        names: tuple[str, ...] = getattr(people[0], attribute)
        if len(people) > 1:
            names = tuple(chain.from_iterable(getattr(person, attribute) for person in people))
        if names:
            asked.setdefault(names, []).append(lead)
    return asked


async def _new_names(
    conn: AsyncConnection, table: str, column: str, asked: Mapping[tuple[str, ...], Sequence[int]]
) -> Named:
    """Those the file puts on a list (or tags) who are not on it yet, each once."""
    there: dict[str, set[int]] = {}
    known = {lead for leads in asked.values() for lead in leads if lead > 0}
    if known:
        query = text(
            f"SELECT lead_id, {column} FROM {table} "  # noqa: S608 — names of ours
            f"WHERE lead_id IN {among(conn.dialect.name, 'ids')}"
        )
        for lead, key in await conn.execute(query, {"ids": json.dumps(list(known))}):
            there.setdefault(key, set()).add(lead)
    found: dict[str, list[int]] = {}
    for names, several in asked.items():
        for name in names:
            on_it = there.setdefault(key_of(name), set())
            new = [lead for lead in several if lead not in on_it]
            on_it.update(new)
            found.setdefault(name, []).extend(new)
    return {name: new for name, new in found.items() if new}
