"""All the saved reports with what is told of each: whose it is, when it is mailed and to how many."""

from collections.abc import Sequence

from sqlalchemy.ext.asyncio import AsyncConnection

from server.access import accounts
from server.report_mail.recurrence import of_cron
from server.reports.saved_list import SavedRow
from server.store import saved_reports


async def saved_rows(conn: AsyncConnection) -> Sequence[SavedRow]:
    """By name."""
    people = {one.id: one.name for one in await accounts.everybody(conn)}
    counts = await saved_reports.reader_counts(conn)
    found = []
    for saved in await saved_reports.everything(conn):
        recurrence = of_cron(saved.cron)
        readers = counts.get(saved.id, 0) if recurrence else 0
        words = recurrence.words if recurrence is not None else ""
        found.append(SavedRow(saved, people.get(saved.account_id, ""), words, readers))
    return found
