"""A lead as the team corrects it by hand: what it says is written, whatever was known, and is an event.

A value passes by the intake as any fact does, said by the team. What the intake has no words for is
here: a field made empty, an address taken back; each stays known as the team's word, so that what
was said before does not come back.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import delete, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from relance.errors import Problem, Unacceptable
from relance.events import LEAD_UPDATED
from relance.host import Clock, Identities, Incoming
from relance.proof import Proof
from server.engine.listening import changes_of
from server.intake.intake import Intake, anything
from server.intake.taught import LANGUAGE, PHONES, ZONE, read_one
from server.store import arrivals, contacts, field_proofs, leads
from server.store.arrivals import EventRow
from server.store.field_proofs import Sure
from server.store.fields import FieldColumn
from server.store.instants import now_micros
from server.store.schema.leads import identities
from server.store.store import Store

TEAM = "équipe"
EMAIL, PHONE = "courriel", "phone"


class AddressTaken(Exception):
    """The address of that field is another lead's."""

    def __init__(self, field: str, lead: int) -> None:
        super().__init__(field, lead)
        self.field, self.lead = field, lead


@dataclass(frozen=True, slots=True)
class LeadCorrection:
    """What the team says of fields, by key; an empty text empties one. `who` says it."""

    values: Mapping[str, str]
    who: str
    #: Whether an address taken back no longer tells who the lead is.
    lets_go: bool = True

    async def carry_out(
        self, conn: AsyncConnection, store: Store, clock: Clock, lead: int | None
    ) -> tuple[int, Sequence[str]]:
        """Write it to that lead, or to a new one; its number, and the names of what changed.

        Raises `Unacceptable` for values that are none, their field's key after the slash, and
        `AddressTaken`; nothing is then to be kept of the transaction.
        """
        read = self.read(store)
        await self._free(conn, read, lead)
        held = {} if lead is None else await _held(conn, store, lead, read)
        changed = {key: value for key, value in read.items() if value != held.get(key)}
        if not changed and lead is not None:
            return lead, ()
        columns = {one.key: one for one in store.fields}
        if lead is not None:
            await self._empty(
                conn, store, clock, lead, {columns[key]: held[key] for key in changed}
            )
        given = {key: value for key, value in changed.items() if value is not None}
        number = await self._say(conn, store, clock, lead, given, columns)
        emptied = [columns[key].name for key in changed if key not in given]
        if emptied and lead is not None:
            await self._tell(conn, store, clock, lead, emptied)
        return number, [columns[key].name for key in changed]

    def read(self, store: Store) -> Mapping[str, object]:
        """Each value as its field holds it, None for an empty one; raises `Unacceptable`."""
        known, problems = {one.key: one for one in store.fields}, []
        found: dict[str, object] = {}
        for key, text in self.values.items():
            column, words = known.get(key), text.strip()
            if column is None:
                problems.append(Problem(f"/{key}", "Ce champ n’existe plus."))
            elif not words:
                found[key] = None
            elif (value := _value(column, words)) is None:
                problems.append(Problem(f"/{key}", _wanted(column)))
            else:
                found[key] = value
        if problems:
            raise Unacceptable(problems)
        return found

    async def _free(
        self, conn: AsyncConnection, read: Mapping[str, object], lead: int | None
    ) -> None:
        """Refuse an address that is another lead's: they are to be made one, if they are."""
        for key, value in read.items():
            if value is None or (key != EMAIL and key not in PHONES):
                continue
            identity = _identity(key, str(value))
            query = select(identities.c.lead_id).where(
                identities.c.kind == identity[0], identities.c.value == identity[1]
            )
            owner = await conn.scalar(query)
            if owner is not None and owner != lead:
                raise AddressTaken(key, owner)

    async def _empty(
        self,
        conn: AsyncConnection,
        store: Store,
        clock: Clock,
        lead: int,
        before: Mapping[FieldColumn, object],
    ) -> None:
        """Make these fields empty, whatever they held: what is said next is then written."""
        table, now = store.fields.table, now_micros(clock)
        full = {one: value for one, value in before.items() if value is not None}
        if not full:
            return
        nothing = {one.column.name: None for one in full}
        await conn.execute(update(table).where(table.c.id == lead).values(nothing))
        team = int(Proof.TEAM)
        sure = {(lead, one.column.name): Sure(team, now) for one in full if one.key != EMAIL}
        await field_proofs.write(conn, sure)
        for one, value in full.items():
            if self.lets_go and (one.key == EMAIL or one.key in PHONES):
                await _let_go(conn, store, lead, _identity(one.key, str(value)))

    async def _say(
        self,
        conn: AsyncConnection,
        store: Store,
        clock: Clock,
        lead: int | None,
        given: Mapping[str, object],
        columns: Mapping[str, FieldColumn],
    ) -> int:
        """Have the intake write it; the number of the lead."""
        if not given and lead is not None:
            return lead
        phones = [str(value) for key, value in given.items() if key in PHONES]
        email = given.get(EMAIL)
        who = Identities(
            lead_id=lead,
            email=None if email is None else str(email),
            phone=phones[0] if phones else None,
        )
        fields = {columns[key].name: value for key, value in given.items() if key != EMAIL}
        fact = Incoming(TEAM, who, fields, proof=Proof.TEAM)  # type: ignore[arg-type]
        intake = Intake(store, clock)
        intake.hears = anything  # that a lead is new, too
        (receipt,) = await intake.write(conn, [fact], by=self.who)
        return receipt.lead_id

    async def _tell(
        self, conn: AsyncConnection, store: Store, clock: Clock, lead: int, names: Sequence[str]
    ) -> None:
        now = now_micros(clock)
        properties = changes_of(tuple(names), self.who)
        row = EventRow(
            lead_id=lead,
            type=LEAD_UPDATED,
            id=store.ids.reserve(1),
            occurred_at=now,
            received_at=now,
            properties=properties,
        )
        await arrivals.insert_events(conn, [row])


async def _held(
    conn: AsyncConnection, store: Store, lead: int, keys: Mapping[str, object]
) -> Mapping[str, object]:
    columns = {one.key: one.column.name for one in store.fields if one.key in keys}
    rows = await leads.read(conn, store.fields.table, [lead], list(columns.values()))
    return {key: rows[lead][name] for key, name in columns.items()}


def _value(column: FieldColumn, words: str) -> object:
    if column.key == EMAIL:
        return words if contacts.email_key(words) else None
    return read_one(column, words, contacts.DEFAULT_REGION)


def _wanted(column: FieldColumn) -> str:
    if column.key == EMAIL:
        return "Cette adresse de courriel n’est pas valide."
    if column.key == LANGUAGE:
        return "Une langue s’écrit par son code, comme fr, en ou fr-CA."
    if column.key == ZONE:
        return "Un fuseau s’écrit comme America/Montreal ou Europe/Paris."
    if column.key in PHONES:
        return "Ce numéro de téléphone ne se lit pas."
    if column.choices:
        return f"L’un de : {', '.join(column.choices)}."
    return _WANTED.get(column.type, "Cette valeur ne se lit pas.")


_WANTED = {
    "date": "Une date s’écrit 2026-12-24, ou 24/12/2026.",
    "nombre": "Il faut un nombre.",
    "montant": "Il faut un montant, comme 49,90.",
    "oui/non": "Répondez oui ou non.",
}


def _identity(key: str, value: str) -> tuple[str, str]:
    if key == EMAIL:
        return "email", contacts.email_key(value) or value.lower()
    return PHONE, contacts.phone_key(value, contacts.DEFAULT_REGION) or value


async def _let_go(
    conn: AsyncConnection, store: Store, lead: int, identity: tuple[str, str]
) -> None:
    """The lead is known by it no longer, unless another of its fields says it."""
    kind, value = identity
    if kind == PHONE:
        columns = [one.column.name for one in store.fields if one.key in PHONES]
        row = (await leads.read(conn, store.fields.table, [lead], columns))[lead]
        if value in {_identity("telephone", str(one))[1] for one in row.values() if one}:
            return
    mine = (identities.c.kind == kind, identities.c.value == value, identities.c.lead_id == lead)
    await conn.execute(delete(identities).where(*mine))
