"""Links that a plugin's messages hold: followed by whom, a person or a machine, and where they lead.

`Tracking` makes their addresses, answers them and judges who follows; `machines` says by which signs,
`proven` what following one proves. Each visit is noted without keeping anybody from the page.
"""

from relance.tracking.happenings import LINK_PREFETCHED, LINK_TYPES, why_not_counted
from relance.tracking.proven import HeldAddress, proven
from relance.tracking.tracking import Tracking
from relance.tracking.visits import Visit

__all__ = [
    "LINK_PREFETCHED",
    "LINK_TYPES",
    "HeldAddress",
    "Tracking",
    "Visit",
    "proven",
    "why_not_counted",
]
