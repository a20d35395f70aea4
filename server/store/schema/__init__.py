"""The tables, one schema for both stores; a file a concern.

Instants are BIGINT microseconds since 1970 UTC. Every hot table carries `lead_id` first in its
key, so that it can be distributed by lead. Names from scripts (lists, tags, subjects) are kept
with a folded key beside the author's text. `leads` gains a real column per custom field
(`server.store.fields`).
"""

# Whoever imports one table has the whole schema: what is made or compared is never a part of it.
from server.store.schema import access as access
from server.store.schema import campaigns as campaigns
from server.store.schema import counters as counters
from server.store.schema import events as events
from server.store.schema import goals as goals
from server.store.schema import leads as leads
from server.store.schema import messages as messages
from server.store.schema import reports as reports
from server.store.schema import rights as rights
from server.store.schema import rules as rules
from server.store.schema import server as server
from server.store.schema import tallies as tallies
from server.store.schema import transfers as transfers
from server.store.schema import trust as trust
