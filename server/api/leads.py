"""Leads: found by what is known of them, and where each stands in its campaigns, with the reasons."""

import asyncio
from collections.abc import Iterator, Mapping
from typing import Any
from zoneinfo import ZoneInfo

from starlette.requests import Request
from starlette.responses import Response

from server.api.asking import Misasked, answered
from server.api.operation import ApiOperation, Parameter
from server.api.schemas import COUNT, FLAG, INSTANT, TEXT, or_null, several, shape
from server.reports.glossary import Glossary
from server.reports.ledger import Ledger, read_ledger
from server.reports.people import find_lead
from server.reports.timeline import journeys_of, timeline_of, zone_of
from server.store.store import Store
from server.web.page import Access, number

_NUMBER = Parameter("lead", "path", {"type": "integer", "minimum": 1}, "Le numéro du lead.")
_SOUGHT = Parameter("q", "query", TEXT, "Un courriel, un téléphone ou un numéro.")
_LONGEST = 254
#: What is told of a lead at most, the latest.
_LINES = 500
_STAY = shape({"campaign": TEXT, "entry": COUNT, "inside": FLAG, "state": TEXT})
_LINE = shape(
    {
        "at": INSTANT,
        "kind": TEXT,
        "campaign": or_null(TEXT),
        "text": TEXT,
        "reason": TEXT,
        "details": several(TEXT),
    }
)
_EXPLANATION = shape(
    {"lead": COUNT, "campaigns": several(_STAY), "timeline": several(_LINE), "earlier": COUNT}
)


class LeadOperations:
    """The leads of a server: what they tell is personal."""

    def __init__(self, store: Store, glossary: Glossary, zone: ZoneInfo) -> None:
        self._store, self._glossary, self._zone = store, glossary, zone

    def operations(self) -> Iterator[ApiOperation]:
        """All that may be asked of them."""
        yield ApiOperation(
            *("findLeads", "GET", "/leads", Access.PERSONAL),
            "Les leads qui répondent à un courriel, un téléphone ou un numéro.",
            self._found,
            shape({"items": several(shape({"lead": COUNT}))}),
            (_SOUGHT,),
            problems=("contenu-refuse",),
        )
        yield ApiOperation(
            *("explainLead", "GET", "/leads/{lead}/explanation", Access.PERSONAL),
            "Où en est un lead dans ses campagnes, tout ce qui lui est arrivé, et pourquoi.",
            self._explained,
            _EXPLANATION,
            (_NUMBER,),
            problems=("introuvable",),
        )

    async def _found(self, request: Request) -> Response:
        sought = request.query_params.get("q", "").strip()
        if not sought or len(sought) > _LONGEST:
            why = "Dites qui chercher : un courriel, un téléphone ou un numéro."
            raise Misasked("contenu-refuse", "/q", why)
        async with self._store.read() as conn:
            lead = await find_lead(conn, sought)
        return answered(request, {"items": [] if lead is None else [{"lead": lead}]})

    async def _explained(self, request: Request) -> Response:
        lead = number(request, "lead")
        async with self._store.read() as conn:
            known = await find_lead(conn, str(lead))
        if known is None:
            raise Misasked("introuvable")
        ledger = await read_ledger(self._store, known, self._glossary)
        return answered(request, await asyncio.to_thread(self._said, known, ledger))

    def _said(self, lead: int, ledger: Ledger) -> Mapping[str, Any]:
        zone = zone_of(ledger, self._zone)
        lines = timeline_of(ledger, zone)
        return {
            "lead": lead,
            "campaigns": [
                {
                    "campaign": one.campaign,
                    "entry": one.entry,
                    "inside": one.active,
                    "state": one.state,
                }
                for one in journeys_of(ledger, zone)
            ],
            "timeline": [
                {
                    "at": line.at.isoformat(),
                    "kind": line.kind,
                    "campaign": line.campaign,
                    "text": line.text,
                    "reason": line.reason,
                    "details": list(line.details),
                }
                for line in lines[-_LINES:]
            ],
            "earlier": max(len(lines) - _LINES, 0),
        }
