"""Waits: until when a lead rests, as symbols the engine turns into wake times.

A time already past lets the lead go on at once. Days and months are calendar units in the
lead's zone, else the campaign's, else the server's; a local time that does not exist is
the first instant after, one that comes twice is the first of the two.
"""

from dataclasses import dataclass
from datetime import date, time
from typing import TypeAlias

from relance.facts import Field
from relance.values import Duration, Weekday


@dataclass(frozen=True, slots=True)
class WaitFor:
    """« Attendre pendant 3 jours »."""

    duration: Duration


@dataclass(frozen=True, slots=True)
class WaitUpTo:
    """« Attendre entre zéro et 3 jours »: uniform, drawn once per lead and place."""

    duration: Duration
    salt: str = ""


@dataclass(frozen=True, slots=True)
class WaitUntil:
    """« Attendre jusqu'au (date) à (heure) », `days` later (negative: earlier); no date, no wait."""

    day: date | Field
    at: time = time(0, 0)
    days: int = 0


@dataclass(frozen=True, slots=True)
class WaitForWeekday:
    """Until the next moment of a weekday from `first` to `last`, both in; over Sunday allowed."""

    first: Weekday
    last: Weekday


@dataclass(frozen=True, slots=True)
class WaitForHours:
    """Until the next moment, Monday to Friday, from `start` to before `end`.

    Over midnight (22:00 to 06:00): before `end` or from `start` on, on any of those days.
    """

    start: time
    end: time


@dataclass(frozen=True, slots=True)
class WaitUntilNext:
    """Until the next moment that it is `at`: on `weekday` if one is said, at least `days` calendar
    days from today. Exactly then, the lead goes on at once."""

    at: time
    weekday: Weekday | None = None
    days: int = 0


@dataclass(frozen=True, slots=True)
class WaitForWorkingDays:
    """So many working days later, at the same local time or at `at`: Monday to Friday.

    From a Saturday or a Sunday, the Monday that follows is the first.
    """

    days: int
    at: time | None = None


Wait: TypeAlias = (
    WaitFor
    | WaitUpTo
    | WaitUntil
    | WaitForWeekday
    | WaitForHours
    | WaitUntilNext
    | WaitForWorkingDays
)
