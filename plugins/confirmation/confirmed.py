"""What a confirmation records: the same whether by a button or by a code."""

from datetime import datetime

from plugins.confirmation.phrases import EMAIL_CONFIRMED, PHONE_CONFIRMED
from relance.events import NewEvent
from relance.host import Host
from relance.tracking.proven import HeldAddress, proven

_EMAIL = "courriel"


async def confirmed(
    host: Host,
    lead_id: int,
    address: str,
    message: str,
    sent: datetime,
    visitor: str | None,
    key: str,
) -> bool:
    """Record it, once a `key`; False when the address is no longer one of the lead's."""
    fields = await host.holding(lead_id, address)
    if not fields:
        return False
    email = str(fields[_EMAIL]) if _EMAIL in fields else None
    numbers = {name: value for name, value in fields.items() if name != _EMAIL}
    phone = next(map(str, numbers.values()), None)
    type_ = EMAIL_CONFIRMED if phone is None else PHONE_CONFIRMED
    event = NewEvent(type_, properties={"message": message}, key=message)
    held = HeldAddress(lead_id, sent, email, phone, numbers)
    await host.record([proven("confirmation", held, [event], visitor, key)])
    return True
