"""« Rapports »: each report of the terminal as a page, its period beside the one before, and as files."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any
from urllib.parse import urlencode

from sqlalchemy.ext.asyncio import AsyncConnection
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from relance.report import ReportSet
from server.reports.performance.campaign import span as in_words
from server.reports.performance.house import CourseStep, house_head
from server.reports.performance.nameable import names_of
from server.reports.performance.offered import (
    OFFERED,
    DatedBy,
    NamedFor,
    OfferedReport,
    ReportAsked,
    Unreported,
)
from server.reports.performance.reading import DaySpan
from server.reports.relative_days import former
from server.reports.saved import ALONE, beside_former, by_key
from server.reports.screen import unfilled
from server.web.office import Office
from server.web.page import Access, Page
from server.web.period import period, presets
from server.web.report_parts import ReportPart, parts_of
from server.web.saved_reports import SavedReportPages
from server.web.sheets import KINDS, file_of

PATH = "/rapports"
#: That of a lead is its own page, and nobody is looked for by an address.
SHOWN = {word: one for word, one in OFFERED.items() if one.named is not NamedFor.LEAD}
#: Rows of a table that grows with the leads: on a page, and in a file.
_MOST, _MOST_IN_FILE = 200, 100_000
_LONGEST = 200
#: What a report may be of the people of.
_WHOSE = NamedFor.CAMPAIGN
#: The whole of a report, as one file.
_WHOLE = "tout"
#: What the first page shows of the house, before one chooses.
_FIRST = ("nouveaux_leads", "entrees", "reussies", "envoyes")


@dataclass(frozen=True, slots=True)
class AskedPage:
    """What an address asks: of which days, beside which, of what; and what was wrong in it."""

    asked: ReportAsked
    before: DaySpan
    refused: str
    compared: bool = True

    @property
    def query(self) -> str:
        """The same, as an address says it."""
        return self.of(self.asked.days)

    def of(self, days: DaySpan) -> str:
        """The same of other days."""
        given = {"du": days.first, "au": days.last, "nom": self.asked.name}
        given |= {"par": self.asked.pace.value, "cherche": self.asked.search}
        given |= {"campagne": self.asked.campaign, "avant": "" if self.compared else ALONE}
        usual = CourseStep.DAY.value
        return urlencode({name: value for name, value in given.items() if value and value != usual})


@dataclass(frozen=True, slots=True)
class ReportPages:
    """Shows them."""

    office: Office
    saved: SavedReportPages

    def pages(self) -> Iterator[Page]:
        """The list of them, each, and each as files; those that name people for who may read that."""
        yield Page(PATH, Access.READ, self.home)
        yield from self.saved.pages()
        for one in self._shown():
            access = Access.PERSONAL if one.personal else Access.READ
            yield Page(f"{PATH}/{one.word}", access, partial(self.page, one))
            yield Page(f"{PATH}/{one.word}/{{partie}}", access, partial(self.file, one))

    async def home(self, request: Request) -> Response:
        """What there is to read, below what the house came to."""
        found = self._asked(request.query_params, OFFERED["maison"])
        days, pace = found.asked.days, found.asked.pace
        async with self.office.store.read() as conn:
            now, before = [
                (await house_head(conn, each, pace)).parts for each in (days, found.before)
            ]
            saved = await self.saved.lines(conn, request)
        resume, course = parts_of(now, before, self.office.settings.zone)
        return self.office.frame.page(
            request,
            "reports.html",
            here="rapports",
            title="Rapports",
            status=422 if found.refused else 200,
            report=None,
            said="",
            offered=self._shown(),
            saved=saved,
            figures=resume.figures(_FIRST),
            course=course,
            **self._period(request, found, PATH),
        )

    async def page(self, one: OfferedReport, request: Request) -> Response:
        """One, of the days and of what the address says."""
        found, said = self._asked(request.query_params, one), ""
        parts: Sequence[ReportPart] = ()
        async with self.office.store.read() as conn:
            ground, days = self.office.ground, found.asked.days
            names = await names_of(conn, ground, one.named, days)
            whose = await names_of(conn, ground, _WHOSE, days) if one.by_campaign else ()
            found = _of_first(found, one, names)
            try:
                if found.asked.name or not one.needed:
                    parts = await self._parts(conn, one, found)
            except Unreported as none:
                said = str(none)
        return self.office.frame.page(
            request,
            "report.html",
            here="rapports",
            title=one.title,
            trail=(("Rapports", f"{PATH}?{found.of(found.asked.days)}"),),
            status=422 if said or found.refused else 200,
            report=one,
            chooses=one.named is NamedFor.CAMPAIGN,
            names=names,
            whose=whose,
            said=said,
            parts=parts,
            nothing=unfilled(one.table.title for one in parts if not one.table.rows),
            meanings=self._meanings() if one.named is NamedFor.INDICATOR else (),
            steps=tuple(CourseStep),
            **self._period(request, found, f"{PATH}/{one.word}"),
        )

    async def file(self, one: OfferedReport, request: Request) -> Response:
        """A table of it as CSV, or the whole as a workbook or JSON."""
        key, dot, ending = request.path_params["partie"].rpartition(".")
        found = self._asked(request.query_params, one)
        if f".{ending}" not in KINDS or not dot:
            raise HTTPException(404)
        async with self.office.store.read() as conn:
            ground, days = self.office.ground, found.asked.days
            names = await names_of(conn, ground, one.named, days) if one.needed else ()
            found = _of_first(found, one, names)
            asked = replace(found.asked, most=_MOST_IN_FILE)
            try:
                whole = await one.read(conn, ground, asked)
            except Unreported as none:
                raise HTTPException(404) from none
        wanted = whole if key == _WHOLE else by_key(whole, one.word).get(key)
        if wanted is None or (ending == "csv" and isinstance(wanted, ReportSet)):
            raise HTTPException(404)
        name = f"rapport-{one.word}-{key}"
        if one.dated is DatedBy.PERIOD:
            name += f"-{days.first}-{days.last}"
        return await file_of(wanted, f".{ending}", name, self.office.settings.zone)

    def _shown(self) -> Sequence[OfferedReport]:
        """Those of the server, then those that plugins add."""
        return (*SHOWN.values(), *self.office.added.reports)

    def _meanings(self) -> Sequence[tuple[str, str]]:
        return [
            (one.label, one.meaning)
            for one in self.office.indicators()
            if one.label and one.meaning
        ]

    async def _parts(
        self, conn: AsyncConnection, one: OfferedReport, found: AskedPage
    ) -> Sequence[ReportPart]:
        ground, compared = self.office.ground, found.compared
        now, then = await beside_former(one, conn, ground, found.asked, compared=compared)
        before = {} if then is None else by_key(then, one.word)
        return parts_of(by_key(now, one.word), before, self.office.settings.zone)

    def _asked(self, given: Mapping[str, str], one: OfferedReport) -> AskedPage:
        days, refused = period(given, self._today)
        paces = {pace.value: pace for pace in CourseStep}
        name = given.get("nom", "")[:_LONGEST].strip() if one.named else ""
        asked = ReportAsked(
            days,
            name,
            given.get("campagne", "")[:_LONGEST].strip() if one.by_campaign else "",
            paces.get(given.get("par", ""), CourseStep.DAY) if one.paced else CourseStep.DAY,
            given.get("cherche", "")[:_LONGEST].strip() if one.searched else "",
            _MOST,
        )
        return AskedPage(asked, former(days), refused, given.get("avant", "") != ALONE)

    @property
    def _today(self) -> Any:
        return self.office.clock.now().astimezone(self.office.settings.zone).date()

    def _period(self, request: Request, found: AskedPage, path: str) -> dict[str, Any]:
        """What the choice of days above each page shows."""
        return {
            "path": path,
            "asked": found.asked,
            "query": found.query,
            "refused": found.refused,
            "compared": found.compared,
            "said_days": in_words(found.asked.days).capitalize(),
            "said_before": in_words(found.before),
            "earlier": f"{path}?{found.of(found.before)}" if found.compared else "",
            "presets": [
                (one.title, f"{path}?{found.of(one.span)}&{one.named}", one.current)
                for one in presets(self._today, found.asked.days, request.query_params)
            ],
        }


def _of_first(found: AskedPage, one: OfferedReport, names: Sequence[str]) -> AskedPage:
    """The same; of what cannot go without a name and has none, of the first there is."""
    if not one.needed or found.asked.name or not names:
        return found
    return replace(found, asked=replace(found.asked, name=names[0]))
