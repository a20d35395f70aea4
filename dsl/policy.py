"""A project's policy: how often, when and until when its messages may leave, whatever campaign sends them.

`politique … fin`. Marketing messages to leads are what it is about; a term says whether it holds
for those of service as well. What it says is asked of each message when it is about to leave.
"""

from dataclasses import dataclass
from datetime import date, time

from relance.values import Duration, Weekday


@dataclass(frozen=True, slots=True)
class Term:
    """What every line of a policy says.

    `said`: its words. `channels`: the codes of those it is about; empty, all that write to leads.
    `every`: service messages too. `skip`: what it stops never leaves, instead of waiting.
    """

    said: str
    channels: tuple[str, ...] = ()
    every: bool = False
    skip: bool = False

    def concerns(self, channel: str) -> bool:
        """Whether it is about that channel."""
        return not self.channels or channel in self.channels


@dataclass(frozen=True, slots=True, kw_only=True)
class Cap(Term):
    """« au plus 3 courriels par 7 jours »: of the channels together, in any window of that length."""

    most: int
    window: Duration


@dataclass(frozen=True, slots=True)
class Closure:
    """When nothing leaves: all that is said of the day holds, and the hour is between the two.

    `ends` is not included, and over midnight when it is not after `starts`: of the night that begins
    on such a day. Neither: the whole day. `holidays`: those of a place, « CA-QC » or « FR ». `yearly`
    is a month and a day.
    """

    weekdays: tuple[Weekday, ...] = ()
    holidays: str | None = None
    day: date | None = None
    yearly: tuple[int, int] | None = None
    starts: time | None = None
    ends: time | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class QuietTime(Term):
    """« jamais de SMS de 21 h à 9 h, ni le dimanche »: while any of its closures lasts."""

    closures: tuple[Closure, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Validity(Term):
    """« messages valables 2 jours »: past that time since it was decided, one never leaves."""

    lasts: Duration


@dataclass(frozen=True, slots=True)
class Policy:
    """All of them, in the order written."""

    caps: tuple[Cap, ...] = ()
    quiet: tuple[QuietTime, ...] = ()
    validities: tuple[Validity, ...] = ()

    def __bool__(self) -> bool:
        """Whether it says anything."""
        return bool(self.caps or self.quiet or self.validities)


@dataclass(frozen=True, slots=True)
class KnownChannel:
    """A channel that writes to leads, as scripts may name it, and the folded names of its service messages."""

    code: str
    label: str
    service: frozenset[str] = frozenset()


#: The type under which a project offers its channels to the checker, by label.
CHANNELS = "canal"
