"""The events that the engine tells itself, or that change a lead whatever is asked of it."""

#: Events of the engine's own: a scheduled trigger came due for a lead; a state of an entry holds
#: for a lead that was there before, or still is; a campaign sent it here; a lead that was not known
#: before; two leads found to be one, so that anything may have changed.
SCHEDULE_DUE = "schedule_due"
STATE_STANDS = "state_stands"
CAMPAIGN_REQUESTED = "campaign_requested"
LEAD_CREATED = "lead_created"
LEAD_MERGED = "lead_merged"
#: Those that tell nothing of the world.
INNER = frozenset({SCHEDULE_DUE, STATE_STANDS, CAMPAIGN_REQUESTED})
