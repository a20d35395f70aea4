"""`relance rapport enregistres` and `relance rapport enregistre <nom>`: the reports that the team saved."""

import asyncio
from collections.abc import Sequence

from relance.french import quoted
from relance.report import Report
from relance.slip import slip_of
from server.cli.outcome import MISUSED, CommandStop
from server.clock import SystemClock
from server.report_mail.listing import saved_rows
from server.reports.performance.offered import OfferedReport, ReportAsked
from server.reports.reader import reading
from server.reports.saved import asked_on, offered_of
from server.reports.saved_list import saved_list
from server.settings import Settings
from server.store import saved_reports
from server.store.saved_reports import SavedReport

#: The words that ask for them, beside those of reports.
LIST, ONE = "enregistres", "enregistre"


def every_saved(settings: Settings, added: Sequence[OfferedReport]) -> Report:
    """The list that is told of them."""

    async def read() -> Report:
        async with reading(settings.database) as reader, reader.read() as conn:
            return saved_list(await saved_rows(conn), added)

    return asyncio.run(read())


def named(
    settings: Settings, name: str, added: Sequence[OfferedReport], most: int
) -> tuple[OfferedReport, ReportAsked]:
    """What the one of that name asks today; the command stops where there is none."""

    async def read() -> tuple[SavedReport | None, Sequence[str]]:
        async with reading(settings.database) as reader, reader.read() as conn:
            found = await saved_reports.by_name(conn, name)
            return found, [one.name for one in await saved_reports.everything(conn)]

    found, names = asyncio.run(read())
    if found is None:
        raise CommandStop(MISUSED, _none_such(name, names))
    one = offered_of(found.asked, added)
    if one is None:
        raise CommandStop(MISUSED, "Ce rapport vient d’une extension qui n’est plus là.")
    today = SystemClock().now().astimezone(settings.zone).date()
    return one, asked_on(found.asked, today, most)


def _none_such(name: str, known: Sequence[str]) -> str:
    there = ", ".join(map(quoted, known)) or "aucun encore"
    if not name:
        return f"Dites lequel. Rapports enregistrés\u00a0: {there}."
    near = slip_of(name, known)
    meant = f" Vouliez-vous dire {quoted(near)}\u00a0?" if near else f" Il y a\u00a0: {there}."
    return f"Aucun rapport n’est enregistré sous le nom {quoted(name)}.{meant}"
