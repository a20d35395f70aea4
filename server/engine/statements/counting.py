"""Counting passages of statements as they are made, a set at a time."""

from typing import Any

from sqlalchemy import ColumnElement, func, select

from server.engine.batch import batch
from server.engine.moves import Move
from server.engine.parameters import VISIT
from server.engine.tick import Prepared, Tick
from server.engine.version import Version
from server.store.counters.changes import CounterKey
from server.store.counters.counted import PASSED

#: Those whose branch is counted too: how many answered yes, drew each share, or waited for what.
_BY_BRANCH = (Move.DECIDED, Move.RESUMED, Move.SPLIT)


class Passed:
    """The counter of a statement, when passages of its kind are counted at all."""

    def __init__(
        self, version: Version, index: int, kind: Move, branch: ColumnElement[Any] | None
    ) -> None:
        self._version, self._index = version, index
        self._counted = kind in PASSED
        self._branches: Prepared | None = None
        if kind in _BY_BRANCH and branch is not None:
            here = (batch.c.version_id == version.id, batch.c.visit == VISIT)
            drawn = select(branch, func.count()).where(*here).group_by(branch)
            self._branches = Prepared(drawn)

    async def count(self, tick: Tick, visit: int, passed: int) -> None:
        """Count those of a visit, `passed` in all."""
        if tick.counted is None or not self._counted:
            return
        rows = [(None, passed)]
        if self._branches is not None:
            rows = list(await tick.rows(self._branches, self._version, p_visit=visit))
        for branch, count in rows:
            key = CounterKey(
                self._version.campaign_id,
                "passed",
                tick.now,
                self._version.id,
                place=self._index,
                detail="" if branch is None else str(branch),
            )
            tick.counted.add(key, count)
