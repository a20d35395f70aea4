"""The objectives in figures of campaigns: what their indicators came to, and whether that is enough.

Over the time since the campaign was activated, or over the last span the objective names; beside it,
over as long a time before. A campaign that stopped is told as it was when it did.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from itertools import pairwise
from operator import eq, ge, gt, le, lt, ne
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from dsl.objectives import IndicatorBound, Objective
from dsl.program_codec import codec
from relance.indicator import Indicator
from relance.values import Comparator
from server.engine.life.state import CampaignChange
from server.reports.indicator_periods import Period
from server.reports.indicators import Found, read_course, read_indicators
from server.reports.states import CampaignState, state_of, states_query
from server.store.calendar import earlier
from server.store.instants import DAY, SECOND, Micros
from server.store.schema.campaigns import campaign_changes, campaigns, versions
from server.store.schema.goals import campaign_leads, campaign_objectives

#: A course is of so many parts at most, of a day at least.
_MOST_PARTS = 12
_BEGINS = (CampaignChange.ACTIVATED, CampaignChange.OPENED)
_STOPS = (CampaignChange.PAUSED, CampaignChange.ARCHIVED, CampaignChange.SUSPENDED)
_COMPARED = {
    Comparator.GREATER: gt,
    Comparator.AT_LEAST: ge,
    Comparator.EQUAL: eq,
    Comparator.DIFFERENT: ne,
    Comparator.AT_MOST: le,
    Comparator.LESS: lt,
}


class ObjectiveColour(StrEnum):
    """Where an objective is, by the colour it is shown in."""

    LAUNCHED = "lancée"
    GREEN = "vert"
    RED = "rouge"
    GREY = "gris"


@dataclass(frozen=True, slots=True)
class FollowedObjective:
    """The objective of one campaign. `now`, `before`: what its indicators came to, by key."""

    campaign: str
    state: CampaignState
    objective: Objective
    entered: int
    period: Period
    followed: tuple[Indicator, ...]
    now: Mapping[str, Found]
    before: Mapping[str, Found]

    @property
    def met(self) -> bool:
        """Whether all its bounds hold."""
        return all(self.holds(one) for one in self.objective.bounds)

    def holds(self, bound: IndicatorBound) -> bool:
        """Whether one does: of what there is nothing to count, none."""
        found = self.now.get(bound.indicator)
        if bound.growth:
            grown = growth(found, self.before.get(bound.indicator))
            return grown is not None and grown >= bound.value
        return found is not None and bool(
            _COMPARED[bound.comparator](Decimal(str(found)), bound.value)
        )

    @property
    def colour(self) -> ObjectiveColour:
        """By the state of its campaign first, then by who entered and by its bounds."""
        if self.state.rests:
            return ObjectiveColour.GREY
        if not self.entered:
            return ObjectiveColour.LAUNCHED
        return ObjectiveColour.GREEN if self.met else ObjectiveColour.RED


def growth(now: Found, before: Found) -> Decimal | None:
    """By which share it grew; None from nothing, or of nothing."""
    if now is None or not before:
        return None
    return Decimal(str(now)) / Decimal(str(before)) - 1


@dataclass(frozen=True, slots=True)
class ObjectiveReader:
    """Reads them in one snapshot. `zone`: whose days theirs are; `indicators`: all that plugins count."""

    conn: AsyncConnection
    dialect: str
    currency: str
    zone: ZoneInfo
    indicators: Sequence[Indicator]

    async def read(self, now: Micros, campaign: str | None = None) -> Sequence[FollowedObjective]:
        """Every campaign's that has one, by its name, or that of the campaign of that key."""
        query = (
            states_query()
            .add_columns(campaign_objectives.c.objective, campaign_leads.c.entered)
            .join(campaign_objectives, campaign_objectives.c.campaign_id == campaigns.c.id)
            .join(campaign_leads, campaign_leads.c.campaign_id == campaigns.c.id, isouter=True)
            .where(campaigns.c.present)
            .order_by(campaigns.c.key)
        )
        if campaign is not None:
            query = query.where(campaigns.c.key == campaign)
        rows = (await self.conn.execute(query)).all()
        return [await self._followed(row, now) for row in rows]

    async def _followed(self, row: Any, now: Micros) -> FollowedObjective:
        state = state_of(row)
        objective: Objective = codec.from_json(row.objective)
        begun = await self._last(row.id, _BEGINS) or await self._published(row.id)
        stopped = await self._last(row.id, _STOPS) if state.rests else None
        end = max(begun, stopped or now)
        start = begun
        if objective.every is not None:
            start = max(begun, earlier(end, objective.every, self.zone))
        period = Period(start, end + SECOND)
        followed = self._indicators(objective)
        length = period.end - period.start
        before = Period(start - length, start)
        return FollowedObjective(
            row.name,
            state,
            objective,
            row.entered or 0,
            period,
            followed,
            await self._read(period, followed),
            await self._read(before, followed),
        )

    def _indicators(self, objective: Objective) -> tuple[Indicator, ...]:
        """Those its bounds ask about, and those read beside the first."""
        known = {one.key: one for one in self.indicators}
        asked = [one.indicator for one in objective.bounds]
        beside = known[asked[0]].beside if asked[0] in known else ()
        keys = dict.fromkeys((*asked, *beside))
        return tuple(known[key] for key in keys if key in known)

    async def _read(self, period: Period, followed: Sequence[Indicator]) -> Mapping[str, Found]:
        return await read_indicators(self.conn, self.dialect, period, self.currency, followed)

    async def course(self, one: FollowedObjective) -> Sequence[tuple[Period, Found]]:
        """What its first indicator came to in each part of its time, the first part first."""
        length = one.period.end - one.period.start
        parts = max(1, min(_MOST_PARTS, length // DAY))
        bounds = [one.period.start + length * at // parts for at in range(parts + 1)]
        periods = [Period(start, end) for start, end in pairwise(bounds)]
        first = one.followed[:1]
        found = await read_course(self.conn, self.dialect, periods, self.currency, first)
        return [
            (period, values[each.key])
            for period, values in zip(periods, found, strict=True)
            for each in first
        ]

    async def _last(self, campaign_id: int, kinds: Sequence[CampaignChange]) -> Micros | None:
        query = select(func.max(campaign_changes.c.at)).where(
            campaign_changes.c.campaign_id == campaign_id,
            campaign_changes.c.kind.in_([each.value for each in kinds]),
        )
        found: Micros | None = await self.conn.scalar(query)
        return found

    async def _published(self, campaign_id: int) -> Micros:
        first = func.min(versions.c.published_at)
        query = select(first).where(versions.c.campaign_id == campaign_id)
        return await self.conn.scalar(query) or 0
