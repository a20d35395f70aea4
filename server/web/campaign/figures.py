"""The report of a campaign over a period: its figures in charts, each with its table, and as a sheet."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from relance.report import Report
from server.reports import french
from server.reports.chart import charts
from server.reports.few import without_few
from server.reports.performance.campaign import campaign_performance, campaign_reports
from server.reports.performance.campaign import span as in_words
from server.reports.performance.house import CourseLine, CourseStep, course, course_report
from server.reports.performance.listing import CampaignSummary
from server.reports.performance.reading import DaySpan
from server.reports.screen import screen, unfilled
from server.web.campaign.overview import top
from server.web.drawing import days, distinct
from server.web.office import Office
from server.web.page import Access, Page
from server.web.period import period
from server.web.report_parts import READ
from server.web.sheets import file_of

PATH = "/campagnes/{campagne}/rapport"
_COURSE = "cours"
_READ = READ | {"resume", _COURSE}


@dataclass(frozen=True, slots=True)
class FiguresPage:
    """Shows it."""

    office: Office

    def pages(self) -> Iterator[Page]:
        """As a page, and each table as a sheet."""
        yield Page(PATH, Access.READ, self.page)
        yield Page(PATH + "/{partie}", Access.READ, self.sheet)

    async def page(self, request: Request) -> Response:
        """Every part of it, each chart beside its table."""
        one = await self.office.campaign(request)
        span, refused = self._span(request.query_params)
        zone = self.office.settings.zone
        async with self.office.store.read() as conn:
            values = await top(self.office, conn, one)
            lines = await course(conn, span, CourseStep.DAY, one.id)
            reports = await self._reports(conn, one, span, lines)
        counts = [line.counts.get("entered", 0) for line in lines]
        words = [f"{french.day(line.first)} : {n}" for line, n in zip(lines, counts, strict=True)]
        parts: list[dict[str, Any]] = [
            {
                "key": key,
                "table": screen(without_few(part), zone),
                "charts": distinct(charts(without_few(part), zone)) if key not in _READ else (),
            }
            for key, part in reports.items()
        ]
        return self.office.frame.page(
            request,
            "figures.html",
            here="campagnes",
            title="Rapport",
            trail=(("Campagnes", "/campagnes"), (one.name, f"/campagnes/{one.id}")),
            tab="rapport",
            status=422 if refused else 200,
            span=span,
            said_days=in_words(span).capitalize(),
            refused=refused,
            parts=[one for one in parts if one["table"].rows and one["key"] != _COURSE],
            by_day=next(one["table"] for one in parts if one["key"] == _COURSE),
            nothing=unfilled(one["table"].title for one in parts if not one["table"].rows),
            course=days(counts, words),
            course_total=sum(counts),
            days=[french.day(line.first) for line in lines],
            most=max(counts, default=0),
            **values,
        )

    async def sheet(self, request: Request) -> Response:
        """One table of it, as a CSV file that spreadsheets open."""
        one = await self.office.campaign(request)
        key = request.path_params["partie"].removesuffix(".csv")
        span, _ = self._span(request.query_params)
        async with self.office.store.read() as conn:
            lines = await course(conn, span, CourseStep.DAY, one.id)
            part = (await self._reports(conn, one, span, lines)).get(key)
        if part is None:
            raise HTTPException(404)
        name = f"campagne-{one.id}-{key}-{span.first}-{span.last}"
        return await file_of(part, ".csv", name, self.office.settings.zone)

    async def _reports(
        self,
        conn: AsyncConnection,
        one: CampaignSummary,
        span: DaySpan,
        lines: Sequence[CourseLine],
    ) -> Mapping[str, Report]:
        found = await campaign_performance(conn, one.id, one.name, span)
        by_day = course_report(lines, "Jour par jour", of_house=False)
        return {**campaign_reports(found, self.office.glossary).parts, _COURSE: by_day}

    def _span(self, given: Mapping[str, str]) -> tuple[DaySpan, str]:
        """The days asked for, and why they are not those, if so."""
        return period(given, self.office.clock.now().astimezone(self.office.settings.zone).date())
