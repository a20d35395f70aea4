"""The tables, one schema for both stores; a file a concern.

Instants are BIGINT microseconds since 1970 UTC. Every hot table carries `lead_id` first in its
key, so that it can be distributed by lead. Names from scripts (lists, tags, subjects) are kept
with a folded key beside the author's text. `leads` gains a real column per custom field
(`server.store.fields`).
"""

from server.store.schema.campaigns import campaigns as campaigns
from server.store.schema.campaigns import edges as edges
from server.store.schema.campaigns import enrolments as enrolments
from server.store.schema.campaigns import flips as flips
from server.store.schema.campaigns import journal as journal
from server.store.schema.campaigns import missed as missed
from server.store.schema.campaigns import notings as notings
from server.store.schema.campaigns import refusals as refusals
from server.store.schema.campaigns import same as same
from server.store.schema.campaigns import schedules as schedules
from server.store.schema.campaigns import set_aside as set_aside
from server.store.schema.campaigns import takings as takings
from server.store.schema.campaigns import versions as versions
from server.store.schema.campaigns import waits as waits
from server.store.schema.events import MEASURED as MEASURED
from server.store.schema.events import events as events
from server.store.schema.events import held as held
from server.store.schema.events import receipts as receipts
from server.store.schema.leads import identities as identities
from server.store.schema.leads import lead_fields as lead_fields
from server.store.schema.leads import lead_tags as lead_tags
from server.store.schema.leads import leads as leads
from server.store.schema.leads import leftovers as leftovers
from server.store.schema.leads import list_members as list_members
from server.store.schema.leads import lists as lists
from server.store.schema.messages import HELD as HELD
from server.store.schema.messages import LIMITED as LIMITED
from server.store.schema.messages import LOST as LOST
from server.store.schema.messages import kept_texts as kept_texts
from server.store.schema.messages import lifted_suppressions as lifted_suppressions
from server.store.schema.messages import outbox as outbox
from server.store.schema.messages import recipient_counts as recipient_counts
from server.store.schema.messages import suppressions as suppressions
from server.store.schema.messages import tracked_links as tracked_links
from server.store.schema.metadata import Id as Id
from server.store.schema.metadata import Instant as Instant
from server.store.schema.metadata import metadata as metadata
from server.store.schema.rules import dynamic_lists as dynamic_lists
from server.store.schema.rules import interests as interests
from server.store.schema.rules import points as points
from server.store.schema.rules import publication_files as publication_files
from server.store.schema.rules import publications as publications
from server.store.schema.rules import standing_rules as standing_rules
from server.store.schema.rules import team as team
from server.store.schema.server import import_rejects as import_rejects
from server.store.schema.server import imports as imports
from server.store.schema.server import sender_shares as sender_shares
from server.store.schema.server import server_settings as server_settings
from server.store.schema.server import tenure as tenure
from server.store.schema.tallies import tallied as tallied
from server.store.schema.tallies import tallies as tallies
from server.store.schema.tallies import visits as visits
from server.store.schema.trust import declarations as declarations
from server.store.schema.trust import field_proofs as field_proofs
from server.store.schema.trust import merged_rows as merged_rows
from server.store.schema.trust import merges as merges
from server.store.schema.trust import moving as moving
from server.store.schema.trust import pledges as pledges
