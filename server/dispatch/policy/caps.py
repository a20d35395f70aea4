"""How many messages a lead was sent lately, and when one more may leave.

What left counts from when it did; what is leaving, or in doubt, as if it left now. What was put off
and was decided before counts for when it will leave: the older intent goes first.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, RowMapping, and_, or_, select, text
from sqlalchemy.ext.asyncio import AsyncConnection

from dsl.policy import Cap
from relance.nature import Nature
from server.dispatch.claim import KEY, Claim, Key, row_key
from server.store import leads
from server.store.calendar import earlier, later
from server.store.instants import Micros
from server.store.schema.messages import outbox

#: The lock of those that count messages of several channels together.
_LOCK = "SELECT pg_advisory_xact_lock(7236520)"
#: Longer than a day of any zone is late.
_MARGIN = 86_400_000_000


class CountedSend(NamedTuple):
    """A message that counts. `at`: when it left, or will; `decided`: its place among those that wait."""

    channel: str
    nature: Nature
    at: Micros
    decided: tuple[Micros, Key] | None = None


@dataclass(slots=True)
class SentLately:
    """What leads were sent, read once for all that is asked together."""

    by_lead: dict[int, list[CountedSend]] = field(default_factory=dict)

    def free_at(self, cap: Cap, claim: Claim, now: Micros, zone: ZoneInfo) -> Micros:
        """From when on the cap lets the message leave: `now`, or when what was sent gets old."""
        mine = (claim.created_at, claim.key)
        sent = sorted(
            one.at
            for one in self.by_lead.get(claim.message.lead_id, ())
            if cap.concerns(one.channel)
            and (cap.every or one.nature is Nature.MARKETING)
            and (one.decided is None or one.decided < mine)
        )
        held = [at for at in sent if later(at, cap.window, zone) > now]
        if len(held) < cap.most:
            return now
        return later(held[len(held) - cap.most], cap.window, zone)

    def add(self, claim: Claim, channel: str, at: Micros) -> None:
        """Count one that leaves then."""
        sent = CountedSend(channel, claim.nature, at, (claim.created_at, claim.key))
        self.by_lead.setdefault(claim.message.lead_id, []).append(sent)


async def sent_lately(
    conn: AsyncConnection, caps: Sequence[Cap], claims: Sequence[Claim], now: Micros
) -> SentLately:
    """What counts against these caps, of the leads of these claims, but the claims themselves.

    One question whatever their number, on the outbox's own key, which begins with the lead.
    """
    found = SentLately()
    if not caps or not claims:
        return found
    channels = {channel for cap in caps for channel in cap.channels}
    several = len(channels) != 1 or any(not cap.channels for cap in caps)
    if several and conn.dialect.name == "postgresql":
        # Another lane may be counting the same leads.
        await conn.exec_driver_sql(_LOCK)
    since = min(earlier(now, cap.window, _UTC) for cap in caps) - _MARGIN
    whose = json.dumps(sorted({claim.message.lead_id for claim in claims}))
    here = text(f"outbox.lead_id IN {leads.among(conn.dialect.name, 'ids')}")
    tests = (here.bindparams(ids=whose), outbox.c.nature.is_not(None), _counts(since))
    rows = await conn.execute(select(*KEY, *_COLUMNS).where(*tests))
    asked = {claim.key for claim in claims}
    for row in rows.mappings():
        if row_key(row) not in asked:
            lead = found.by_lead.setdefault(row["lead_id"], [])
            lead.append(_counted(row, now))
    return found


_UTC = ZoneInfo("UTC")
_COLUMNS = (
    outbox.c.channel,
    outbox.c.nature,
    outbox.c.state,
    outbox.c.created_at,
    outbox.c.due_at,
    outbox.c.doubted_at,
    outbox.c.settled_at,
    outbox.c.attempts,
)


def _counts(since: Micros) -> ColumnElement[bool]:
    """What left since then, what is leaving or may have left, and what waits for its turn."""
    left = and_(outbox.c.state == "sent", outbox.c.settled_at > since)
    waits = and_(outbox.c.state == "pending", outbox.c.due_at.is_not(None))
    doubtful = and_(outbox.c.state == "doubtful", outbox.c.doubted_at > since)
    return or_(left, doubtful, outbox.c.state == "sending", and_(waits, or_(*_TAKEN)))


#: Of what waits: what is tried again, which has its place already, and what was put off.
_TAKEN = (outbox.c.attempts > 0, outbox.c.held_at.is_not(None))


def _counted(row: RowMapping, now: Micros) -> CountedSend:
    nature = Nature(row["nature"])
    match row["state"]:
        case "sent":
            return CountedSend(row["channel"], nature, row["settled_at"])
        case "doubtful":
            return CountedSend(row["channel"], nature, row["doubted_at"])
        case "pending" if not row["attempts"]:
            decided = (row["created_at"], row_key(row))
            return CountedSend(row["channel"], nature, max(now, row["due_at"]), decided)
    return CountedSend(row["channel"], nature, now)
