"""Whether somebody agreed to be written to, as far as the campaign, or the project, asks.

Nothing is asked unless a campaign or the settings say so: a project that never kept consents goes on
as it did. But who took a consent back, or is known by one alone that is not confirmed yet, is not
written to, whatever is asked. It is read in the events (`relance.consent`), at each sending anew.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from relance.consent import Agreed, Basis, agreed
from relance.nature import Nature
from relance.proof import Proof
from server.dispatch.claim import Claim, Key
from server.dispatch.stop import Check, Stop
from server.store.consents import StoredConsent, ledgers
from server.store.fields import FieldColumn
from server.store.instants import Micros, from_micros
from server.store.policies import AskedOfMessages
from server.store.schema.events import events

#: The state of a message that nobody agreed to receive.
UNCONSENTED = "unconsented"
_REFUSES = "elle a retiré son consentement, et ne l’a pas redonné"
_WAITS = "elle n’a pas encore confirmé son adresse : rien ne lui est écrit d’ici là"
_NOT_EXPRESS = "un consentement exprès est demandé, et la personne n’en a donné aucun"
_NOT_IMPLIED = "ni consentement, ni achat depuis deux ans, ni demande depuis six mois"


class Consent(Check):
    """Of the leads a channel writes to; messages to others, and of service, pass."""

    def __init__(self, channel: str, asked: Basis, implied: Mapping[str, int]) -> None:
        """`implied`: the events that are a basis by themselves, each for so many months."""
        self._channel, self._asked, self._implied = channel, asked, implied

    def concerns(self, claims: Sequence[Claim], asked: AskedOfMessages) -> bool:
        """Where consents are known, or some message may only leave on one."""
        return asked.consents or any(self._of(claim) is not Basis.NONE for claim in claims)

    async def stops(
        self,
        conn: AsyncConnection,
        claims: Sequence[Claim],
        address: FieldColumn | None,
        now: datetime,
    ) -> Mapping[Key, Stop]:
        """Those whose leads agreed to less than is asked."""
        asked = {
            claim.key: claim
            for claim in claims
            if claim.nature is Nature.MARKETING
            and claim.message.recipient is None
            and claim.addressee is not None
        }
        if not asked:
            return {}
        leads = {claim.message.lead_id for claim in asked.values()}
        known = await ledgers(conn, leads)
        asks = any(map(self._of, asked.values()))
        done = await _done(conn, leads, self._implied) if asks and self._implied else {}
        stops: dict[Key, Stop] = {}
        for key, claim in asked.items():
            lead, confirmed = claim.message.lead_id, _confirmed(claim, address)
            ledger = known.get(lead, ())
            found = agreed((one.event for one in ledger), self._channel, now, confirmed=confirmed)
            wanted = self._of(claim)
            lately = wanted is Basis.IMPLIED and self._did_lately(done.get(lead, {}), now)
            basis = max(found.basis, Basis.IMPLIED) if lately else found.basis
            reason = _lacking(found, basis, wanted, born=_born(claim, found, ledger))
            if reason is not None:
                stops[key] = Stop(UNCONSENTED, reason)
        return stops

    def _of(self, claim: Claim) -> Basis:
        return self._asked if claim.consent is None else claim.consent

    def _did_lately(self, done: Mapping[str, Micros], now: datetime) -> bool:
        """Whether what the lead did is a basis still."""
        return any(
            type_ in done and from_micros(done[type_]) > months_before(now, months)
            for type_, months in self._implied.items()
        )


def _lacking(found: Agreed, basis: Basis, wanted: Basis, *, born: bool) -> str | None:
    """What is missing for a message to leave; None when nothing is."""
    if found.withdrawn is not None:
        return _REFUSES
    if basis >= wanted:
        return _WAITS if born and basis is Basis.NONE else None
    if found.waiting:
        return _WAITS
    return _NOT_EXPRESS if wanted is Basis.EXPRESS else _NOT_IMPLIED


def _born(claim: Claim, found: Agreed, ledger: Sequence[StoredConsent]) -> bool:
    """Whether a consent that waits came with the lead itself, of whom nothing else was known."""
    known = claim.addressee
    return known is not None and any(
        one.received_at <= known.created_at for one in ledger if one.event in found.waiting
    )


def _confirmed(claim: Claim, address: FieldColumn | None) -> bool:
    known = claim.addressee
    return (
        known is not None
        and address is not None
        and known.proof(address.column.name) >= Proof.CONFIRMED
    )


def months_before(now: datetime, months: int) -> datetime:
    """The same day of the month, so many months before; the last of a shorter month."""
    year, month = divmod(now.year * 12 + now.month - 1 - months, 12)
    first = now.replace(day=1)
    following = first.replace(year=year + (month + 1) // 12, month=(month + 1) % 12 + 1)
    last = following - timedelta(days=1)
    return last.replace(day=min(now.day, last.day))


async def _done(
    conn: AsyncConnection, leads: set[int], types: Iterable[str]
) -> Mapping[int, Mapping[str, Micros]]:
    """When each lead last did what lets it be written to."""
    query = (
        select(events.c.lead_id, events.c.type, func.max(events.c.occurred_at).label("at"))
        .where(events.c.lead_id.in_(sorted(leads)), events.c.type.in_(sorted(types)))
        .group_by(events.c.lead_id, events.c.type)
    )
    found: dict[int, dict[str, Micros]] = {}
    for row in await conn.execute(query):
        found.setdefault(row.lead_id, {})[row.type] = row.at
    return found
