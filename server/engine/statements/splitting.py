"""« répartir … selon l’objectif »: the parts of those who come follow what the others came to.

They are found anew now and then, and kept: the same instant draws the same. Whoever passes again keeps
the share drawn the first time.
"""

import json
from collections.abc import Mapping, Sequence
from itertools import accumulate, pairwise
from typing import Any

from sqlalchemy import Integer, bindparam, case, func, select

from dsl.program import Split
from server.engine.batch import batch
from server.engine.conditions.scope import Scope
from server.engine.draw import draw_sql
from server.engine.experiments.allotting import allotted
from server.engine.experiments.outcomes import principal, read_outcomes
from server.engine.moves import Move
from server.engine.statements.statements import Passage
from server.engine.tick import Tick
from server.engine.version import Version
from server.store.bulk import insert_rows
from server.store.instants import MINUTE
from server.store.schema.campaigns import journal
from server.store.schema.goals import split_parts

#: So often are the parts found anew.
_EVERY = 60 * MINUTE


class SplitByGoal(Passage):
    """A « répartir » whose parts follow the principal goal of its campaign."""

    def __init__(self, at: Split, index: int, version: Version, scope: Scope) -> None:
        self._split, self._index, self._of = at, index, version
        drawn, last = draw_sql(batch.c.lead_id, at.salt), len(at.shares) - 1
        bounds = [(drawn < _bound(number), number) for number in range(last)]
        share = func.coalesce(_before(index, version), case(*bounds, else_=last) if bounds else 0)
        goto = [(share == number, at.shares[number].next) for number in range(last)]
        changes = {
            "statement": case(*goto, else_=at.shares[-1].next) if goto else at.shares[-1].next,
            "branch": share,
        }
        follow = [one.next for one in at.shares]
        super().__init__(version, scope, index, Move.SPLIT, changes, follow, branch=batch.c.branch)

    async def holes(self, tick: Tick) -> Mapping[str, Any]:
        """Up to which draw each share goes."""
        upto = accumulate((await self._parts(tick))[:-1])
        return {f"p_upto_{number}": one for number, one in enumerate(upto)}

    async def _parts(self, tick: Tick) -> Sequence[int]:
        mine = (split_parts.c.version_id == self._of.id, split_parts.c.statement == self._index)
        row = (await tick.conn.execute(select(split_parts).where(*mine))).one_or_none()
        if row is not None and tick.now - row.at < _EVERY:
            kept: Sequence[int] = json.loads(row.parts)
            return kept
        goal = await principal(tick.conn, self._of.campaign_id)
        shares = self._split.shares
        outcomes = await read_outcomes(
            tick.conn, self._of.id, self._index, len(shares), goal[0] if goal else None
        )
        planned = [end - start for start, end in pairwise([0, *(one.upto for one in shares)])]
        parts = allotted(outcomes, self._split.floor or 0, planned) if goal else planned
        await self._keep(tick, parts)
        return parts

    async def _keep(self, tick: Tick, parts: Sequence[int]) -> None:
        row = (self._of.id, self._index, json.dumps(parts), tick.now)
        again = "ON CONFLICT (version_id, statement) DO UPDATE SET parts = excluded.parts, at = excluded.at"
        names = ("version_id", "statement", "parts", "at")
        await insert_rows(tick.conn, "split_parts", names, [row], again)


def _bound(number: int) -> Any:
    return bindparam(f"p_upto_{number}", type_=Integer)


def _before(index: int, version: Version) -> Any:
    """The share that the lead drew here before; NULL the first time."""
    return (
        select(journal.c.branch)
        .where(
            journal.c.lead_id == batch.c.lead_id,
            journal.c.campaign_id == version.campaign_id,
            journal.c.version_id == version.id,
            journal.c.kind == Move.SPLIT.value,
            journal.c.statement == index,
        )
        .limit(1)
        .correlate(batch)
        .scalar_subquery()
    )
