"""The way out: the only place that opens connections to other machines.

Names are resolved here, every address is judged (`addresses`), and the connection goes to the
very address that was judged (`guard`, and `transport` for HTTP), so that a name which changes
its answer in between gains nothing. What is not a public address is refused unless the operator
named it (`[réseau] hôtes_permis`).
"""

from server.egress.addresses import is_public
from server.egress.guard import Egress, relays

__all__ = ["Egress", "is_public", "relays"]
