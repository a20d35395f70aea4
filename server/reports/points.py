"""What gave a lead its points, in words: each change with what it came to, and what stands now."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from relance.french import quoted
from server.reports import french
from server.store.instants import from_micros
from server.store.schema.leads import leads
from server.store.schema.rules import interests, points

#: The changes of a lead that are read at most, newest first.
_MOST = 1_000


@dataclass(frozen=True, slots=True)
class Warmth:
    """A lead's score, its interests (topic and value, the strongest first), and their changes."""

    score: int = 0
    interests: tuple[tuple[str, int], ...] = ()
    changes: Sequence[Row[Any]] = ()


@dataclass(frozen=True, slots=True)
class PointChange:
    """One change. `by_rule`: a rule gave it, not a campaign."""

    at: datetime
    text: str
    reason: str
    event_id: int
    id: int
    by_rule: bool


async def read_warmth(conn: AsyncConnection, lead_id: int) -> Warmth:
    """How warm a lead is, and why."""
    score = await conn.scalar(select(leads.c.score).where(leads.c.id == lead_id))
    mine = select(interests.c.topic, interests.c.value).where(
        interests.c.lead_id == lead_id, interests.c.value != 0
    )
    order = (interests.c.value.desc(), interests.c.topic)
    total = func.sum(points.c.delta).over(partition_by=points.c.topic_key, order_by=points.c.id)
    changes = (
        select(points, total.label("total"))
        .where(points.c.lead_id == lead_id)
        .order_by(points.c.id.desc())
        .limit(_MOST)
    )
    return Warmth(
        score or 0,
        tuple((row.topic, row.value) for row in await conn.execute(mine.order_by(*order))),
        list(await conn.execute(changes)),
    )


def point_lines(warmth: Warmth) -> list[PointChange]:
    """The changes in the order they were made, each with the rule or campaign that made it."""
    return [
        PointChange(
            from_micros(row.at),
            _text(row),
            row.reason if row.rule is not None else f"campagne {quoted(row.reason)}",
            row.event_id or 0,
            row.id,
            row.rule is not None,
        )
        for row in warmth.changes
    ]


def warmth_text(warmth: Warmth) -> str:
    """« Pointage : 15. Intérêts : « Vélo » 12, « Ski » -2. »"""
    text = f"Pointage : {french.value(warmth.score)}."
    if warmth.interests:
        each = ", ".join(
            f"{quoted(topic)} {french.value(value)}" for topic, value in warmth.interests
        )
        text += f" {'Intérêts' if len(warmth.interests) > 1 else 'Intérêt'} : {each}."
    return text


def _text(row: Any) -> str:
    gained = f"{'+' if row.delta > 0 else '−'}{french.count(abs(row.delta), 'point')}"
    of = "pointage" if row.topic is None else f"intérêt pour {quoted(row.topic)}"
    return f"{gained} ({of} : {french.value(int(row.total))})"
