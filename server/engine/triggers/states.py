"""The state triggers that campaigns and rules follow, each compiled when first needed."""

from collections.abc import Callable

from server.engine.conditions.scope import Scope
from server.engine.listener import Listener
from server.engine.owner import Key
from server.engine.tick import Tick
from server.engine.triggers.by_time import ByTime
from server.engine.triggers.entries import Turn


class States:
    """For whom conditions hold, and when to look again. `scope_of` tells what an owner's words mean."""

    def __init__(self, scope_of: Callable[[int], Scope]) -> None:
        self._scope_of = scope_of
        self._turns: dict[Key, Turn] = {}
        self._by_time: dict[Key, ByTime] = {}

    async def follow(self, tick: Tick, listener: Listener) -> None:
        """After the events handled now: keep the record, and know when to look next."""
        turn = self._turns.get(listener.key)
        if turn is None:
            scope = self._scope_of(listener.owner.id)
            turn = self._turns[listener.key] = Turn(listener, scope)
        await turn.run(tick)
        if listener.timed:
            await self._timed(listener).note(tick)

    async def turn(self, tick: Tick, listener: Listener) -> None:
        """Look at the leads whose time has come."""
        await self._timed(listener).turn(tick)

    def _timed(self, listener: Listener) -> ByTime:
        found = self._by_time.get(listener.key)
        if found is None:
            scope = self._scope_of(listener.owner.id)
            found = self._by_time[listener.key] = ByTime(listener, scope)
        return found
