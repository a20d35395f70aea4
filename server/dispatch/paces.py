"""How fast one domain is written to, and how much a new sender may send: what receivers watch for.

A provider that is written to faster than it likes puts everything off, then judges the sender; one
that never heard of a sender is suspicious of thousands at once. What is beyond waits, and leaves by
itself: nothing of it is lost, nor told as a fault.
"""

import math
from collections import OrderedDict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.ext.asyncio import AsyncConnection

from relance.channel import OTHER_DOMAINS, Channel
from server.dispatch.claim import Claim, Key
from server.dispatch.policy import postponed
from server.dispatch.rate import TokenBucket
from server.dispatch.sharing import SharedSending
from server.dispatch.stop import Check, Stop, put_off
from server.store import hourly, lanes
from server.store.contacts import address_key
from server.store.fields import FieldColumn
from server.store.instants import DAY, from_micros, to_micros
from server.store.lanes import DomainTurn

SLOWED = "différé : son domaine reçoit {} par seconde au plus"
WARMING = "différé : l’envoi monte peu à peu, chaque jour le double de la veille au plus"
#: What a day takes: counts go by hour, and the first of a window is counted whole.
_ONE_DAY = timedelta(hours=25)

#: Domains whose pace is known: any stranger can bring one more.
_REMEMBERED = 10_000


@dataclass(slots=True)
class _Domain:
    """What one was written lately; `last`: when the last of those that wait for it may leave."""

    bucket: TokenBucket
    last: datetime | None = None


class Paces(Check):
    """Those of one channel, which its `Limits` set: none by default."""

    def __init__(self, channel: Channel, sharing: SharedSending) -> None:
        self._channel, self._sharing = channel.name, sharing
        self._rates = channel.limits.paces
        self._first_day = channel.limits.first_day
        self._counted = hourly.key_of(channel.name, "sender")
        #: How many wait for a new sender to be known.
        self._waiting = 0
        #: By domain, the last used at the end.
        self._domains: OrderedDict[str, _Domain] = OrderedDict()

    async def stops(
        self,
        conn: AsyncConnection,
        claims: Sequence[Claim],
        address: FieldColumn | None,
        now: datetime,
    ) -> Mapping[Key, Stop]:
        """Those that would go too fast, or be too many for a sender nobody knows yet."""
        shared = self._sharing.on and self._rates
        asked = {_domain_of(claim) for claim in claims} if shared else set()
        if asked:
            self._learn(await lanes.domains(conn, self._channel, asked))
        found = {claim.key: stop for claim in claims if (stop := self._slowed(claim, now))}
        if asked:
            await lanes.save_domains(conn, self._channel, self._turns(asked))
        if self._first_day is None:
            return found
        passing = [claim for claim in claims if claim.key not in found]
        return {**found, **await self._warming(conn, passing, self._first_day, now)}

    def _slowed(self, claim: Claim, now: datetime) -> Stop | None:
        whose = _domain_of(claim)
        rate = self._rates.get(whose, self._rates.get(OTHER_DOMAINS))
        if rate is None or postponed.last_reason(claim.holds) == _slowed(rate):
            return None  # its turn has come: it was given one, behind those before it
        known = self._domain(whose, rate)
        last = max(known.last, now) if known.last else now
        if last <= now and known.bucket.room(now, 1):
            known.bucket.take(1)
            return None
        known.last = last + timedelta(seconds=1 / rate)
        return put_off(known.last, _slowed(rate))

    def _domain(self, whose: str, rate: float) -> "_Domain":
        if whose not in self._domains:
            self._domains[whose] = _Domain(TokenBucket(rate))
            if len(self._domains) > _REMEMBERED:
                self._domains.popitem(last=False)
        self._domains.move_to_end(whose)
        return self._domains[whose]

    def _learn(self, turns: Mapping[str, DomainTurn]) -> None:
        """Know of domains what all who send know."""
        for whose, turn in turns.items():
            rate = self._rates.get(whose, self._rates.get(OTHER_DOMAINS))
            if rate is not None:
                known = self._domain(whose, rate)
                known.bucket.tokens, known.bucket.at = turn.tokens, from_micros(turn.filled_at)
                known.last = None if turn.last is None else from_micros(turn.last)

    def _turns(self, asked: Collection[str]) -> Mapping[str, DomainTurn]:
        """What others are to know of these domains."""
        return {
            whose: DomainTurn(known.bucket.tokens, to_micros(known.bucket.at), last)
            for whose in asked
            if (known := self._domains.get(whose)) is not None and known.bucket.at is not None
            for last in [None if known.last is None else to_micros(known.last)]
        }

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
        known = sum(postponed.last_reason(claim.holds) == WARMING for claim in fresh)
        self._waiting = max(0, self._waiting - known)
        found = {}
        for claim in beyond:
            self._waiting += 1
            found[claim.key] = put_off(now + _days(self._waiting, most), WARMING)
        return found


def _domain_of(claim: Claim) -> str:
    return address_key(claim.message.address).rpartition("@")[2]


def _days(place: int, most: int) -> timedelta:
    """When the turn of the one at that place comes, if each day sends twice what the last one did.

    It is looked at again then, and not each hour: a first campaign leaves a crowd behind it.
    """
    return math.ceil(math.log2(place / (2 * most) + 1)) * _ONE_DAY


def _slowed(rate: float) -> str:
    return SLOWED.format(f"{rate:g}".replace(".", ","))
