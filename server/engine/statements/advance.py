"""Moving the batch: statement by statement in the program's order, until every row rests or left."""

import heapq
from collections.abc import Callable

from sqlalchemy import select

from server.engine.batch import DUE, RUNNING, WOKEN, batch
from server.engine.quarantine import version_failed
from server.engine.statements.plan import CompiledVersion
from server.engine.tick import Prepared, Tick

#: Passages of one version in one tick past which its script must be going round in circles.
_CIRCLES = 20_000

_reached = Prepared(
    select(batch.c.version_id, batch.c.statement)
    .where(batch.c.mode.in_([RUNNING, DUE, WOKEN]), batch.c.statement >= 0)
    .distinct()
)


async def advance(tick: Tick, plan_of: Callable[[int], CompiledVersion]) -> None:
    """Run every statement reached, again wherever a jump goes back."""
    todo = [(row.version_id, row.statement) for row in await tick.ask(_reached)]
    heapq.heapify(todo)
    queued = set(todo)
    passages: dict[int, int] = {}
    while todo:
        place = heapq.heappop(todo)
        queued.discard(place)
        version_id, index = place
        passages[version_id] = passages.get(version_id, 0) + 1
        try:
            if passages[version_id] > _CIRCLES:
                raise RecursionError("the script goes round without ever waiting")
            stride = plan_of(version_id).statement(index)
            # What others stand within is done to all who come to it at once, and in its order.
            within = bool(todo) and todo[0] <= (version_id, stride.reach)
            if within or tick.carries:
                stride = plan_of(version_id).statement(index, alone=True)
            following = await stride.run(tick)
        except Exception as error:
            raise version_failed(version_id, error) from error
        for index in following:
            place = (version_id, index)
            if index >= 0 and place not in queued:
                queued.add(place)
                heapq.heappush(todo, place)
