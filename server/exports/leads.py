"""Leads, read in order of their numbers by pages: the same cost a row from the first to the last.

Read beside a running server; a lead that changes meanwhile is told as it was or as it is.
"""

import json
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence, Set
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, replace
from typing import Any, Protocol
from zoneinfo import ZoneInfo

from sqlalchemy import exists, func, select, text
from sqlalchemy.ext.asyncio import AsyncConnection

from relance.channel_type import ChannelType
from relance.errors import ConfigurationError
from relance.fold import key_of
from server.imports.cells import joined
from server.imports.headings import Special
from server.imports.silencing import Silencing
from server.spreadsheet import Cell
from server.store.contacts import address_key
from server.store.fields import FieldCatalogue, FieldColumn
from server.store.instants import local
from server.store.leads import among
from server.store.schema.leads import list_members, lists
from server.store.schema.messages import suppressions
from server.store.schema.rules import dynamic_lists

PAGE = 2_000
_OWN = ("numéro du lead", "créé le", "pointage")
_SPECIAL = (Special.LISTS.value, Special.TAGS.value, Special.SILENCE.value)


class LeadSource(Protocol):
    """The store, or a read-only view of it."""

    @property
    def fields(self) -> FieldCatalogue:
        """What a lead may say."""

    def read(self) -> AbstractAsyncContextManager[AsyncConnection]:
        """A reading transaction."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What to export: one list or everybody, some fields or all."""

    list_key: str | None
    fields: tuple[FieldColumn, ...]
    zone: ZoneInfo
    silencing: Silencing
    #: These alone, in the order of their numbers; None: whoever else is asked for.
    leads: Sequence[int] | None = None

    @property
    def heading(self) -> Sequence[str]:
        """The names of the columns."""
        return (*(field.name for field in self.fields), *_OWN, *_SPECIAL)


async def wanted(
    reader: LeadSource,
    zone: ZoneInfo,
    list_name: str | None,
    fields: Sequence[str],
    channels: Iterable[ChannelType],
) -> Wanted:
    """The wish of a person; ConfigurationError for a list or a field that is not there."""
    asked = [(name, reader.fields.recognised(name)) for name in fields]
    unknown = [name for name, field in asked if field is None]
    if unknown:
        names = ", ".join(f"« {field.name} »" for field in reader.fields)
        raise ConfigurationError(f"Il n’y a pas de champ « {unknown[0]} ». Champs : {names}.")
    chosen = tuple(field for _, field in asked if field is not None) or tuple(reader.fields)
    silencing = Silencing(channels, reader.fields)
    if list_name is None:
        return Wanted(None, chosen, zone, silencing)
    key = key_of(list_name)
    async with reader.read() as conn:
        named = select(lists.c.name).union(select(dynamic_lists.c.name))
        found: list[str] = sorted(await conn.scalars(named))
        members = exists(select(1).where(list_members.c.list_key == key))
        if key not in map(key_of, found) and not await conn.scalar(select(members)):
            known = ", ".join(f"« {name} »" for name in found) or "aucune n’existe encore"
            raise ConfigurationError(f"Il n’y a pas de liste « {list_name} ». Listes : {known}.")
    return Wanted(key, chosen, zone, silencing)


def members(
    source: LeadSource, zone: ZoneInfo, channels: Iterable[ChannelType], list_key: str | None
) -> Wanted:
    """All that is known of the members of a list, or of everybody."""
    fields = source.fields
    return Wanted(list_key, tuple(fields), zone, Silencing(channels, fields))


def of_these(wish: Wanted, leads: Iterable[int]) -> Wanted:
    """The same of these leads alone."""
    return replace(wish, leads=tuple(sorted(set(leads))))


async def count(conn: AsyncConnection, reader: LeadSource, wish: Wanted) -> int:
    """How many leads there are to export."""
    query = select(func.count()).select_from(reader.fields.table).where(*_tests(reader, wish))
    return int(await conn.scalar(query) or 0)


def _tests(reader: LeadSource, wish: Wanted) -> list[Any]:
    table = reader.fields.table
    tests: list[Any] = [table.c.merged_into.is_(None)]
    if wish.list_key is not None:
        member = select(list_members.c.lead_id).where(list_members.c.list_key == wish.list_key)
        tests.append(table.c.id.in_(member))
    return tests


async def pages(reader: LeadSource, wish: Wanted) -> AsyncIterator[Sequence[Sequence[Cell]]]:
    """The rows, a page at a time."""
    after, left = 0, wish.leads
    while left is None or left:
        # A transaction a page: a long one would keep the server from tidying its journal.
        async with reader.read() as conn:
            rows = await _page(conn, reader, wish, after, None if left is None else left[:PAGE])
            left = None if left is None else left[PAGE:]
            if not rows and left is None:
                return
            beside = await _beside(conn, [row["id"] for row in rows], rows)
        if not rows:
            continue
        after = rows[-1]["id"]
        yield [_cells(row, wish, beside) for row in rows]


async def _page(
    conn: AsyncConnection,
    reader: LeadSource,
    wish: Wanted,
    after: int,
    these: Sequence[int] | None,
) -> Sequence[Mapping[str, Any]]:
    table = reader.fields.table
    query = (
        select(table)
        .where(*_tests(reader, wish), table.c.id > after)
        .order_by(table.c.id)
        .limit(PAGE)
    )
    if these is not None:
        query = query.where(table.c.id.in_(these))
    return [dict(row) for row in (await conn.execute(query)).mappings()]


@dataclass(frozen=True, slots=True)
class _Beside:
    """What is told of a page of leads besides their fields."""

    lists: Mapping[int, list[str]]
    tags: Mapping[int, list[str]]
    silent: Mapping[str, frozenset[str]]


async def _beside(
    conn: AsyncConnection, ids: Sequence[int], rows: Sequence[Mapping[str, Any]]
) -> _Beside:
    inside = among(conn.dialect.name, "ids")
    bound = {"ids": json.dumps(list(ids))}
    members = await conn.execute(
        text(
            "SELECT m.lead_id, coalesce(l.name, d.name, m.list_key) FROM list_members m "  # noqa: S608
            "LEFT JOIN lists l ON l.key = m.list_key "
            "LEFT JOIN dynamic_lists d ON d.key = m.list_key "
            f"WHERE m.lead_id IN {inside} ORDER BY m.lead_id, m.list_key"
        ),
        bound,
    )
    tags = await conn.execute(
        text(
            "SELECT lead_id, name FROM lead_tags "  # noqa: S608
            f"WHERE lead_id IN {inside} ORDER BY lead_id, tag_key"
        ),
        bound,
    )
    addresses = {
        address_key(str(row[name]))
        for row in rows
        for name in ("f_courriel", "f_cellulaire", "f_telephone")
        if row[name]
    }
    found = await conn.execute(
        select(suppressions.c.channel, suppressions.c.address_key).where(
            suppressions.c.address_key.in_(sorted(addresses))
        )
    )
    silent: dict[str, set[str]] = {}
    for channel, address in found:
        silent.setdefault(address, set()).add(channel)
    return _Beside(_grouped(members), _grouped(tags), {k: frozenset(v) for k, v in silent.items()})


def _grouped(rows: Any) -> dict[int, list[str]]:
    found: dict[int, list[str]] = {}
    for lead, name in rows:
        found.setdefault(lead, []).append(name)
    return found


def _cells(row: Mapping[str, Any], wish: Wanted, beside: _Beside) -> Sequence[Cell]:
    lead = row["id"]
    fields = [row[field.column.name] for field in wish.fields]
    at = local(row["created_at"], wish.zone)
    return (
        *fields,
        lead,
        f"{at:%Y-%m-%d %H:%M}",
        row["score"],
        joined(beside.lists.get(lead, ())),
        joined(beside.tags.get(lead, ())),
        joined(wish.silencing.written(_silenced(row, beside))),
    )


def _silenced(row: Mapping[str, Any], beside: _Beside) -> Set[str]:
    found: set[str] = set()
    for name in ("f_courriel", "f_cellulaire", "f_telephone"):
        if row[name]:
            found |= beside.silent.get(address_key(str(row[name])), frozenset())
    return found
