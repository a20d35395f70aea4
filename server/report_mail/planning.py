"""The dates of saved reports that have come: the mails of each written down, and its next date, at once.

Those missed while the server was down are made up for by one mail, of the last of them: it says so.
"""

from collections.abc import Callable, Mapping, Sequence
from zoneinfo import ZoneInfo

from sqlalchemy.ext.asyncio import AsyncConnection

from server.access import accounts
from server.access.accounts import Account
from server.access.actor import SERVER
from server.access.audit import AuditLog
from server.report_mail.reading_rights import why_not
from server.report_mail.recurrence import dates_until, next_date
from server.reports.performance.offered import OfferedReport
from server.reports.saved import offered_of
from server.store import report_mails, saved_reports
from server.store.instants import Micros
from server.store.saved_reports import SavedReport

#: Reports looked at in one transaction.
_AT_ONCE = 50
NOBODY = "Plus personne ne peut le recevoir : dites à qui l’envoyer."
STOPPED = "rapport.envoi-arrete"


class Planning:
    """Writes them down. `added`: the reports that plugins add."""

    def __init__(
        self, zone: ZoneInfo, audit: AuditLog, added: Callable[[], Sequence[OfferedReport]]
    ) -> None:
        self._zone, self._audit, self._added = zone, audit, added

    async def bring(self, conn: AsyncConnection, now: Micros) -> bool:
        """Do so of all that are due; whether there may be more."""
        found = await saved_reports.due(conn, now, _AT_ONCE)
        for saved in found:
            await self._one(conn, saved, now)
        return len(found) == _AT_ONCE

    async def skip(self, conn: AsyncConnection, now: Micros, reason: str) -> None:
        """Make up for none of the dates that have come: a base of an earlier day would send them anew."""
        for saved in await saved_reports.due(conn, now, saved_reports.MOST):
            if saved.cron is not None:
                after = next_date(saved.cron, self._zone, now)
                await saved_reports.change(conn, saved.id, due_at=after, fault=reason)

    async def _one(self, conn: AsyncConnection, saved: SavedReport, now: Micros) -> None:
        if saved.cron is None or saved.due_at is None:
            await saved_reports.change(conn, saved.id, due_at=None)
            return
        dates = dates_until(saved.cron, self._zone, saved.due_at, now)
        kept = await self.allowed(conn, saved)
        if not kept:
            await saved_reports.change(conn, saved.id, cron=None, due_at=None, fault=NOBODY)
            return
        await report_mails.plan(conn, saved.id, dates[-1], len(dates) - 1, kept)
        after = next_date(saved.cron, self._zone, max(now, dates[-1]))
        await saved_reports.change(conn, saved.id, due_at=after)

    async def allowed(self, conn: AsyncConnection, saved: SavedReport) -> Sequence[int]:
        """Those it goes to who may still read it; the others receive it no more, and the log says why.

        Of a report that nothing offers any more, all: its owner hears that it cannot be made.
        """
        readers = await saved_reports.readers(conn, saved.id)
        people = {one.id: one for one in await accounts.everybody(conn)}
        return await self._kept(conn, saved, readers, {one: people.get(one) for one in readers})

    async def still_allowed(
        self, conn: AsyncConnection, saved: SavedReport, number: int, account: Account | None
    ) -> bool:
        """The same of one of them alone, whose mail is about to leave: the account of that number."""
        readers = await saved_reports.readers(conn, saved.id)
        return number in await self._kept(conn, saved, readers, {number: account})

    async def _kept(
        self,
        conn: AsyncConnection,
        saved: SavedReport,
        readers: Sequence[int],
        judged: Mapping[int, Account | None],
    ) -> Sequence[int]:
        """The readers but for those judged who may not; of the others nothing is asked."""
        one = offered_of(saved.asked, self._added())
        if one is None:
            return readers
        kept = []
        for number in readers:
            account = judged.get(number)
            why = why_not(account, one) if number in judged else ""
            if why:
                who = account.who if account is not None else f"le compte n° {number}"
                said = {"n’est plus envoyé à": who, "parce que": why}
                await self._audit.note(conn, SERVER, STOPPED, saved.name, after=said)
            else:
                kept.append(number)
        if len(kept) < len(readers):
            await saved_reports.set_readers(conn, saved.id, kept)
        return kept
