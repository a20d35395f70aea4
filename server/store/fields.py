"""The lead's fields as real columns: those built in, and those a project declares.

A rule over columns is answered ten times faster than over a JSON document. The catalogue keeps
a `leads` table of its own, since projects differ in their columns.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
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

from dsl.field_types import AMOUNT, CHOICE, DATE, NUMBER, TEXT, YES_NO
from dsl.fold import column_of, key_of
from relance.errors import ConfigurationError
from server.store import tables


class Number(TypeDecorator[Decimal]):
    """A number, compared alike by both stores; a decimal in Python."""

    impl = Double
    cache_ok = True

    def process_bind_param(self, value: Any, dialect: Dialect) -> float | None:
        """To the store."""
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
}

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
        self.table: Table = tables.leads.to_metadata(MetaData())
        #: The currency of every amount that says none.
        self.currency = DEFAULT_CURRENCY
        self._fields: dict[str, FieldColumn] = {}
        for name, type_ in BUILT_IN.items():
            self._fields[key_of(name)] = FieldColumn(
                name, key_of(name), type_, (), self.table.c[column_of(name)]
            )

    def __iter__(self) -> Iterator[FieldColumn]:
        return iter(self._fields.values())

    def get(self, name: str) -> FieldColumn | None:
        """The field of that name, case and accents aside."""
        return self._fields.get(key_of(name))

    async def load(self, conn: AsyncConnection) -> None:
        """Read what the project declared before."""
        for row in await conn.execute(select(tables.lead_fields)):
            choices = tuple(json.loads(row.choices)) if row.choices else ()
            self._know(row.name, row.type, choices)
        own = select(tables.server_settings.c.value).where(
            tables.server_settings.c.name == _CURRENCY
        )
        self.currency = await conn.scalar(own) or DEFAULT_CURRENCY

    async def declare_currency(self, conn: AsyncConnection, code: str) -> None:
        """Remember the server's own currency, for those who read the store beside it too."""
        row = tables.server_settings
        await conn.execute(delete(row).where(row.c.name == _CURRENCY))
        await conn.execute(insert(row).values(name=_CURRENCY, value=code))
        self.currency = code

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
        if known is not None and known.type != type_:
            raise ConfigurationError(
                f"Le champ « {known.name} » est déjà de type « {known.type} » ; "
                f"il ne peut pas devenir « {type_} ». Donnez un autre nom au nouveau champ."
            )
        row = tables.lead_fields
        values = {"choices": json.dumps(choices, ensure_ascii=False) if choices else None}
        if known is None:
            column = self._know(name, type_, choices).column
            kind = column.type.compile(conn.dialect)
            quoted = conn.dialect.identifier_preparer.quote(column.name)
            await conn.execute(text(f"ALTER TABLE leads ADD COLUMN {quoted} {kind}"))
            await conn.execute(
                insert(row).values(
                    key=key_of(name), name=name, column=column.name, type=type_, **values
                )
            )
        elif known.choices != choices:
            self._know(known.name, type_, choices)
            await conn.execute(row.update().where(row.c.key == known.key).values(**values))

    def _know(self, name: str, type_: str, choices: tuple[str, ...]) -> FieldColumn:
        column_name = column_of(name)
        if column_name not in self.table.c:
            self.table.append_column(Column(column_name, _SQL[type_]))
        field = FieldColumn(name, key_of(name), type_, choices, self.table.c[column_name])
        self._fields[field.key] = field
        return field
