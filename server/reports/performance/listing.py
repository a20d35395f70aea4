"""Every campaign in a line: its state, its people, what they came to, when it last wrote to anybody.

Read off the counters, whatever the number of people: a list of campaigns is opened all day long.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import BigInteger, cast, func, select, union_all
from sqlalchemy.ext.asyncio import AsyncConnection

from server.engine.life.state import State
from server.reports.goals import GoalLine, goal_lines
from server.reports.performance.reading import counted, last_days, tables_of
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


async def busiest(conn: AsyncConnection, most: int) -> Sequence[CampaignSummary]:
    """Those where there are people, the most crowded first, or where something is wrong; else some of
    those that run. So many at most: of thousands, what each line says is read of these alone."""
    inside, one = crowded(conn.dialect.name), campaigns.c
    order = (one.present.desc(), one.name)
    busy = (
        select(one.id)
        .join_from(campaigns, inside, inside.c.campaign_id == one.id)
        .where(inside.c.n > 0)
        .order_by(inside.c.n.desc(), *order)
    )
    running = select(one.id).where(one.state == State.ACTIVE.value, one.runs).order_by(*order)
    found = {*(await conn.scalars(busy.limit(most))), *await _quarantined(conn)}
    found |= set() if found else {*(await conn.scalars(running.limit(most)))}
    lines = await summaries(conn, among=sorted(found), with_goals=True)
    return sorted(lines, key=lambda line: -line.inside)[:most]


async def summaries(
    conn: AsyncConnection,
    campaign: int | None = None,
    among: Collection[int] | None = None,
    *,
    with_goals: bool | None = None,
) -> Sequence[CampaignSummary]:
    """Each, those of the rules first, or that one alone; `among`: these, without their goals unless it
    is asked."""
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
    if among is None or with_goals:
        goals = await _goals(conn, rows[0].key if campaign is not None and rows else None, among)
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


def crowded(dialect: str) -> Any:
    """By campaign, how many are in it, as a table that a query joins."""
    each = [
        select(one.c.campaign_id, one.c.n).where(
            one.c.campaign_id.in_(select(campaigns.c.id)), one.c.kind == "inside", one.c.day == 0
        )
        for one in tables_of(dialect)
    ]
    rows = union_all(*each).subquery("each").c
    total = cast(func.sum(rows.n), BigInteger).label("n")
    return select(rows.campaign_id, total).group_by(rows.campaign_id).subquery("inside")


async def _goals(
    conn: AsyncConnection, key: str | None, among: Collection[int] | None
) -> Mapping[str, GoalLine]:
    """The principal goal of each campaign, by its name."""
    return {one.campaign: one for one in await goal_lines(conn, key, among) if one.rule.main}


async def _quarantined(conn: AsyncConnection) -> Mapping[int, str]:
    query = select(versions.c.campaign_id, set_aside.c.reason).join_from(
        set_aside, versions, versions.c.id == set_aside.c.version_id
    )
    return {row.campaign_id: row.reason for row in await conn.execute(query)}
