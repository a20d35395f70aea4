"""Effects: what an activity does, as symbols the engine applies to many leads at once."""

from dataclasses import dataclass
from typing import TypeAlias

from relance.facts import Field
from relance.values import Change, Value


@dataclass(frozen=True, slots=True)
class Owner:
    """The person the lead is assigned to."""


@dataclass(frozen=True, slots=True)
class Send:
    """Hand a message to a channel, by way of the outbox.

    It goes to the lead, unless `to` says to whom about the lead: a person of the team by name,
    an address, or the lead's owner (none assigned: told as refused, never an error).
    """

    channel: str
    message: str
    to: str | Owner | None = None


@dataclass(frozen=True, slots=True)
class Assign:
    """Make a person of the team the lead's owner.

    None: whoever's turn it is, the team in its order, and a lead that has an owner keeps it.
    """

    to: str | None = None


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
class ChangeInterest:
    """Change the lead's interest in a topic."""

    topic: str
    change: Change


@dataclass(frozen=True, slots=True)
class Rewrite:
    """Replace a text field by what a rewriter makes of it (`relance_rewriters`); missing stays so."""

    field: str
    rewriter: str


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
    | Assign
    | SetField
    | Rewrite
    | ChangeScore
    | ChangeInterest
    | AddToList
    | RemoveFromList
    | AddTag
    | RemoveTag
    | Emit
    | EnterCampaign
    | LeaveCampaign
)
