"""Claiming messages that are due: what leaves now, on one channel.

A claim marks its rows `sending` in a committed transaction before any call is made, so that a
process that dies leaves them visibly in doubt.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Integer, RowMapping, Select, bindparam, exists, func, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from relance.channel import Channel, Message
from relance.consent import Basis
from relance.errors import ConfigurationError
from relance.fold import key_of
from relance.person import Person
from relance.values import Value
from server.dispatch import addressees, gathering, parking
from server.dispatch.addressees import Addressee
from server.dispatch.claim import KEY, SAME, Claim, Key, assigned, binds, message_key, row_key
from server.dispatch.gate import Gate, to_leads
from server.dispatch.gathering import Gathering
from server.dispatch.policy import postponed
from server.dispatch.policy.check import PolicyCheck
from server.dispatch.sharing import SharedSending
from server.dispatch.stop import UNREACHABLE, Stop
from server.dispatch.terms import USUAL, Terms
from server.dispatch.zones import FIELD as ZONE_FIELD
from server.dispatch.zones import Zones
from server.store import leftovers, policies
from server.store.fields import EMAIL_FIELD, FieldColumn
from server.store.instants import from_micros, to_micros
from server.store.leftovers import MESSAGES, Leftover, Reason
from server.store.policies import AskedOfMessages
from server.store.schema.campaigns import campaigns, enrolments, same
from server.store.schema.leads import leads
from server.store.schema.messages import outbox
from server.store.schema.rules import team
from server.store.store import Store

#: Of what is claimed, one part in so many goes to what came last.
_SHARE = 4
#: Of the messages one stands for, those it is told in full.
_LISTED = 100
_WAITING = ("pending", "doubtful")
_NOW, _LIMIT = bindparam("v_now", type_=outbox.c.due_at.type), bindparam("v_limit", type_=Integer)
#: How many are looked at beside those that a turn takes, while most of these may not leave.
_SWEPT = 500
#: What a stop changes of a message.
_STOPPED = ("state", "reason", "settled_at", "due_at", "nature", "held_at", "holds")


def _label(field: FieldColumn) -> str:
    return f"lead_{field.column.name}"


def _unreached(claim: Claim) -> tuple[int, str, Leftover]:
    """A lead a campaign writes to without an address to do so."""
    message = claim.message
    left = Leftover(message.campaign, message.template, Reason.NO_ADDRESS)
    return message.lead_id, MESSAGES, left


class Claims:
    """The outbox of one channel."""

    def __init__(
        self,
        store: Store,
        channel: Channel,
        terms: Terms = USUAL,
        sharing: SharedSending | None = None,
    ) -> None:
        self._store = store
        self._channel = channel
        self._terms = terms
        self._gate = Gate(channel, terms, sharing or SharedSending())
        self._policy = PolicyCheck(channel.name)
        self._zones = Zones(terms.zone)
        self._to_leads = to_leads(channel)
        window = channel.limits.gathers
        self._gathering = Gathering(channel.name, window) if window else None
        self._first_due = select(func.min(outbox.c.due_at)).where(
            outbox.c.channel == channel.name,
            outbox.c.due_at.is_not(None),
            outbox.c.state.in_(_WAITING),
        )
        #: What asks for those that wait, by whether the last come first; and for which fields.
        self._asked: dict[bool, Select[tuple[Any, ...]]] = {}
        self._edition = -1

    @property
    def _address(self) -> FieldColumn | None:
        """The lead field written to; None for a channel that writes to somebody else."""
        if self._channel.address_field is None:
            return None
        field = self._store.fields.get(self._channel.address_field)
        if field is None:
            raise ConfigurationError(
                f"Le canal « {self._channel.name} » écrit au champ "
                f"« {self._channel.address_field} », que le projet n’a pas."
            )
        return field

    async def next_due(self, conn: AsyncConnection) -> datetime | None:
        """When the next message is due."""
        found = await conn.scalar(self._first_due)
        if self._to_leads:
            since = (await policies.read(conn)).since
            if since and await postponed.stale(conn, self._channel.name, since):
                return from_micros(since)
        return None if found is None else from_micros(found)

    async def claim(self, conn: AsyncConnection, now: datetime, limit: int) -> Sequence[Claim]:
        """Take up to `limit` due messages; those that may not leave are settled on the spot."""
        asked = await policies.read(conn) if self._to_leads else AskedOfMessages()
        if asked.since:
            await postponed.give_back(conn, self._channel.name, asked.since)
        rows = await self._due(conn, now, limit)
        # Of a campaign that does not run, what was in doubt is still asked after.
        still = {row[KEY[1].name] for row in rows if _rests(row)}
        if still:
            await parking.park(conn, self._channel.name, still, to_micros(now))
            rows = [row for row in rows if not _rests(row)]
        if not rows:
            return ()
        claims = await self._claims(conn, rows, now)
        stops = await self._gate.stops(conn, claims, self._address, now, asked)
        taken: Sequence[Claim] = [claim for claim in claims if claim.key not in stops]
        if self._gathering is not None:
            taken = await self._gathered(conn, taken, now)
        await self._mark(conn, taken, now)
        await self._stop(
            conn, [(claim, stops[claim.key]) for claim in claims if claim.key in stops], now
        )
        if 2 * sum(one.common for one in stops.values()) > len(claims):
            await self._sweep(conn, now)
        return taken

    async def _claims(
        self, conn: AsyncConnection, rows: Sequence[RowMapping], now: datetime
    ) -> Sequence[Claim]:
        people = await self._people(conn, rows)
        known = await addressees.read(conn, rows)
        if self._to_leads:
            inside = {row["version_id"] for row in rows if row["version_id"] is not None}
            await self._zones.learn(conn, inside)
        return [self._claim(row, people, known, now) for row in rows]

    async def _sweep(self, conn: AsyncConnection, now: datetime) -> None:
        """Put off what else is due and may not leave at this hour: a million wait for no million turns."""
        rows = await self._waiting(conn, now, _SWEPT)
        claims = [one for one in await self._claims(conn, rows, now) if not one.ask]
        stops = await self._policy.stops(conn, claims, self._address, now)
        await self._stop(
            conn, [(claim, stops[claim.key]) for claim in claims if claim.key in stops], now
        )

    async def _gathered(
        self, conn: AsyncConnection, claims: Sequence[Claim], now: datetime
    ) -> Sequence[Claim]:
        """Those of the claims that leave now, with what they stand for."""
        assert self._gathering is not None  # noqa: S101 — asked of channels that gather
        leaving = await self._gathering.leaving(conn, claims, now)
        # What may have left has said what it stands for, and says the same again.
        again = [one.message.key for one in leaving if one.message.attempt > 1 and not one.doubted]
        if again:
            await gathering.let_go_stopped(conn, again)
        counts = await gathering.counts(conn, [claim.message.key for claim in leaving])
        found: list[Claim] = []
        for claim in leaving:
            if others := counts.get(claim.message.key):
                tied = gathering.tied_to([claim.message.key])
                asked = self._rows(tied, (outbox.c.created_at, *KEY), _LISTED)
                rows = (await conn.execute(asked)).mappings().all()
                people = await self._people(conn, rows)
                listed = tuple(self._claim(row, people, {}, now).message for row in rows)
                message = replace(claim.message, gathered=listed, count=1 + others)
                claim = replace(claim, message=message)
            found.append(claim)
        return found

    async def _stop(
        self, conn: AsyncConnection, stopped: Sequence[tuple[Claim, Stop]], now: datetime
    ) -> None:
        """Settle what may never leave; what is held, or put off, is not settled yet."""
        if not stopped:
            return
        at = to_micros(now)
        changes = [
            binds(claim.key)
            | {
                "v_state": stop.state,
                "v_reason": stop.reason,
                "v_settled_at": at if stop.settles else None,
                "v_due_at": None if stop.until is None else to_micros(stop.until),
                "v_nature": self._nature(claim),
                "v_held_at": None if stop.until is None else at,
                "v_holds": postponed.noted(claim.holds, stop, at),
            }
            for claim, stop in stopped
        ]
        await conn.execute(_STOP, changes)
        if self._gathering is not None:
            await gathering.settle(
                conn,
                {
                    claim.message.key: {
                        "state": stop.state,
                        "reason": stop.reason,
                        "settled_at": at,
                    }
                    for claim, stop in stopped
                    if stop.settles
                },
            )
        unreached = [
            _unreached(claim)
            for claim, stop in stopped
            if stop.state == UNREACHABLE and claim.message.recipient is None
        ]
        if unreached:
            await leftovers.keep(conn, unreached, at)

    async def _due(self, conn: AsyncConnection, now: datetime, limit: int) -> Sequence[RowMapping]:
        """Those due, the longest first; but for a share that goes to what came last, while a crowd
        fills the rest: who just filled a form is not written to after a million others."""
        share = limit // _SHARE
        rows = await self._waiting(conn, now, limit - share)
        if not share or len(rows) < limit - share:
            return rows
        known = {row_key(row) for row in rows}
        fresh = await self._waiting(conn, now, share, last=True)
        return [*rows, *(row for row in fresh if row_key(row) not in known)]

    async def _waiting(
        self, conn: AsyncConnection, now: datetime, limit: int, *, last: bool = False
    ) -> Sequence[RowMapping]:
        """Those due that wait, the longest first; or the last that came, none of which another
        waits for."""
        if self._edition != self._store.fields.edition:
            self._edition = self._store.fields.edition
            self._asked.clear()
        if last not in self._asked:  # composing it costs more than asking
            waits = (outbox.c.due_at <= _NOW, outbox.c.state.in_(_WAITING))
            tests, order = (
                ((*waits, ~_older()), outbox.c.due_at.desc()) if last else (waits, outbox.c.due_at)
            )
            self._asked[last] = self._rows(tests, (order,), _LIMIT)
        given = {_NOW.key: to_micros(now), _LIMIT.key: limit}
        rows: Sequence[RowMapping]
        rows = (await conn.execute(self._asked[last], given)).mappings().all()
        return rows

    def _rows(self, tests: Sequence[Any], order: Sequence[Any], limit: Any) -> Select[Any]:
        """What asks for messages of the channel, with their leads and all that is said of them."""
        first = leads.alias("first")
        lead = self._store.fields.table.alias("lead")
        columns = [lead.c[field.column.name].label(_label(field)) for field in self._store.fields]
        return (
            select(
                *KEY,
                outbox.c.message,
                outbox.c.state,
                outbox.c.attempts,
                outbox.c.created_at,
                outbox.c.doubted_at,
                outbox.c.recipient,
                campaigns.c.name.label("campaign_name"),
                campaigns.c.runs.label("campaign_runs"),
                campaigns.c.consent.label("campaign_consent"),
                enrolments.c.step,
                lead.c.id.label("addressee"),
                lead.c.score,
                lead.c.proof.label("made"),
                lead.c.created_at.label("known_at"),
                lead.c[EMAIL_FIELD].label("email"),
                outbox.c.released_at,
                outbox.c.holds,
                enrolments.c.version_id,
                *columns,
            )
            .join_from(outbox, first, first.c.id == outbox.c.lead_id, isouter=True)
            # A lead merged into another is written to as the one it has become.
            .join(lead, lead.c.id == func.coalesce(first.c.merged_into, first.c.id), isouter=True)
            .join(campaigns, campaigns.c.id == outbox.c.campaign_id, isouter=True)
            .join(enrolments, same(outbox, enrolments), isouter=True)
            .where(
                outbox.c.channel == self._channel.name,
                *tests,
            )
            .order_by(*order)
            .limit(limit)
            .with_for_update(of=outbox, skip_locked=True)
        )

    async def _people(
        self, conn: AsyncConnection, rows: Sequence[RowMapping]
    ) -> Mapping[str, Person]:
        """The members of the team those messages go to, by folded name."""
        keys = sorted({key_of(row["recipient"]) for row in rows if row["recipient"]})
        if not keys:
            return {}
        found = await conn.execute(select(team).where(team.c.key.in_(keys)))
        return {row.key: Person(row.name, row.email, row.phone) for row in found}

    def _claim(
        self,
        values: RowMapping,
        people: Mapping[str, Person],
        known: Mapping[int, Addressee],
        now: datetime,
    ) -> Claim:
        key: Key = (
            values["lead_id"],
            values["campaign_id"],
            values["entry"],
            values["move"],
            values["ordinal"],
        )
        recipient: str | None = values["recipient"]
        address: Value = recipient
        if recipient is None and self._address is not None:
            address = values[_label(self._address)]
        addressee = known.get(values["addressee"])
        said, unsaid = self._fields(values, None if recipient else addressee)
        message = Message(
            key=message_key(key, values["created_at"]),
            template=values["message"],
            lead_id=values["addressee"] or key[0],
            address=address.strip() if isinstance(address, str) else "",
            fields=said,
            unsaid=unsaid,
            campaign=values["campaign_name"] or "",
            attempt=values["attempts"] + 1,
            at=now,
            recipient=recipient,
            person=people.get(key_of(recipient)) if recipient else None,
            score=values["score"] or 0,
            step=values["step"],
        )
        return Claim(
            key,
            message,
            doubted=values["doubted_at"] is not None,
            ask=values["state"] == "doubtful",
            addressee=addressee,
            exempt=values["released_at"] is not None,
            nature=self._terms.nature(self._channel.name, message.template),
            created_at=values["created_at"],
            zone=self._zones.of(said.get(ZONE_FIELD), values["version_id"]),
            holds=values["holds"],
            consent=None if (asked := values["campaign_consent"]) is None else Basis(asked),
        )

    def _fields(
        self, values: RowMapping, addressee: Addressee | None
    ) -> tuple[dict[str, Value], dict[str, Value]]:
        """The lead's fields a message may say, and those it may not; the team is told them all."""
        fields: dict[FieldColumn, Value] = {
            field: values[_label(field)]
            for field in self._store.fields
            if values[_label(field)] is not None
        }
        if addressee is None:
            return {field.name: value for field, value in fields.items()}, {}
        return addressee.said(fields)

    def _nature(self, claim: Claim) -> str | None:
        """What a message to a lead is; None for what goes to somebody else."""
        to_lead = self._to_leads and claim.message.recipient is None
        return claim.nature.value if to_lead else None

    async def _mark(self, conn: AsyncConnection, claims: Sequence[Claim], now: datetime) -> None:
        if not claims:
            return
        # `due_at` of a row being sent is when its sender may be presumed dead.
        until = now + lease(self._channel)
        rows = [
            binds(claim.key)
            | {
                "v_due_at": to_micros(until),
                "v_owner": self._store.owner,
                "v_attempts": claim.message.attempt,
                "v_nature": self._nature(claim),
            }
            for claim in claims
        ]
        await conn.execute(_TAKE, rows)


def lease(channel: Channel) -> timedelta:
    """For how long who takes a message has it: a call is over long before, whatever its clock says."""
    return timedelta(seconds=2 * channel.limits.timeout + 60)


def _rests(row: RowMapping) -> bool:
    """Whether its campaign does not run, and it is therefore not to leave; of no campaign, it is."""
    return (
        row["state"] == "pending" and row["campaign_runs"] is not None and not row["campaign_runs"]
    )


def _older() -> Any:
    """Whether something else waits for the same lead since longer: it leaves first."""
    other = outbox.alias()
    return exists(
        select(1).where(
            other.c.lead_id == outbox.c.lead_id,
            other.c.channel == outbox.c.channel,
            other.c.due_at < outbox.c.due_at,
            other.c.state.in_(_WAITING),
        )
    ).correlate(outbox)


_TAKE = (
    update(outbox)
    .where(SAME)
    .values(state="sending", held_at=None, **assigned("due_at", "attempts", "nature", "owner"))
)
_STOP = update(outbox).where(SAME).values(**assigned(*_STOPPED))
