"""A batch of people stored in one transaction: found, created, corrected, put on lists.

The rules of identity are the intake's (`server.intake.identities`). What differs is the cost: a
file has the same columns for everybody, so that each thing done is one or two statements for the
whole batch, and it is known to bring no event of its own.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from sqlalchemy import String, bindparam, func, select, text, update
from sqlalchemy import cast as sql_cast
from sqlalchemy.ext.asyncio import AsyncConnection

from relance.fold import key_of
from relance.proof import Proof
from relance.safe_cells import plain
from server.engine.own_events import LEAD_CREATED, LEAD_MERGED
from server.imports.consenting import ImportedConsent
from server.imports.people import OWN, ImportedPerson, Reject
from server.imports.upsert_events import Named, consent_events, upsert_events
from server.intake.identities import EMAIL, PHONE, Identity, LeadPlace, Register, wanted
from server.intake.knowledge import FactFields, Known, learn
from server.store import arrivals, contacts, field_proofs, leads, merges
from server.store.bulk import insert_rows
from server.store.field_proofs import Sure
from server.store.fields import FieldCatalogue, FieldColumn
from server.store.forgotten import ADDRESSES, ROW_FORGOTTEN, Forgotten
from server.store.ids import EventIds
from server.store.instants import Micros
from server.store.leads import Made, Owned, among

_TAKEN = "cette adresse de courriel est celle d’un autre lead"
_OTHER = "ce lead a déjà une autre adresse de courriel"
#: A file is the team's word.
_BY_THE_TEAM = LeadPlace(0, Proof.TEAM, corrects=True, reaches=True)
_SILENCED = "Importé d’un fichier : ne veut plus qu’on lui écrive."


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
    #: What each new lead is made of; what changes on each known one.
    fresh: dict[int, dict[str, object]]
    changes: dict[int, dict[str, object]]
    #: What is known more surely, or since later, by lead and column; with what new leads are made.
    sure: dict[tuple[int, str], Sure]
    made: dict[int, Made]
    #: Leads new to a list, or to a tag.
    joined: list[Named]
    tagged: list[Named]
    rejects: list[Reject] = field(default_factory=list)

    def tally(self) -> UpsertTally:
        """What becomes of each row; of several about one lead, the first makes it."""
        counted = UpsertTally(rejected=len(self.rejects))
        touched = {lead for lead, _ in self.joined} | {lead for lead, _ in self.tagged}
        seen: set[int] = set()
        for _, place in self.places:
            lead = self.register.final(place)
            if lead in seen:
                counted.unchanged += 1
            elif lead < 0:
                counted.created += 1
            elif lead in self.changes or lead in touched:
                counted.updated += 1
            else:
                counted.unchanged += 1
            seen.add(lead)
        return counted


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
    gone = {person.line for person in batch if ground.forgotten.knows(_addresses(person))}
    rejects = [Reject(line, ROW_FORGOTTEN, "[]") for line in sorted(gone)]
    batch = [person for person in batch if person.line not in gone]
    register = await _register(conn, ground, batch)
    places: list[tuple[ImportedPerson, int]] = []
    for person in batch:
        reason = _conflict(register, person) if ground.own is not None else None
        if reason is not None:
            rejects.append(Reject(person.line, reason, "[]"))
        else:
            places.append((person, register.place(None, person.identities, Proof.TEAM).lead))
    by_lead = _by_lead(register, places, now)
    fresh, sure, made = _fresh({k: v for k, v in by_lead.items() if k < 0}, now)
    changes = await _changes(conn, ground, {k: v for k, v in by_lead.items() if k > 0}, sure, now)
    joined = await _new_names(conn, "list_members", "list_key", register, places, "lists")
    tagged = await _new_names(conn, "lead_tags", "tag_key", register, places, "tags")
    return UpsertPlan(register, places, fresh, changes, sure, made, joined, tagged, rejects)


def _addresses(person: ImportedPerson) -> list[Identity]:
    """Every address a row says is the lead's."""
    given = ((kind, person.fields.get(column)) for column, kind in ADDRESSES.items())
    return [*person.identities, *((kind, str(value)) for kind, value in given if value)]


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


def _by_lead(
    register: Register, places: Sequence[tuple[ImportedPerson, int]], now: Micros
) -> dict[int, list[FactFields]]:
    """What the file says of each lead, row by row."""
    by_lead: dict[int, list[FactFields]] = {}
    for person, place in places:
        lead = register.final(place)
        at = now if person.at is None else min(person.at, now)
        by_lead.setdefault(lead, []).append(FactFields(_BY_THE_TEAM, person.fields, at))
    return by_lead


def _fresh(
    by_lead: Mapping[int, Sequence[FactFields]], now: Micros
) -> tuple[dict[int, dict[str, object]], dict[tuple[int, str], Sure], dict[int, Made]]:
    """What new leads are made of, with what; and what is known since another time."""
    fresh: dict[int, dict[str, object]] = {}
    sure: dict[tuple[int, str], Sure] = {}
    made: dict[int, Made] = {}
    for lead, rows in by_lead.items():
        first = rows[0].at
        made[lead] = Made(Proof.TEAM, None if first == now else first)
        if len(rows) == 1:
            fresh[lead] = dict(rows[0].fields)
            continue
        learned = learn(rows, {})
        fresh[lead] = learned.changes
        sure |= {(lead, k): Sure(*v) for k, v in learned.sure.items() if v[1] != first}
    return fresh, sure, made


async def _changes(
    conn: AsyncConnection,
    ground: Ground,
    by_lead: Mapping[int, Sequence[FactFields]],
    sure: dict[tuple[int, str], Sure],
    now: Micros,
) -> dict[int, dict[str, object]]:
    """What the file says otherwise than the base; an address stays as it was first written."""
    if not by_lead:
        return {}
    current = await field_proofs.read(conn, ground.fields.table, by_lead, ground.columns)
    found: dict[int, dict[str, object]] = {}
    for lead, rows in by_lead.items():
        row = current[lead]
        known = {
            name: Known(value, *row.sure(name))
            for name in ground.columns
            if (value := row.values[name]) is not None
        }
        learned = learn(rows, known)
        if learned.changes:
            found[lead] = learned.changes
        for name, (proof, at) in learned.sure.items():
            # A whole base brought in again as it is leaves nothing to write, unless it is dated.
            if name in learned.changes or at != now or proof > row.sure(name).proof:
                sure[lead, name] = Sure(proof, at)
    return found


async def _new_names(
    conn: AsyncConnection,
    table: str,
    column: str,
    register: Register,
    places: Sequence[tuple[ImportedPerson, int]],
    attribute: str,
) -> list[Named]:
    """Those the file puts on a list (or tags) who are not on it yet, each once."""
    asked: dict[tuple[int, str], str] = {}
    for person, place in places:
        for name in getattr(person, attribute):
            asked.setdefault((register.final(place), key_of(name)), name)
    known = [lead for lead, _ in asked if lead > 0]
    if known:
        query = text(
            f"SELECT lead_id, {column} FROM {table} "  # noqa: S608 — names of ours
            f"WHERE lead_id IN {among(conn.dialect.name, 'ids')}"
        )
        for lead, key in await conn.execute(query, {"ids": json.dumps(known)}):
            asked.pop((lead, key), None)
    return [(lead, name) for (lead, _), name in asked.items()]


async def carry_out(
    conn: AsyncConnection,
    ground: Ground,
    ids: EventIds,
    plan: UpsertPlan,
    now: Micros,
    heard: bool,
) -> bool:
    """Write what was planned; whether the engine has something to do.

    Unless `heard`, campaigns hear nothing of it, save those in which the lead already waits.
    """
    numbers = await _create(conn, ground, plan, now)

    def number(lead: int) -> int:
        return numbers.get(lead, lead)

    merged = _merged(plan.register, numbers)
    await merges.merge_rounds(conn, ground.fields.table, merged, now)
    await _claim(conn, plan.register, numbers)
    await _correct(conn, ground, plan.changes)
    sure = {(number(lead), name): found for (lead, name), found in plan.sure.items()}
    await field_proofs.write(conn, sure)
    joined = [(number(lead), name) for lead, name in plan.joined]
    tagged = [(number(lead), name) for lead, name in plan.tagged]
    await _join(conn, joined, now)
    await _tag(conn, tagged, now)
    await _silence(conn, plan, now)
    names = ground.fields.names_of
    written: dict[int, Sequence[str]] = {lead: names(cols) for lead, cols in plan.changes.items()}
    written |= {numbers[lead]: names(cols) for lead, cols in plan.fresh.items() if lead in numbers}
    became = [(lead, LEAD_CREATED) for lead in numbers.values()]
    became += [(lead, LEAD_MERGED) for lead in sorted(set(merged.values()))]
    events = upsert_events(ids, now, written, joined, tagged, became if heard else ())
    if ground.consent is not None:
        agreed = {number(plan.register.final(place)): person.at for person, place in plan.places}
        events += consent_events(ids, now, ground.consent, agreed)
    silent = () if heard else {event.lead_id for event in events}
    await arrivals.insert_events(conn, events, silent)
    waiting = not heard and await _look_again(conn, plan, now)
    return heard or waiting


async def _create(
    conn: AsyncConnection, ground: Ground, plan: UpsertPlan, now: Micros
) -> Mapping[int, int]:
    """Insert the new leads with their fields."""
    register = plan.register
    created = [lead for lead in register.created if lead not in register.merged]
    numbers: dict[int, int] = {}
    if created:
        numbers = dict(zip(created, await leads.new_ids(conn, len(created)), strict=True))
        nothing = dict.fromkeys(ground.columns)
        new = {numbers[lead]: nothing | plan.fresh.get(lead, {}) for lead in created}
        made = {numbers[lead]: plan.made.get(lead, Made(Proof.TEAM)) for lead in created}
        await leads.create(conn, ground.fields.table, new, now, made)
    return numbers


async def _claim(conn: AsyncConnection, register: Register, numbers: Mapping[int, int]) -> None:
    """Give identities to whom they belong, once leads are one."""
    claimed = {
        identity: Owned(
            numbers.get(register.final(lead), register.final(lead)), register.surety(identity)
        )
        for identity, lead in register.claimed.items()
        if identity[0] != OWN
    }
    await leads.claim(conn, claimed)


def _merged(register: Register, numbers: Mapping[int, int]) -> dict[int, int]:
    """The known leads found to be one with another."""
    pairs = {source: register.final(source) for source in register.merged if source > 0}
    return {source: numbers.get(target, target) for source, target in pairs.items()}


async def _correct(
    conn: AsyncConnection, ground: Ground, changes: Mapping[int, Mapping[str, object]]
) -> None:
    """Write what differs, in one statement: a column the file leaves empty stays as it is."""
    if not changes:
        return
    table = ground.fields.table
    names = sorted({name for values in changes.values() for name in values})
    statement = (
        update(table)
        .where(table.c.id == bindparam("lead"))
        .values(
            {
                name: func.coalesce(
                    bindparam(f"new_{name}", type_=table.c[name].type), table.c[name]
                )
                for name in names
            }
        )
    )
    rows = [
        {"lead": lead, **{f"new_{name}": values.get(name) for name in names}}
        for lead, values in changes.items()
    ]
    await conn.execute(statement, rows)


async def _join(conn: AsyncConnection, joined: Sequence[Named], now: Micros) -> None:
    names = {key_of(name): name for _, name in joined}
    await insert_rows(
        conn, "lists", ("key", "name"), list(names.items()), "ON CONFLICT (key) DO NOTHING"
    )
    rows = [(lead, key_of(name), now) for lead, name in joined]
    await insert_rows(
        conn, "list_members", ("lead_id", "list_key", "since"), rows, "ON CONFLICT DO NOTHING"
    )


async def _tag(conn: AsyncConnection, tagged: Sequence[Named], now: Micros) -> None:
    rows = [(lead, key_of(name), name, now) for lead, name in tagged]
    columns = ("lead_id", "tag_key", "name", "since")
    await insert_rows(conn, "lead_tags", columns, rows, "ON CONFLICT DO NOTHING")


async def _silence(conn: AsyncConnection, plan: UpsertPlan, now: Micros) -> None:
    """Note whom nobody is to write to: a file may say so, never take it back."""
    rows = [
        (channel, contacts.address_key(str(address)), _SILENCED, now)
        for person, _ in plan.places
        for channel, column in person.silence
        if (address := person.fields.get(column)) is not None
    ]
    columns = ("channel", "address_key", "reason", "at")
    await insert_rows(conn, "suppressions", columns, rows, "ON CONFLICT DO NOTHING")


async def _look_again(conn: AsyncConnection, plan: UpsertPlan, now: Micros) -> bool:
    """Have those who wait in a campaign looked at: what they wait for may be so now."""
    touched = {*plan.changes, *(lead for lead, _ in plan.joined + plan.tagged if lead > 0)}
    if not touched:
        return False
    statement = text(
        "UPDATE enrolments SET wake_at = :now WHERE active "  # noqa: S608 — names of ours
        f"AND lead_id IN {among(conn.dialect.name, 'ids')} AND EXISTS (SELECT 1 FROM waits w "
        "WHERE w.lead_id = enrolments.lead_id AND w.campaign_id = enrolments.campaign_id "
        "AND w.entry = enrolments.entry)"
    )
    done = await conn.execute(statement, {"ids": json.dumps(sorted(touched)), "now": now})
    return done.rowcount > 0
