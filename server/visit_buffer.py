"""What nobody may be kept waiting for (`Host.note`, `Host.hold`): stored, or kept aside until it can be.

Who follows a link is sent on at once, whatever the base does. What it does not take in half a second
is written in a file beside it, then stored as of its own instant when the base can be written again.
Each thing has a key of its own, known to the base: tried, replayed, replayed again after a kill, it
counts once. While something waits, what comes joins it without trying the base, so that a lock is
not followed by as many attempts as there were visits.
"""

import asyncio
import logging
import secrets
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from relance.codec import contract
from relance.errors import StoreUnavailable, Unacceptable
from relance.host import Clock, Identities, Incoming
from relance.proof import Proof
from server.holding import HeldNote, Holding
from server.intake.intake import Intake
from server.spool import Full, Spool
from server.store.instants import Micros, now_micros
from server.transcript import (
    event_from_json,
    event_to_json,
    instant_from_json,
    reach_from_json,
    reach_to_json,
)

log = logging.getLogger("relance.server")

FILE = "de-cote.jsonl"
#: How long the base, then the file, is waited for, in seconds.
PATIENCE = 0.5
#: How long a base that refused is left alone, in seconds.
AGAIN = 1.0

Line = Mapping[str, Any]


class VisitBuffer:
    """Stores at once or keeps aside; `run` stores what was kept."""

    def __init__(self, spool: Spool, clock: Clock, intake: Intake, holding: Holding) -> None:
        self._spool, self._clock = spool, clock
        self._intake, self._holding = intake, holding
        self._woken = asyncio.Event()
        self._replaying = asyncio.Lock()
        #: When what is on its way to the base, or to the file, came; and the first of the file.
        self._coming: dict[object, Micros] = {}
        self._kept_since: Micros | None = self._first() if spool.waiting else None
        #: How many things could neither be stored nor kept aside since the start.
        self.lost = 0

    def oldest(self) -> Micros | None:
        """Since when something waits to be stored, here or in the intake; None: all is stored."""
        waiting = (self._intake.oldest(), self._kept_since, *self._coming.values())
        return min((at for at in waiting if at is not None), default=None)

    def _first(self) -> Micros:
        """When the first of what a server left behind came."""
        lines, _ = self._spool.read()
        return min((at for one in lines if (at := _since(one))), default=now_micros(self._clock))

    async def note(self, incoming: Sequence[Incoming]) -> None:
        """Store facts or keep them aside; `StoreUnavailable` when neither can be, soon."""
        facts = [self._stamped(one) for one in incoming]
        await self._either(
            lambda: self._intake.record(facts), [_fact_to_json(one) for one in facts]
        )

    async def hold(self, purpose: str, group: str, text: str, until: datetime) -> None:
        """Hold a note, or keep it aside; `StoreUnavailable` when neither can be, soon."""
        note = HeldNote(purpose, group, text, self._clock.now(), until, secrets.token_hex(16))
        await self._either(lambda: self._holding.keep(note), [_note_to_json(note)])

    async def run(self) -> None:
        """Store what is kept aside as soon as it can be, until cancelled."""
        while True:
            self._woken.clear()
            if await self.replay():
                await self._woken.wait()
            else:
                await asyncio.sleep(AGAIN)

    async def replay(self) -> bool:
        """Store all that is kept aside; False when the base refuses again."""
        async with self._replaying:
            while self._spool.waiting:
                lines, end = await asyncio.to_thread(self._spool.read)
                try:
                    await self._store(lines)
                except StoreUnavailable:
                    return False
                await asyncio.to_thread(self._spool.forget, end)
            self._kept_since = None
        return True

    async def drop(self, unwanted: Callable[[str], bool]) -> None:
        """Forget what is kept aside in those lines."""
        async with self._replaying:
            await asyncio.to_thread(self._spool.drop, unwanted)

    def _stamped(self, fact: Incoming) -> Incoming:
        """The fact with what it would lose by waiting: its instant, and a key."""
        now = self._clock.now()
        dated = [replace(one, occurred_at=one.occurred_at or now) for one in fact.events]
        key = fact.key or f"note/{secrets.token_hex(16)}"
        as_of = fact.as_of if dated or not fact.fields else fact.as_of or now
        return replace(fact, events=dated, key=key, as_of=as_of)

    async def _either(self, store: Callable[[], Awaitable[object]], lines: Sequence[Line]) -> None:
        mark, at = object(), now_micros(self._clock)
        self._coming[mark] = at
        try:
            await self._store_or_keep(store, [{**one, "at": at} for one in lines])
        finally:
            del self._coming[mark]

    async def _store_or_keep(
        self, store: Callable[[], Awaitable[object]], lines: Sequence[Line]
    ) -> None:
        if not self._spool.waiting:
            try:
                async with asyncio.timeout(PATIENCE):
                    await store()
                return
            except (TimeoutError, StoreUnavailable):
                pass  # it may still be stored behind: what is kept aside has the same key
        await self._keep(lines)

    async def _keep(self, lines: Sequence[Line]) -> None:
        writing = asyncio.create_task(asyncio.to_thread(self._spool.append, lines))
        writing.add_done_callback(lambda done: self._kept(done, lines))
        done, _ = await asyncio.wait({writing}, timeout=PATIENCE)
        if not done:
            raise StoreUnavailable("neither the base nor the disk answers")
        if (error := writing.exception()) is not None:
            raise StoreUnavailable(str(error)) from error

    def _kept(self, writing: "asyncio.Task[None]", lines: Sequence[Line]) -> None:
        error = None if writing.cancelled() else writing.exception()
        if isinstance(error, Full | OSError):
            self.lost += len(lines)
            log.error("une visite n’a pu être ni notée ni mise de côté : %s", type(error).__name__)
        elif not writing.cancelled():
            known = [self._kept_since] if self._kept_since is not None else []
            came = [at for one in lines if (at := _since(one))]
            self._kept_since = min([*known, *came], default=now_micros(self._clock))
        self._woken.set()

    async def _store(self, lines: Sequence[Line]) -> None:
        work: list[Awaitable[object]] = []
        for one in lines:
            try:
                work.append(self._again(one))
            except (KeyError, TypeError, ValueError):
                log.warning("une ligne de ce qui était mis de côté ne se lit pas : elle est passée")
        for result in await asyncio.gather(*work, return_exceptions=True):
            if isinstance(result, Unacceptable):
                # The lead is gone since: nobody can mend it any more.
                log.warning("ce qui était mis de côté n’a pas été retenu : %s", result)
            elif isinstance(result, BaseException):
                raise result

    def _again(self, line: Line) -> Awaitable[object]:
        if "note" in line:
            return self._holding.keep(_note_from_json(line["note"]))
        return self._intake.record([_fact_from_json(line["fact"])])


def _since(line: Line) -> Micros | None:
    """When it came, if it says so."""
    at = line.get("at")
    return at if isinstance(at, int) else None


def _note_to_json(note: HeldNote) -> Line:
    at, until = note.at.isoformat(), note.until.isoformat()
    return {"note": [note.purpose, note.group, note.text, at, until, note.key]}


def _note_from_json(values: Sequence[str]) -> HeldNote:
    purpose, group, text, at, until, key = values
    instants = (datetime.fromisoformat(at), datetime.fromisoformat(until))
    return HeldNote(str(purpose), str(group), str(text), *instants, str(key))


def _fact_to_json(fact: Incoming) -> Line:
    who = fact.identities
    values = {
        "source": fact.source,
        "key": fact.key,
        "who": [who.lead_id, who.email, who.phone, who.visitor],
        "fields": {name: contract.encode(value) for name, value in fact.fields.items()},
        "events": [event_to_json(one) for one in fact.events],
        "as_of": fact.as_of and fact.as_of.isoformat(),
        "lasting": fact.lasting,
        "proof": int(fact.proof),
        "receives": fact.receives,
        "reach": [reach_to_json(one) for one in fact.reach],
    }
    return {"fact": values}


def _fact_from_json(values: Line) -> Incoming:
    return Incoming(
        source=values["source"],
        identities=Identities(*values["who"]),
        fields={name: contract.decode(value) for name, value in values["fields"].items()},
        events=[event_from_json(one) for one in values["events"]],
        key=values["key"],
        as_of=instant_from_json(values["as_of"]),
        lasting=values["lasting"],
        proof=Proof(values["proof"]),
        receives=values["receives"],
        reach=[reach_from_json(one) for one in values.get("reach", ())],
    )
