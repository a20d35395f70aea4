"""« répartir »: how many of those who drew a share would draw another, were a project published."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Select, and_, func, or_, select, text
from sqlalchemy.ext.asyncio import AsyncConnection

from dsl.program import Program, Split
from dsl.program_codec import from_json
from relance.fold import key_of
from relance.said import Said
from server.engine.draw import RANGE, draw_sql
from server.engine.publication.project import Project
from server.engine.publication.redrawing import Interval, moved, splits
from server.store.schema.campaigns import campaigns, journal, versions


@dataclass(frozen=True, slots=True)
class Redraw:
    """A « répartir » whose shares change: of those who drew, how many change; of all draws, the share."""

    campaign: str
    said: Said
    changing: int
    drew: int
    share: float


async def redraws(conn: AsyncConnection, project: Project) -> Sequence[Redraw]:
    """Those of the campaigns that the project changes."""
    found: list[Redraw] = []
    for item in project.programs:
        asked = {one.salt: one for one in splits(item.program)}
        if not asked:
            continue
        keys = [key_of(name) for name in (item.program.name, *item.former)]
        query = select(versions.c.id, versions.c.program).join_from(
            campaigns, versions, versions.c.id == campaigns.c.version_id
        )
        row = (await conn.execute(query.where(campaigns.c.key.in_(keys)).limit(1))).one_or_none()
        before: Program | None = None if row is None else from_json(row.program)
        for old in splits(before) if before is not None else ():
            gone = moved(old, asked[old.salt]) if old.salt in asked else ()
            if row is not None and before is not None and gone:
                at = before.statements.index(old)
                drew, changing = (await conn.execute(_drawn(row.id, at, old, gone))).one()
                share = sum(end - start for start, end in gone) / RANGE
                said = old.place.said
                found.append(Redraw(item.program.name, said, changing or 0, drew, share))
    return found


def _drawn(version: int, at: int, split: Split, gone: Sequence[Interval]) -> Select[int, int]:
    """Of those who drew there, each once: how many, and how many would draw another share."""
    those = (
        select(journal.c.lead_id)
        .where(
            text("journal.kind = 'split'"),
            journal.c.version_id == version,
            journal.c.statement == at,
        )
        .distinct()
        .subquery("those")
    )
    number = draw_sql(those.c.lead_id, split.salt)
    changes = or_(*(and_(number >= start, number < end) for start, end in gone))
    return select(func.count(), func.count().filter(changes)).select_from(those)
