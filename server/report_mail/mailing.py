"""Mails saved reports, at their dates, through the channel that writes to the team.

A mail is written down with the date that brings it, taken in a transaction of its own, and settled in
another: whatever stops the server between the two, it leaves once. What may or may not have left when the
server died is told by a file (`server.dispatch.book`), else settled by the channel's own policy: again
under the same Message-ID, or not.
"""

import asyncio
import contextlib
import logging
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import groupby

from relance.channel import (
    Doubt,
    Doubtful,
    LetterWriter,
    Limits,
    Outcome,
    Retry,
    Sent,
    TeamLetter,
)
from relance.errors import StoreUnavailable
from relance.host import Clock
from server.access import accounts
from server.crash import crash_point
from server.dispatch.book import Book, attempt_of
from server.dispatch.retry import delay
from server.report_mail.letter import WrittenLetter
from server.report_mail.making import LetterMaking, UnmadeReport
from server.report_mail.planning import Planning
from server.store import report_mails, saved_reports
from server.store.instants import Micros, from_micros, now_micros
from server.store.report_mails import DOUBTFUL, FAILED, PENDING, SENT, ReportMail
from server.store.saved_reports import SavedReport
from server.store.store import Store

log = logging.getLogger("relance.server")

#: The file in which what is leaving is noted, and how its attempts are called there.
FILE, _CALLED = "rapports-en-cours", "rapport"
#: Mails looked at in a row before dates are looked at again.
_AT_ONCE = 100
#: The longest sleep, against clocks that are set while we sleep; and that after a fault of the store.
_LONGEST_SLEEP, _REST = 20.0, 1.0
#: How long the mail under way may take to end when the server stops.
_GRACE = 5.0
_NO_CHANNEL = (
    "aucun canal n’envoie de courriel à l’équipe : réglez «\u00a0serveur\u00a0» dans [email]"
)
_LOST = "la connexion s’est perdue pendant que le courriel partait : il a pu partir"
#: What its page says of one that did not leave, or perhaps.
_GONE = {FAILED: "Il n’est pas parti", DOUBTFUL: "On ne sait pas s’il est parti"}
_RESTORED = "La base a été restaurée : les envois d’avant ne sont pas refaits."


@dataclass(slots=True)
class MailParts:
    """The parts of a server that it goes by. `writers`: the channels that take letters."""

    store: Store
    clock: Clock
    planning: Planning
    making: LetterMaking
    writers: Callable[[], Iterable[object]]
    book: Book


class ReportMailing:
    """Sends them; one of several processes does, the first."""

    def __init__(self, parts: MailParts) -> None:
        self._parts, self._store, self._clock = parts, parts.store, parts.clock
        self._woken = asyncio.Event()
        self._stopping = self._forgone = False

    def wake(self) -> None:
        """Look now: a report is to be mailed, or time went by."""
        self._woken.set()

    async def run(self, *, restored: bool = False) -> None:
        """Send until cancelled. `restored`: the base is of an earlier day."""
        self._stopping = False
        await self.recover()
        if restored and not self._forgone:
            await self.forgo()
        while True:
            self._woken.clear()
            try:
                pause = await self._whole(asyncio.create_task(self.turn()))
            except StoreUnavailable as error:
                log.error("rapports enregistrés : rien ne peut être noté (%s)", error)
                await asyncio.sleep(_REST)
                continue
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._woken.wait(), pause)

    async def _whole(self, turn: "asyncio.Task[float]") -> float:
        """The turn; once asked to stop, the mail that is leaving leaves, and no other."""
        try:
            return await asyncio.shield(turn)
        except asyncio.CancelledError:
            self._stopping = True
            await asyncio.wait([turn], timeout=_GRACE)
            turn.cancel()
            raise

    async def recover(self) -> None:
        """Settle what was being sent when the server stopped, as the file says it went."""
        noted = self._parts.book.read()
        async with self._store.write() as conn:
            for one in await report_mails.under_way(conn):
                found = noted.get(attempt_of(_CALLED, one.key, one.attempts))
                if found is not None and found.accepted is not None:
                    await report_mails.put(conn, one, **self._settled(SENT))
                elif found is not None and found.certain and not found.left:
                    await report_mails.put(conn, one, **self._later(0))
                else:
                    await report_mails.put(conn, one, **self._doubted(one, _LOST, 0))
        self._parts.book.begin()

    async def forgo(self) -> None:
        """Send none of what a base of an earlier day would have left again."""
        now = now_micros(self._clock)
        async with self._store.write() as conn:
            await self._parts.planning.skip(conn, now, _RESTORED)
            for saved in await saved_reports.everything(conn):
                await report_mails.stop(conn, saved.id, _RESTORED, now)
        self._forgone = True

    async def turn(self) -> float:
        """Bring what is due, send what may leave; how long until there is more, in seconds."""
        now = now_micros(self._clock)
        async with self._store.read() as conn:
            due = await saved_reports.next_due(conn)
        more = due is not None and due <= now
        while more:
            async with self._store.write() as conn:
                more = await self._parts.planning.bring(conn, now)
                crash_point("report_mail.before_plan_commit")
            crash_point("report_mail.after_plan_commit")
        async with self._store.read() as conn:
            waiting = await report_mails.waiting(conn, now, _AT_ONCE)
        for (report, _), mails in groupby(waiting, lambda one: (one.report_id, one.due_at)):
            await self._of_date(report, list(mails))
        return 0.0 if len(waiting) == _AT_ONCE else await self._pause()

    async def next_due(self) -> datetime | None:
        """When there will be something to do."""
        async with self._store.read() as conn:
            coming = [await saved_reports.next_due(conn), await report_mails.next_at(conn)]
        soonest = min((one for one in coming if one is not None), default=None)
        return None if soonest is None else from_micros(soonest)

    async def _pause(self) -> float:
        soonest = await self.next_due()
        if soonest is None:
            return _LONGEST_SLEEP
        return min(max((soonest - self._clock.now()).total_seconds(), 0.0), _LONGEST_SLEEP)

    # --- The mails of one date --------------------------------------------------------------

    async def _of_date(self, report: int, mails: list[ReportMail]) -> None:
        async with self._store.read() as conn:
            saved = await saved_reports.by_id(conn, report)
        if saved is None:
            return
        written: WrittenLetter | None = None
        for one in mails:
            if self._stopping:
                return
            if one.fault is not None:
                await self._send(saved, one, self._parts.making.unmade(saved, one))
                continue
            try:
                written = written or await self._parts.making.make(saved, one)
            except UnmadeReport as unmade:
                await self._give_up(saved, one, str(unmade))
                return
            await self._send(saved, one, written)

    async def _give_up(self, saved: SavedReport, mail: ReportMail, reason: str) -> None:
        """Nothing can be made for that date: nobody is sent anything but its owner, who is told why."""
        now = now_micros(self._clock)
        async with self._store.write() as conn:
            await report_mails.stop(conn, saved.id, reason, now)
            await saved_reports.change(conn, saved.id, fault=reason)
            owner = await accounts.by_id(conn, saved.account_id)
            if owner is None or not owner.open:
                return
            apart = mail._replace(account_id=owner.id)
            await report_mails.plan(conn, saved.id, mail.due_at, mail.missed, (owner.id,), reason)
            again = {"state": PENDING, "attempts": 0, "next_at": now, "settled_at": None}
            await report_mails.put(conn, apart, **again, reason=None, fault=reason)

    async def _send(self, saved: SavedReport, mail: ReportMail, written: WrittenLetter) -> None:
        """Take it, hand it over, settle it."""
        async with self._store.write() as conn:
            account = await accounts.by_id(conn, mail.account_id)
            allowed = mail.fault is not None or await self._parts.planning.still_allowed(
                conn, saved, mail.account_id, account
            )
            if account is None or not allowed:
                why = "la personne n’a plus le droit de le lire"
                await report_mails.put(conn, mail, **self._settled(report_mails.CANCELLED, why))
                return
            if not await report_mails.take(conn, mail):
                return
            mail = mail._replace(attempts=mail.attempts + 1)
            attempt = attempt_of(_CALLED, mail.key, mail.attempts)
            self._parts.book.taken(attempt)
            crash_point("report_mail.before_claim_commit")
        crash_point("report_mail.after_claim_commit")
        outcome = await self._handed(mail, account.email, written, attempt)
        crash_point("report_mail.after_send")
        self._parts.book.answered(attempt, outcome, self._clock.now())
        crash_point("report_mail.after_answer_noted")
        async with self._store.write() as conn:
            values = self._outcome(mail, outcome)
            await report_mails.put(conn, mail, **values)
            if mail.fault is None and values["state"] in (SENT, FAILED, DOUBTFUL):
                gone = _GONE.get(str(values["state"]))
                fault = gone and f"{gone} à {account.email} : {values['reason']}."
                await saved_reports.change(conn, saved.id, fault=fault)
            crash_point("report_mail.before_settle_commit")
        crash_point("report_mail.after_settle_commit")
        self._parts.book.settled(attempt)

    async def _handed(
        self, mail: ReportMail, address: str, written: WrittenLetter, attempt: str
    ) -> Outcome:
        writer = self._writer()
        if writer is None:
            return Retry(_NO_CHANNEL)
        words = (written.subject, written.html, written.text, self._clock.now())
        letter = TeamLetter(mail.key, address, *words, written.attachments)
        letter = replace(letter, leaving=lambda: self._parts.book.leaving(attempt))
        try:
            async with asyncio.timeout(writer.limits.timeout):
                return await writer.write_letter(letter)
        except TimeoutError:
            return Doubtful("le serveur de courriel n’a pas répondu à temps")
        except Exception:
            log.exception("rapports enregistrés : le canal a failli")
            return Doubtful("le canal a failli ; c’est noté dans le journal du serveur")

    def _writer(self) -> LetterWriter | None:
        found = (one for one in self._parts.writers() if isinstance(one, LetterWriter))
        return next(found, None)

    # --- What becomes of one ----------------------------------------------------------------

    def _outcome(self, mail: ReportMail, outcome: Outcome) -> dict[str, object]:
        match outcome:
            case Sent():
                return self._settled(SENT)
            case Doubtful():
                return self._doubted(mail, outcome.reason, _wait(mail))
            case Retry() if mail.attempts < self._most_attempts():
                return {**self._later(_wait(mail, outcome.after)), "reason": outcome.reason}
        return self._settled(FAILED, outcome.reason)

    def _doubted(self, mail: ReportMail, reason: str, after: Micros) -> dict[str, object]:
        """Again after that long, where the channel sends anew what is in doubt; else left so."""
        writer = self._writer()
        anew = writer is not None and writer.doubt is Doubt.RESEND
        if anew and mail.attempts < self._most_attempts():
            return {**self._later(after), "reason": reason}
        return self._settled(DOUBTFUL, reason)

    def _most_attempts(self) -> int:
        writer = self._writer()
        return (Limits() if writer is None else writer.limits).max_attempts

    def _later(self, after: Micros) -> dict[str, object]:
        return {"state": PENDING, "next_at": now_micros(self._clock) + after}

    def _settled(self, state: str, reason: str | None = None) -> dict[str, object]:
        now = now_micros(self._clock)
        return {"state": state, "next_at": None, "settled_at": now, "reason": reason}


def _wait(mail: ReportMail, asked: float | None = None) -> Micros:
    """Before it is tried again; never less than was `asked`, in seconds."""
    return delay(mail.key, mail.attempts, asked) // timedelta(microseconds=1)
