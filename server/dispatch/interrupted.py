"""What a process that died was sending: settled before anything leaves, by what it had noted, then
by each channel's policy.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import RowMapping, bindparam, select, update

from relance.channel import Channel, Doubt, Message
from server.dispatch import gathering
from server.dispatch.book import Noted, attempt_of
from server.dispatch.claim import KEY, SAME, Claim, Settled, binds, message_key, row_key
from server.dispatch.settling import Record, Settling
from server.store.instants import to_micros
from server.store.schema.messages import outbox
from server.store.store import Store

#: Said of the rows a dead process left behind.
INTERRUPTED = "le serveur s’est arrêté pendant l’envoi"

_NEVER_LEFT = (
    update(outbox)
    .where(SAME, outbox.c.state == "sending")
    .values(state="pending", due_at=bindparam("v_due_at"))
)


async def resolved(
    store: Store,
    channels: Iterable[Channel],
    noted: Mapping[str, Noted],
    now: datetime,
    record: Record,
) -> None:
    """Settle what was noted as accepted; give back to the outbox what had not begun to leave."""
    if not noted:
        return
    known = {channel.name: channel for channel in channels}
    # The index of what is due spares reading all that was sent.
    under_way = select(*KEY, outbox.c.channel, outbox.c.created_at, outbox.c.attempts).where(
        outbox.c.channel.in_(sorted(known)),
        outbox.c.due_at.is_not(None),
        outbox.c.state == "sending",
    )
    accepted: dict[str, list[Settled]] = {}
    never_left: list[dict[str, Any]] = []
    async with store.write() as conn:
        for row in (await conn.execute(under_way)).mappings().all():
            claim = _claim(row, now)
            attempt = attempt_of(row["channel"], claim.message.key, row["attempts"])
            seen = noted.get(attempt, Noted())
            if seen.accepted is not None:
                one = Settled(claim, seen.accepted, seen.at or now)
                accepted.setdefault(row["channel"], []).append(one)
            elif seen.certain and not seen.left:
                never_left.append(binds(claim.key) | {"v_due_at": to_micros(now)})
        for name, settled in accepted.items():
            await Settling(known[name], record).settle(conn, settled)
        if never_left:
            await conn.execute(_NEVER_LEFT, never_left)


def _claim(row: RowMapping, now: datetime) -> Claim:
    """What is needed of a claim to settle it."""
    key = row_key(row)
    message = Message(
        key=message_key(key, row["created_at"]),
        template="",
        lead_id=key[0],
        address="",
        fields={},
        campaign="",
        attempt=row["attempts"],
        at=now,
    )
    return Claim(key, message, doubted=False, ask=False)


async def interrupted(store: Store, channels: Iterable[Channel], now: datetime) -> int:
    """Put in doubt what a dead process was sending, each by its channel's policy; how many."""
    at = to_micros(now)
    becomes: dict[Doubt, dict[str, Any]] = {
        Doubt.RESEND: {"state": "pending", "due_at": at},
        Doubt.LOOKUP: {"state": "doubtful", "due_at": at},
        Doubt.HOLD: {"state": "doubtful", "due_at": None},
    }
    channels = list(channels)
    policies = {channel.name: becomes[channel.doubt] for channel in channels}
    # Only what is due can be under way: the index of what is due spares reading all that was sent.
    left = update(outbox).where(outbox.c.state == "sending", outbox.c.due_at.is_not(None))
    said = {"doubted_at": at, "reason": INTERRUPTED}
    count = 0
    async with store.write() as conn:
        # What is tied to another one waits for it no more where nothing is gathered any longer.
        alone = [channel.name for channel in channels if channel.limits.gathers is None]
        await gathering.release(conn, alone, at)
        for name, policy in policies.items():
            done = await conn.execute(left.where(outbox.c.channel == name).values(**said, **policy))
            count += done.rowcount
        unknown = left.where(outbox.c.channel.not_in(sorted(policies)))
        count += (
            await conn.execute(unknown.values(**said, state="doubtful", due_at=None))
        ).rowcount
    return count
