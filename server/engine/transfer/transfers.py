"""Transfers as they are kept: what was decided, of whom, and how far it got.

A campaign's last one alone may still be done or undone; a newer one takes over those an older one had
not reached yet.
"""

import json
from collections import defaultdict
from collections.abc import Mapping, Sequence, Set
from dataclasses import asdict, dataclass, field, replace
from enum import StrEnum
from typing import Any

from sqlalchemy import insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from dsl.program import Step
from dsl.program_codec import from_json
from relance.fold import key_of
from server.engine.life.journal import Author
from server.engine.tick import Tick
from server.engine.transfer.fate import Fate, TransferPlan
from server.engine.transfer.landing import Crossing, Landing, Use, crossings, landings
from server.store.instants import Micros
from server.store.schema.campaigns import versions
from server.store.schema.transfers import transfers


class TransferState(StrEnum):
    """How far a transfer is."""

    GOING = "going"
    DONE = "done"
    UNDOING = "undoing"
    UNDONE = "undone"


#: Those of which people are yet to be moved.
UNDER_WAY = (TransferState.GOING, TransferState.UNDOING)


@dataclass(frozen=True, slots=True)
class Transfer:
    """One of them, to `version_id`. `again`: it has been through all of them once."""

    id: int
    campaign_id: int
    version_id: int
    state: TransferState
    plan: TransferPlan
    landings: Sequence[Landing]
    crossings: Sequence[Crossing]
    #: By folded name, how the versions that people may be in write each step.
    named: Mapping[str, Sequence[str]]
    begun_at: Micros
    after: int = 0
    again: bool = False
    counts: Mapping[str, int] = field(default_factory=dict)

    def counting(self, name: str, more: int) -> "Transfer":
        """With so many more of these."""
        return replace(self, counts={**self.counts, name: self.counts.get(name, 0) + more})

    def ended(self) -> "Transfer":
        """As far as it got."""
        undoing = self.state is TransferState.UNDOING
        return replace(self, state=TransferState.UNDONE if undoing else TransferState.DONE)


async def begin(
    tick: Tick, campaign_id: int, version_id: int, plan: TransferPlan, live: Set[int]
) -> None:
    """Have those who are in other versions of that campaign pass to this one, or leave, from now on.

    `live`: the versions that somebody may be in.
    """
    await _take_over(tick.conn, campaign_id)
    query = select(versions.c.id, versions.c.program).where(versions.c.campaign_id == campaign_id)
    programs = {row.id: from_json(row.program) for row in await tick.conn.execute(query)}
    new = programs.pop(version_id)
    found = [one for number, old in programs.items() for one in landings(number, old, new)]
    named = defaultdict[str, set[str]](set)
    for step in (one for old in programs.values() for one in old.statements):
        if isinstance(step, Step):
            named[key_of(step.name)].add(step.name)
    kept = {
        "fate": plan.fate.value,
        "steps": {name: one.value for name, one in plan.steps.items()},
        "landings": [asdict(one) for one in found],
        "crossings": [asdict(one) for one in crossings(live, programs, new)],
        "versions": sorted(programs),
        "named": {key: sorted(names) for key, names in named.items()},
    }
    await tick.conn.execute(
        insert(transfers).values(
            campaign_id=campaign_id,
            version_id=version_id,
            state=TransferState.GOING.value,
            plan=json.dumps(kept, ensure_ascii=False),
            after_lead=0,
            again=False,
            counts="{}",
            begun_at=tick.now,
            who=plan.author.who,
            why=plan.author.why,
        )
    )


async def _take_over(conn: AsyncConnection, campaign_id: int) -> None:
    """What an older one had not come to is the newer one's."""
    mine = (transfers.c.campaign_id == campaign_id, transfers.c.state.in_(UNDER_WAY))
    await conn.execute(update(transfers).where(*mine).values(state=TransferState.DONE.value))


async def first(conn: AsyncConnection) -> Transfer | None:
    """The first of those under way."""
    query = select(transfers).where(transfers.c.state.in_(UNDER_WAY)).order_by(transfers.c.id)
    row = (await conn.execute(query.limit(1))).one_or_none()
    return None if row is None else read(row)


async def last(conn: AsyncConnection, campaign_id: int) -> Transfer | None:
    """The one of a campaign that was decided after all others."""
    mine = select(transfers).where(transfers.c.campaign_id == campaign_id)
    row = (await conn.execute(mine.order_by(transfers.c.id.desc()).limit(1))).one_or_none()
    return None if row is None else read(row)


async def undo(tick: Tick, campaign_id: int, author: Author) -> bool:
    """Have those whom the last one moved put back until they move; whether there is one."""
    one = await last(tick.conn, campaign_id)
    if one is None:
        return False
    if one.state in (TransferState.UNDOING, TransferState.UNDONE):
        return True  # an order may be done twice
    values = {"state": TransferState.UNDOING.value, "after_lead": 0, "again": False}
    again = {"who": author.who, "why": author.why, "counts": "{}"}
    mine = update(transfers).where(transfers.c.id == one.id)
    await tick.conn.execute(mine.values(**values, **again))
    return True


async def any_under_way(conn: AsyncConnection) -> bool:
    """Whether anybody is yet to be moved."""
    query = select(transfers.c.id).where(transfers.c.state.in_(UNDER_WAY)).limit(1)
    return await conn.scalar(query) is not None


async def destinations(conn: AsyncConnection) -> frozenset[int]:
    """The versions in which there is about to be somebody."""
    found: set[int] = set()
    rows = await conn.execute(select(transfers).where(transfers.c.state.in_(UNDER_WAY)))
    for row in rows.all():
        undone = row.state == TransferState.UNDOING
        found.update(json.loads(row.plan)["versions"] if undone else [row.version_id])
    return frozenset(found)


async def keep(conn: AsyncConnection, one: Transfer) -> None:
    """Note how far it got."""
    values: dict[str, object] = {
        "state": one.state.value,
        "after_lead": one.after,
        "again": one.again,
        "counts": json.dumps(one.counts),
    }
    await conn.execute(update(transfers).where(transfers.c.id == one.id).values(**values))


def read(row: Any) -> Transfer:
    """As its row says."""
    plan = json.loads(row.plan)
    steps = {name: Fate(one) for name, one in plan["steps"].items()}
    return Transfer(
        row.id,
        row.campaign_id,
        row.version_id,
        TransferState(row.state),
        TransferPlan(Fate(plan["fate"]), steps, Author(row.who, row.why)),
        [Landing(**{**one, "use": Use(one["use"])}) for one in plan["landings"]],
        [Crossing(**one) for one in plan["crossings"]],
        plan["named"],
        row.begun_at,
        row.after_lead,
        bool(row.again),
        json.loads(row.counts),
    )
