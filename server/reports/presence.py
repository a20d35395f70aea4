"""How many people a publication would take who are there already: asked before it is made."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import CompoundSelect, Select, exists, func, not_, select
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection

from dsl.check.rewrite import rewrite
from dsl.program import Program, Reentry
from dsl.program_codec import from_json
from relance.facts import Condition, InList
from relance.fold import key_of
from server.engine.conditions.conditions import compiled
from server.engine.conditions.scope import Scope
from server.engine.listener import CampaignListener
from server.engine.parameters import ZonedInstant
from server.engine.publication.project import ProgramSource
from server.engine.triggers.entries import holding
from server.engine.triggers.takings import state_entries, taking
from server.engine.version import Version
from server.reports import french
from server.reports.glossary import Glossary
from server.reports.verdict import Askable
from server.store.calendar import zone_named
from server.store.instants import from_micros, to_micros
from server.store.schema.campaigns import campaigns, enrolments, versions


@dataclass(frozen=True, slots=True)
class Present:
    """Those an entry would take. `opening`: the instant they would be, None for at once.

    `count` None: the store cannot tell yet (it does not know a field or a list it asks about).
    `hourly`: it is for the look on the hour that they wait, and for no period.
    """

    campaign: str
    trigger: str
    count: int | None
    opening: datetime | None
    hourly: bool = False

    @property
    def soon(self) -> bool:
        """Whether nobody has anything more to decide, nor any period to open, before they enter."""
        return self.opening is None or self.hourly

    def when(self, at_once: str, zone: ZoneInfo) -> str:
        """When they enter, in words; `at_once`: those for at once."""
        if self.opening is None:
            return at_once
        instant = french.instant(self.opening, zone)
        if self.hourly:
            return f"à l’heure juste, le {instant} («\u00a0ordre : Audience\u00a0»)"
        return f"à l’ouverture de la période, le {instant}"


async def present(
    store: Askable,
    published: Iterable[ProgramSource],
    lists: Mapping[str, Condition],
    now: datetime,
    zone: ZoneInfo,
    glossary: Glossary,
) -> Sequence[Present]:
    """What publishing these would take, as things stand; campaigns that would take no one left out."""
    own = {key_of(name): condition for name, condition in lists.items()}
    found: list[Present] = []
    async with store.read() as conn:
        running = {version.key: version for version in await _running(conn, zone)}
        for item in published:
            program = item.program
            keys = [key_of(name) for name in (program.name, *reversed(item.former))]
            former = next((running[key] for key in keys if key in running), None)
            campaign = former.campaign_id if former else await _campaign(conn, keys)
            key = keys[0]
            version = version_of(0, campaign, key, program, zone)
            for listener in state_entries(version):
                one = await _one(store, conn, listener, former, own, now, glossary)
                if one is not None and one.count != 0:
                    found.append(one)
    return found


async def _running(conn: AsyncConnection, zone: ZoneInfo) -> list[Version]:
    query = (
        select(versions.c.id, campaigns.c.id.label("campaign"), campaigns.c.key, versions.c.program)
        .join_from(campaigns, versions, versions.c.id == campaigns.c.version_id)
        .where(campaigns.c.present)
    )
    return [
        version_of(row.id, row.campaign, row.key, from_json(row.program), zone)
        for row in (await conn.execute(query)).all()
    ]


async def _campaign(conn: AsyncConnection, keys: Sequence[str]) -> int:
    """The campaign of one of these names, 0 for one that never was."""
    return await conn.scalar(select(campaigns.c.id).where(campaigns.c.key.in_(keys)).limit(1)) or 0


def version_of(number: int, campaign: int, key: str, program: Program, zone: ZoneInfo) -> Version:
    """It as a version, under that number: 0 for one that was not published."""
    return Version(number, campaign, key, program, zone_named(program.zone) or zone, True)


async def _one(
    store: Askable,
    conn: AsyncConnection,
    listener: CampaignListener,
    former: Version | None,
    lists: Mapping[str, Condition],
    now: datetime,
    glossary: Glossary,
) -> Present | None:
    version = listener.version
    planned = taking(listener, to_micros(now), former, {})
    if planned is None:
        return None
    try:
        async with conn.begin_nested():
            count = await _counted(store, conn, listener, planned.opening, lists, now)
    except (DBAPIError, LookupError):
        count = None
    opening = from_micros(planned.due_at) if planned.due_at > to_micros(now) else None
    said = glossary.said(listener.trigger.place.said)
    hourly = opening is not None and not planned.opening
    return Present(version.program.name, said, count, opening, hourly)


async def _counted(
    store: Askable,
    conn: AsyncConnection,
    listener: CampaignListener,
    opening: bool,
    lists: Mapping[str, Condition],
    now: datetime,
) -> int:
    those = taken_by(store, listener, opening, lists)
    return await counted(conn, those, now, listener.version.zone)


async def counted(
    conn: AsyncConnection, leads: Select[Any] | CompoundSelect[Any], now: datetime, zone: ZoneInfo
) -> int:
    """How many of these there are, as things stand."""
    query = select(func.count()).select_from(leads.subquery())
    instant = ZonedInstant(to_micros(now), zone)
    names = frozenset(query.compile().params)
    return await conn.scalar(query, instant.parameters(names)) or 0


def taken_by(
    store: Askable, listener: CampaignListener, opening: bool, lists: Mapping[str, Condition]
) -> Select[Any]:
    """The leads for whom an entry holds, and whom its campaign would let in.

    `opening`: the re-entry clause decides about those who came before; else none of them is taken.
    """
    version = listener.version
    leads = store.fields.table
    scope = Scope(store.dialect, store.fields, version.zone, leads.c.id, in_tick=False)
    came: list[Any] = [
        enrolments.c.lead_id == leads.c.id,
        enrolments.c.campaign_id == version.campaign_id,
    ]
    if opening and version.program.reentry is not Reentry.NEVER:
        came.append(enrolments.c.active)
    condition = listener.trigger.condition
    assert condition is not None  # noqa: S101 — it is a state
    rows = holding(as_declared(condition, lists), scope).where(~exists(select(1).where(*came)))
    leaving = (rule.trigger for rule in version.program.exits)
    for out in (*version.program.exclusions, *leaving):
        if out.on is None and out.schedule is None and out.condition is not None:
            rows = rows.where(not_(compiled(as_declared(out.condition, lists), scope)))
    return rows


def as_declared(condition: Condition, lists: Mapping[str, Condition]) -> Condition:
    """With the lists of the rules as they are now written: the store may not have them yet."""

    def change(fact: Condition) -> Condition:
        found = lists.get(key_of(fact.name)) if isinstance(fact, InList) else None
        return fact if found is None else rewrite(found, change)

    return rewrite(condition, change)
