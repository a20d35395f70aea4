"""Counting who entered, who left and who stands elsewhere, of a batch that was just written back."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import BigInteger, func, or_, select, type_coerce

from dsl.program import Exit
from server.engine.batch import LEFT, WAITING, batch, gone, outcome
from server.engine.parameters import NOW
from server.engine.tick import Prepared, Tick
from server.store.counters.changes import CountedChanges, CounterKey
from server.store.counters.counted import BLOCK, OF_ALL_TIME, OF_HOUSE, stepped

_MINUTE = 60_000_000


class Moved:
    """What a tick adds to the counters of campaigns, by a few questions of its batch."""

    def __init__(self) -> None:
        here = or_(batch.c.mode == WAITING, gone)
        whose = (batch.c.version_id, batch.c.campaign_id)
        stood = (batch.c.former_step, batch.c.former_statement)
        ways = (
            *(*whose, batch.c.fresh, *stood),
            *(gone.label("leaves_now"), batch.c.step, batch.c.statement, outcome.label("ending")),
        )
        self._ways = Prepared(select(*ways).where(here).distinct())
        # In the order of the table: to sort the rows costs more than all the rest of this.
        self._whole = Prepared(
            select(batch.c.version_id, func.count()).where(here).group_by(batch.c.version_id)
        )
        self._each = Prepared(select(*ways, func.count()).where(here).group_by(*ways))
        took: Any = type_coerce(NOW - batch.c.entered_at, BigInteger)
        minutes = took // _MINUTE
        self._succeeded = Prepared(
            select(*whose, minutes, func.count(), func.sum(took // 1_000_000))
            .where(batch.c.mode == LEFT, batch.c.outcome == Exit.SUCCESS.value)
            .group_by(*whose, minutes)
        )

    async def count(self, tick: Tick, counted: CountedChanges) -> None:
        """Say to `counted` how many went which way in this tick."""
        succeeded = False
        for way in await self._moved(tick):
            version, campaign, fresh, former, stood, left, step, at, ending, n = way
            whose = (campaign, version)
            if fresh:
                counted.add(_key("entered", tick.now, *whose), n)
                counted.add(_ever("entered", campaign), n)
                counted.add(CounterKey(0, f"{OF_HOUSE}entered", tick.now, 0), n)
            else:
                place = {"place": stood, "subject": former or ""}
                counted.add(_key("inside", None, *whose, **place), -n)
            if left:
                counted.add(_key("left", tick.now, *whose, subject=ending or ""), n)
                counted.add(_ever("left", campaign), n)
                counted.add(CounterKey(0, f"{OF_HOUSE}left", tick.now, 0, 0, ending or ""), n)
                if ending == Exit.SUCCESS.value:
                    counted.add(_ever("succeeded", campaign), n)
                    succeeded = True
            else:
                counted.add(_key("inside", None, *whose, place=at, subject=step or ""), n)
        if succeeded:
            for version, campaign, minutes, n, seconds in await tick.ask(self._succeeded):
                for kind, block in (("succeeded", 1), ("succeeded block", BLOCK)):
                    took = {"place": stepped(minutes), "block": block}
                    counted.add(_key(kind, tick.now, campaign, version, **took), n, int(seconds))

    async def _moved(self, tick: Tick) -> Sequence[Any]:
        """How many went each way; mostly, all of a version went the same."""
        ways = await tick.ask(self._ways)
        if len({way.version_id for way in ways}) < len(ways):
            return await tick.ask(self._each)
        whole = dict(map(tuple, await tick.ask(self._whole)))
        return [(*way, whole[way.version_id]) for way in ways]


def _ever(kind: str, campaign: int) -> CounterKey:
    return CounterKey(campaign, OF_ALL_TIME + kind, None, 0)


def _key(kind: str, at: int | None, campaign: int, version: int, **key: Any) -> CounterKey:
    return CounterKey(campaign, kind, at, version, **key)
