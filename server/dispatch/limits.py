"""How much any one recipient is written to: a server that strangers can push must be no weapon.

Whoever posts a form names whom we write to. So beside the senders of forms, those who receive are
counted: the mailbox (its aliases are one) or the number; and, among people not written to for long
whose address nobody proved, those of one domain, of one country, of one campaign. What is beyond is
held until the operator says, never lost.

A message counts when it is first taken, in the transaction that takes it: exact across a crash, and
not again when it is tried again. Counts go by hour, and are forgotten after two days.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from functools import lru_cache

import phonenumbers
from sqlalchemy.ext.asyncio import AsyncConnection

from relance.channel import Channel
from relance.proof import Proof
from server.dispatch.allowance import Allowance
from server.dispatch.claim import Claim, Key
from server.dispatch.mailbox import domain, mailbox
from server.dispatch.stop import LIMITED, Check, Stop
from server.store import attached, hourly
from server.store.contacts import address_key, phone_key
from server.store.fields import FieldColumn
from server.store.instants import DAY, Micros, to_micros

#: Whoever has been known for longer is no newcomer that a flood of forms brought.
NEWCOMER: Micros = 7 * DAY


class LimitScope(StrEnum):
    """What is counted; the first that is full holds a message."""

    ADDRESS = "address"
    DOMAIN = "domain"
    COUNTRY = "country"
    CAMPAIGN = "campaign"


#: What is said of a message held by each.
REASONS: Mapping[LimitScope, str] = {
    LimitScope.ADDRESS: "retenu : ce destinataire a déjà reçu tous les messages permis en 24 heures",
    LimitScope.DOMAIN: "retenu : trop de nouveaux venus de ce domaine, non confirmés, en 24 heures",
    LimitScope.COUNTRY: "retenu : trop de nouveaux numéros de ce pays, non confirmés, en 24 heures",
    LimitScope.CAMPAIGN: "retenu : trop de nouveaux venus non confirmés dans cette campagne en 24 heures",
}


@dataclass(frozen=True, slots=True)
class CountedMessage:
    """A message about to leave; `exempt`: the operator let it pass, so it only counts.

    `attached`: what it goes to when that is no address: the lead itself, and its browsers.
    """

    channel: str
    address: str
    campaign: str
    proof: int
    known_at: Micros
    exempt: bool
    attached: tuple[str, ...] = ()


class RecipientLimits(Check):
    """The limits of one channel, as the gate asks about them."""

    def __init__(self, channel: Channel, allowance: Allowance) -> None:
        self._channel = channel
        self._allowance = allowance

    async def stops(
        self,
        conn: AsyncConnection,
        claims: Sequence[Claim],
        address: FieldColumn | None,
        now: datetime,
    ) -> Mapping[Key, Stop]:
        """Those whose recipients had their share; what is tried again was counted at first."""
        if address is None and not self._channel.limits.counted:
            return {}
        counted = [
            claim
            for claim in claims
            if claim.addressee is not None
            and claim.message.recipient is None
            and claim.message.attempt == 1
        ]
        leads = {claim.message.lead_id for claim in counted} if address is None else ()
        held = await attached.of_leads(conn, self._channel.name, leads)
        asked = [self._asked(claim, address, held) for claim in counted]
        holding = await within(conn, self._allowance, asked, now)
        return {
            claim.key: Stop(LIMITED, REASONS[scope])
            for claim, scope in zip(counted, holding, strict=True)
            if scope is not None
        }

    def _asked(
        self, claim: Claim, address: FieldColumn | None, held: Mapping[int, Sequence[str]]
    ) -> CountedMessage:
        """What a message counts against: its address, or the lead and all that is attached to it."""
        addressee, lead = claim.addressee, claim.message.lead_id
        assert addressee is not None  # noqa: S101 — only those that have one are counted
        return CountedMessage(
            self._channel.name,
            claim.message.address,
            str(claim.key[1]),
            addressee.email if address is None else addressee.proof(address.column.name),
            addressee.created_at,
            claim.exempt,
            (f"lead {lead}", *held.get(lead, ())) if address is None else (),
        )


@dataclass(frozen=True, slots=True)
class _Bound:
    """One count that a message adds to, and how many it may come to; None: any."""

    scope: LimitScope
    key: str
    most: int | None


async def within(
    conn: AsyncConnection, allowance: Allowance, asked: Sequence[CountedMessage], now: datetime
) -> Sequence[LimitScope | None]:
    """What holds each of those messages, None for nothing; those nothing holds are counted."""
    at = to_micros(now)
    bounds = [tuple(_bounds(one, allowance, at)) for one in asked]
    counts = await hourly.counted(conn, {one.key for several in bounds for one in several}, at)
    added: Counter[str] = Counter()
    holding: list[LimitScope | None] = []
    for one, several in zip(asked, bounds, strict=True):
        full = None if one.exempt else _full(several, counts)
        holding.append(full)
        if full is None:
            keys = [bound.key for bound in several]
            counts.update(keys)
            added.update(keys)
    await hourly.add(conn, added, at)
    return holding


def _full(bounds: Iterable[_Bound], counts: Mapping[str, int]) -> LimitScope | None:
    for bound in bounds:
        if bound.most is not None and counts.get(bound.key, 0) >= bound.most:
            return bound.scope
    return None


def _bounds(one: CountedMessage, allowance: Allowance, now: Micros) -> Iterable[_Bound]:
    proven = one.proof >= Proof.CONFIRMED
    email = "@" in one.address
    number = None if email else phone_key(one.address, allowance.region)
    whose = mailbox(one.address) if email else number or address_key(one.address)
    most = allowance.proven if proven else allowance.unproven
    for recipient in one.attached or (whose,):
        yield _bound(one.channel, LimitScope.ADDRESS, recipient, most)
    if proven or one.known_at <= now - NEWCOMER:
        return
    if email and (owner := domain(one.address)):
        yield _bound(one.channel, LimitScope.DOMAIN, owner, allowance.domain)
    if number and (country := _country(number)):
        yield _bound(one.channel, LimitScope.COUNTRY, country, allowance.country)
    yield _bound(one.channel, LimitScope.CAMPAIGN, one.campaign, allowance.campaign)


def _bound(channel: str, scope: LimitScope, what: str, most: int) -> _Bound:
    return _Bound(scope, hourly.key_of(channel, scope, what), most or None)


@lru_cache(maxsize=4_096)
def _country(number: str) -> str | None:
    return phonenumbers.region_code_for_number(phonenumbers.parse(number))
