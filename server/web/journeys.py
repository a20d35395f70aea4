"""The journeys of a lead: where they stand in each campaign, and all that happened, with its reasons."""

import asyncio
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

from markupsafe import Markup
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from server.reports import french
from server.reports.drawing import Drawing
from server.reports.glossary import Glossary
from server.reports.ledger import NOTHING, Ledger, Readable, read_ledger
from server.reports.people import find_lead, latest_leads
from server.reports.timeline import Journey, journeys_of, timeline_of, zone_of
from server.web.frame import Frame
from server.web.page import Access, Page, number

T = TypeVar("T")
PATH = "/parcours"
#: How many leads are offered; others are looked for.
_LATEST = 12
_LONGEST = 254
#: What is shown of a lead at most, the latest first: an open page looks again each second.
_STAYS = 20
_LINES = 500


@dataclass(frozen=True, slots=True)
class Journeys:
    """The journeys of the leads of a store, in the words that pages show."""

    store: Readable
    glossary: Glossary
    zone: ZoneInfo
    _turn: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def of(self, lead: int | None, *, sought: str = "") -> Mapping[str, Any]:
        """What `_journey.html` shows of that lead; `sought`: what nobody was found by."""
        async with self.store.read() as conn:
            leads = await latest_leads(conn, _LATEST)
        if lead is None and leads and not sought:
            lead = leads[0].id
        ledger = NOTHING if lead is None else await read_ledger(self.store, lead, self.glossary)
        values = await self.in_turn(lambda: self._values(ledger))
        return {"leads": leads, "lead": lead, "sought": sought, "count": french.count, **values}

    async def in_turn(self, make: Callable[[], T]) -> T:
        """What takes its time is made in a thread, one at a time: forms do not wait for pages."""
        async with self._turn:
            return await asyncio.to_thread(make)

    def _values(self, ledger: Ledger) -> Mapping[str, Any]:
        zone = zone_of(ledger, self.zone)
        lines = timeline_of(ledger, zone)
        latest = lines[: -_LINES - 1 : -1]
        shared = french.shared_minutes(line.at for line in latest)
        return {
            "journeys": _drawn(journeys_of(ledger, zone, _STAYS), self.glossary),
            "stays": len(ledger.enrolments),
            "lines": latest,
            "earlier": len(lines) - len(latest),
            "zone": french.zone_name(zone),
            "instant": lambda at: french.instant(at, zone, seconds=at in shared),
        }


def _drawn(stays: Sequence[Journey], glossary: Glossary) -> Sequence[Mapping[str, object]]:
    """Each stay with its picture: those in one version share all that is the same in it."""
    programs = {stay.version: stay.program for stay in stays}
    drawings = {version: Drawing(program, glossary) for version, program in programs.items()}
    return [
        {
            "campaign": stay.campaign,
            "entry": stay.entry,
            "active": stay.active,
            "state": stay.state,
            # A drawing escapes every word of the script it draws.
            "picture": Markup(drawings[stay.version].of(stay.passed, stay.here)),  # noqa: S704
        }
        for stay in stays
    ]


@dataclass(frozen=True, slots=True)
class JourneyPages:
    """Shows them."""

    journeys: Journeys
    frame: Frame

    def pages(self) -> Iterator[Page]:
        """Where they are: what they tell is personal."""
        yield Page(PATH, Access.PERSONAL, self.page, ("GET", "POST"))
        yield Page(PATH + "/{lead}", Access.PERSONAL, self.page)

    async def page(self, request: Request) -> Response:
        """The page of a lead; of the latest one when none is named."""
        if request.method == "POST":
            return await self._found(request)
        return await self._shown(request, 200, await self.journeys.of(number(request, "lead")))

    async def _found(self, request: Request) -> Response:
        """To the page of who is looked for: an address stays in no address."""
        async with request.form() as form:
            sought = str(form.get("qui", ""))[:_LONGEST].strip()
        async with self.journeys.store.read() as conn:
            lead = await find_lead(conn, sought)
        if lead is not None:
            return RedirectResponse(f"{PATH}/{lead}", 303)
        return await self._shown(request, 404, await self.journeys.of(None, sought=sought))

    async def _shown(self, request: Request, status: int, values: Mapping[str, Any]) -> Response:
        return await self.journeys.in_turn(
            lambda: self.frame.page(
                request,
                "journeys.html",
                here="parcours",
                title="Parcours",
                status=status,
                **values,
            )
        )
