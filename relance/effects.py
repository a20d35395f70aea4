"""Effects: what an activity does, as symbols the engine applies to many leads at once."""

from dataclasses import dataclass
from typing import TypeAlias

from relance.facts import Field
from relance.values import Change, Value


@dataclass(frozen=True, slots=True)
class Send:
    """Hand a message to a channel, by way of the outbox."""

    channel: str
    message: str


@dataclass(frozen=True, slots=True)
class Today:
    """Today's date in the campaign's zone."""


@dataclass(frozen=True, slots=True)
class DatePlusDays:
    """A date field's value, `days` later; missing stays missing."""

    field: Field
    days: int


@dataclass(frozen=True, slots=True)
class SetField:
    """Write a lead field: a literal, a copy of another field, today, or a date moved."""

    field: str
    value: Value | Field | Today | DatePlusDays


@dataclass(frozen=True, slots=True)
class ChangeScore:
    """Change the lead's score."""

    change: Change


@dataclass(frozen=True, slots=True)
class AddToList:
    """Make the lead a member of a static list; twice is once."""

    name: str


@dataclass(frozen=True, slots=True)
class RemoveFromList:
    """End the lead's membership of a static list."""

    name: str


@dataclass(frozen=True, slots=True)
class AddTag:
    """Put a tag on the lead; twice is once."""

    name: str


@dataclass(frozen=True, slots=True)
class RemoveTag:
    """Take a tag off the lead."""

    name: str


@dataclass(frozen=True, slots=True)
class Emit:
    """Record an event about the lead."""

    type: str
    subject: str | None = None


@dataclass(frozen=True, slots=True)
class EnterCampaign:
    """Send the lead into another campaign, by that campaign's own rules of entry."""

    campaign: str


@dataclass(frozen=True, slots=True)
class LeaveCampaign:
    """Take the lead out of a campaign."""

    campaign: str


Effect: TypeAlias = (
    Send
    | SetField
    | ChangeScore
    | AddToList
    | RemoveFromList
    | AddTag
    | RemoveTag
    | Emit
    | EnterCampaign
    | LeaveCampaign
)
