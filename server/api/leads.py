"""Leads: found by what is known of them, and where each stands in its campaigns, with the reasons."""

import asyncio
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from datetime import date
from functools import partial
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from dsl.check.naming import LONGEST
from relance.legible import in_json
from server.access.register import AccessRegister
from server.api.asking import Misasked, after, answered, body, cursor, in_part, text
from server.api.declining import misasked
from server.api.document import LINES
from server.api.lists import leads_of
from server.api.operation import ApiOperation, Parameter, Schema
from server.api.schemas import COUNT, FLAG, INSTANT, TEXT, or_null, part, several, shape
from server.http.exchange import JSON
from server.language.conditions import typed_condition
from server.language.draft import DraftLanguage
from server.orders import memberships
from server.orders.declined import Declined
from server.reports.finding import lines_of
from server.reports.ledger import Ledger, read_ledger
from server.reports.people import find_lead
from server.reports.selection import LeadSelection, Unanswerable
from server.reports.timeline import journeys_of, timeline_of, zone_of
from server.store.instants import from_micros
from server.store.schema.leads import lead_tags, list_members, lists
from server.web.leads import UNANSWERABLE, selection_of
from server.web.office import Office, actor_of
from server.web.page import Access, number

_NUMBER = Parameter("lead", "path", {"type": "integer", "minimum": 1}, "Le numéro du lead.")
_SOUGHT = Parameter("q", "query", TEXT, "Un courriel, un téléphone ou un numéro.")
_FILTER = Parameter(
    "filter",
    "query",
    TEXT,
    "Une condition de la langue, comme celle d’une liste : ceux pour qui elle est vraie.",
)
_CURSOR = Parameter(
    "cursor", "query", TEXT, "Ce que disait «\u00a0next\u00a0» de la partie d’avant."
)
_TAGS: Mapping[str, Schema] = {
    "etiquette": {"type": "string", "maxLength": LONGEST},
    "leads": {**several({"type": "integer", "minimum": 1}), "maxItems": 10_000},
}
_LONGEST = 254
#: As many as there are; of which so many are read at once.
_EVERYBODY, _AT_ONCE = 2**62, 1_000
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
_FOUND = shape(
    {
        "lead": COUNT,
        "name": or_null(TEXT),
        "email": or_null(TEXT),
        "phone": or_null(TEXT),
        "city": or_null(TEXT),
        "score": {"type": "integer"},
        "created": INSTANT,
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

    def __init__(self, office: Office, draft: DraftLanguage, register: AccessRegister) -> None:
        self._office, self._draft, self._register = office, draft, register
        self._store, self._glossary = office.store, office.glossary
        self._zone = office.settings.zone

    def operations(self) -> Iterator[ApiOperation]:
        """All that may be asked of them."""
        yield ApiOperation(
            *("findLeads", "GET", "/leads", Access.PERSONAL),
            "Les leads qui répondent à un courriel, un téléphone ou un numéro («\u00a0q\u00a0»), ou pour qui une "
            "condition est vraie («\u00a0filter\u00a0»), les plus récents d’abord. Une partie peut être vide et "
            "avoir une suite : tout n’a pas encore été regardé.",
            self._found,
            part(_FOUND),
            (_SOUGHT, _FILTER, _CURSOR),
        )
        yield ApiOperation(
            *("exportLeads", "GET", "/leads/export", Access.PERSONAL),
            "Tous ceux pour qui une condition est vraie, un objet JSON par ligne, les plus récents d’abord.",
            self._exported,
            _FOUND,
            (_FILTER,),
            streams=True,
        )
        for name, verb, summary in (
            ("tagLeads", memberships.TAG, "Poser une étiquette sur des leads."),
            ("untagLeads", memberships.UNTAG, "Ôter une étiquette à des leads."),
        ):
            yield ApiOperation(
                *(name, "POST", f"/leads/{name.removesuffix('Leads')}", Access.PERSONAL, summary),
                partial(self._tag, verb),
                shape({"fait": FLAG, "dit": TEXT}),
                body=shape(_TAGS),
                problems=("refuse", "json-attendu", "json-illisible"),
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
        if "filter" in request.query_params:
            return await self._filtered(request, sought)
        if not sought or len(sought) > _LONGEST:
            why = "Dites qui chercher : un courriel, un téléphone ou un numéro."
            raise Misasked("contenu-refuse", "/q", why)
        async with self._store.read() as conn:
            lead = await find_lead(conn, sought)
            rows = await lines_of(conn, [] if lead is None else [lead])
        return answered(request, in_part([_line(row) for row in rows], 1, ""))

    async def _filtered(self, request: Request, sought: str) -> Response:
        if sought:
            raise Misasked(
                "contenu-refuse",
                "/q",
                "Demandez «\u00a0q\u00a0» ou «\u00a0filter\u00a0», pas les deux.",
            )
        sentence, place = request.query_params["filter"], cursor(request)
        if place and not (place.isascii() and place.isdecimal() and len(place) < 19):
            why = "Prenez celui que disait «\u00a0next\u00a0» de la partie d’avant."
            raise Misasked("contenu-refuse", "/cursor", why)
        selection = await self._selection(sentence)
        async with self._store.read() as conn:
            try:
                page = await selection.page(conn, int(place) if place else None)
            except Unanswerable as unknown:
                raise Misasked("contenu-refuse", "/filter", UNANSWERABLE) from unknown
        items = [_line(row) for row in page.rows]
        follows = None if page.then is None else after(str(page.then))
        return answered(request, {"items": items, "next": follows})

    async def _selection(self, sentence: str) -> LeadSelection:
        """Who answers to that sentence."""
        read = await self._draft.ask(lambda draft: typed_condition(draft, sentence))
        if read.condition is None:
            said = [f"signe {one.column} : {one.message}" for one in read.remarks if one.error]
            raise Misasked("contenu-refuse", "/filter", *(said or ["Écrivez une condition."]))
        return selection_of(self._office, read)

    async def _exported(self, request: Request) -> Response:
        selection = await self._selection(request.query_params.get("filter", ""))
        parts = selection.everybody(self._store, _EVERYBODY)
        try:
            # What cannot be told is refused before anything is.
            first = await anext(parts, None)
        except Unanswerable as unknown:
            raise Misasked("contenu-refuse", "/filter", UNANSWERABLE) from unknown
        async with self._register.store.write() as conn:
            about = request.query_params["filter"][:_LONGEST]
            await self._register.audit.note(conn, actor_of(request), "leads.exportes", about)
        kept_nowhere = {"cache-control": "no-store"}
        return StreamingResponse(self._lines(first, parts), 200, kept_nowhere, LINES)

    async def _lines(
        self, first: Sequence[int] | None, others: AsyncIterator[Sequence[int]]
    ) -> AsyncIterator[str]:
        part = first
        while part:
            for at in range(0, len(part), _AT_ONCE):
                async with self._store.read() as conn:
                    rows = await lines_of(conn, part[at : at + _AT_ONCE])
                yield "".join(f"{in_json(_line(row))}\n" for row in rows)
            part = await anext(others, None)

    async def _tag(self, verb: str, request: Request) -> Response:
        given, actor = await body(request, _TAGS), request.state.caller.actor
        order = {
            "etiquette": text(given, "etiquette"),
            "leads": " ".join(map(str, leads_of(given))),
            "qui": actor.who,
        }
        try:
            said = await self._office.desk.perform(verb, order, actor)
        except Declined as declined:
            raise misasked(declined) from declined
        return Response(in_json({"fait": True, "dit": said}), media_type=JSON)

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


def _line(row: Mapping[str, Any]) -> Mapping[str, Any]:
    """A lead of a list, as anybody is told from another."""
    return {
        "lead": row["id"],
        "name": " ".join(filter(None, (row["f_prenom"], row["f_nom"]))) or None,
        "email": row["f_courriel"],
        "phone": row["f_cellulaire"] or row["f_telephone"],
        "city": row["f_ville"],
        "score": row["score"],
        "created": from_micros(row["created_at"]).isoformat(),
    }


def _plain(value: object) -> object:
    """A field's value: numbers and days as text, so that no reader makes another of them."""
    if value is None or isinstance(value, bool | str):
        return value
    return value.isoformat() if isinstance(value, date) else str(value)
