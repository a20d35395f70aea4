"""Reports: the figures of the command line, to the last one."""

from collections.abc import Iterator
from datetime import date, timedelta
from zoneinfo import ZoneInfo

from starlette.requests import Request
from starlette.responses import Response

from relance.host import Clock
from server.api.asking import Misasked, answered
from server.api.operation import ApiOperation, Parameter
from server.api.schemas import COUNT, DAY, SHARE, TEXT, or_null, several, shape
from server.reports.as_json import as_json
from server.reports.performance.house import campaign_lines, campaigns_report
from server.reports.performance.reading import DaySpan
from server.store.counting import counted_by
from server.store.store import Store
from server.web.page import Access

_USUAL = timedelta(days=29)
_LONGEST = timedelta(days=3_660)
_FROM = Parameter("from", "query", DAY, "Le premier jour ; sans lui, il y a trente jours.")
_TO = Parameter("to", "query", DAY, "Le dernier jour, compris ; sans lui, aujourd’hui.")
_PROGRESS = shape(
    {
        "campagne": TEXT,
        "progression": or_null(SHARE),
        "entrees": COUNT,
        "a_l_interieur": COUNT,
        "sorties": COUNT,
        "reussies": COUNT,
        "taux_reussite": or_null(SHARE),
    }
)


class ReportOperations:
    """The reports of a server."""

    def __init__(self, store: Store, clock: Clock, zone: ZoneInfo) -> None:
        self._store, self._clock, self._zone = store, clock, zone

    def operations(self) -> Iterator[ApiOperation]:
        """All that may be asked."""
        yield ApiOperation(
            *("reportCampaigns", "GET", "/reports/campaigns", Access.READ),
            "Les campagnes actives sur une période : entrées, sorties, réussites.",
            self._campaigns,
            shape({"from": DAY, "to": DAY, "campaigns": several(_PROGRESS)}),
            (_FROM, _TO),
            problems=("pas-compte",),
        )

    async def _campaigns(self, request: Request) -> Response:
        days = self._days(request)
        async with self._store.read() as conn:
            if await counted_by(conn) is None:
                raise Misasked("pas-compte")
            found = as_json(campaigns_report(await campaign_lines(conn, days), days))
        first, last = days.first.isoformat(), days.last.isoformat()
        return answered(request, {"from": first, "to": last, "campaigns": found})

    def _days(self, request: Request) -> DaySpan:
        today = self._clock.now().astimezone(self._zone).date()
        last = _day(request, "to") or today
        first = _day(request, "from") or last - _USUAL
        if first > last or last - first > _LONGEST:
            why = "Le premier jour vient avant le dernier, de dix ans au plus."
            raise Misasked("contenu-refuse", "/from", why)
        return DaySpan(first, last)


def _day(request: Request, name: str) -> date | None:
    given = request.query_params.get(name)
    if given is None:
        return None
    try:
        return date.fromisoformat(given)
    except ValueError as error:
        raise Misasked("contenu-refuse", f"/{name}", "Un jour s’écrit 2026-11-29.") from error
