"""The journeys of a lead: where they stand in each campaign, and all that happened, with its reasons."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

from markupsafe import Markup
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from relance.legible import legible
from server.reports import french
from server.reports.drawing import drawing
from server.reports.glossary import Glossary
from server.reports.ledger import Readable, read_ledger
from server.reports.people import find_lead, latest_leads
from server.reports.timeline import Journey, journeys_of, timeline_of, zone_of
from server.web.page import Access, Page, number
from server.web.templates import shown

PATH = "/parcours"
#: How many leads are offered; others are looked for.
_LATEST = 12
_LONGEST = 254
#: The page looks again by itself, by a script of ours.
_POLICY = (
    "default-src 'none'; style-src 'self'; img-src 'self'; script-src 'self'; connect-src 'self'; "
    "form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
)


@dataclass(frozen=True, slots=True)
class Journeys:
    """Shows the journeys of the leads of a store."""

    store: Readable
    glossary: Glossary
    zone: ZoneInfo

    def pages(self) -> Iterator[Page]:
        """Where they are: what they tell is personal."""
        yield Page(PATH, Access.OPERATOR, self.page, ("GET", "POST"))
        yield Page(PATH + "/{lead}", Access.OPERATOR, self.page)

    async def page(self, request: Request) -> Response:
        """The page of a lead; of the latest one when none is named."""
        if request.method == "POST":
            return await self._found(request)
        answer = shown("journeys.html", PATH, **await self.of(number(request, "lead")))
        answer.headers["content-security-policy"] = _POLICY
        return answer

    async def _found(self, request: Request) -> Response:
        """To the page of who is looked for: an address stays in no address."""
        async with request.form() as form:
            sought = str(form.get("qui", ""))[:_LONGEST].strip()
        async with self.store.read() as conn:
            lead = await find_lead(conn, sought)
        if lead is not None:
            return RedirectResponse(f"{PATH}/{lead}", 303)
        answer = shown("journeys.html", PATH, 404, **await self.of(None, sought=sought))
        answer.headers["content-security-policy"] = _POLICY
        return answer

    async def of(self, lead: int | None, *, sought: str = "") -> Mapping[str, Any]:
        """What `_journey.html` shows of that lead; `sought`: what nobody was found by."""
        async with self.store.read() as conn:
            leads = await latest_leads(conn, _LATEST)
        if lead is None and leads and not sought:
            lead = leads[0].id
        zone, stays, lines = self.zone, [], []
        if lead is not None:
            ledger = await read_ledger(self.store, lead, self.glossary)
            zone = zone_of(ledger, zone)
            stays = [_drawn(stay, self.glossary) for stay in journeys_of(ledger, zone)]
            lines = list(timeline_of(ledger, zone))[::-1]
        shared = french.shared_minutes(line.at for line in lines)
        return {
            "leads": leads,
            "lead": lead,
            "sought": sought,
            "journeys": stays,
            "lines": lines,
            "zone": french.zone_name(zone),
            "instant": lambda at: french.instant(at, zone, seconds=at in shared),
            "count": french.count,
        }


def _drawn(stay: Journey, glossary: Glossary) -> Mapping[str, object]:
    picture = drawing(stay.program, glossary, passed=stay.passed, here=stay.here)
    return {
        "campaign": stay.campaign,
        "entry": stay.entry,
        "active": stay.active,
        "state": stay.state,
        # `drawing` escapes every word of the script it draws.
        "picture": Markup(legible(picture)),  # noqa: S704
    }
