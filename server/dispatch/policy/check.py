"""The policy as the gate asks about it: what is past its time, comes at a bad hour, or is one too many."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy.ext.asyncio import AsyncConnection

from dsl.policy import Cap, Policy, QuietTime, Term, Validity
from relance.nature import Nature
from server.dispatch.claim import Claim, Key
from server.dispatch.policy import quiet
from server.dispatch.policy.caps import SentLately, sent_lately
from server.dispatch.stop import Check, Stop, put_off
from server.store import policies
from server.store.calendar import later
from server.store.fields import FieldColumn
from server.store.instants import Micros, from_micros, to_micros
from server.store.policies import AskedOfMessages, past_its_time, reason

#: The state of a message that the policy has skip rather than wait.
SKIPPED = "skipped"
EXPIRED = "expired"


@dataclass(frozen=True, slots=True)
class _Terms:
    """What the policy says of one channel's messages of one nature."""

    caps: tuple[Cap, ...]
    quiet: tuple[QuietTime, ...]
    validities: tuple[Validity, ...]


class PolicyCheck(Check):
    """Of one channel that writes to leads."""

    def __init__(self, channel: str) -> None:
        self._channel = channel

    def concerns(self, claims: Sequence[Claim], asked: AskedOfMessages) -> bool:
        """Where there is a policy."""
        return bool(asked.policy)

    async def stops(
        self,
        conn: AsyncConnection,
        claims: Sequence[Claim],
        address: FieldColumn | None,
        now: datetime,
    ) -> Mapping[Key, Stop]:
        """Those that the policy lets not leave now; what a lead was decided first is asked first."""
        policy = (await policies.read(conn)).policy
        mine = [claim for claim in claims if claim.message.recipient is None] if policy else []
        if not mine:
            return {}
        terms = {nature: self._terms(policy, nature) for nature in Nature}
        caps = list(dict.fromkeys(cap for one in terms.values() for cap in one.caps))
        fresh = [claim for claim in mine if claim.message.attempt == 1]
        sent = await sent_lately(conn, caps, fresh, to_micros(now))
        stops: dict[Key, Stop] = {}
        for claim in sorted(mine, key=lambda one: (one.created_at, one.key)):
            stop = self._stop(claim, terms[claim.nature], sent, to_micros(now))
            if stop is not None:
                stops[claim.key] = stop
            if stop is None or stop.until is not None:
                leaves = (
                    to_micros(now) if stop is None or stop.until is None else to_micros(stop.until)
                )
                sent.add(claim, self._channel, leaves)
        return stops

    def _terms(self, policy: Policy, nature: Nature) -> _Terms:
        def holds(term: Term) -> bool:
            return term.concerns(self._channel) and (term.every or nature is Nature.MARKETING)

        return _Terms(
            tuple(filter(holds, policy.caps)),
            tuple(filter(holds, policy.quiet)),
            tuple(filter(holds, policy.validities)),
        )

    def _stop(self, claim: Claim, terms: _Terms, sent: SentLately, now: Micros) -> Stop | None:
        zone = claim.zone
        ends = [(later(claim.created_at, one.lasts, zone), one) for one in terms.validities]
        last, validity = min(ends, key=lambda one: one[0], default=(None, None))
        if validity is not None and last is not None and last <= now:
            return Stop(EXPIRED, past_its_time(validity))
        stop = _at_this_hour(terms.quiet, now, zone)
        if stop is None and claim.message.attempt == 1:
            stop = _one_too_many(terms.caps, claim, sent, now)
        if stop is None or stop.until is None or last is None:
            return stop
        # Once it is past its time it is looked at for the last time.
        return put_off(min(stop.until, from_micros(last)), stop.reason, common=True)


def _at_this_hour(terms: Sequence[QuietTime], now: Micros, zone: ZoneInfo) -> Stop | None:
    closed = quiet.closing(terms, now, zone)
    if closed is None:
        return None
    skipping = quiet.closing([one for one in terms if one.skip], now, zone)
    if skipping is not None:
        return Stop(SKIPPED, reason(skipping))
    until = quiet.opening([one for one in terms if not one.skip], now, zone)
    return put_off(from_micros(until), reason(closed), common=True)


def _one_too_many(terms: Sequence[Cap], claim: Claim, sent: SentLately, now: Micros) -> Stop | None:
    full = [(at, cap) for cap in terms if (at := sent.free_at(cap, claim, now, claim.zone)) > now]
    if not full:
        return None
    skipping = next((cap for _, cap in full if cap.skip), None)
    if skipping is not None:
        return Stop(SKIPPED, reason(skipping))
    until, cap = max(full, key=lambda one: one[0])
    return put_off(from_micros(until), reason(cap), common=True)
