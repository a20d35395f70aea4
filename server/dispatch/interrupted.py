"""What a process that died was sending: settled by each channel's policy before anything leaves."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import update

from relance.channel import Channel, Doubt
from server.store.instants import to_micros
from server.store.schema import outbox
from server.store.store import Store

#: Said of the rows a dead process left behind.
INTERRUPTED = "le serveur s’est arrêté pendant l’envoi"


async def interrupted(store: Store, channels: Iterable[Channel], now: datetime) -> int:
    """Put in doubt what a dead process was sending, each by its channel's policy; how many."""
    at = to_micros(now)
    becomes: dict[Doubt, dict[str, Any]] = {
        Doubt.RESEND: {"state": "pending", "due_at": at},
        Doubt.LOOKUP: {"state": "doubtful", "due_at": at},
        Doubt.HOLD: {"state": "doubtful", "due_at": None},
    }
    policies = {channel.name: becomes[channel.doubt] for channel in channels}
    # Only what is due can be under way: the index of what is due spares reading all that was sent.
    left = update(outbox).where(outbox.c.state == "sending", outbox.c.due_at.is_not(None))
    said = {"doubted_at": at, "reason": INTERRUPTED}
    count = 0
    async with store.write() as conn:
        for name, policy in policies.items():
            done = await conn.execute(left.where(outbox.c.channel == name).values(**said, **policy))
            count += done.rowcount
        unknown = left.where(outbox.c.channel.not_in(sorted(policies)))
        count += (
            await conn.execute(unknown.values(**said, state="doubtful", due_at=None))
        ).rowcount
    return count
