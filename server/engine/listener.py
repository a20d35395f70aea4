"""A trigger as the engine listens for it, wherever it is written."""

from collections.abc import Iterator, Set
from dataclasses import dataclass, field

from dsl.program import Exit, Trigger
from relance import facts
from relance.events import EventPattern
from server.engine.conditions.blank import may_hold
from server.engine.owner import Key
from server.engine.parameters import Zoned
from server.engine.version import Version


@dataclass(frozen=True, slots=True)
class Listener:
    """A trigger; `owner`: what holds it, and whose zone its words are read in.

    `requested`: the key of the campaign that an effect asks it to let into, if that is what sets it
    off. `blank`: whether it may fire for a new lead of whom nothing is known.
    """

    owner: Zoned
    number: int
    trigger: Trigger
    requested: str | None = None
    blank: bool = field(default=False, compare=False)

    @property
    def key(self) -> Key:
        """What tells it from every other."""
        return self.owner.id, self.number

    @property
    def place(self) -> int:
        """Of those set off at one instant, the smallest first."""
        return 0

    @property
    def group(self) -> str | None:
        """The exclusive group it lets into, if it does."""
        return None

    @property
    def by_state(self) -> bool:
        """Whether it fires when a condition turns true."""
        return self.trigger.on is None and self.trigger.schedule is None and self.requested is None

    @property
    def timed(self) -> bool:
        """Whether it may fire at an instant that nothing but the clock tells."""
        condition = self.trigger.condition
        return self.by_state and condition is not None and facts.timed(condition)

    @property
    def wakes(self) -> frozenset[EventPattern]:
        """The events that may turn the condition true or false."""
        condition = self.trigger.condition
        return frozenset() if condition is None else facts.wakes(condition)

    @property
    def subject(self) -> str:
        """What the engine's own events name it by."""
        return f"{self.owner.id}/{self.number}"


@dataclass(frozen=True, slots=True)
class CampaignListener(Listener):
    """A trigger of a version; `outcome` None lets in, else it takes out."""

    owner: Version
    outcome: Exit | None = None

    @property
    def version(self) -> Version:
        """Its owner, which for a trigger of a campaign is one of its versions."""
        return self.owner

    @property
    def waits_for_the_hour(self) -> bool:
        """Whether what would set it off is kept until its campaign is looked at."""
        return self.owner.hourly and self.trigger.schedule is None

    @property
    def place(self) -> int:
        """That of its campaign in its exclusive group; those that take out come before."""
        return self.owner.place if self.outcome is None else 0

    @property
    def group(self) -> str | None:
        """The one of its campaign; nothing for those that take out."""
        return self.owner.group if self.outcome is None else None


def listeners(version: Version, blank: Set[str] = frozenset()) -> Iterator[CampaignListener]:
    """Every trigger of a version, numbered; those that let in only while it is open."""
    entries = version.program.entries

    def one(number: int, trigger: Trigger, outcome: Exit | None = None) -> CampaignListener:
        state = trigger.on is None and trigger.schedule is None
        new = state and may_hold(trigger.condition, blank)
        return CampaignListener(version, number, trigger, blank=new, outcome=outcome)

    if version.open_:
        for number, trigger in enumerate(entries):
            yield one(number, trigger)
        if version.program.statements:
            request = Trigger(place=version.program.statements[0].place)
            yield CampaignListener(version, -1, request, requested=version.key)
    for number, rule in enumerate(version.program.exits, start=len(entries)):
        yield one(number, rule.trigger, rule.outcome)
