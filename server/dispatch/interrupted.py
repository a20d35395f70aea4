"""What a process that is gone was sending: settled by what it had noted, then by each channel's policy.

At a start this is what whoever had the place before left. Where several processes send, each looks
now and then for what those that are gone have left, and for what one has held for longer than a call
may last: it was paused, or hangs. What is taken back here is not settled by it any more, were it to
come back: each time a message is taken counts one, and an outcome is of one attempt.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeAlias

from sqlalchemy import (
    ColumnElement,
    RowMapping,
    TextClause,
    bindparam,
    false,
    or_,
    select,
    text,
    update,
)

from relance.channel import Channel, Doubt, Message
from server.dispatch import gathering
from server.dispatch.book import Noted, attempt_of
from server.dispatch.claim import KEY, TAKEN, Claim, Settled, attempt, message_key, row_key
from server.dispatch.settling import Record, Settling
from server.store.instants import Micros, to_micros
from server.store.schema.messages import OWNED, outbox
from server.store.store import Store
from server.store.tenure import is_over, process_of

#: Said of what is in doubt because its process is gone, or gave no sign for too long.
INTERRUPTED = "le serveur s’est arrêté pendant l’envoi"
SILENT = "le processus qui l’envoyait ne donne plus signe de vie"

#: What the process of that number had noted of its attempts, where it can be read here.
ReadNotes: TypeAlias = Callable[[int], Mapping[str, Noted]]

_UNDER_WAY = (outbox.c.state == "sending", outbox.c.due_at.is_not(None))
_IS_OVER, _NOBODY_IS = is_over(outbox.c.owner), false()
_TAKE_BACK = (
    update(outbox)
    .where(TAKEN)
    .values(
        state=bindparam("v_state"),
        due_at=bindparam("v_due_at"),
        doubted_at=bindparam("v_doubted_at", type_=outbox.c.doubted_at.type),
        reason=bindparam("v_reason", type_=outbox.c.reason.type),
    )
)


@dataclass(frozen=True, slots=True)
class _Left:
    """A message that was being sent; `silent`: its process is there, and may come back."""

    claim: Claim
    channel: str
    process: int
    doubted_at: Micros | None
    reason: str | None
    silent: bool

    @property
    def name(self) -> str:
        """How its attempt is called in a book."""
        message = self.claim.message
        return attempt_of(self.channel, message.key, message.attempt)


class Interrupted:
    """Of one database; `notes`: what processes had noted of their attempts."""

    def __init__(
        self, store: Store, channels: Iterable[Channel], record: Record, notes: ReadNotes
    ) -> None:
        self._store, self._record, self._notes = store, record, notes
        self._channels = {channel.name: channel for channel in channels}

    async def at_start(self, now: datetime) -> int:
        """Take back all that whoever is gone was sending; how many of them are in doubt.

        Nothing is being sent here yet.
        """
        # What is tied to another one waits for it no more where nothing is gathered any longer.
        alone = [name for name, channel in self._channels.items() if channel.limits.gathers is None]
        async with self._store.write() as conn:
            await gathering.release(conn, alone, to_micros(now))
        if self._store.dialect == "sqlite":
            return await self._take_back(_UNDER_WAY, now)
        # Before owners were noted, one process sent.
        gone = or_(outbox.c.owner.is_(None), outbox.c.owner == self._store.owner, _IS_OVER)
        return await self._take_back((*_UNDER_WAY, gone), now)

    async def now_and_then(self, now: datetime) -> int:
        """Take back what other processes left, or hold past its time; `now`: by the database's clock.

        How many of them are in doubt. What this one sends it settles itself, however late.
        """
        theirs = outbox.c.owner != self._store.owner
        late = outbox.c.due_at < to_micros(now)
        which = (text(OWNED), theirs, or_(_IS_OVER, late))
        return await self._take_back(which, now, silent=~_IS_OVER)

    async def _take_back(
        self,
        which: Sequence[ColumnElement[bool] | TextClause],
        now: datetime,
        silent: ColumnElement[bool] = _NOBODY_IS,
    ) -> int:
        columns = (outbox.c.channel, outbox.c.created_at, outbox.c.attempts, outbox.c.owner)
        said = (outbox.c.doubted_at, outbox.c.reason, silent.label("silent"))
        async with self._store.read() as conn:
            found = await conn.execute(select(*KEY, *columns, *said).where(*which))
            left = [_left(row, now) for row in found.mappings()]
        if not left:
            return 0
        noted = {one: self._notes(one) for one in {each.process for each in left}}
        accepted: dict[str, list[Settled]] = {}
        changes, doubts = [], 0
        for one in left:
            seen = noted[one.process].get(one.name, Noted())
            if seen.accepted is not None and one.channel in self._channels:
                settled = Settled(one.claim, seen.accepted, seen.at or now)
                accepted.setdefault(one.channel, []).append(settled)
            else:
                never_left = seen.certain and not seen.left
                changes.append(self._change(one, to_micros(now), never_left=never_left))
                doubts += not never_left
        async with self._store.write() as conn:
            for name, several in accepted.items():
                await Settling(self._channels[name], self._record).settle(conn, several)
            if changes:
                await conn.execute(_TAKE_BACK, changes)
        return doubts

    def _change(self, one: _Left, now: Micros, *, never_left: bool) -> Mapping[str, Any]:
        """The row once taken back: what had not begun to leave waits again, the rest is in doubt."""
        taken = attempt(one.claim.key, one.claim.message.attempt)
        if never_left:
            said = {"v_doubted_at": one.doubted_at, "v_reason": one.reason}
            return {**taken, "v_state": "pending", "v_due_at": now, **said}
        channel = self._channels.get(one.channel)
        due: Micros | None = now
        match Doubt.HOLD if channel is None else channel.doubt:
            case Doubt.RESEND:
                state = "pending"
            case Doubt.LOOKUP:
                state = "doubtful"
            case _:
                state, due = "doubtful", None
        said = {"v_doubted_at": now, "v_reason": SILENT if one.silent else INTERRUPTED}
        return {**taken, "v_state": state, "v_due_at": due, **said}


def _left(row: RowMapping, now: datetime) -> _Left:
    """What is needed of a claim to settle it."""
    key = row_key(row)
    message = Message(
        key=message_key(key, row["created_at"]),
        template="",
        lead_id=key[0],
        address="",
        fields={},
        campaign="",
        attempt=row["attempts"],
        at=now,
    )
    claim = Claim(key, message, doubted=False, ask=False)
    process = 0 if row["owner"] is None else process_of(row["owner"])
    return _Left(claim, row["channel"], process, row["doubted_at"], row["reason"], row["silent"])
