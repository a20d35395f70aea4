"""The states of a campaign, which are the team's to decide: in the store, never in the text."""

from enum import StrEnum


class State(StrEnum):
    """Where a campaign is in its life; outside its period, an active one is suspended."""

    INACTIVE = "inactive"  # never activated
    ACTIVE = "active"
    PAUSED = "paused"
    ARCHIVED = "archived"
