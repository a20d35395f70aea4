"""The states of a campaign, and what may be done to it: in the store, never in the text."""

from enum import StrEnum


class State(StrEnum):
    """What the team decided; outside its period, an active campaign is suspended."""

    INACTIVE = "inactive"  # never activated
    ACTIVE = "active"
    PAUSED = "paused"
    ARCHIVED = "archived"


class CampaignChange(StrEnum):
    """What the journal of campaigns tells."""

    PUBLISHED = "published"
    ACTIVATED = "activated"
    PAUSED = "paused"
    RESUMING = "resuming"  # its overdue are being given back, part by part
    RESUMED = "resumed"
    ARCHIVED = "archived"
    EMPTIED = "emptied"  # everybody has left
    RESTORED = "restored"
    CLONED = "cloned"
    DELETED = "deleted"
    SUSPENDED = "suspended"  # by its period
    OPENED = "opened"  # likewise
    TRANSFERRED = "transferred"  # those inside passed to another version, or left
    PUT_BACK = "put_back"  # those who had passed and not moved since
