"""Settling what became of messages: an outcome and the events it tells, in one transaction.

Neither survives without the other, and what became of a message becomes of those it stands for.
"""

import logging
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any, TypeAlias

from sqlalchemy import Boolean, bindparam, case, func, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from relance.channel import Channel, Doubt, Doubtful, Message, Outcome, Refused, Retry, Sent
from relance.errors import Unacceptable
from relance.host import Identities, Incoming
from relance.proof import Proof
from server.dispatch import gathering, retry
from server.dispatch.claim import KEY, TAKEN, Key, Settled, assigned, attempt
from server.dispatch.policy import postponed
from server.dispatch.stop import UNREACHABLE
from server.store.instants import to_micros
from server.store.leads import serialize_intake
from server.store.schema.messages import outbox

#: Stores facts in the caller's transaction: the intake's `tell`.
Record: TypeAlias = Callable[[AsyncConnection, Sequence[Incoming]], Awaitable[object]]

logger = logging.getLogger(__name__)


#: No domain is longer (RFC 1035).
_LONGEST_DOMAIN = 253
#: The states of what will not leave, and therefore counts against nobody.
_LOST = ("refused", "failed", UNREACHABLE)


class Settling:
    """What came back of the messages of one channel."""

    def __init__(self, channel: Channel, record: Record) -> None:
        self._channel = channel
        self._record = record

    async def settle(self, conn: AsyncConnection, settled: Sequence[Settled]) -> bool:
        """Store outcomes and the events they tell; True if there were events.

        What is not being sent any more, or not by that attempt, was settled by another.
        """
        if any(_tells(one.outcome) for one in settled):
            # Before any row is held: a merge takes them in that order too.
            await serialize_intake(conn)
        settled = await self._still_ours(conn, settled)
        if not settled:
            return False
        changes = [self._change(one) for one in settled]
        await conn.execute(_SETTLE, changes)
        lost = {
            one.claim.message.lead_id
            for one, change in zip(settled, changes, strict=True)
            if change["v_state"] in _LOST
        }
        if lost:
            await postponed.look_again(conn, lost, max(to_micros(one.at) for one in settled))
        others = await self._settle_gathered(conn, settled, changes)
        facts = [
            fact
            for one in settled
            for lead in (one.claim.message.lead_id, *others.get(one.claim.message.key, ()))
            for fact in self._facts(one, lead)
        ]
        return await self._store_facts(conn, facts) if facts else False

    async def _settle_gathered(
        self,
        conn: AsyncConnection,
        settled: Sequence[Settled],
        changes: Sequence[Mapping[str, Any]],
    ) -> Mapping[str, Sequence[int]]:
        """Settle what those stand for as they are: the leads it was about, by key."""
        if self._channel.limits.gathers is None:
            return {}
        ends = {
            one.claim.message.key: {
                name: change[f"v_{name}"] for name in ("state", "settled_at", "reason")
            }
            for one, change in zip(settled, changes, strict=True)
            if change["v_settled_at"] is not None
        }
        return await gathering.settle(conn, ends) if ends else {}

    def _facts(self, one: Settled, about: int) -> Iterator[Incoming]:
        """What an outcome tells of a lead, as any fact from the world."""
        outcome, lead = one.outcome, Identities(lead_id=about)
        if not isinstance(outcome, Sent | Refused):
            return
        fact = Incoming(self._channel.name, lead, proof=Proof.SIGNED)
        if outcome.events or outcome.reach:
            events = [
                replace(event, occurred_at=min(event.occurred_at or one.at, one.at))
                for event in outcome.events
            ]
            yield replace(fact, events=events, reach=outcome.reach)
        if isinstance(outcome, Sent) and outcome.fields:
            yield replace(fact, fields=outcome.fields, as_of=outcome.as_of)

    async def _store_facts(self, conn: AsyncConnection, facts: Sequence[Incoming]) -> bool:
        """Store what outcomes tell; whether there was any that could be."""
        try:
            await self._record(conn, facts)
        except Unacceptable as error:
            if len(facts) > 1:
                return any([await self._store_facts(conn, [fact]) for fact in facts])
            # The message has left all the same: what cannot be kept of the answer is let go.
            logger.warning("canal %s : réponse illisible (%s)", self._channel.name, error)
            less = _less(facts[0])
            return less is not None and await self._store_facts(conn, [less])
        return True

    async def _still_ours(
        self, conn: AsyncConnection, settled: Sequence[Settled]
    ) -> Sequence[Settled]:
        query = (
            select(*KEY, outbox.c.attempts)
            .where(
                outbox.c.lead_id.in_({one.claim.key[0] for one in settled}),
                outbox.c.state == "sending",
            )
            .with_for_update()
        )
        sending = {tuple(row) for row in await conn.execute(query)}
        found: dict[Key, Settled] = {}
        for one in settled:
            if (*one.claim.key, one.claim.message.attempt) in sending:
                found.setdefault(one.claim.key, one)
        return tuple(found.values())

    def _change(self, one: Settled) -> Mapping[str, Any]:
        """The row after that outcome."""
        change: dict[str, Any] = {
            "v_state": "doubtful",
            "v_due_at": None,
            "v_doubted": None,
            "v_cleared": one.asked and not isinstance(one.outcome, Doubtful),
            "v_settled_at": None,
            "v_reason": None,
            "v_reference": None,
            "v_domain": domain_of(one.claim.message),
        }
        at = to_micros(one.at)
        match one.outcome:
            case Sent(reference=reference):
                change |= {"v_state": "sent", "v_settled_at": at, "v_reference": reference}
            case Refused(reason, unreachable=unreachable):
                state = UNREACHABLE if unreachable else "refused"
                change |= {"v_state": state, "v_settled_at": at, "v_reason": reason}
            case Retry(reason, after):
                change |= self._again(one, after) | {"v_reason": reason}
            case Doubtful(reason):
                change |= {"v_doubted": at, "v_reason": reason} | self._doubt(one)
        return attempt(one.claim.key, one.claim.message.attempt) | change

    def _again(self, one: Settled, after: float | None) -> dict[str, Any]:
        message = one.claim.message
        if message.attempt >= self._channel.limits.max_attempts:
            return {"v_state": "failed", "v_settled_at": to_micros(one.at)}
        due = one.at + retry.delay(message.key, message.attempt, after)
        return {"v_state": "pending", "v_due_at": to_micros(due)}

    def _doubt(self, one: Settled) -> dict[str, Any]:
        """What the channel's policy makes of a doubt; past the last attempt, a person decides."""
        message = one.claim.message
        if message.attempt >= self._channel.limits.max_attempts:
            return {}
        due = one.at + retry.delay(message.key, message.attempt)
        match self._channel.doubt:
            case Doubt.RESEND:
                return {"v_state": "pending", "v_due_at": to_micros(due)}
            case Doubt.LOOKUP:
                # The first question is asked at once, the next ones further and further apart.
                return {"v_due_at": to_micros(due if one.asked else one.at)}
            case _:
                return {}


def domain_of(message: Message) -> str | None:
    """What follows the @ of where it goes, as everybody writes it; None where that is no address of a lead."""
    name, at, domain = message.address.rpartition("@")
    if not (name and at) or message.recipient is not None or len(domain) > _LONGEST_DOMAIN:
        return None
    return domain.strip().rstrip(".").lower() or None


def _tells(outcome: Outcome) -> bool:
    """Whether it tells something of its lead."""
    if not isinstance(outcome, Sent | Refused):
        return False
    fields = isinstance(outcome, Sent) and outcome.fields
    return bool(outcome.events or outcome.reach or fields)


def _less(fact: Incoming) -> Incoming | None:
    """The fact without what may have made it unreadable; None: nothing of it is left.

    Whom not to write to any more is kept whatever becomes of the rest.
    """
    if any(event.properties for event in fact.events):
        return replace(fact, events=[replace(event, properties={}) for event in fact.events])
    if fact.reach and (fact.events or fact.fields):
        return replace(fact, events=(), fields={})
    return None


def _settle() -> Any:
    kept = func.coalesce(
        bindparam("v_doubted", type_=outbox.c.doubted_at.type), outbox.c.doubted_at
    )
    doubted = case((bindparam("v_cleared", type_=Boolean()), None), else_=kept)
    columns = assigned("state", "due_at", "settled_at", "reason", "reference")
    known = bindparam("v_domain", type_=outbox.c.domain.type)
    columns["domain"] = func.coalesce(known, outbox.c.domain)
    return update(outbox).where(TAKEN).values(doubted_at=doubted, **columns)


_SETTLE = _settle()
