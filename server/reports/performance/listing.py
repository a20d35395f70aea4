"""Every campaign in a line: its state, its people, what they came to, when it last wrote to anybody.

Read off the counters, whatever the number of people: a list of campaigns is opened all day long.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from server.reports.goals import GoalLine, goal_lines
from server.reports.performance.reading import counted, last_days
from server.reports.states import CampaignState, state_of, states_query
from server.reports.version_number import version_numbers
from server.store.counters.counted import OF_ALL_TIME
from server.store.schema.campaigns import campaigns, set_aside, versions

#: What each line says of all the time there was: successes, in blocks of days, are fewer to add up.
ENTERED, LEFT, SUCCEEDED = (f"{OF_ALL_TIME}{one}" for one in ("entered", "left", "succeeded"))
_EVER_COUNTED = (ENTERED, LEFT, SUCCEEDED)


@dataclass(frozen=True, slots=True)
class CampaignSummary:
    """One campaign since it began. `inside`: now; `version`: the one that takes people in, and its
    `number`, as it is told.

    `goal`: its principal one. `quarantined`: why some of its leads do not move.
    """

    id: int
    key: str
    name: str
    state: CampaignState
    version: int | None
    number: int | None
    entered: int
    inside: int
    left: int
    succeeded: int
    last_sent: date | None
    goal: GoalLine | None
    quarantined: str | None

    @property
    def failed(self) -> int:
        """How many left without succeeding."""
        return self.left - self.succeeded

    @property
    def success(self) -> float | None:
        """Of those who left, the share that succeeded."""
        return self.succeeded / self.left if self.left else None


async def summaries(
    conn: AsyncConnection, campaign: int | None = None, among: Collection[int] | None = None
) -> Sequence[CampaignSummary]:
    """Each, those of the rules first, or that one alone; `among`: these, without their goals."""
    query = states_query().add_columns(campaigns.c.key)
    if campaign is not None:
        query = query.where(campaigns.c.id == campaign)
    if among is not None:
        query = query.where(campaigns.c.id.in_(among))
    order = (campaigns.c.present.desc(), campaigns.c.name)
    rows = (await conn.execute(query.order_by(*order))).all()
    ids = [row.id for row in rows]
    ever = await counted(conn, ids, _EVER_COUNTED, None, "campaign_id", "kind")
    entered, left, won = (_by([row for row in ever if row.kind == one]) for one in _EVER_COUNTED)
    inside = _by(await counted(conn, ids, ("inside",), None, "campaign_id"))
    sent = await last_days(conn, ids, "message sent")
    goals: Mapping[str, GoalLine] = {}
    if among is None:
        goals = await _goals(conn, rows[0].key if campaign is not None and rows else None)
    stopped = await _quarantined(conn)
    numbers = await version_numbers(conn, campaign, among)
    return [
        CampaignSummary(
            row.id,
            row.key,
            row.name,
            state_of(row),
            row.version_id,
            numbers.get(row.version_id),
            entered.get(row.id, 0),
            inside.get(row.id, 0),
            left.get(row.id, 0),
            won.get(row.id, 0),
            sent.get(row.id),
            goals.get(row.name),
            stopped.get(row.id),
        )
        for row in rows
    ]


def _by(rows: Sequence[Any]) -> Mapping[int, int]:
    return {row.campaign_id: row.n for row in rows}


async def _goals(conn: AsyncConnection, key: str | None) -> Mapping[str, GoalLine]:
    """The principal goal of each campaign, by its name."""
    return {one.campaign: one for one in await goal_lines(conn, key) if one.rule.main}


async def _quarantined(conn: AsyncConnection) -> Mapping[int, str]:
    query = select(versions.c.campaign_id, set_aside.c.reason).join_from(
        set_aside, versions, versions.c.id == set_aside.c.version_id
    )
    return {row.campaign_id: row.reason for row in await conn.execute(query)}
