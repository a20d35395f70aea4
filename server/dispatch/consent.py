"""Whether somebody agreed to be written to, as far as the campaign, or the project, asks.

Nothing is asked unless a campaign or the settings say so: a project that never kept consents goes on
as it did. What is asked is read in the events (`relance.consent`), at each sending anew.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from relance.consent import GIVEN, HOW, IMPORTED, TO_CONFIRM, UNTIL, WITHDRAWN, Basis, holds
from relance.nature import Nature
from relance.proof import Proof
from server.dispatch.claim import Claim, Key
from server.dispatch.stop import Stop
from server.store.fields import FieldColumn
from server.store.instants import Micros, from_micros
from server.store.schema.events import events

#: The state of a message that nobody agreed to receive.
UNCONSENTED = "unconsented"
_REFUSES = "elle a retiré son consentement, et ne l’a pas redonné"
_WAITS = "elle n’a pas encore confirmé son adresse : rien ne lui est écrit d’ici là"


@dataclass(frozen=True, slots=True)
class Given:
    """What a lead's consents come to, on a channel. `waiting`: one counts once it is confirmed.

    `born`: that consent came with the lead itself, of whom nothing else was known.
    """

    basis: Basis = Basis.NONE
    waiting: bool = False
    born: bool = False
    #: It was taken back, and not given since: that is a refusal, whatever is asked.
    refused: bool = False


class Consent:
    """Of the leads a channel writes to; messages to others, and of service, pass."""

    def __init__(self, channel: str, asked: Basis, implied: Mapping[str, int]) -> None:
        """`implied`: the events that are a basis by themselves, each for so many months."""
        self._channel, self._asked, self._implied = channel, asked, implied

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
        ledger = await _ledger(conn, leads)
        asks = any(map(self._of, asked.values()))
        done = await _done(conn, leads, self._implied) if asks and self._implied else {}
        stops: dict[Key, Stop] = {}
        for key, claim in asked.items():
            found = self._given(claim, ledger.get(claim.message.lead_id, ()), address, now)
            wanted = self._of(claim)
            if found.refused:
                stops[key] = Stop(UNCONSENTED, _REFUSES)
                continue
            if found.basis < wanted and wanted is Basis.IMPLIED:
                found = self._or_implied(found, done.get(claim.message.lead_id, {}), now)
            if found.basis < wanted:
                stops[key] = Stop(UNCONSENTED, _WAITS if found.waiting else self._lacking(wanted))
            elif found.waiting and found.born and found.basis is Basis.NONE:
                stops[key] = Stop(UNCONSENTED, _WAITS)
        return stops

    def _of(self, claim: Claim) -> Basis:
        return self._asked if claim.consent is None else claim.consent

    def _or_implied(self, found: Given, done: Mapping[str, Micros], now: datetime) -> Given:
        """What the lead did lately is a basis too."""
        for type_, months in self._implied.items():
            if type_ in done and from_micros(done[type_]) > months_before(now, months):
                return Given(Basis.IMPLIED, found.waiting, found.born)
        return found

    def _lacking(self, wanted: Basis) -> str:
        if wanted is Basis.EXPRESS:
            return "la campagne demande un consentement exprès, et la personne n’en a donné aucun"
        return "ni consentement, ni achat depuis deux ans, ni demande depuis six mois"

    def _given(
        self, claim: Claim, rows: Sequence[Any], address: FieldColumn | None, now: datetime
    ) -> Given:
        found = Given()
        for row in rows:
            if row.context not in (None, self._channel):
                continue
            if row.type == WITHDRAWN:
                found = Given(refused=True)
                continue
            details = json.loads(row.properties) if row.properties else {}
            by_file = str(details.get(HOW, "")).startswith(IMPORTED)
            if (found.refused and by_file) or not holds(details.get(UNTIL), now):
                continue
            if details.get(TO_CONFIRM) and not _confirmed(claim, address):
                known = claim.addressee
                born = known is not None and known.created_at >= row.received_at
                found = Given(found.basis, True, born, found.refused)
                continue
            found = Given(max(found.basis, Basis.read(row.subject or "") or Basis.NONE))
        return found


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


async def _ledger(conn: AsyncConnection, leads: set[int]) -> Mapping[int, Sequence[Any]]:
    query = (
        select(
            events.c.lead_id,
            events.c.type,
            events.c.subject,
            events.c.context,
            events.c.properties,
            events.c.received_at,
        )
        .where(events.c.lead_id.in_(sorted(leads)), events.c.type.in_([GIVEN, WITHDRAWN]))
        .order_by(events.c.lead_id, events.c.occurred_at, events.c.id)
    )
    found: dict[int, list[Any]] = {}
    for row in await conn.execute(query):
        found.setdefault(row.lead_id, []).append(row)
    return found


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
