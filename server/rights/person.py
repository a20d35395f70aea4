"""Who a lead is: all the numbers it has had, and the words that tell her from anybody else."""

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from sqlalchemy import Table, select, text
from sqlalchemy.ext.asyncio import AsyncConnection

from server.store import leads as lead_rows
from server.store.contacts import address_key, email_key
from server.store.forgotten import ADDRESSES, PHONE
from server.store.leads import among
from server.store.schema.leads import identities

#: What names a person besides her addresses.
_NAMES = ("f_prenom", "f_nom")
#: A name shorter than that is in too many words to tell anything.
_SHORTEST = 3
#: The last digits of a number, which are dialled everywhere.
_DIALLED = 9
_NOT_DIGITS = re.compile(r"\D+")


@dataclass(frozen=True, slots=True)
class KnownPerson:
    """A lead, with those that were merged into it.

    `leads`: their numbers, the one that is left first. `identities`: (kind, value), in the one form
    they are compared in; `spellings`: her addresses as they may stand in a text, in small letters;
    `names`: her first and last names, which others may bear too.
    """

    leads: tuple[int, ...]
    identities: frozenset[tuple[str, str]]
    spellings: frozenset[str]
    names: frozenset[str]

    @property
    def numbers(self) -> str:
        """Their numbers, as a statement takes them."""
        return json.dumps(self.leads)

    def addresses(self) -> set[str]:
        """Her addresses and telephones, as those left alone are kept."""
        return {address_key(value) for kind, value in self.identities if kind != "visitor"}

    def addressed_in(self, said: str) -> bool:
        """Whether a text holds one of her addresses, or a number of hers however it is written."""
        small = said.lower()
        if any(word in small for word in self.spellings):
            return True
        digits = _NOT_DIGITS.sub("", said)
        return any(number in digits for number in self._dialled())

    def named_in(self, said: str) -> bool:
        """Whether a text names her, or somebody of her name."""
        small = said.lower()
        return any(name in small for name in self.names) or self.addressed_in(said)

    def _dialled(self) -> list[str]:
        """Her numbers, without the prefix of their country."""
        phones = (value for kind, value in self.identities if kind == PHONE)
        return [value.removeprefix("+")[-_DIALLED:] for value in phones if len(value) > _DIALLED]


async def person_of(conn: AsyncConnection, table: Table, lead: int) -> KnownPerson | None:
    """Who that lead is; None when there never was one of that number."""
    known = await conn.scalar(select(table.c.id).where(table.c.id == lead))
    if known is None:
        return None
    root = (await lead_rows.survivors(conn, [lead])).get(lead, lead)
    query = text(
        "WITH RECURSIVE own(id) AS (SELECT CAST(:root AS BIGINT) UNION "
        "SELECT l.id FROM leads l JOIN own ON l.merged_into = own.id) SELECT id FROM own"
    )
    found = list((await conn.execute(query, {"root": root})).scalars())
    numbers = (root, *sorted(set(found) - {root}))
    inside = text(f"lead_id IN {among(conn.dialect.name, 'ids')}")
    asked = {"ids": json.dumps(numbers)}
    held = await conn.execute(select(identities.c.kind, identities.c.value).where(inside), asked)
    known_by = {(row.kind, row.value) for row in held}
    columns = [*ADDRESSES, *_NAMES]
    rows = await lead_rows.read(conn, table, numbers, columns)
    names: set[str] = set()
    for row in rows.values():
        known_by |= {(kind, str(row[name])) for name, kind in ADDRESSES.items() if row[name]}
        names |= {str(row[name]).lower() for name in _NAMES if row[name]}
    names = {name for name in names if len(name) >= _SHORTEST}
    return KnownPerson(
        numbers,
        frozenset(_canonical(known_by)),
        frozenset(_spellings(known_by)),
        frozenset(names),
    )


def _canonical(given: set[tuple[str, str]]) -> Iterator[tuple[str, str]]:
    for kind, value in given:
        yield kind, (email_key(value) or value) if kind == "email" else value


def _spellings(given: set[tuple[str, str]]) -> Sequence[str]:
    """As they stand in texts: as given, and in an address of the web."""
    found: list[str] = []
    for kind, value in given:
        small = value.lower()
        found.append(small)
        if kind == "email":
            found.append(small.replace("@", "%40"))
    return found
