"""A program: what a checked campaign compiles to, and all the engine ever sees of a script.

Immutable data, stored by content hash and pinned by each enrolment. `statements` are in
topological order (only `Jump` and `Loop` go back), linked by index; `END` is past the last.
Each has an identity (`key`) that survives edits and rewording (`dsl.identity`).
"""

from dataclasses import dataclass
from datetime import date, time
from enum import Enum
from typing import TypeAlias

from relance.effects import Effect
from relance.events import EventPattern
from relance.facts import Condition
from relance.said import Said
from relance.values import Duration
from relance.waits import Wait

#: The key of the draw of those who get nothing: of its two shares, the first.
HOLDOUT = "holdout"

#: The index that means « past the last statement »: the lead has finished.
END = -1


class Exit(Enum):
    """How an enrolment ended."""

    FINISHED = "finished"  # past the last statement
    SUCCESS = "success"
    FAILURE = "failure"
    TIMEOUT = "timeout"  # « sortie échouée : après N jours »
    PERIOD_OVER = "period_over"  # the campaign's period ended
    SUPPRESSED = "suppressed"  # « suppression : … »
    REMOVED = "removed"  # « Enlever de la campagne »
    RESTARTED = "restarted"  # it entered again while inside: « en cas de doublon : recommencer »
    ARCHIVED = "archived"  # the campaign was archived
    MERGED = "merged"  # the lead was found to be another who is in the campaign already
    OUTRANKED = "outranked"  # likewise, and is in another campaign of the exclusive group
    FORGOTTEN = "forgotten"  # the person asked to be forgotten


class Reentry(Enum):
    """Whether a lead that left may enter again."""

    NEVER = "never"
    AFTER_EXIT = "after_exit"
    AFTER_DELAY = "after_delay"  # counted from the last entry
    BY_VALUE = "by_value"  # once for each value of a property of the event that lets in


@dataclass(frozen=True, slots=True)
class Place:
    """Where it stands in the source: 1-based line, and what is said there."""

    line: int
    said: Said


@dataclass(frozen=True, slots=True)
class Trigger:
    """Something that lets a lead in or out.

    `on` set: at such an event, if `condition` holds. `on` None: when `condition` turns from
    false to true. `schedule` (a cron expression, in the campaign's zone): every lead for which
    `condition` holds then. Never both `on` and `schedule`.
    """

    place: Place
    on: EventPattern | None = None
    condition: Condition | None = None
    schedule: str | None = None
    #: What tells it from every other of what holds it (`dsl.identity`).
    key: str = ""


@dataclass(frozen=True, slots=True)
class ExitRule:
    """A general exit: any enrolment of the campaign leaves with `outcome` when it triggers."""

    outcome: Exit
    trigger: Trigger


@dataclass(frozen=True, slots=True)
class Act:
    """Do the effects, go on."""

    key: str
    place: Place
    effects: tuple[Effect, ...]
    next: int


@dataclass(frozen=True, slots=True)
class Decide:
    """Go to `yes` or `no` by the condition."""

    key: str
    place: Place
    condition: Condition
    yes: int
    no: int


@dataclass(frozen=True, slots=True)
class Pause:
    """Rest until a time."""

    key: str
    place: Place
    wait: Wait
    next: int


@dataclass(frozen=True, slots=True)
class Branch:
    """One « dès que » of an `Await`; its unqualified event phrases look back to `SinceWait`."""

    place: Place
    condition: Condition
    next: int


@dataclass(frozen=True, slots=True)
class Await:
    """Rest until a branch holds (the first written wins), `limit` at most; then `timeout`.

    Without `limit` it waits for ever (an exit or the period's end may still come).
    """

    key: str
    place: Place
    branches: tuple[Branch, ...]
    limit: Duration | None
    timeout: int
    topics: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Step:
    """A named point of the journey."""

    key: str
    place: Place
    name: str
    next: int


@dataclass(frozen=True, slots=True)
class Jump:
    """Go to `target`, `limit` times at most in an enrolment (None: no bound), then on to `next`."""

    key: str
    place: Place
    target: int
    limit: int | None
    next: int


@dataclass(frozen=True, slots=True)
class LoopStart:
    """The door of a « répéter »: passing it starts the count of `Loop` anew."""

    key: str
    place: Place
    next: int


@dataclass(frozen=True, slots=True)
class Loop:
    """The test of a « répéter »: `body`, `times` at most since `start` was passed, then `next`."""

    key: str
    place: Place
    start: int
    body: int
    times: int
    next: int


@dataclass(frozen=True, slots=True)
class Share:
    """A branch of a split: `upto` is the upper bound, exclusive, of its draws, of 10,000."""

    name: str
    upto: int
    next: int


@dataclass(frozen=True, slots=True)
class DrawRange:
    """The draws from the end of the piece before up to `upto`, exclusive, and the share they go to."""

    upto: int
    share: int


@dataclass(frozen=True, slots=True)
class Split:
    """« répartir »: a stable draw per lead, from (lead, `salt`).

    `floor`: the parts of those to come follow the campaign's principal goal, none below so many of
    10,000; they are as written until there is enough to compare. None: as written for ever.
    """

    key: str
    place: Place
    salt: str
    shares: tuple[Share, ...]
    floor: int | None = None
    #: Which draws go where, once shares were changed with people drawn; else in one piece each.
    pieces: tuple[DrawRange, ...] = ()

    @property
    def dealt(self) -> tuple[DrawRange, ...]:
        """The same, in every case."""
        return self.pieces or tuple(DrawRange(one.upto, at) for at, one in enumerate(self.shares))


@dataclass(frozen=True, slots=True)
class Leave:
    """« sortir (réussite) », « sortir (échec) »."""

    key: str
    place: Place
    outcome: Exit


Statement: TypeAlias = Act | Decide | Pause | Await | Step | Jump | LoopStart | Loop | Split | Leave


@dataclass(frozen=True, slots=True)
class Program:
    """One campaign. `zone` None: the server's. `starts` and `ends` are local days, both in.

    `starts_at`: the time of the first day from which on it runs, None its beginning; `ends_at`: that of
    the last day until which it does, its whole minute in, None its end.
    """

    name: str
    description: str | None
    zone: str | None
    starts: date | None
    ends: date | None
    reentry: Reentry
    reentry_delay: Duration | None
    timeout: Duration | None
    entries: tuple[Trigger, ...]
    exits: tuple[ExitRule, ...]
    statements: tuple[Statement, ...]
    first: int = 0
    starts_at: time | None = None
    ends_at: time | None = None
    #: For whom the condition of one holds never enters; nor who an exit `SUPPRESSED` is for.
    exclusions: tuple[Trigger, ...] = ()
    #: Its exclusive group, of which a lead is in one campaign at most, the smallest `priority` first.
    group: str | None = None
    priority: int = 0
    #: On what basis its marketing messages leave (`relance.consent.Basis`); None: as the project is set.
    consent: int | None = None
    #: What an event is to say for `BY_VALUE`: each value has a stay of its own, in parallel.
    reentry_property: str | None = None
    #: Whether who is asked in while inside begins again; else the entry is refused.
    restarts: bool = False
    #: Whether it is looked at on the hour, one move at a time, as Audience does (« ordre : Audience »).
    hourly: bool = False

    @property
    def suppressions(self) -> tuple[Trigger, ...]:
        """What those exits are set off by: the first of the exits."""
        return tuple(one.trigger for one in self.exits if one.outcome is Exit.SUPPRESSED)
