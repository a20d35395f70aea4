"""Leads: found by what is known of them, and where each stands in its campaigns, with the reasons."""

import asyncio
from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from server.api.asking import Misasked, answered
from server.api.operation import ApiOperation, Parameter
from server.api.schemas import COUNT, FLAG, INSTANT, TEXT, or_null, several, shape
from server.reports.glossary import Glossary
from server.reports.ledger import Ledger, read_ledger
from server.reports.people import find_lead
from server.reports.timeline import journeys_of, timeline_of, zone_of
from server.store.instants import from_micros
from server.store.schema.leads import lead_tags, list_members, lists
from server.store.store import Store
from server.web.page import Access, number

_NUMBER = Parameter("lead", "path", {"type": "integer", "minimum": 1}, "Le numéro du lead.")
_SOUGHT = Parameter("q", "query", TEXT, "Un courriel, un téléphone ou un numéro.")
_LONGEST = 254
#: What is told of a lead at most, the latest.
_LINES = 500
_LEAD = shape(
    {
        "lead": COUNT,
        "created": INSTANT,
        "score": {"type": "integer"},
        "fields": {
            "type": "object",
            "additionalProperties": {"type": ["string", "boolean", "null"]},
        },
        "lists": several(TEXT),
        "tags": several(TEXT),
    }
)
_STAY = shape(
    {"campaign": TEXT, "entry": COUNT, "value": or_null(TEXT), "inside": FLAG, "state": TEXT}
)
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
        )
        yield ApiOperation(
            *("getLead", "GET", "/leads/{lead}", Access.PERSONAL),
            "Ce qui est connu d’un lead : ses champs, ses listes, ses étiquettes.",
            self._one,
            _LEAD,
            (_NUMBER,),
            problems=("inconnu",),
        )
        yield ApiOperation(
            *("explainLead", "GET", "/leads/{lead}/explanation", Access.PERSONAL),
            "Où en est un lead dans ses campagnes, tout ce qui lui est arrivé, et pourquoi.",
            self._explained,
            _EXPLANATION,
            (_NUMBER,),
            problems=("inconnu",),
        )

    async def _found(self, request: Request) -> Response:
        sought = request.query_params.get("q", "").strip()
        if not sought or len(sought) > _LONGEST:
            why = "Dites qui chercher : un courriel, un téléphone ou un numéro."
            raise Misasked("contenu-refuse", "/q", why)
        async with self._store.read() as conn:
            lead = await find_lead(conn, sought)
        return answered(request, {"items": [] if lead is None else [{"lead": lead}]})

    async def _known(self, conn: AsyncConnection, request: Request) -> int:
        """The lead of that number, or the one it became; who was forgotten is nobody."""
        asked = request.path_params["lead"]
        try:
            lead = await find_lead(conn, str(number(request, "lead")))
        except HTTPException as wrong:
            raise Misasked("inconnu", "/lead", "Un lead se désigne par son numéro.") from wrong
        if lead is None:
            raise Misasked("inconnu", "/lead", f"Aucun lead ne porte le numéro {asked}.")
        return lead

    async def _one(self, request: Request) -> Response:
        known, table = self._store.fields, self._store.fields.table
        async with self._store.read() as conn:
            lead = await self._known(conn, request)
            query = select(table).where(table.c.id == lead)
            row = (await conn.execute(query)).mappings().one()
            member = list_members.c.list_key == lists.c.key
            named = select(lists.c.name).where(member, list_members.c.lead_id == lead)
            tagged = select(lead_tags.c.name).where(lead_tags.c.lead_id == lead)
            found = {
                "lead": lead,
                "created": from_micros(row["created_at"]).isoformat(),
                "score": row["score"],
                "fields": {one.name: _plain(row[one.column.name]) for one in known},
                "lists": sorted(await conn.scalars(named)),
                "tags": sorted(await conn.scalars(tagged)),
            }
        return answered(request, found)

    async def _explained(self, request: Request) -> Response:
        async with self._store.read() as conn:
            known = await self._known(conn, request)
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
                    "value": one.value or None,
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


def _plain(value: object) -> object:
    """A field's value: numbers and days as text, so that no reader makes another of them."""
    if value is None or isinstance(value, bool | str):
        return value
    return value.isoformat() if isinstance(value, date) else str(value)
