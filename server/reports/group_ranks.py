"""Where each campaign that was published stands among exclusive groups, with how many are in it.

Read off the counters, whatever the number of people.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from sqlalchemy import or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from server.reports.performance.reading import DaySpan, counted
from server.reports.states import CampaignState, state_of, states_query
from server.store.counters.counted import ELSEWHERE
from server.store.schema.campaigns import campaigns

#: Of how many days, today with them, refusals are told.
REFUSED_DAYS = 30


@dataclass(frozen=True, slots=True)
class RankedCampaign:
    """A campaign of what runs. `group`: the key of its group, None without any.

    `elsewhere`: how many it last refused, these days, since another of the group had them.
    """

    id: int
    name: str
    state: CampaignState
    group: str | None
    priority: int
    inside: int
    elsewhere: int

    @property
    def present(self) -> bool:
        """Whether the project as published has it."""
        return self.state.present


async def ranked(
    conn: AsyncConnection, keys: Collection[str], today: date
) -> Mapping[str, RankedCampaign]:
    """By its key, each campaign that is in a group, or is of those keys."""
    grouped = campaigns.c.exclusive_group.is_not(None)
    query = states_query().add_columns(
        campaigns.c.key, campaigns.c.exclusive_group, campaigns.c.priority
    )
    query = query.where(or_(grouped, campaigns.c.key.in_(keys)))
    rows = (await conn.execute(query)).all()
    ids = [row.id for row in rows]
    month = DaySpan(today - timedelta(days=REFUSED_DAYS - 1), today)
    inside = _by(await counted(conn, ids, ("inside",), None, "campaign_id"))
    elsewhere = _by(await counted(conn, ids, (ELSEWHERE,), month, "campaign_id"))
    return {
        row.key: RankedCampaign(
            row.id,
            row.name,
            state_of(row),
            row.exclusive_group,
            row.priority,
            inside.get(row.id, 0),
            elsewhere.get(row.id, 0),
        )
        for row in rows
    }


async def place_of(conn: AsyncConnection, campaign: int) -> tuple[str, int] | None:
    """The key of the group of that campaign, as it runs, and its priority there; None without any."""
    query = select(campaigns.c.exclusive_group, campaigns.c.priority)
    found = (await conn.execute(query.where(campaigns.c.id == campaign))).one_or_none()
    return None if found is None or found[0] is None else (found[0], found[1])


def _by(rows: Sequence[Any]) -> Mapping[int, int]:
    return {row.campaign_id: row.n for row in rows}
