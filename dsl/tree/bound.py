"""The bound tree: a script whose names, values and phrases are resolved; what checking gives compiling.

Each node holds what it does (conditions as facts, lengths, counts, effects), what is said there
(`said`, by which it is known) and where it stands. Checking has found nothing wrong with a node that
is compiled, so that compiling never has anything to say of it.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, time
from decimal import Decimal
from typing import TypeAlias

from dsl.diagnostics import Span
from dsl.program import Exit, Reentry
from dsl.tree.nodes import Text
from relance.consent import Basis
from relance.effects import Effect
from relance.events import EventPattern
from relance.facts import Condition
from relance.said import Said
from relance.values import Change, Duration, Percentage
from relance.waits import Wait


@dataclass(frozen=True, slots=True)
class BoundCondition:
    """What is asked of a lead."""

    said: Said
    condition: Condition
    span: Span


@dataclass(frozen=True, slots=True)
class BoundTrigger:
    """One of the ways of a « quand »: an event (`on`), a schedule (a cron expression), or neither."""

    said: Said
    on: EventPattern | None = None
    condition: Condition | None = None
    schedule: str | None = None

    @property
    def by_state(self) -> bool:
        """Whether states alone set it off."""
        return self.on is None and self.schedule is None


@dataclass(frozen=True, slots=True)
class BoundWhen:
    """« quand … », in each of the ways it reads."""

    said: Said
    triggers: tuple[BoundTrigger, ...]
    span: Span


@dataclass(frozen=True, slots=True)
class BoundAct:
    """An activity."""

    said: Said
    effects: tuple[Effect, ...]
    span: Span


@dataclass(frozen=True, slots=True)
class BoundPause:
    """A wait phrase; what it draws has its salt."""

    said: Said
    wait: Wait
    span: Span


@dataclass(frozen=True, slots=True)
class BoundIf:
    """« si », each « sinon si », and « sinon »."""

    said: Said
    branches: tuple[tuple[BoundCondition, "BoundBody"], ...]
    otherwise: "BoundBody"
    span: Span


@dataclass(frozen=True, slots=True)
class BoundBranch:
    """« dès que … »; `opening` is what is said where it begins, its condition included."""

    opening: Said
    condition: BoundCondition
    body: "BoundBody"
    span: Span


@dataclass(frozen=True, slots=True)
class BoundAwait:
    """« attendre … fin », « attendre que … »; `limit` None: until one of them holds."""

    said: Said
    branches: tuple[BoundBranch, ...]
    limit: Duration | None
    timeout: "BoundBody"
    span: Span


@dataclass(frozen=True, slots=True)
class BoundStep:
    """« étape « N » »."""

    said: Said
    name: str
    span: Span


@dataclass(frozen=True, slots=True)
class BoundGoTo:
    """« aller à l’étape « N » », to a step of the same campaign; `times` None: no bound."""

    said: Said
    step: str
    times: int | None
    span: Span


@dataclass(frozen=True, slots=True)
class BoundRepeat:
    """« répéter N fois au plus »."""

    said: Said
    times: int
    body: "BoundBody"
    span: Span


@dataclass(frozen=True, slots=True)
class BoundQuit:
    """« sortir »."""

    said: Said
    outcome: Exit
    span: Span


@dataclass(frozen=True, slots=True)
class BoundShare:
    """A branch of a split: its `part`, of 10,000, and the name it goes by."""

    said: Said
    name: str
    part: int
    body: "BoundBody"


@dataclass(frozen=True, slots=True)
class BoundSplit:
    """« répartir »; `salt` is what its draw is made with; `floor`: the least part of a share, of
    10,000, where they follow the goal."""

    said: Said
    salt: str
    shares: tuple[BoundShare, ...]
    span: Span
    floor: int | None = None


BoundStatement: TypeAlias = (
    BoundAct
    | BoundPause
    | BoundIf
    | BoundAwait
    | BoundStep
    | BoundGoTo
    | BoundRepeat
    | BoundQuit
    | BoundSplit
)
BoundBody: TypeAlias = tuple[BoundStatement, ...]


@dataclass(frozen=True, slots=True)
class BoundGoal:
    """« objectif « N » : C »; `key` is the identity of what it asks, which campaigns may share.

    `own`: only what is done with messages of the campaign itself counts. `kind` is one of
    `dsl.language.fr.goals.KINDS`; `target` a share of those who entered, a number of leads, or
    nothing.
    """

    key: str
    name: str
    main: bool
    when: BoundWhen
    own: bool
    kind: str
    target: Percentage | Decimal | None
    window: Duration


@dataclass(slots=True)
class Header:
    """What the header lines say, with the defaults of those left out."""

    description: str | None = None
    #: Whom the campaign is for, or on what occasion, among `headers.FAMILIES`.
    family: str | None = None
    zone: str | None = None
    starts: date | None = None
    ends: date | None = None
    #: From which time of the first day on, and until which of the last, its minute included.
    starts_at: time | None = None
    ends_at: time | None = None
    reentry: Reentry = Reentry.NEVER
    reentry_delay: Duration | None = None
    #: « par (numéro) »: what an event is to say, and where that is said; « en cas de doublon ».
    reentry_property: str | None = None
    valued: Span | None = None
    restarts: bool = False
    #: « ordre : Audience ».
    hourly: bool = False
    #: « témoin »: the part, of 10,000, of those who enter and get nothing, and where that is said.
    holdout: int = 0
    holding: Span | None = None
    #: What the two parts are called: those who get nothing, and the others.
    compared: tuple[str, str] = ("", "")
    #: Its exclusive group, its priority there, and where they are said.
    group: str | None = None
    priority: int = 0
    grouped: Span | None = None
    #: What it says of its objective in figures.
    objective: Text | None = None
    #: On what basis its marketing messages leave; None: as the project is set.
    consent: Basis | None = None
    #: The names the campaign had; whether it is said to have had none.
    former: tuple[str, ...] = ()
    new: bool = False
    #: Where « après sortie » is said.
    returning: Span | None = None


@dataclass(frozen=True, slots=True)
class BoundCampaign:
    """« campagne « … » … fin »; `timeout` is how long a lead may stay in it."""

    name: str
    header: Header
    entries: tuple[BoundWhen, ...]
    exits: tuple[tuple[Exit, BoundWhen], ...]
    exclusions: tuple[BoundWhen, ...]
    goals: tuple[BoundGoal, ...]
    timeout: Duration | None
    body: BoundBody
    span: Span
    #: What the draw of who gets nothing is made with.
    salt: str = ""

    def ways_in(self) -> Iterator[BoundTrigger]:
        """What lets a lead in."""
        for when in self.entries:
            yield from when.triggers


@dataclass(frozen=True, slots=True)
class BoundPoints:
    """« +5 quand … », in a block of points; `key` tells it from every other of the project."""

    key: str
    topic: str | None
    change: Change
    when: BoundWhen


@dataclass(frozen=True, slots=True)
class BoundConversion:
    """« conversion « … » : … »; `key` is the identity of its name."""

    key: str
    name: str
    when: BoundWhen
