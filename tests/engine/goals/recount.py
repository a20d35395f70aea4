"""Who reached which goal by the sentences of the language, asked of the events one lead at a time."""

from collections import Counter
from collections.abc import Sequence
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import select

from dsl.program_codec import codec
from server.store.calendar import later
from server.store.schema.campaigns import enrolments, journal
from server.store.schema.events import events
from server.store.schema.goals import campaign_leads, goal_counts, goals, goals_reached
from tests.engine.world import World

NEVER = 2**62


async def kept(world: World) -> tuple[set[tuple[int, int]], dict[int, int], dict[int, int]]:
    """Who the store says reached what; how many, by goal; how many entered, by campaign."""
    reached = await world.rows(select(goals_reached.c.lead_id, goals_reached.c.goal_id))
    counts = await world.rows(select(goal_counts).where(goal_counts.c.reached != 0))
    entered = await world.rows(select(campaign_leads))
    return (
        {(row.lead_id, row.goal_id) for row in reached},
        {row.goal_id: row.reached for row in counts},
        {row.campaign_id: row.entered for row in entered},
    )


async def recounted(
    world: World, subjects: dict[str, str]
) -> tuple[set[tuple[int, int]], dict[int, int], dict[int, int]]:
    """The same, found anew. `subjects`: what the event of each goal is about, by the goal's key."""
    every = await world.rows(select(goals).where(goals.c.present))
    stays = await world.rows(select(enrolments))
    entries = await world.rows(select(journal).where(journal.c.move == 1))
    causes = {(row.lead_id, row.campaign_id, row.entry): row.cause_event for row in entries}
    happened = await world.rows(select(events).where(events.c.type == "custom"))
    reached = {
        (event.lead_id, goal.id)
        for event in happened
        for goal in every
        if event.subject_key == subjects[goal.key] and counts(event, goal, every, stays, causes)
    }
    entered = {(row.lead_id, row.campaign_id) for row in stays}
    return (
        reached,
        dict(Counter(goal for _, goal in reached)),
        dict(Counter(campaign for _, campaign in entered)),
    )


def counts(
    event: Any, goal: Any, every: Sequence[Any], stays: Sequence[Any], causes: dict[Any, Any]
) -> bool:
    """Whether that event reaches that goal."""
    alike = [one for one in every if one.question == goal.question]

    def of(one: Any) -> list[Any]:
        return [
            stay
            for stay in stays
            if (stay.lead_id, stay.campaign_id) == (event.lead_id, one.campaign_id)
            and after(event, stay, causes[stay.lead_id, stay.campaign_id, stay.entry])
        ]

    def stop(stay: Any, one: Any) -> int:
        return min(stay.left_at or NEVER, one.ends_at or NEVER)

    inside = any(event.occurred_at <= stop(stay, goal) for stay in of(goal))
    elsewhere = any(
        event.occurred_at <= stop(stay, one)
        for one in alike
        if one.campaign_id != goal.campaign_id
        for stay in of(one)
    )
    within = any(
        stay.outcome != "suppressed" and event.occurred_at <= window_end(stop(stay, goal), goal)
        for stay in of(goal)
    )
    return inside or (within and not elsewhere)


def window_end(stop: int, goal: Any) -> int:
    """When what happens no longer counts, of a lead for whom the campaign stopped then."""
    if stop == NEVER:
        return stop
    return later(stop, codec.from_json(goal.rule).window, ZoneInfo(goal.zone))


def after(event: Any, stay: Any, cause: int | None) -> bool:
    """Whether it came after what let the lead in."""
    since = event.occurred_at >= stay.entered_at
    if cause is None:
        return bool(since)
    return event.id > cause and bool(since or event.received_at <= stay.entered_at)
