"""What runs: one publication, compiled; another puts another whole in its place."""

from collections.abc import Collection, Mapping, Sequence
from zoneinfo import ZoneInfo

from dsl.phrases.words import Words
from dsl.program import Program
from relance.events import FORM_SUBMITTED
from server.engine.agenda import Agenda
from server.engine.compiled import Compiled
from server.engine.conditions.scope import Scope
from server.engine.contents import subjects
from server.engine.goals.goals import Goals
from server.engine.listener import CampaignListener, Listener
from server.engine.listening import Happening
from server.engine.lists.lists import Lists
from server.engine.owner import RULES, Key, RuleOwner
from server.engine.published import Published
from server.engine.quarantine import Quarantine, version_failed
from server.engine.rules.rules import Rules
from server.engine.statements.plan import CompiledVersion
from server.engine.subscriptions import SinkSubscriptions
from server.engine.tallies.tallies import Tallies
from server.engine.tick import Tick
from server.engine.triggers.backlog import Backlog
from server.engine.triggers.notings import Notings
from server.engine.triggers.schedules import Schedules
from server.engine.triggers.takings import Takings
from server.engine.triggers.triggers import Triggers
from server.engine.version import Version
from server.engine.wake import Works
from server.engine.watches import Flips
from server.store.store import Store


class Running:
    """The campaigns, lists and rules of a publication, and what was compiled of them so far.

    `works`: which days are worked, for those who wait so many of them; `words`: how what is said is
    told to people; `subscriptions`: what other programs want to be told.
    """

    def __init__(
        self,
        published: Published,
        store: Store,
        zone: ZoneInfo,
        works: Works,
        words: Words,
        subscriptions: SinkSubscriptions,
        compiled: Compiled | None = None,
    ) -> None:
        self.published = published
        self.subscriptions = subscriptions
        self.store, self.zone, self.works, self.words = store, zone, works, words
        index = published.index
        self._compiled = compiled or Compiled(store.fields.edition)
        self.quarantine = Quarantine()
        self.backlog = Backlog(self.quarantine)
        self.rules = Rules(published.rules, store, zone, self.quarantine, words)
        self.goals = Goals(published.goals, store, zone, self.quarantine, words)
        self.lists = Lists(
            published.lists, published.unbuilt, store, zone, self.quarantine, self._compiled.lists
        )
        self.triggers = Triggers(
            index,
            self.scope,
            self.quarantine,
            self.backlog,
            store.dialect,
            published.lifecycles.still,
            published.lifecycles.heard_from,
        )
        #: In the order in which they follow events: points are given before lists are looked at.
        self._owners: tuple[RuleOwner, ...] = (
            self.rules,
            self.lists,
            self.goals,
            self.triggers,
            subscriptions,
        )
        #: In that in which time comes: lists first, conditions ask of them.
        self._by_time: tuple[RuleOwner, ...] = (self.lists, self.rules, self.triggers)
        #: The triggers that fire when a condition turns true, and those the calendar sets off.
        self.states: tuple[Listener, ...] = (*index.states, *self.rules.states)
        self.scheduled: Mapping[Key, Listener] = {**index.scheduled, **self.rules.scheduled}
        self.schedules = Schedules(self.scheduled, self.scope)
        self.notings = Notings(
            self.states, self.scope, self.quarantine, self._blame, published.unnoted
        )
        self.takings = Takings(index, words)
        self.tallies = Tallies(published, self.rules.scope)
        zones = {str(version.zone) for version in index.versions.values()}
        self.flips = Flips(store.dialect, zones | {str(zone)})
        self.agenda = Agenda(self.flips, self.triggers.hourly)
        #: The types of events that are handled: others are only taken out of the inbox.
        self.heard = frozenset[str]().union(*(owner.heard for owner in self._owners))

    def followed_by(self, published: Published) -> "Running":
        """What runs once that is published: of what stays the same nothing is compiled again."""
        compiled = self._compiled.lasting(published.index.versions.keys(), self.store.fields)
        given = (self.store, self.zone, self.works, self.words, self.subscriptions)
        return Running(published, *given, compiled)

    @property
    def programs(self) -> dict[int, Program]:
        """The programs that run, or wait until their campaign does, by version."""
        return {one.id: one.program for one in self._versions}

    @property
    def _versions(self) -> Sequence[Version]:
        return (*self.published.index.versions.values(), *self.published.lifecycles.waiting)

    def version(self, number: int) -> Version | None:
        """The version of that number, if it runs or waits until its campaign does."""
        return next((one for one in self._versions if one.id == number), None)

    @property
    def resting(self) -> Sequence[int]:
        """The versions that do not run: nobody in them moves."""
        return self.published.lifecycles.resting

    def hears(self, event: Happening) -> bool:
        """Whether a tick would do more with that event than mark it handled."""
        return any(owner.hears(event) for owner in self._owners)

    def forms(self) -> frozenset[str]:
        """The forms that the rules hear or ask about, as scripts write them."""
        others: tuple[object, ...] = (
            *(one.condition for one in self.published.lists),
            *self.published.rules,
            *(one.rule for one in self.published.goals),
        )
        forms = (version.forms for version in self._versions)
        return subjects(others, FORM_SUBMITTED).union(*forms)

    def plan(self, version_id: int) -> CompiledVersion:
        """What a version is compiled to."""
        plans = self._compiled.versions
        plan = plans.get(version_id)
        if plan is None:
            version = self.published.index.versions[version_id]
            plan = CompiledVersion(version, self.store, self.works, self.words)
            plans[version_id] = plan
        return plan

    def scope(self, owner: int) -> Scope:
        """What the words of a version, or of the rules, refer to."""
        return self.rules.scope if owner == RULES else self.plan(owner).scope

    def _blame(self, listener: Listener, error: Exception) -> Exception:
        if isinstance(listener, CampaignListener):
            return version_failed(listener.version.id, error)
        return self.rules.blame(listener, error)

    # --- What every lead is looked at for ---------------------------------------------------

    @property
    def waiting(self) -> bool:
        """Whether leads are still to be gone over, for lists or for states."""
        return self.lists.waiting or self.notings.waiting

    async def go_over_leads(self, tick: Tick) -> None:
        """One part more: lists first, conditions ask of them."""
        await (self.lists if self.lists.waiting else self.notings).go_on(tick)

    def go_over_again(self, unnoted: Collection[Key]) -> None:
        """Every lead is to be looked at anew, as the store says."""
        self.lists.build_again()
        self.notings.begin_again(unnoted)
        self.goals.count_again()

    # --- What is set apart ------------------------------------------------------------------

    @property
    def unsettled(self) -> bool:
        """Whether the store is to be told of what is set apart, or gives back what it missed."""
        return self.backlog.unsettled or self.lists.unsettled

    def begin_again(self) -> None:
        """Let all that is set apart run again."""
        self.quarantine.lift()
        self.backlog.begin_again()

    # --- Events and the clock ---------------------------------------------------------------

    async def follow(self, tick: Tick, happenings: Collection[Happening]) -> None:
        """Look at the leads of the events handled now, for all that these concern."""
        for owner in self._owners:
            await owner.follow(tick, happenings)

    async def turn(self, tick: Tick, limit: int) -> bool:
        """Look at the leads for whom time may just have changed an answer; whether there were any."""
        found = await self.flips.claim(tick, limit, self.quarantine)
        for owner in self._by_time:
            mine = [key for key in found if owner.owns(key)]
            if mine:
                await owner.turn(tick, mine)
        return bool(found)
