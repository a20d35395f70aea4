"""What is done to all the people of a campaign: part by part, each a commit, so that a million of them
hold up nobody. How far it got is committed with each part: a stop anywhere goes on from there.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from sqlalchemy import ColumnElement, delete, func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from server.engine.life.journal import Author
from server.engine.life.state import CampaignChange
from server.engine.tick import Tick
from server.store.instants import Micros
from server.store.schema.campaigns import transitions

#: The phase in which its people are dealt with: until it is over, the campaign does not run.
PEOPLE = "people"
#: What comes before, if anything: messages that nobody has met are set apart.
PARKING = "parking"
#: People one transaction deals with: whoever posts a form waits while each is written anew, and to
#: begin and commit one costs as much as to deal with a thousand.
PART = 10_000


@dataclass(frozen=True, slots=True)
class Transition:
    """One of them: `phase` is what is being done, up to the lead `after`; `counts`, so far."""

    campaign_id: int
    change: CampaignChange
    author: Author
    begun_at: Micros
    plan: Mapping[str, Any]
    phase: str
    after: int = 0
    counts: Mapping[str, int] = field(default_factory=dict)

    def counting(self, name: str, more: int) -> "Transition":
        """With so many more of these."""
        if not more:
            return self
        return replace(self, counts={**self.counts, name: self.counts.get(name, 0) + more})

    def reaching(self, lead: int) -> "Transition":
        """Done up to that lead."""
        return replace(self, after=lead)

    def looking_again(self) -> "Transition":
        """Once more from the first lead on: who became another meanwhile may now be behind."""
        return replace(self, plan={**self.plan, "again": True}, after=0)

    def going_to(self, phase: str) -> "Transition":
        """From the first lead on, what comes next."""
        return replace(self, phase=phase, after=0)


async def begin(conn: AsyncConnection, one: Transition) -> None:
    """Have it done from now on."""
    await conn.execute(insert(transitions).values(campaign_id=one.campaign_id, **_row(one)))


async def keep(conn: AsyncConnection, one: Transition) -> None:
    """Note how far it got."""
    mine = transitions.c.campaign_id == one.campaign_id
    await conn.execute(update(transitions).where(mine).values(**_row(one)))


async def end(conn: AsyncConnection, one: Transition) -> None:
    """All of it is done."""
    mine = transitions.c.campaign_id == one.campaign_id
    await conn.execute(delete(transitions).where(mine))


async def first(conn: AsyncConnection) -> Transition | None:
    """The one that was begun first."""
    query = select(transitions).order_by(transitions.c.begun_at, transitions.c.campaign_id)
    row = (await conn.execute(query.limit(1))).one_or_none()
    return None if row is None else read(row)


def read(row: Any) -> Transition:
    """As its row says."""
    return Transition(
        row.campaign_id,
        CampaignChange(row.kind),
        Author(row.who, row.why),
        row.begun_at,
        json.loads(row.plan),
        row.phase,
        row.after_lead,
        json.loads(row.counts),
    )


def _row(one: Transition) -> dict[str, object]:
    return {
        "kind": one.change.value,
        "plan": json.dumps(one.plan),
        "phase": one.phase,
        "after_lead": one.after,
        "counts": json.dumps(one.counts),
        "begun_at": one.begun_at,
        "who": one.author.who,
        "why": one.author.why,
    }


async def next_leads(
    tick: Tick, lead_id: ColumnElement[int], after: int, *tests: Any, most: int | None = None
) -> tuple[int | None, bool]:
    """Up to which lead the next part goes, None when none is left; whether it is the last.

    `most`: how many it has at most, `PART` unless said.
    """
    most = PART if most is None else most
    found = select(lead_id.label("lead")).where(lead_id > after, *tests)
    part = found.order_by(lead_id).limit(most).subquery()
    query = select(func.count(), func.max(part.c.lead))
    ((count, upto),) = (await tick.conn.execute(query)).all()
    return upto, count < most
