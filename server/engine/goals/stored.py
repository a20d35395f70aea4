"""The goals of campaigns as the store keeps them: what changes in one has it counted anew."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import bindparam, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from dsl.goals import Goal
from dsl.program import Program
from dsl.program_codec import codec, doing
from relance.fold import key_of
from relance.values import Duration
from server.engine.goals import windows
from server.engine.seed import number_of
from server.engine.version import Version
from server.store.calendar import zone_named
from server.store.instants import DAY, SECOND, Micros
from server.store.schema.campaigns import campaigns
from server.store.schema.goals import goals


@dataclass(frozen=True, slots=True)
class StoredGoal:
    """A goal of the project; `counted`: whether it is for every lead."""

    id: int
    campaign_id: int
    question: int
    rule: Goal
    counted: bool


async def read(conn: AsyncConnection) -> Sequence[StoredGoal]:
    """Those of the project, in the order of their campaigns."""
    rows = await conn.execute(
        select(goals).where(goals.c.present).order_by(goals.c.campaign_id, goals.c.position)
    )
    return tuple(
        StoredGoal(
            row.id,
            row.campaign_id,
            row.question,
            codec.from_json(row.rule),
            row.counted_to is None,
        )
        for row in rows
    )


async def publish(
    conn: AsyncConnection,
    found: Sequence[Goal],
    programs: Iterable[Program],
    zone: ZoneInfo,
    now: Micros,
) -> None:
    """Make these the goals of the campaigns; what was counted stays where its question does."""
    known = {(row.campaign_id, row.key): row for row in await conn.execute(select(goals))}
    if not (found or known):
        return
    wanted = await _wanted(conn, found, {key_of(one.name): _run(one, zone) for one in programs})
    asked_anew = _asked_anew(known, wanted)
    gone = [row.id for place, row in known.items() if row.present and place not in wanted]
    if gone:
        await conn.execute(update(goals).where(goals.c.id.in_(gone)).values(present=False))
    new, others = _to_write(known, wanted, asked_anew)
    if new:
        await conn.execute(insert(goals), new)
    if others:
        await conn.execute(update(goals).where(goals.c.id == bindparam("goal")), others)
    present = select(goals.c.id, goals.c.rule, goals.c.zone).where(goals.c.present)
    lasting = {
        row.id: (codec.from_json(row.rule).window, zone_named(row.zone) or zone)
        for row in await conn.execute(present)
    }
    await windows.publish(conn, lasting, now)


async def count_again(conn: AsyncConnection) -> None:
    """Have all of them counted again for every lead, from what each did before too."""
    again = {"counted_to": 0, "unsearched": True}
    await conn.execute(update(goals).where(goals.c.present).values(**again))


def _to_write(
    known: Mapping[Any, Any],
    wanted: Mapping[tuple[int, str], Mapping[str, Any]],
    asked_anew: Set[int],
) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """The rows that are new, and those that are not as they were: of thousands, a publication changes few."""
    new, others = [], []
    for place, values in wanted.items():
        row = known.get(place)
        if row is None:
            new.append({**values, "counted_to": 0, "unsearched": True})
            continue
        fresh = not row.present or row.question != values["question"]
        again = values["question"] in asked_anew or _changed(row, values)
        made = {
            **values,
            "counted_to": 0 if again else row.counted_to,
            "unsearched": fresh or row.unsearched,
        }
        if any(getattr(row, name) != value for name, value in made.items()):
            others.append({**made, "goal": row.id})
    return new, others


async def _wanted(
    conn: AsyncConnection, found: Sequence[Goal], runs: Mapping[str, Version]
) -> dict[tuple[int, str], dict[str, Any]]:
    """The row of each goal, by its campaign and its key."""
    keys = {key_of(one.campaign) for one in found}
    query = select(campaigns.c.key, campaigns.c.id).where(campaigns.c.key.in_(keys))
    ids = {row.key: row.id for row in await conn.execute(query)}
    wanted: dict[tuple[int, str], dict[str, Any]] = {}
    positions: Counter[int] = Counter()
    for one in found:
        campaign = key_of(one.campaign)
        number = ids[campaign]
        wanted[number, key_of(one.name)] = {
            "campaign_id": number,
            "key": key_of(one.name),
            "name": one.name,
            "question": question_of(one, number),
            "rule": codec.to_json(one),
            "position": positions[number],
            "time_window": _micros(one.window),
            "zone": runs[campaign].zone.key,
            "ends_at": runs[campaign].period_end,
            "present": True,
        }
        positions[number] += 1
    return wanted


def question_of(goal: Goal, campaign_id: int) -> int:
    """The number of what a goal asks. Of a campaign's own messages, it is that campaign's."""
    asked = doing(goal.triggers)
    return number_of(f"{campaign_id}/{asked}" if goal.own else asked, 63)


def _asked_anew(
    known: Mapping[Any, Any], wanted: Mapping[tuple[int, str], Mapping[str, Any]]
) -> set[int]:
    """The questions asked by other campaigns than before, or until another end.

    Who is counted where depends on them all: one that has ended keeps nothing from the others.
    """
    before = {(row.question, row.campaign_id, row.ends_at) for row in known.values() if row.present}
    now = {(one["question"], one["campaign_id"], one["ends_at"]) for one in wanted.values()}
    return {question for question, _, _ in before ^ now}


def _changed(row: Any, values: Mapping[str, Any]) -> bool:
    compared = ("question", "time_window", "zone", "ends_at", "present")
    return any(getattr(row, name) != values[name] for name in compared)


def _run(program: Program, zone: ZoneInfo) -> Version:
    """The program in its zone, which says when its days end."""
    return Version(0, 0, "", program, zone_named(program.zone) or zone, open_=False)


def _micros(window: Duration) -> Micros:
    return (window.months * 30 + window.days) * DAY + window.seconds * SECOND
