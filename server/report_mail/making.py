"""A saved report read for one of its dates, and put in words: what is the same for all who receive it."""

import asyncio
import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

from relance.errors import StoreUnavailable
from server.report_mail.letter import LetterWords, WrittenLetter, failure, written
from server.report_mail.recurrence import lateness
from server.reports import french, relative_days
from server.reports.performance.campaign import span as in_words
from server.reports.performance.offered import DatedBy, OfferedReport, ReportGround, Unreported
from server.reports.saved import address_of, asked_on, beside_former, offered_of
from server.reports.saved import in_words as question_in_words
from server.store.counting import counted_by
from server.store.instants import from_micros
from server.store.report_mails import ReportMail
from server.store.saved_reports import SavedReport
from server.store.store import Store

log = logging.getLogger("relance.server")

#: Rows of a table that grows with the leads, in the file.
_MOST = 20_000
#: A mail that leaves sooner after its date is not late.
_LATE = timedelta(minutes=15)
_GONE = "Ce rapport vient d’une extension qui n’est plus là."
_NOT_COUNTED = "Les comptes de la base ne sont pas encore faits."
_UNEXPECTED = "Une erreur imprévue l’a empêché ; elle est notée dans le journal du serveur."


class UnmadeReport(Exception):
    """It cannot be made: why, in French."""


@dataclass(frozen=True, slots=True)
class ReportPlace:
    """What letters say of where they come from. `address`: where people reach the server."""

    project: str
    address: Callable[[], str]


class LetterMaking:
    """Makes letters of saved reports."""

    def __init__(
        self,
        store: Store,
        ground: Callable[[], ReportGround],
        added: Callable[[], Sequence[OfferedReport]],
        place: ReportPlace,
    ) -> None:
        self._store, self._ground, self._added, self._place = store, ground, added, place

    async def make(self, saved: SavedReport, mail: ReportMail) -> WrittenLetter:
        """The letter of that date; `UnmadeReport` when there can be none."""
        one = offered_of(saved.asked, self._added())
        if one is None:
            raise UnmadeReport(_GONE)
        ground = self._ground()
        today = from_micros(mail.due_at).astimezone(ground.zone).date()
        asked = asked_on(saved.asked, today, _MOST)
        compared = saved.asked.compared
        try:
            async with self._store.read() as conn:
                if await counted_by(conn) is None:
                    raise UnmadeReport(_NOT_COUNTED)
                now, then = await beside_former(one, conn, ground, asked, compared=compared)
        except Unreported as none:
            raise UnmadeReport(str(none)) from none
        except (StoreUnavailable, UnmadeReport):
            raise
        except Exception as error:
            log.exception("le rapport enregistré «\u00a0%s\u00a0» n’a pas pu être fait", saved.name)
            raise UnmadeReport(_UNEXPECTED) from error
        said = replace(
            self._words(saved, mail, one),
            days=in_words(asked.days).capitalize() if one.dated is DatedBy.PERIOD else "",
            before="" if then is None else in_words(relative_days.former(asked.days)),
            page=f"{self._place.address()}{address_of(one, saved.asked, asked.days)}",
        )
        return await asyncio.to_thread(
            written, said, now, then, one.word, saved.attached, ground.zone
        )

    def unmade(self, saved: SavedReport, mail: ReportMail) -> WrittenLetter:
        """What its owner is written instead."""
        one = offered_of(saved.asked, self._added())
        return failure(self._words(saved, mail, one), mail.fault or "")

    def _words(
        self, saved: SavedReport, mail: ReportMail, one: OfferedReport | None
    ) -> LetterWords:
        ground, base = self._ground(), self._place.address()
        late = ""
        due = from_micros(mail.due_at)
        if mail.missed or from_micros(ground.now) - due > _LATE:
            late = lateness(mail.missed, f"le {french.instant(due, ground.zone)}")
        return LetterWords(
            *(saved.name, question_in_words(saved.asked, one), "", "", late, ""),
            *(f"{base}/rapports/enregistres/{saved.id}", self._place.project),
        )
