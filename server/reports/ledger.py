"""Everything the store knows of one lead's campaigns, read in one snapshot.

The rest of the reports is pure: it turns a `Ledger` into words.
"""

import asyncio
from collections.abc import Collection, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from typing import Any, Protocol

from sqlalchemy import Row, Select, select
from sqlalchemy.ext.asyncio import AsyncConnection

from dsl.program import Program
from dsl.program_codec import from_json
from relance.fold import key_of
from server.reports import words
from server.reports.glossary import BARE, Glossary
from server.reports.leaves import LeafLine
from server.reports.points import Warmth, read_warmth
from server.reports.states import CampaignState, states
from server.store.leftovers import of_lead
from server.store.schema.campaigns import (
    campaigns,
    enrolments,
    journal,
    missed,
    refusals,
    set_aside,
    versions,
)
from server.store.schema.events import events
from server.store.schema.messages import outbox
from server.store.search import bears, search_key

#: The events of a lead that are read at most, newest first: a report is not an archive.
_EVENTS = 2_000
#: And the campaigns it has nothing to do with, by their names.
_OTHERS = 200


class Readable(Protocol):
    """The store, or a read-only view of it."""

    def read(self) -> AbstractAsyncContextManager[AsyncConnection]:
        """A reading transaction."""


@dataclass(frozen=True, slots=True)
class Ledger:
    """One lead's rows; `campaigns` and `programs` by campaign and version id."""

    campaigns: Mapping[int, str]
    programs: Mapping[int, Program]
    enrolments: Sequence[Row[Any]]
    moves: Sequence[Row[Any]]
    events: Mapping[int, Row[Any]]
    messages: Sequence[Row[Any]]
    refusals: Sequence[Row[Any]]
    #: The names of the campaigns of a group that had it when another refused it.
    holding: Mapping[int, str] = field(default_factory=dict)
    #: What the campaigns that barred it, or asked for a value, are now, by campaign.
    barring: Mapping[int, Program] = field(default_factory=dict)
    #: In which state each campaign is.
    states: Mapping[int, CampaignState] = field(default_factory=dict)
    #: Why versions are set aside.
    quarantined: Mapping[int, str] = field(default_factory=dict)
    #: By campaign, the events that are kept for it until it looks at them, the first first.
    kept: Mapping[int, Sequence[int]] = field(default_factory=dict)
    warmth: Warmth = field(default_factory=Warmth)
    #: What was told of it and found no place.
    leftovers: Sequence[Row[Any]] = ()
    #: What events and channels are called.
    glossary: Glossary = BARE
    #: What each phrase of a dynamic list is now, by the list's folded name.
    lists: Mapping[str, Sequence[LeafLine]] = field(default_factory=dict)
    #: Of the campaigns it has nothing to do with: those named here, by their names; whether there are others.
    others: Sequence[int] = ()
    more: bool = False


#: That of nobody.
NOTHING = Ledger({}, {}, (), (), {}, (), ())


async def read_ledger(
    store: Readable, lead_id: int, glossary: Glossary, campaign: str | None = None
) -> Ledger:
    """The ledger of a lead, in one campaign (by name or key) or in all."""
    async with store.read() as conn:
        return await ledger_of(conn, lead_id, glossary, campaign)


async def ledger_of(
    conn: AsyncConnection,
    lead_id: int,
    glossary: Glossary,
    campaign: str | None = None,
    asked: int | None = None,
    sought: str = "",
) -> Ledger:
    """The same, in a transaction that is open already; of all, `asked` about that one, maybe, and the
    others being those whose names answer to `sought`."""
    only = None if campaign is None else list(await _of_key(conn, campaign))
    refused = await _rows(conn, _about(refusals, lead_id, only))
    enrolled = await _rows(conn, _about(enrolments, lead_id, only).order_by(enrolments.c.entry))
    moves = await _rows(
        conn, _about(journal, lead_id, only).order_by(journal.c.entry, journal.c.move)
    )
    messages = await _rows(conn, _about(outbox, lead_id, only))
    about = {row.campaign_id for row in (*refused, *enrolled, *moves, *messages)}
    names, others, more = await _names(conn, about | {asked or 0}, only, sought)
    ids = list(names)
    refused, enrolled = _known(refused, names), _known(enrolled, names)
    moves, messages = _known(moves, names), _known(messages, names)
    return Ledger(
        campaigns=names,
        programs=await _programs(conn, {row.version_id for row in (*enrolled, *moves)}),
        enrolments=enrolled,
        moves=moves,
        events=await _events(conn, lead_id),
        messages=messages,
        refusals=refused,
        holding=await _named(conn, {row.held_by for row in refused} - {None}),
        barring=await _current(
            conn,
            {row.campaign_id for row in refused if row.reason in (*words.BARRED, *words.VALUED)},
        ),
        states=await states(conn, ids),
        quarantined={row.version_id: row.reason for row in await conn.execute(select(set_aside))},
        kept=await _kept(conn, lead_id),
        warmth=await read_warmth(conn, lead_id),
        leftovers=await of_lead(conn, lead_id),
        glossary=glossary,
        others=others,
        more=more,
    )


def _about(table: Any, lead_id: int, only: Sequence[int] | None) -> Select[Any]:
    query: Select[Any] = select(table).where(table.c.lead_id == lead_id)
    return query if only is None else query.where(table.c.campaign_id.in_(only))


def _known(rows: Sequence[Row[Any]], names: Mapping[int, str]) -> Sequence[Row[Any]]:
    """Those of campaigns there are."""
    return [row for row in rows if row.campaign_id in names]


async def _rows(conn: AsyncConnection, query: Select[Any]) -> Sequence[Row[Any]]:
    return list(await conn.execute(query))


async def _of_key(conn: AsyncConnection, campaign: str) -> Sequence[int]:
    query = select(campaigns.c.id).where(campaigns.c.key == key_of(campaign))
    return (await conn.scalars(query)).all()


async def _names(
    conn: AsyncConnection, about: Collection[int], only: Sequence[int] | None, sought: str
) -> tuple[Mapping[int, str], Sequence[int], bool]:
    """What the campaigns it is about are called, or those `only`; and some that it has nothing to do with,
    of which one may ask why, by their names: a house may have thousands, and `sought` says which."""
    query = select(campaigns.c.id, campaigns.c.name).order_by(campaigns.c.id)
    if only is not None:
        rows = await conn.execute(query.where(campaigns.c.id.in_(only)))
        return {row.id: row.name for row in rows}, (), False
    mine = await conn.execute(query.where(campaigns.c.id.in_(about)))
    answer = [
        bears(campaigns.c.name, word, conn.dialect.name, inside=True)
        for word in search_key(sought).split()
    ]
    named = select(campaigns.c.id, campaigns.c.name).where(*answer).order_by(campaigns.c.name)
    others = (await conn.execute(named.limit(_OTHERS + 1))).all()
    shown = others[:_OTHERS]
    found = {row.id: row.name for row in (*mine, *shown)}
    return dict(sorted(found.items())), [row.id for row in shown], len(others) > _OTHERS


async def _programs(conn: AsyncConnection, ids: set[int]) -> Mapping[int, Program]:
    query = select(versions.c.id, versions.c.program).where(versions.c.id.in_(ids))
    stored = (await conn.execute(query)).all()
    # A long script takes its time to be read, and nobody else is to wait for it.
    return await asyncio.to_thread(lambda: {row.id: from_json(row.program) for row in stored})


async def _named(conn: AsyncConnection, ids: set[int]) -> Mapping[int, str]:
    query = select(campaigns.c.id, campaigns.c.name).where(campaigns.c.id.in_(ids))
    return {row.id: row.name for row in await conn.execute(query)} if ids else {}


async def _current(conn: AsyncConnection, ids: set[int]) -> Mapping[int, Program]:
    query = select(campaigns.c.id, campaigns.c.version_id).where(campaigns.c.id.in_(ids))
    numbers = {row.id: row.version_id for row in await conn.execute(query)} if ids else {}
    found = await _programs(conn, set(numbers.values()))
    return {one: found[number] for one, number in numbers.items() if number in found}


async def _kept(conn: AsyncConnection, lead_id: int) -> Mapping[int, Sequence[int]]:
    query = (
        select(versions.c.campaign_id, missed.c.event_id)
        .join_from(missed, versions, versions.c.id == missed.c.version_id)
        .where(missed.c.lead_id == lead_id)
        .order_by(missed.c.event_id)
        .distinct()
        .limit(_EVENTS)
    )
    found: dict[int, list[int]] = {}
    for campaign, event in await conn.execute(query):
        found.setdefault(campaign, []).append(event)
    return found


async def _events(conn: AsyncConnection, lead_id: int) -> Mapping[int, Row[Any]]:
    query = (
        select(events)
        .where(events.c.lead_id == lead_id)
        .order_by(events.c.id.desc())
        .limit(_EVENTS)
    )
    return {row.id: row for row in await conn.execute(query)}
