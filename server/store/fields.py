"""The lead's fields as real columns: those built in, and those a project declares.

A rule over columns is answered ten times faster than over a JSON document. The catalogue keeps
a `leads` table of its own, since projects differ in their columns.
"""

import json
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from hashlib import sha256
from typing import Any

from sqlalchemy import (
    Boolean,
    Column,
    Date,
    Dialect,
    Double,
    MetaData,
    Table,
    Text,
    TypeDecorator,
    delete,
    insert,
    select,
    text,
)
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.types import TypeEngine

from dsl.field_types import AMOUNT, CHOICE, DATE, MULTIPLE, NUMBER, TEXT, YES_NO
from relance.errors import ConfigurationError
from relance.field_names import meaning
from relance.fold import REMEMBERED, identifier_of, loose_key
from server.store.schema.leads import lead_fields, leads
from server.store.schema.server import server_settings

_LONGEST_COLUMN = 50


def column_of(field: str) -> str:
    """The database column of a new lead field; one that holds other signs than letters and digits
    is told apart by a short hash."""
    key = identifier_of(field)
    plain = re.sub(r"[^a-z0-9]+", "_", key)
    if plain == key.replace("-", "_"):
        return "f_" + plain
    return f"f_{plain[:_LONGEST_COLUMN]}_{sha256(key.encode()).hexdigest()[:8]}"


class Number(TypeDecorator[Decimal]):
    """A number, compared alike by both stores; a decimal in Python."""

    impl = Double
    cache_ok = True

    def process_bind_param(self, value: Any, dialect: Dialect) -> float | None:
        """A float, which is how both stores hold a number."""
        return None if value is None else float(value)

    def process_result_value(self, value: Any, dialect: Dialect) -> Decimal | None:
        """From the store: the shortest decimal that is that number."""
        if value is None:
            return None
        return Decimal(int(value)) if value == int(value) else Decimal(repr(value))


_SQL: Mapping[str, TypeEngine[Any]] = {
    TEXT: Text(),
    NUMBER: Number(),
    AMOUNT: Number(),
    DATE: Date(),
    YES_NO: Boolean(),
    CHOICE: Text(),
    MULTIPLE: Text(),
}

#: The column of the address that tells one lead from another.
EMAIL_FIELD = "f_courriel"
DEFAULT_CURRENCY = "CAD"
_CURRENCY = "currency"

#: The fields every project has: the name in scripts, and its type.
BUILT_IN: Mapping[str, str] = {
    "courriel": TEXT,
    "prénom": TEXT,
    "nom": TEXT,
    "téléphone": TEXT,
    "cellulaire": TEXT,
    "ville": TEXT,
    "langue": TEXT,
    "date de naissance": DATE,
    "fuseau": TEXT,
    "vendeur": TEXT,
}


@dataclass(frozen=True, slots=True)
class FieldColumn:
    """One field: its name as people write it, its type, its allowed values, its column."""

    name: str
    key: str
    type: str
    choices: tuple[str, ...]
    column: Column[Any]


class FieldCatalogue:
    """The fields a lead can have. `table` is `leads` with every one of their columns."""

    def __init__(self) -> None:
        self.table: Table = leads.to_metadata(MetaData())
        #: The currency of every amount that says none.
        self.currency = DEFAULT_CURRENCY
        #: Another each time it changes: what was compiled of it holds for one.
        self.edition = 0
        self._fields: dict[str, FieldColumn] = {}
        self._by_column: dict[str, FieldColumn] = {}
        #: The keys of those that a name from outside may mean, its signs aside.
        self._alike: dict[str, set[str]] = defaultdict(set)
        #: What names lately met mean: each form asks it several times of the same few.
        self._met = lru_cache(maxsize=4_096)(self._meaning)
        for name, type_ in BUILT_IN.items():
            self._know(name, type_, (), column_of(name))

    def __iter__(self) -> Iterator[FieldColumn]:
        return iter(self._fields.values())

    def get(self, name: str) -> FieldColumn | None:
        """The field of that name, case and accents aside."""
        return self._fields.get(identifier_of(name))

    def recognised(self, name: str) -> FieldColumn | None:
        """The field meant by a name from outside, « Ville * : »; None when several could be."""
        known = self.get(name)
        if known is not None:
            return known
        alike = self._alike.get(loose_key(name), set())
        return self._fields[next(iter(alike))] if len(alike) == 1 else None

    def names_of(self, columns: Iterable[str]) -> list[str]:
        """The keys of the fields that these columns hold."""
        return [self._by_column[column].key for column in columns]

    def meant(self, name: str) -> FieldColumn | None:
        """The field of that name, else the one people's usual tools call so."""
        return self._met(name) if len(name) <= REMEMBERED else self._meaning(name)

    def _meaning(self, name: str) -> FieldColumn | None:
        known = self.recognised(name)
        if known is None and (usual := meaning(name)) is not None:
            known = self._fields.get(usual)
        return known

    def of_column(self, column: str) -> FieldColumn | None:
        """The field that column holds."""
        return next((one for one in self if one.column.name == column), None)

    async def load(self, conn: AsyncConnection) -> None:
        """Read what the project declared before."""
        for row in await conn.execute(select(lead_fields)):
            choices = tuple(json.loads(row.choices)) if row.choices else ()
            self._know(row.name, row.type, choices, row.column)
        own = select(server_settings.c.value).where(server_settings.c.name == _CURRENCY)
        self.currency = await conn.scalar(own) or DEFAULT_CURRENCY
        self.edition += 1

    async def declare_currency(self, conn: AsyncConnection, code: str) -> None:
        """Remember the server's own currency, for those who read the store beside it too."""
        row = server_settings
        await conn.execute(delete(row).where(row.c.name == _CURRENCY))
        await conn.execute(insert(row).values(name=_CURRENCY, value=code))
        self.currency = code
        self.edition += 1

    async def declare(
        self, conn: AsyncConnection, declared: Sequence[tuple[str, str, tuple[str, ...]]]
    ) -> None:
        """Give each (name, type, choices) a column; to be called inside a writing transaction."""
        for name, type_, choices in declared:
            await self._declare(conn, name, type_, choices)

    async def _declare(
        self, conn: AsyncConnection, name: str, type_: str, choices: tuple[str, ...]
    ) -> None:
        known = self.get(name)
        widened = known is not None and (known.type, type_) == (CHOICE, MULTIPLE)
        if known is not None and known.type != type_ and not widened:
            raise ConfigurationError(
                f"Le champ « {known.name} » est déjà de type « {known.type} » ; "
                f"il ne peut pas devenir « {type_} ». Donnez un autre nom au nouveau champ."
            )
        row = lead_fields
        values = {"choices": json.dumps(choices, ensure_ascii=False) if choices else None}
        if known is None:
            column = self._know(name, type_, choices, self._free_column(name)).column
            kind = column.type.compile(conn.dialect)
            quoted = conn.dialect.identifier_preparer.quote(column.name)
            await conn.execute(text(f"ALTER TABLE leads ADD COLUMN {quoted} {kind}"))
            await conn.execute(
                insert(row).values(
                    key=identifier_of(name), name=name, column=column.name, type=type_, **values
                )
            )
        elif known.choices != choices or widened:
            self._know(known.name, type_, choices, known.column.name)
            changed = row.update().where(row.c.key == known.key).values(type=type_, **values)
            await conn.execute(changed)

    def _free_column(self, name: str) -> str:
        """A column no field has: one declared before may have kept another's, of the former rule."""
        found = column_of(name)
        return found if found not in self.table.c else column_of(f"{name} *")

    def _know(
        self, name: str, type_: str, choices: tuple[str, ...], column_name: str
    ) -> FieldColumn:
        if column_name not in self.table.c:
            self.table.append_column(Column(column_name, _SQL[type_]))
        field = FieldColumn(name, identifier_of(name), type_, choices, self.table.c[column_name])
        self._fields[field.key] = self._by_column[column_name] = field
        if loose := loose_key(name):
            self._alike[loose].add(field.key)
        self._met.cache_clear()
        self.edition += 1
        return field
