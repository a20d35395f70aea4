"""What runs: all that was published last, compiled; a publication puts another whole in its place."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from relance.events import CAMPAIGN_ENTERED, FORM_SUBMITTED
from server.engine.ahead import Ahead
from server.engine.conditions.scope import Scope
from server.engine.contents import subjects
from server.engine.failure import blame
from server.engine.index import Index
from server.engine.listener import CampaignListener, Listener
from server.engine.listening import Happening
from server.engine.lists.lists import Lists
from server.engine.standing.standing import STANDING, Standing
from server.engine.statements.plan import Plan
from server.engine.tallies.tallies import Tallies
from server.engine.tick import Tick
from server.engine.triggers.notings import NotingFailed, Notings
from server.engine.triggers.schedules import Schedules
from server.engine.triggers.takings import Takings
from server.engine.triggers.triggers import Triggers
from server.engine.wake import Works
from server.engine.watches import Flips, Key, Watchful
from server.store.store import Store


@dataclass(frozen=True, slots=True)
class Live:
    """What the store holds of the last publication; `to_note`: the states not noted whole yet."""

    index: Index
    standing: Standing
    to_note: Collection[Key] = ()


class Running:
    """The campaigns, lists and rules there are, and what was compiled of them so far.

    `works`: which days are worked, for those who wait so many of them.
    """

    def __init__(self, live: Live, store: Store, zone: ZoneInfo, works: Works) -> None:
        self.store, self.zone, self.works = store, zone, works
        self.index, self.standing = live.index, live.standing
        self._plans: dict[int, Plan] = {}
        self.lists = Lists(self.index.lists, store, zone)
        self.triggers = Triggers(self.index, self.scope)
        self.schedules = Schedules(self.scope)
        self.notings = Notings(self.states, self.scope, live.to_note)
        self.takings = Takings(self.index)
        self.tallies = Tallies(self.index, self.standing, self.standing.scope)
        zones = {str(version.zone) for version in self.index.versions.values()}
        self.flips = Flips(store.dialect, zones | {str(zone)})
        self.ahead = Ahead(self.flips)
        #: The campaigns whose entries somebody asks about: the rules outside campaigns may too.
        self.entered = frozenset(
            version.campaign_id
            for version in self.index.versions.values()
            if self.hears(Happening(CAMPAIGN_ENTERED, version.key))
        )

    def followed_by(self, live: Live) -> "Running":
        """What runs once that is published."""
        return Running(live, self.store, self.zone, self.works)

    @property
    def states(self) -> tuple[Listener, ...]:
        """The triggers that fire when a condition turns true."""
        return (*self.index.states, *self.standing.states)

    @property
    def scheduled(self) -> Mapping[Key, Listener]:
        """The triggers that the calendar sets off."""
        return {**self.index.scheduled, **self.standing.scheduled}

    @property
    def heard(self) -> frozenset[str]:
        """The types of events that are handled, and not only marked so."""
        return frozenset(self.index.heard | self.standing.heard)

    def hears(self, event: Happening) -> bool:
        """Whether a tick would do more with that event than mark it handled."""
        return self.index.hears(event) or self.standing.hears(event)

    def forms(self) -> frozenset[str]:
        """The forms that the rules hear or ask about, as scripts write them."""
        others = (*(one.condition for one in self.index.lists), *self.standing.rules)
        told = (version.forms for version in self.index.versions.values())
        return subjects(others, FORM_SUBMITTED).union(*told)

    def plan(self, version_id: int) -> Plan:
        """What a version is compiled to."""
        plan = self._plans.get(version_id)
        if plan is None:
            version = self.index.versions[version_id]
            plan = self._plans[version_id] = Plan(version, self.store, self.works)
        return plan

    def scope(self, owner: int) -> Scope:
        """What the words of a version, or of the rules, refer to."""
        return self.standing.scope if owner == STANDING else self.plan(owner).scope

    # --- What every lead is looked at for ---------------------------------------------------

    def unfinished(self, aside: Collection[int]) -> bool:
        """Whether leads are still to be gone over, for lists or for states; `aside`: versions."""
        return self.lists.unbuilt or self._to_note(aside)

    async def go_over_leads(self, tick: Tick, aside: Collection[int]) -> None:
        """One part more: lists first, conditions ask of them."""
        if self.lists.unbuilt:
            await self.lists.build(tick)
            return
        try:
            await self.notings.go_on(tick, lambda each: self._leaves_out(each, aside))
        except NotingFailed as failure:
            listener, error = failure.listener, failure.error
            if isinstance(listener, CampaignListener):
                raise blame(listener.version.id, error) from error
            raise self.standing.failed(listener.number, error) from error

    def note(self, to_note: Collection[Key]) -> None:
        """Note these anew."""
        self.notings = Notings(self.states, self.scope, to_note)

    def _to_note(self, aside: Collection[int]) -> bool:
        return self.notings.waiting(lambda each: self._leaves_out(each, aside))

    def _leaves_out(self, listener: Listener, aside: Collection[int]) -> bool:
        if isinstance(listener, CampaignListener):
            return listener.version.id in aside
        return self.standing.leaves_out(listener.number)

    # --- The clock --------------------------------------------------------------------------

    async def turn(self, tick: Tick, limit: int, aside: Sequence[int]) -> bool:
        """Look at the leads for whom time may just have changed an answer; whether there were any."""
        found = await self.flips.claim(tick, limit, aside)
        watchful: tuple[Watchful, ...] = (self.lists, self.standing, self.triggers)
        for each in watchful:
            await each.turn(tick, found, aside)
        return bool(found)
