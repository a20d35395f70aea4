"""« Lead »: why it did or did not receive a message, what is to come, who it is, what happened to it."""

import asyncio
import json
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from dsl.program import Program
from dsl.program_codec import from_json
from relance.report import ReportSet
from server.access.register import AccessRegister
from server.exports.report import write_together
from server.reports import french, words
from server.reports.as_json import as_json
from server.reports.card import LeadCard, read_card
from server.reports.forecast import Coming, forecast
from server.reports.lead_view import ReadLead
from server.reports.ledger import Ledger, ledger_of
from server.reports.people import find_lead
from server.reports.stays import StayChoice, of_stay, stays_of
from server.reports.timeline import timeline_of, zone_of
from server.reports.why import Answer, Asking, Message, messages_of, next_message
from server.rights.dossier import dossier
from server.rights.person import person_of
from server.store.instants import from_micros, to_micros
from server.store.leads import known_of
from server.store.schema.campaigns import campaigns, versions
from server.store.schema.leads import lists
from server.store.schema.rules import dynamic_lists
from server.store.store import Store
from server.web.extensions.panels import panels_of
from server.web.frame import Frame, viewer_of
from server.web.journeys import Journeys
from server.web.office import Office, actor_of
from server.web.page import Access, Page, number
from server.web.thread import FILTERS, ThreadDay, filtered, thread, tone
from server.web.trace import Trace, trace

PATH = "/leads"
#: Lines of the thread on a page, and what is told to come at most.
_LINES, _COMING = 150, 8
#: Campaigns told beside those it is in or was refused by.
_OTHERS = 8
#: Stays in one campaign that may be chosen.
_MOST_STAYS = 50
_LONGEST, _LONGEST_NAME = 300, 100
#: Lists that are proposed by name, to put the lead on.
_CHOICES = 200


@dataclass(frozen=True, slots=True)
class _Question:
    """What is asked: a campaign, and one of its messages (None: being in it)."""

    campaign: int
    program: Program
    messages: Sequence[Message]
    message: Message | None
    #: Of the lead's stays in it, the one that is asked about; None where there is none.
    entry: int | None = None


@dataclass(frozen=True, slots=True)
class LeadPage:
    """Shows one: all of it is personal."""

    office: Office
    journeys: Journeys
    register: AccessRegister

    @property
    def store(self) -> Store:
        """Where it is read."""
        return self.office.store

    @property
    def frame(self) -> Frame:
        """What its page stands in."""
        return self.office.frame

    def pages(self) -> Iterator[Page]:
        """Where it is, and the file that is handed to the person."""
        yield Page(PATH + "/{lead}", Access.PERSONAL, self.page)
        yield Page(PATH + "/{lead}/dossier", Access.PERSONAL, self.file, recent=True)
        yield Page(PATH + "/{lead}/dossier.csv", Access.PERSONAL, self.sheet, recent=True)

    async def page(self, request: Request) -> Response:
        """The page of a lead; that of who it was found to be."""
        lead = number(request, "lead") or 0
        glossary, now = self.journeys.glossary, self.office.clock.now()
        async with self.store.read() as conn:
            card = await read_card(conn, self.store.fields, glossary, lead, now, self.frame.zone)
            if card is None:
                return await _elsewhere(conn, lead)
            asked = _asked_of(request.query_params)
            sought = _sought(request.query_params)
            ledger = await ledger_of(conn, lead, glossary, asked=asked, sought=sought)
            known = (await known_of(conn, self.store.fields, [lead]))[lead]
            question = await _question(conn, ledger, request.query_params)
            by_itself = frozenset(await conn.scalars(select(dynamic_lists.c.name)))
            by_hand = sorted(await conn.scalars(select(lists.c.name).limit(_CHOICES)))
        zone = zone_of(ledger, self.frame.zone)
        coming = await self._coming(ledger, now, zone)
        answer: Answer | None = None
        if question is not None:
            if question.entry is not None:
                mine = of_stay(ledger, question.campaign, question.entry)
            else:
                mine = ledger
            asking = Asking(
                self.store, mine, lead, question.campaign, question.program, now, zone,
                {entry: found for (one, entry), found in coming.items() if one == question.campaign},
            )  # fmt: skip
            answer = await asking.answer(question.message)
        held = {name: value for name, value in known.items() if value not in (None, "")}
        seen = ReadLead(self.store.read, lead, card.called, held, now, zone)
        panels = await panels_of(self.office.added.panels, seen, viewer_of(request))
        given = request.query_params
        values = await self.journeys.in_turn(
            lambda: _values(ledger, card, zone, now, given.get("fil", ""), given.get("apres", ""))
        )
        return self.frame.page(
            request,
            "lead.html",
            here="leads",
            title=card.called,
            trail=(("Leads", PATH),),
            card=card,
            question=question,
            sought=sought,
            answer=answer,
            choices=_choices(ledger, question, zone),
            coming=_to_come(ledger, coming, now, zone),
            channel=glossary.channel,
            panels=panels,
            by_itself=by_itself,
            by_hand=[one for one in by_hand if one not in by_itself],
            **values,
        )

    async def _coming(
        self, ledger: Ledger, now: datetime, zone: ZoneInfo
    ) -> Mapping[tuple[int, int], Sequence[Coming]]:
        """By campaign and entry, of those where anything moves."""
        found = {}
        for row in ledger.enrolments:
            state = ledger.states.get(row.campaign_id)
            resting = (state is not None and state.rests) or row.version_id in ledger.quarantined
            if row.active and not resting:
                program = ledger.programs[row.version_id]
                found[row.campaign_id, row.entry] = await forecast(
                    self.store, program, row, now, zone, ledger.glossary
                )
        return found

    async def file(self, request: Request) -> Response:
        """All that is known of the person, as a file that programs read; the log says who took it."""
        found, lead = await self._dossier(request)
        text = json.dumps(as_json(found), ensure_ascii=False, indent=1)
        return _taken(text.encode(), f"dossier-{lead}.json", "application/json")

    async def sheet(self, request: Request) -> Response:
        """The same, for a spreadsheet: its parts under one another."""
        found, lead = await self._dossier(request)
        content = await asyncio.to_thread(_csv, found, self.frame.zone)
        return _taken(content, f"dossier-{lead}.csv", "text/csv; charset=utf-8")

    async def _dossier(self, request: Request) -> tuple[ReportSet, int]:
        lead, glossary = number(request, "lead") or 0, self.journeys.glossary
        async with self.store.read() as conn:
            person = await person_of(conn, self.store.fields.table, lead)
            if person is None:
                raise HTTPException(404)
            found = await dossier(conn, self.store.fields, glossary, person, self.frame.zone)
        if request.method == "GET":
            about = f"lead n°\u00a0{person.leads[0]}"
            async with self.store.write() as conn:
                await self.register.audit.note(conn, actor_of(request), "dossier.remis", about)
        return found, person.leads[0]


def _taken(content: bytes, name: str, kind: str) -> Response:
    named = f'attachment; filename="{name}"'
    return Response(content, 200, {"content-disposition": named, "cache-control": "no-store"}, kind)


def _csv(found: ReportSet, zone: ZoneInfo) -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "dossier.csv"
        write_together(found, path, zone)
        return path.read_bytes()


async def _elsewhere(conn: AsyncConnection, lead: int) -> Response:
    found = await find_lead(conn, str(lead))
    if found is None or found == lead:
        raise HTTPException(404)
    return RedirectResponse(f"{PATH}/{found}", 303)


def _asked_of(given: Mapping[str, str]) -> int:
    """The number of the campaign that the address asks about; 0 of none."""
    asked = given.get("campagne", "")
    return int(asked) if asked.isascii() and asked.isdecimal() and len(asked) < 19 else 0


def _sought(given: Mapping[str, str]) -> str:
    """By which words of its name another campaign is looked for; empty of none."""
    return given.get("autre", "")[:_LONGEST_NAME].replace("\x00", "").strip()


async def _question(
    conn: AsyncConnection, ledger: Ledger, given: Mapping[str, str]
) -> _Question | None:
    """What the address asks; else the next message of the campaign it is in, or was in last."""
    chosen = _asked_of(given)
    stays = sorted(ledger.enrolments, key=lambda one: (one.active, one.entered_at), reverse=True)
    if chosen not in ledger.campaigns:
        refused = max(ledger.refusals, key=lambda one: one.at, default=None)
        near = stays[0].campaign_id if stays else refused.campaign_id if refused else None
        first = min(ledger.campaigns, key=lambda one: ledger.campaigns[one], default=None)
        found = next(iter(ledger.others), None) if _sought(given) else None
        chosen = found or near or first or 0
    if not chosen:
        return None
    mine = [one for one in stays if one.campaign_id == chosen]
    wanted = given.get("sejour", "")
    stay = next((one for one in mine if str(one.entry) == wanted), mine[0] if mine else None)
    program = ledger.programs[stay.version_id] if stay else await _current(conn, chosen)
    if program is None:
        return None
    messages = messages_of(program)
    said = given.get("message")
    channel, _, name = (said or "")[:_LONGEST].partition(":")
    message = (channel, name) if (channel, name) in messages else None
    if said is None and stay is not None and stay.active:
        message = next_message(program, stay.statement)
    return _Question(chosen, program, messages, message, stay.entry if stay else None)


def _choices(ledger: Ledger, question: _Question | None, zone: ZoneInfo) -> Sequence[StayChoice]:
    """The stays one may ask about, where there is more than one: that which is asked about among them."""
    if question is None:
        return ()
    stays = stays_of(ledger, question.campaign, zone)
    if len(stays) < 2:
        return ()
    return [one for at, one in enumerate(stays) if at < _MOST_STAYS or one.entry == question.entry]


async def _current(conn: AsyncConnection, campaign: int) -> Program | None:
    query = (
        select(versions.c.program)
        .join(campaigns, campaigns.c.version_id == versions.c.id)
        .where(campaigns.c.id == campaign)
    )
    stored = await conn.scalar(query)
    return None if stored is None else from_json(stored)


def _values(
    ledger: Ledger, card: LeadCard, zone: ZoneInfo, now: datetime, kind: str, after: str
) -> Mapping[str, Any]:
    """What is put in words in a thread of its own."""
    lines = filtered(timeline_of(ledger, zone)[::-1], ledger.glossary, kind)
    start = int(after) if after.isascii() and after.isdecimal() and len(after) < 9 else 0
    shown = lines[start : start + _LINES]
    more = start + _LINES if len(lines) > start + _LINES else None
    days: Sequence[ThreadDay] = thread(shown, zone, now)
    curve: Trace | None = trace(ledger.warmth)
    return {
        "kind": kind if kind in FILTERS else "",
        "filters": [(key, title) for key, (title, _) in FILTERS.items()],
        "days": days,
        "tone": lambda line: tone(line, ledger.glossary),
        "start": start,
        "more": more,
        "warmth": ledger.warmth,
        "curve": curve,
        "stays": (stays := _stays(ledger, zone)),
        "elsewhere": len(ledger.campaigns) - len(stays),
        "unlisted": ledger.more,
        "others": len(ledger.others),
        "numbers": {name: one for one, name in ledger.campaigns.items()},
        "names": sorted(ledger.campaigns.items(), key=lambda one: one[1]),
        "created": french.day(card.created.astimezone(zone).date()),
    }


def _stays(ledger: Ledger, zone: ZoneInfo) -> Sequence[tuple[int, str, str, str]]:
    """Each campaign with the lead's state in it: its number, its name, the state, its tone."""
    found: dict[int, tuple[str, str]] = {}
    latest = {one.campaign_id: one for one in sorted(ledger.enrolments, key=lambda one: one.entry)}
    for number_, row in latest.items():
        if row.active:
            statements = ledger.programs[row.version_id].statements
            here = 0 <= row.statement < len(statements)
            line = f", ligne {statements[row.statement].place.line}" if here else ""
            found[number_] = (f"en cours{line}", "on")
        else:
            found[number_] = (words.outcome(row.outcome), "")
    for refusal in ledger.refusals:
        found.setdefault(refusal.campaign_id, ("refusée", "bad"))
    for number_ in sorted(ledger.campaigns, key=lambda one: ledger.campaigns[one]):
        if len(found) >= _OTHERS:
            break
        found.setdefault(number_, ("aucune entrée", ""))
    return [(one, ledger.campaigns[one], *state) for one, state in found.items()]


def _to_come(
    ledger: Ledger,
    coming: Mapping[tuple[int, int], Sequence[Coming]],
    now: datetime,
    zone: ZoneInfo,
) -> Sequence[tuple[str, str, str, str]]:
    """What is to come in all campaigns, the soonest first: when, what, its campaign, its line."""
    found: list[tuple[bool, datetime, str, str, str]] = []
    for (campaign, _), things in coming.items():
        for one in things:
            where = f"ligne {one.line}" if one.line is not None else ""
            at = one.at or datetime.max.replace(tzinfo=now.tzinfo)
            found.append((one.at is None, at, one.text, ledger.campaigns[campaign], where))
    for row in ledger.messages:
        if row.state == "pending" and row.due_at is not None and row.due_at > to_micros(now):
            text = ledger.glossary.message(row.channel, row.message, row.recipient, row.state)
            name = ledger.campaigns.get(row.campaign_id, "")
            found.append((False, from_micros(row.due_at), text, name, ""))
    found.sort(key=lambda one: one[:2])
    return [
        ("" if unsure else french.instant(at, zone), text, name, where)
        for unsure, at, text, name, where in found[:_COMING]
    ]
