"""Who messages go to: how surely each address is theirs, and each field true of them."""

import json
import re
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from sqlalchemy import RowMapping, text
from sqlalchemy.ext.asyncio import AsyncConnection

from dsl.field_types import TEXT
from relance.proof import Proof
from relance.values import Value
from server.dispatch.sayable import sayable
from server.store import leads
from server.store.contacts import email_key
from server.store.fields import EMAIL_FIELD, FieldColumn
from server.store.instants import Micros

#: What is personal in what messages say, and that a stranger would learn.
_PERSONAL = ("f_prenom", "f_nom", "f_ville", "f_date_de_naissance")
#: An address is said to who reads it there, unless it is a sentence.
_LONGEST_ADDRESS = 64
_NUMBERS = ("f_telephone", "f_cellulaire")
_NUMBER = re.compile(r"[+(]?[0-9][0-9 .()-]{4,23}")


class Addressee(NamedTuple):
    """What a lead was made with, and what was told since: how surely, by column."""

    lead_id: int
    made: int
    created_at: Micros
    since: Mapping[str, int]
    #: How surely its e-mail address is its own.
    email: int

    def proof(self, column: str) -> int:
        """How surely that field is true."""
        return self.email if column == EMAIL_FIELD else self.since.get(column, self.made)

    def stranger(self, column: str) -> bool:
        """Whether the address in that column may be a stranger's, when more is known than that."""
        if column == EMAIL_FIELD or self.proof(column) >= Proof.CONFIRMED:
            return False
        return any(self.since.get(name, 0) >= Proof.SIGNED for name in _PERSONAL)

    def said(
        self, fields: Mapping[FieldColumn, Value]
    ) -> tuple[dict[str, Value], dict[str, Value]]:
        """The fields a message may say, and those it may not until somebody vouches for them."""
        said: dict[str, Value] = {}
        unsaid: dict[str, Value] = {}
        for field, value in fields.items():
            (said if self._may_say(field, value) else unsaid)[field.name] = value
        return said, unsaid

    def _may_say(self, field: FieldColumn, value: Value) -> bool:
        if field.type != TEXT or not isinstance(value, str):
            return True
        column = field.column.name
        if self.proof(column) >= Proof.CONFIRMED:
            return True
        if column == EMAIL_FIELD:
            return len(value) <= _LONGEST_ADDRESS
        return sayable(value) or (column in _NUMBERS and _NUMBER.fullmatch(value) is not None)


async def read(conn: AsyncConnection, rows: Sequence[RowMapping]) -> dict[int, Addressee]:
    """The leads those rows of the outbox are for, as the claim reads them."""
    known = {row["addressee"]: row for row in rows if row["addressee"] is not None}
    if not known:
        return {}
    since: dict[int, dict[str, int]] = {lead: {} for lead in known}
    query = text(
        "SELECT lead_id, field, proof FROM field_proofs "  # noqa: S608
        f"WHERE lead_id IN {leads.among(conn.dialect.name, 'ids')}"
    )
    for lead, column, proof in await conn.execute(query, {"ids": json.dumps(list(known))}):
        since[lead][column] = proof
    emails = {lead: email_key(row["email"] or "") for lead, row in known.items()}
    asked = sorted({one for one in emails.values() if one})
    owners = await leads.owners(conn, {"email": asked}) if asked else {}
    found: dict[int, Addressee] = {}
    for lead, row in known.items():
        owned = owners.get(("email", emails[lead] or ""))
        if owned is None:
            sure = row["made"]
        else:
            sure = owned.proof if owned.lead_id == lead else Proof.STATED
        found[lead] = Addressee(lead, row["made"], row["known_at"], since[lead], sure)
    return found
