"""The triggers that events and the clock set off, each compiled when first needed."""

from collections.abc import Callable, Collection, Iterable, Sequence

from sqlalchemy import select

from server.engine.batch import arrivals, handled
from server.engine.conditions.scope import Scope
from server.engine.failure import blame
from server.engine.index import Index
from server.engine.listener import CampaignListener
from server.engine.tick import Prepared, Tick
from server.engine.triggers.entries import Entry
from server.engine.triggers.exits import ExitBy
from server.engine.triggers.states import States
from server.engine.watches import LISTS, Key, forget
from server.store.schema.campaigns import enrolments

#: The versions that the leads of the events handled now are in.
_inside = Prepared(
    select(enrolments.c.version_id)
    .select_from(arrivals.join(enrolments, enrolments.c.lead_id == arrivals.c.lead_id))
    .where(handled, enrolments.c.active)
    .distinct()
)


class Triggers:
    """Those of one index. `scope_of` tells what the words of a version refer to."""

    def __init__(self, index: Index, scope_of: Callable[[int], Scope]) -> None:
        self._scope_of = scope_of
        self._firing: dict[Key, Entry | ExitBy] = {}
        self._followed = States(scope_of)
        self._states = {each.key: each for each in index.states}

    async def tell(self, tick: Tick, concerned: Sequence[CampaignListener]) -> int:
        """Let the events handled now set them off: those that take out, then those that let in.

        How many ask to enter, for `Admission` to answer.

        Each state trigger is followed as soon as it was asked: what the others then do is told by
        events of their own, which must find it as it was.
        """
        leaving = [listener for listener in concerned if listener.outcome is not None]
        inside = {row.version_id for row in await tick.ask(_inside)} if leaving else set[int]()
        for listener in leaving:
            if listener.version.id in inside:
                await self._fire(tick, listener)
            await self._follow(tick, listener)
        asked = 0
        for listener in concerned:
            if listener.outcome is None:
                asked += await self._fire(tick, listener)
                await self._follow(tick, listener)
        return asked

    async def _fire(self, tick: Tick, listener: CampaignListener) -> int:
        key = listener.key
        try:
            trigger = self._firing.get(key)
            if trigger is None:
                maker = Entry if listener.outcome is None else ExitBy
                trigger = self._firing[key] = maker(listener, self._scope_of(key[0]))
            return await trigger.run(tick)
        except Exception as error:
            raise blame(listener.version.id, error) from error

    async def _follow(self, tick: Tick, listener: CampaignListener) -> None:
        if not listener.by_state:
            return
        try:
            await self._followed.follow(tick, listener)
        except Exception as error:
            raise blame(listener.version.id, error) from error

    async def turn(self, tick: Tick, due: Iterable[Key], aside: Collection[int]) -> None:
        """Look at the leads whose time has come, for the triggers among these."""
        for key in due:
            owner, number = key
            listener = self._states.get(key)
            if owner <= LISTS or owner in aside:
                continue
            if listener is None:
                await forget(tick, owner, number)
                continue
            try:
                await self._followed.turn(tick, listener)
            except Exception as error:
                raise blame(owner, error) from error
