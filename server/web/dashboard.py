"""The dashboard: what asks for somebody first, then each campaign, then what happened today."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection
from starlette.requests import Request
from starlette.responses import Response

from relance.errors import StoreUnavailable
from server.health.checkup import Checkup
from server.publication import requests
from server.reports.performance.house import CourseStep, course
from server.reports.performance.listing import CampaignSummary, busiest
from server.reports.performance.reading import DaySpan
from server.web.agreement import waiting_for
from server.web.drawing import Bars, bars, spark
from server.web.first_steps import FirstSteps
from server.web.live import Live
from server.web.office import Office
from server.web.page import Access, Page

#: So many days are drawn beside today.
_DAYS = 21
#: And so many campaigns are shown.
_MOST = 12
#: What the head of the page says, with its button.
_SAID = frozenset({"brouillon", "regles.jamais-publiees"})


@dataclass(frozen=True, slots=True)
class TodayFigure:
    """One figure of today, with the days before it."""

    title: str
    count: int
    spark: str
    label: str


@dataclass(frozen=True, slots=True)
class Dashboard:
    """Shows it."""

    office: Office
    checkup: Checkup
    live: Live
    first_steps: FirstSteps

    def pages(self) -> Iterator[Page]:
        """The first page of whoever may read."""
        yield Page("/", Access.READ, self.page)
        yield Page("/tableau", Access.READ, self.part)

    async def part(self, request: Request) -> Response:
        """What of it changes by itself: the same for all who look."""
        answer: Response = await self.live.shared("tableau", lambda: self._part(request))
        return answer

    async def _part(self, request: Request) -> Response:
        return self.office.frame.part(request, "_dashboard.html", **await self._values())

    async def page(self, request: Request) -> Response:
        """The whole page. A block that fails empties no other."""
        return self.office.frame.page(
            request,
            "dashboard.html",
            here="accueil",
            title="Tableau de bord",
            steps=await self.first_steps.steps(request),
            pending=tuple(self.office.publishing.rules.pending),
            never=self.office.publishing.rules.never,
            **await self._waiting(),
            **await self._values(),
        )

    async def _waiting(self) -> dict[str, Any]:
        try:
            async with self.office.store.read() as conn:
                return waiting_for(await requests.waiting(conn))
        except StoreUnavailable:
            return waiting_for(None)

    async def _values(self) -> dict[str, Any]:
        health = await self.checkup.health()
        try:
            async with self.office.store.read() as conn:
                lines: Sequence[CampaignSummary] | None = await busiest(conn, _MOST)
                today = await self._today(conn)
        except StoreUnavailable:
            lines, today = None, ()
        shown = lines or ()
        calm = health.ok and not health.concerns
        drawn: dict[int, Bars] = {one.id: bars(one) for one in shown}
        now = self.office.clock.now().astimezone(self.office.settings.zone)
        return {
            "health": health,
            "concerns": [one for one in health.concerns if one.code not in _SAID],
            "calm": calm,
            "lines": lines,
            "shown": shown,
            "bars": drawn,
            "today": today,
            "now": now,
        }

    async def _today(self, conn: AsyncConnection) -> Sequence[TodayFigure]:
        last = self.office.clock.now().astimezone(self.office.settings.zone).date()
        days = DaySpan(last - timedelta(days=_DAYS - 1), last)
        found = await course(conn, days, CourseStep.DAY)
        titles = {
            "entered": "Entrées",
            "message sent": "Messages envoyés",
            "message clicked": "Clics",
            "lead": "Nouveaux leads",
            "succeeded": "Réussites",
        }
        return [
            TodayFigure(title, counts[-1], spark(counts), _label(title, counts))
            for kind, title in titles.items()
            for counts in ([line.counts.get(kind, 0) for line in found],)
        ]


def _label(title: str, counts: Sequence[int]) -> str:
    return f"{title} par jour depuis {len(counts)} jours, de {min(counts)} à {max(counts)}"
