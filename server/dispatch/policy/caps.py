"""How many messages a lead was sent lately, and when one more may leave.

What left counts from when it did; what is leaving, or in doubt, as if it left now. What was put off
and was decided before counts for when it will leave: the older intent goes first.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple, cast
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, and_, case, or_, select, text
from sqlalchemy.ext.asyncio import AsyncConnection

from dsl.policy import Cap
from relance.nature import Nature
from server.dispatch.claim import KEY, Claim, Key
from server.store import leads
from server.store.calendar import earlier, later
from server.store.instants import DAY, Micros
from server.store.schema.messages import outbox

#: The lock of those that count messages of several channels together.
_LOCK = "SELECT pg_advisory_xact_lock(7236522)"
#: Clocks that change, and months of unequal lengths, move the edge of a window by less than that.
_MARGIN = 4 * DAY


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
    #: Where the windows of caps begin, by zone.
    _edges: dict[tuple[Cap, ZoneInfo], Micros] = field(default_factory=dict)

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
        held = self._within(sent, cap, now, zone) if len(sent) >= cap.most else ()
        if len(held) < cap.most:
            return now
        return later(held[len(held) - cap.most], cap.window, zone)

    def _within(
        self, sent: Sequence[Micros], cap: Cap, now: Micros, zone: ZoneInfo
    ) -> Sequence[Micros]:
        """Those that the window still holds, of some in their order: what is far from its edge is plain."""
        edge = self._edges.get((cap, zone))
        if edge is None:
            edge = self._edges[cap, zone] = earlier(now, cap.window, zone)
        return [
            at
            for at in sent
            if at > edge + _MARGIN or (at > edge - _MARGIN and later(at, cap.window, zone) > now)
        ]

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
    for *key, channel, nature, state, created_at, at, again in rows:
        number = cast(Key, tuple(key))
        if state == "pending" and number in asked:
            continue
        waits = state == "pending" and not again
        decided = (created_at, number) if waits else None
        counted = at if at is not None and (waits or state in _AT) else now
        counted = max(now, counted) if waits else counted
        sent = CountedSend(channel, _NATURES[nature], counted, decided)
        found.by_lead.setdefault(key[0], []).append(sent)
    return found


_UTC = ZoneInfo("UTC")
_NATURES = {one.value: one for one in Nature}
#: The states of what may have left already, and when.
_AT = {"sent": outbox.c.settled_at, "doubtful": outbox.c.doubted_at}
_COLUMNS = (
    outbox.c.channel,
    outbox.c.nature,
    outbox.c.state,
    outbox.c.created_at,
    case(*((outbox.c.state == state, at) for state, at in _AT.items()), else_=outbox.c.due_at),
    outbox.c.attempts > 0,
)


def _counts(since: Micros) -> ColumnElement[bool]:
    """What left since then, what is leaving or may have left, and what waits for its turn."""
    left = [and_(outbox.c.state == state, at > since) for state, at in _AT.items()]
    waits = and_(outbox.c.state == "pending", outbox.c.due_at.is_not(None))
    # Of what waits: what is tried again, which has its place already, and what was put off.
    taken = or_(outbox.c.attempts > 0, outbox.c.held_at.is_not(None))
    return or_(*left, outbox.c.state == "sending", and_(waits, taken))
