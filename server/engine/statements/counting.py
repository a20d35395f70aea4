"""Counting passages of statements as they are made, a set at a time."""

from typing import Any

from sqlalchemy import ColumnElement, func, select

from server.engine.moves import Move
from server.engine.statements.recording import visited
from server.engine.tick import Prepared, Tick
from server.engine.version import Version
from server.store.counters.changes import CounterKey
from server.store.counters.counted import PASSED

#: Those whose branch is counted too: how many answered yes, drew each share, or waited for what.
_BY_BRANCH = (Move.DECIDED, Move.RESUMED, Move.SPLIT)


class Passed:
    """The counter of a statement, when passages of its kind are counted at all."""

    def __init__(
        self, version: Version, index: int, kind: Move, branch: ColumnElement[Any] | int | None
    ) -> None:
        self._version, self._index = version, index
        self._counted = kind in PASSED
        self._branch = branch if kind in _BY_BRANCH and isinstance(branch, int) else None
        self._branches: Prepared | None = None
        if kind in _BY_BRANCH and isinstance(branch, ColumnElement):
            drawn = select(branch, func.count()).where(visited(version)).group_by(branch)
            self._branches = Prepared(drawn)

    async def count(self, tick: Tick, visit: int, passed: int) -> None:
        """Count those of a visit, `passed` in all."""
        if tick.counted is None or not self._counted:
            return
        rows = [(self._branch, passed)]
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
