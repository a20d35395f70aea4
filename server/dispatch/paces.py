"""How fast one domain is written to, and how much a new sender may send: what receivers watch for.

A provider that is written to faster than it likes puts everything off, then judges the sender; one
that never heard of a sender is suspicious of thousands at once. What is beyond waits, and leaves by
itself: nothing of it is lost, nor told as a fault.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from sqlalchemy.ext.asyncio import AsyncConnection

from relance.channel import Channel
from server.dispatch.claim import Claim, Key
from server.dispatch.mailbox import domain
from server.dispatch.policy import postponed
from server.dispatch.rate import TokenBucket
from server.dispatch.stop import Stop, put_off
from server.store import hourly
from server.store.fields import FieldColumn
from server.store.instants import DAY, to_micros

#: Any domain that no pace names.
OTHERS = "*"
SLOWED = "différé : son domaine reçoit {} par seconde au plus"
WARMING = "différé : l’envoi monte peu à peu, {} messages au plus ces 24 heures"
#: When what a new sender may not send yet is looked at again: counts go by hour.
_NEXT_HOUR = timedelta(hours=1)


class Paces:
    """Those of one channel, which its `Limits` set: none by default."""

    def __init__(self, channel: Channel) -> None:
        self._rates = channel.limits.paces
        self._first_day = channel.limits.first_day
        self._counted = hourly.key_of(channel.name, "sender")
        self._buckets: dict[str, TokenBucket] = {}
        #: When the last of those that wait may leave, by domain.
        self._slots: dict[str, datetime] = {}

    async def stops(
        self,
        conn: AsyncConnection,
        claims: Sequence[Claim],
        address: FieldColumn | None,
        now: datetime,
    ) -> Mapping[Key, Stop]:
        """Those that would go too fast, or be too many for a sender nobody knows yet."""
        found = {claim.key: stop for claim in claims if (stop := self._slowed(claim, now))}
        if self._first_day is None:
            return found
        passing = [claim for claim in claims if claim.key not in found]
        return {**found, **await self._warming(conn, passing, self._first_day, now)}

    def _slowed(self, claim: Claim, now: datetime) -> Stop | None:
        whose = domain(claim.message.address) or ""
        rate = self._rates.get(whose, self._rates.get(OTHERS))
        if rate is None or postponed.last_reason(claim.holds) == _slowed(rate):
            return None  # its turn has come: it was given one, behind those before it
        bucket = self._buckets.setdefault(whose, TokenBucket(rate))
        last = self._slots.get(whose, now)
        if last <= now and bucket.room(now, 1):
            bucket.take(1)
            return None
        slot = self._slots[whose] = max(last, now) + timedelta(seconds=1 / rate)
        return put_off(slot, _slowed(rate))

    async def _warming(
        self, conn: AsyncConnection, claims: Sequence[Claim], first_day: int, now: datetime
    ) -> Mapping[Key, Stop]:
        """Twice what left the day before, at the most: a sender is known by what it sent.

        What is tried again was counted at first.
        """
        at = to_micros(now)
        fresh = [claim for claim in claims if claim.message.attempt == 1]
        two_days = (await hourly.counted(conn, [self._counted], at - DAY))[self._counted]
        today = (await hourly.counted(conn, [self._counted], at))[self._counted]
        # Counted up to now since the day before yesterday: what is of today is taken off.
        most = max(first_day, 2 * (two_days - today))
        room = max(0, most - today)
        passing, beyond = fresh[:room], fresh[room:]
        if passing:
            await hourly.add(conn, {self._counted: len(passing)}, at)
        reason = WARMING.format(most)
        return {claim.key: put_off(now + _NEXT_HOUR, reason) for claim in beyond}


def _slowed(rate: float) -> str:
    return SLOWED.format(f"{rate:g}".replace(".", ","))
