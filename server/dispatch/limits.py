"""How much any one recipient is written to: a server that strangers can push must be no weapon.

Whoever posts a form names whom we write to. So beside the senders of forms, those who receive are
counted: the mailbox (its aliases are one) or the number; and, among people not written to for long
whose address nobody proved, those of one domain, of one country, of one campaign. What is beyond is
held until the operator says, never lost.

A message counts when it is first taken, in the transaction that takes it: exact across a crash, and
not again when it is tried again. Counts go by hour, and are forgotten after two days.
"""

import hashlib
import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from functools import lru_cache

import phonenumbers
from sqlalchemy import delete, select, text, tuple_
from sqlalchemy.ext.asyncio import AsyncConnection

from relance.proof import Proof
from server.dispatch.allowance import Allowance
from server.dispatch.mailbox import domain, mailbox
from server.store import leads
from server.store.bulk import insert_rows
from server.store.contacts import address_key, phone_key
from server.store.instants import DAY, HOUR, Micros, to_micros
from server.store.schema.messages import recipient_counts

#: Whoever has been known for longer is no newcomer that a flood of forms brought.
NEWCOMER: Micros = 7 * DAY
_WINDOW_HOURS = 24
_KEPT_HOURS = 48  # a clock set back finds them yet
_AGAIN = "ON CONFLICT (key, hour) DO UPDATE SET count = recipient_counts.count + excluded.count"


class Scope(StrEnum):
    """What is counted; the first that is full holds a message."""

    ADDRESS = "address"
    DOMAIN = "domain"
    COUNTRY = "country"
    CAMPAIGN = "campaign"


#: What is said of a message held by each.
REASONS: Mapping[Scope, str] = {
    Scope.ADDRESS: "retenu : cette adresse a déjà reçu tous les messages permis en 24 heures",
    Scope.DOMAIN: "retenu : trop de nouveaux venus de ce domaine, non confirmés, en 24 heures",
    Scope.COUNTRY: "retenu : trop de nouveaux numéros de ce pays, non confirmés, en 24 heures",
    Scope.CAMPAIGN: "retenu : trop de nouveaux venus non confirmés dans cette campagne en 24 heures",
}


@dataclass(frozen=True, slots=True)
class Asked:
    """A message about to leave; `exempt`: the operator let it pass, so it only counts."""

    channel: str
    address: str
    campaign: str
    proof: int
    known_at: Micros
    exempt: bool


@dataclass(frozen=True, slots=True)
class _Bound:
    """One count that a message adds to, and how many it may come to; None: any."""

    scope: Scope
    key: str
    most: int | None


async def within(
    conn: AsyncConnection, allowance: Allowance, asked: Sequence[Asked], now: datetime
) -> Sequence[Scope | None]:
    """What holds each of those messages, None for nothing; those nothing holds are counted."""
    bounds = [tuple(_bounds(one, allowance, to_micros(now))) for one in asked]
    hour = to_micros(now) // HOUR
    counts = await _counts(conn, {bound.key for several in bounds for bound in several}, hour)
    added: Counter[str] = Counter()
    holding: list[Scope | None] = []
    for one, several in zip(asked, bounds, strict=True):
        full = None if one.exempt else _full(several, counts)
        holding.append(full)
        if full is None:
            keys = [bound.key for bound in several]
            counts.update(keys)
            added.update(keys)
    rows = [(key, hour, count) for key, count in sorted(added.items())]
    await insert_rows(conn, "recipient_counts", ("key", "hour", "count"), rows, _AGAIN)
    return holding


def _full(bounds: Iterable[_Bound], counts: Mapping[str, int]) -> Scope | None:
    for bound in bounds:
        if bound.most is not None and counts.get(bound.key, 0) >= bound.most:
            return bound.scope
    return None


def _bounds(one: Asked, allowance: Allowance, now: Micros) -> Iterable[_Bound]:
    proven = one.proof >= Proof.CONFIRMED
    email = "@" in one.address
    number = None if email else phone_key(one.address, allowance.region)
    whose = mailbox(one.address) if email else number or address_key(one.address)
    most = allowance.proven if proven else allowance.unproven
    yield _bound(one.channel, Scope.ADDRESS, whose, most)
    if proven or one.known_at <= now - NEWCOMER:
        return
    if email and (owner := domain(one.address)):
        yield _bound(one.channel, Scope.DOMAIN, owner, allowance.domain)
    if number and (country := _country(number)):
        yield _bound(one.channel, Scope.COUNTRY, country, allowance.country)
    yield _bound(one.channel, Scope.CAMPAIGN, one.campaign, allowance.campaign)


def _bound(channel: str, scope: Scope, what: str, most: int) -> _Bound:
    """Keyed by a hash: what was counted of a person who is erased tells nothing of them."""
    told = "\0".join((channel, scope, what)).encode()
    return _Bound(scope, hashlib.blake2b(told, digest_size=16).hexdigest(), most or None)


@lru_cache(maxsize=4_096)
def _country(number: str) -> str | None:
    return phonenumbers.region_code_for_number(phonenumbers.parse(number))


async def _counts(conn: AsyncConnection, keys: Iterable[str], hour: int) -> Counter[str]:
    asked = sorted(keys)
    if not asked:
        return Counter()
    query = text(
        "SELECT key, sum(count) FROM recipient_counts "  # noqa: S608
        f"WHERE key IN {leads.among(conn.dialect.name, 'keys', 'TEXT')} AND hour >= :since "
        "GROUP BY key"
    )
    bound = {"keys": json.dumps(asked), "since": hour - _WINDOW_HOURS}
    return Counter({key: int(count) for key, count in await conn.execute(query, bound)})


async def forget(conn: AsyncConnection, now: Micros, at_once: int) -> int:
    """Forget some of the counts no window reaches any more; how many."""
    key = tuple_(recipient_counts.c.key, recipient_counts.c.hour)
    old = (
        select(recipient_counts.c.key, recipient_counts.c.hour)
        .where(recipient_counts.c.hour < now // HOUR - _KEPT_HOURS)
        .order_by(recipient_counts.c.hour)
        .limit(at_once)
    )
    return (await conn.execute(delete(recipient_counts).where(key.in_(old)))).rowcount
