"""Facts: what a decision is made of, as symbols the engine turns into one query over many leads.

A decision phrase answers with a `Condition` built from these classes. Nothing here is
evaluated in Python: the store compiles the tree to SQL for a whole batch of leads, the
journal keeps the truth and the value of each leaf, and the classes a condition uses say
which events can change its answer (`topics`) and whether time alone can (`timed`).
A missing value makes a comparison false, so that `Not` of it is true.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import TypeAlias

from relance import events
from relance.events import EventPattern
from relance.said import Said
from relance.values import Comparator, Duration, Value, minutes_of

# --- Since when a lead's events are looked at -------------------------------------------


@dataclass(frozen=True, slots=True)
class SinceEntry:
    """« depuis l'entrée »: since the lead entered the campaign, the entry event included."""


@dataclass(frozen=True, slots=True)
class SinceStep:
    """« depuis l'étape « N » »: since the lead last passed that step."""

    step: str


@dataclass(frozen=True, slots=True)
class SinceWait:
    """Since the reference instant of the wait being evaluated; the engine's default in a wait."""


@dataclass(frozen=True, slots=True)
class SinceDate:
    """« depuis (date) »: since 00:00 of that day in the campaign's zone."""

    day: date


@dataclass(frozen=True, slots=True)
class SinceAgo:
    """« dans les N derniers jours »: since that long before now; a day is 24 hours here."""

    duration: Duration


Anchor: TypeAlias = SinceEntry | SinceStep | SinceWait | SinceDate | SinceAgo


@dataclass(frozen=True, slots=True)
class Events:
    """The events of the lead that match a pattern, all of them or since an anchor."""

    pattern: EventPattern
    since: Anchor | None = None


# --- Values -----------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Field:
    """The value of a lead field."""

    name: str


@dataclass(frozen=True, slots=True)
class Score:
    """The lead's score, an integer, 0 at first."""


@dataclass(frozen=True, slots=True)
class Count:
    """How many such events the lead has."""

    events: Events


@dataclass(frozen=True, slots=True)
class Interest:
    """The lead's interest in a topic, an integer, 0 at first."""

    topic: str


@dataclass(frozen=True, slots=True)
class Total:
    """The sum of the amounts of such events, in one currency; 0 when there is none.

    `currency` None is the server's own. Amounts in another currency are left out: adding
    dollars to euros says nothing.
    """

    of: tuple[Events, ...]
    currency: str | None = None


@dataclass(frozen=True, slots=True)
class LastDay:
    """The local day of the last such event; missing if there is none."""

    of: Events


@dataclass(frozen=True, slots=True)
class Visits:
    """How many visits the lead paid to the site; 30 minutes without a page end a visit."""


@dataclass(frozen=True, slots=True)
class VisitPages:
    """Pages seen, in all or over the last `visits` visits, the one under way included."""

    visits: int | None = None


@dataclass(frozen=True, slots=True)
class PagesPerVisit:
    """Pages seen divided by visits paid; missing before the first visit."""


@dataclass(frozen=True, slots=True)
class LastVisitLength:
    """Seconds from the first to the last page of the last visit that is over; missing if none."""


@dataclass(frozen=True, slots=True)
class MinutesSince:
    """Minutes elapsed since a date field's 00:00 or since the last such event.

    Compared to the microsecond: « plus de 90 minutes » turns true right after the ninetieth.
    """

    of: "Field | Events"


@dataclass(frozen=True, slots=True)
class Age:
    """Whole years from a date field to today; born on 29 February: 1 March in common years."""

    field: Field


@dataclass(frozen=True, slots=True)
class DaysUntil:
    """Calendar days from today, in the campaign's zone, to a date; negative when past."""

    field: "Field | date"


@dataclass(frozen=True, slots=True)
class Literal:
    """A value written in the script."""

    value: Value


Operand: TypeAlias = (
    Field
    | Score
    | Interest
    | Count
    | Total
    | LastDay
    | Visits
    | VisitPages
    | PagesPerVisit
    | LastVisitLength
    | MinutesSince
    | Age
    | DaysUntil
    | Literal
)

# --- Conditions -------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Compare:
    """`left comparator right`, after the left side's own type; false when either is missing."""

    left: Operand
    comparator: Comparator
    right: Operand


@dataclass(frozen=True, slots=True)
class Contains:
    """A text field holds that text, a « choix multiple » that element (all of several, between
    commas); case and accents ignored."""

    field: Field
    text: str


@dataclass(frozen=True, slots=True)
class IsEmpty:
    """A field is absent, null, or only spaces."""

    field: Field


@dataclass(frozen=True, slots=True)
class Birthday:
    """Today is the anniversary of a date field, `days` later if given (negative: earlier).

    29 February is kept on 1 March in common years, as for `Age`.
    """

    field: Field
    days: int = 0


@dataclass(frozen=True, slots=True)
class Happened:
    """The lead has at least `times` such events."""

    events: Events
    times: int = 1


@dataclass(frozen=True, slots=True)
class InList:
    """The lead is a member of that list."""

    name: str


@dataclass(frozen=True, slots=True)
class HasTag:
    """The lead carries that tag."""

    name: str


@dataclass(frozen=True, slots=True)
class Entered:
    """The lead ever entered that campaign."""

    campaign: str


@dataclass(frozen=True, slots=True)
class AtStep:
    """The last named step the lead passed in an active enrolment is this one."""

    step: str


@dataclass(frozen=True, slots=True)
class Exited:
    """The lead left a campaign, that one if it is named, in one of these ways: the names of
    `dsl.program.Exit`. Who entered again and is there is not one who left."""

    outcomes: tuple[str, ...]
    campaign: str | None = None


@dataclass(frozen=True, slots=True)
class Reached:
    """The lead is counted among those who reached that goal, of that campaign if it is named."""

    goal: str
    campaign: str | None = None


@dataclass(frozen=True, slots=True)
class Draw:
    """A stable draw: the same answer for ever for a lead at this place, `percent` over many leads.

    `salt` names the place (campaign and step); the checker fills it in.
    """

    percent: Decimal
    salt: str = ""


@dataclass(frozen=True, slots=True)
class All:
    """Every item holds."""

    items: tuple["Condition", ...]


@dataclass(frozen=True, slots=True)
class AnyOf:
    """At least one item holds."""

    items: tuple["Condition", ...]


@dataclass(frozen=True, slots=True)
class Not:
    """The item does not hold."""

    item: "Condition"


@dataclass(frozen=True, slots=True)
class Leaf:
    """What a phrase says, around its condition: what the journal reports on."""

    said: Said
    condition: "Condition"


Condition: TypeAlias = (
    Compare
    | Contains
    | IsEmpty
    | Birthday
    | Happened
    | InList
    | HasTag
    | Entered
    | AtStep
    | Exited
    | Reached
    | Draw
    | All
    | AnyOf
    | Not
    | Leaf
)

_TIMED = (MinutesSince, Age, DaysUntil, Birthday, SinceAgo, LastVisitLength)


def longer_than(delay: Duration, since: Field | Events) -> Condition:
    """« Plus de (90 minutes) se sont écoulées depuis … »: false for what never happened."""
    return Compare(MinutesSince(since), Comparator.GREATER, Literal(minutes_of(delay)))


def walk(node: object) -> Iterator[object]:
    """Every fact in a tree, the node itself first, in the order written."""
    yield node
    if isinstance(node, All | AnyOf):
        children: tuple[object, ...] = node.items
    else:
        names = getattr(type(node), "__dataclass_fields__", {})
        children = tuple(getattr(node, name) for name in names)
    for child in children:
        for one in child if isinstance(child, tuple) else (child,):
            if hasattr(type(one), "__dataclass_fields__"):
                yield from walk(one)


def wakes(condition: Condition) -> frozenset[EventPattern]:
    """The events that can change the answer.

    The subject of « lead_updated » is one of the fields that changed, of a list's or a tag's
    events its name, of « interest_changed » the topic: what depends on one is not woken by others.
    """
    found: set[EventPattern] = set()
    for node in walk(condition):
        found.update(_woken_by(node))
    return frozenset(found)


def _woken_by(node: object) -> Iterator[EventPattern]:
    match node:
        case Events(pattern):
            yield pattern
        case Field(name):
            yield EventPattern(events.LEAD_UPDATED, name)
        case Score():
            yield EventPattern(events.SCORE_CHANGED)
        case Interest(topic):
            yield EventPattern(events.INTEREST_CHANGED, topic)
        case InList(name):
            yield EventPattern(events.LIST_ADDED, name)
            yield EventPattern(events.LIST_REMOVED, name)
        case HasTag(name):
            yield EventPattern(events.TAG_ADDED, name)
            yield EventPattern(events.TAG_REMOVED, name)
        case Entered(campaign):
            yield EventPattern(events.CAMPAIGN_ENTERED, campaign)
        case Visits() | VisitPages() | PagesPerVisit() | LastVisitLength():
            yield EventPattern(events.PAGE_VISITED)


def topics(condition: Condition) -> frozenset[str]:
    """The types of the events that can change the answer."""
    return frozenset(pattern.type for pattern in wakes(condition))


def timed(condition: Condition) -> bool:
    """Whether time alone can change the answer (⏱ in the catalogue)."""
    return any(isinstance(node, _TIMED) for node in walk(condition))


def leaves(condition: Condition) -> tuple[Leaf, ...]:
    """The phrases of a condition, in the order written."""
    return tuple(leaf for leaf, _ in signed_leaves(condition))


def signed_leaves(condition: Condition, denied: bool = False) -> Iterator[tuple[Leaf, bool]]:
    """The phrases of a condition, in the order written, each with whether it is asked not to hold.

    « non (A ou B) » asks of each of the two that it does not; « non (non A) » asks for A.
    """
    match condition:
        case Leaf():
            yield condition, denied
        case Not(item):
            yield from signed_leaves(item, not denied)
        case All(items) | AnyOf(items):
            for item in items:
                yield from signed_leaves(item, denied)
