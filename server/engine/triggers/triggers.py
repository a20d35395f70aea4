"""The triggers of campaigns, that events and the clock set off, each compiled when first needed."""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence, Set
from functools import cached_property

from sqlalchemy import select

from relance.events import CAMPAIGN_ENTERED
from server.engine.batch import arrivals, handled
from server.engine.composed import composed
from server.engine.conditions.scope import Scope
from server.engine.index import Index
from server.engine.listener import CampaignListener
from server.engine.listening import Happening
from server.engine.owner import LISTS, Key
from server.engine.quarantine import Quarantine, version_failed
from server.engine.tick import Prepared, Tick
from server.engine.triggers.backlog import Backlog, Missed
from server.engine.triggers.entries import Admission, EntryTrigger
from server.engine.triggers.exits import ExitBy
from server.engine.triggers.groups import OneOfEach
from server.engine.triggers.hourly import Hourly
from server.engine.triggers.states import States
from server.engine.watches import forget_due
from server.store.schema.campaigns import enrolments

#: The versions that the leads of the events handled now are in.
_inside = Prepared(
    select(enrolments.c.version_id)
    .select_from(arrivals.join(enrolments, enrolments.c.lead_id == arrivals.c.lead_id))
    .where(handled, enrolments.c.active)
    .distinct()
)


class Triggers:
    """Those of one index. `scope_of` tells what the words of a version refer to.

    `still`: the versions that do not run; `heard_from`: of those that run again, by version, the
    event up to which they hear nothing.
    """

    def __init__(
        self,
        index: Index,
        scope_of: Callable[[int], Scope],
        quarantine: Quarantine,
        backlog: Backlog,
        dialect: str,
        still: Collection[int],
        heard_from: Mapping[int, int],
    ) -> None:
        self._index, self._scope_of = index, scope_of
        self._still, self._heard_from = still, heard_from
        self._quarantine, self._backlog = quarantine, backlog
        self._firing: dict[tuple[Key, bool], EntryTrigger | ExitBy] = {}
        self.hourly = Hourly(index, quarantine)
        self._followed = States(scope_of)
        self._states = {each.key: each for each in index.states}
        self._admission = composed(Admission, dialect)
        self._one_of_each = OneOfEach(index.groups)
        self._entered: frozenset[int] | None = None

    @cached_property
    def heard(self) -> Set[str]:
        """The types of the events some campaign looks at."""
        return self._index.heard

    def owns(self, key: Key) -> bool:
        """Whether that is of a version."""
        return key[0] > LISTS

    def hears(self, event: Happening) -> bool:
        """Whether some campaign looks at such an event."""
        return self._index.hears(event)

    async def follow(self, tick: Tick, happenings: Iterable[Happening]) -> None:
        """Let the events handled now set them off; what those set apart miss is kept for them."""
        concerned = self._index.concerned(happenings)
        missing = [each for each in concerned if self._quarantine.holds(each.key)]
        if missing:
            await self._backlog.keep(tick, missing)
            concerned = [each for each in concerned if each not in missing]
        later = [each for each in concerned if each.waits_for_the_hour]
        if later:
            await self._backlog.keep(tick, later)
            # But what an hour's look makes of states is of that very look.
            concerned = [
                each
                for each in concerned
                if not each.waits_for_the_hour or (each.by_state and each.outcome is None)
            ]
        await self._set_off(tick, concerned, self._heard_from)

    async def catch_up(self, tick: Tick, limit: int) -> bool:
        """Look at events that came while a version was set apart; whether there were any."""
        still = {*self._still, *self.hourly.versions}
        group = await self._backlog.take(tick, self._index, limit, still)
        return await self._look_at(tick, group)

    async def look(self, tick: Tick, limit: int) -> bool:
        """Look at what was kept until the hour; whether there was any."""
        return await self._look_at(tick, await self.hourly.take(tick, limit, self._still))

    async def _look_at(self, tick: Tick, group: Missed | None) -> bool:
        if group is None:
            return False
        await self._set_off(tick, group.listeners(self._index), {}, kept=True)
        await self._backlog.done(tick, group)
        return True

    async def _set_off(
        self,
        tick: Tick,
        concerned: Sequence[CampaignListener],
        heard_from: Mapping[int, int],
        *,
        kept: bool = False,
    ) -> None:
        """Let the events handled now set these off: those that take out, then those that let in.

        `kept`: the events were, until now.

        Each state trigger is followed as soon as it was asked: what the others then do is told by
        events of their own, which must find it as it was.
        """
        leaving = [listener for listener in concerned if listener.outcome is not None]
        inside = {row.version_id for row in await tick.ask(_inside)} if leaving else set[int]()
        for listener in leaving:
            if listener.version.id in inside:
                await self._fire(tick, listener, heard_from)
            await self._follow(tick, listener)
        asked, grouped, restarting = 0, False, False
        hourly: set[int] = set()
        for listener in concerned:
            if listener.outcome is None:
                at_once = listener.waits_for_the_hour and not kept
                found = await self._fire(tick, listener, heard_from, at_once=at_once)
                asked += found
                if found and listener.version.hourly:
                    hourly.add(listener.version.id)
                grouped = grouped or (found > 0 and listener.group is not None)
                restarting = restarting or (found > 0 and listener.version.program.restarts)
                if not at_once:
                    await self._follow(tick, listener)
        if grouped:
            await self._one_of_each.refuse(tick)
        if asked:
            listened = self._whose_entries(tick)
            await self._admission.run(tick, asked, listened, restarting=restarting)
        if hourly:
            await self.hourly.tell_exits(tick, hourly, asked)

    def _turn_order(self, key: Key) -> tuple[int, Key]:
        listener = self._states.get(key)
        return (listener.place if listener is not None else 0, key)

    def _whose_entries(self, tick: Tick) -> frozenset[int]:
        """The campaigns whose entries somebody asks about."""
        if self._entered is None:
            self._entered = frozenset(
                version.campaign_id
                for version in self._index.versions.values()
                if tick.hears(Happening(CAMPAIGN_ENTERED, version.key))
            )
        return self._entered

    async def _fire(
        self,
        tick: Tick,
        listener: CampaignListener,
        heard_from: Mapping[int, int],
        *,
        at_once: bool = False,
    ) -> int:
        key = listener.key
        try:
            trigger = self._firing.get((key, at_once))
            if trigger is None:
                trigger = self._firing[key, at_once] = self._made(listener, at_once)
            return await trigger.run(tick, heard_from.get(key[0], -1))
        except Exception as error:
            raise version_failed(listener.version.id, error) from error

    def _made(self, listener: CampaignListener, at_once: bool) -> EntryTrigger | ExitBy:
        scope = self._scope_of(listener.version.id)
        if listener.outcome is not None:
            return ExitBy(listener, scope)
        return EntryTrigger(listener, scope, at_once=at_once)

    async def _follow(self, tick: Tick, listener: CampaignListener) -> None:
        if not listener.by_state:
            return
        try:
            await self._followed.follow(tick, listener)
        except Exception as error:
            raise version_failed(listener.version.id, error) from error

    async def return_(self, tick: Tick) -> None:
        """Have those who leave a campaign of an exclusive group enter another that a state opens."""
        await self._one_of_each.return_(tick)

    async def turn(self, tick: Tick, due: Iterable[Key]) -> None:
        """Look at the leads whose time has come, for these triggers: those first that come first."""
        for key in sorted(due, key=self._turn_order):
            if self._quarantine.holds(key):
                continue
            listener = self._states.get(key)
            if listener is None:
                await forget_due(tick, *key)
                continue
            try:
                await self._followed.turn(tick, listener)
            except Exception as error:
                raise version_failed(key[0], error) from error
