"""« Leads »: searched as one types, or filtered by a sentence of the language; a page at a time."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from server.access.callers import Requester
from server.language import conditions
from server.language.conditions import TypedCondition
from server.language.draft import DraftLanguage
from server.reports import french
from server.reports.card import phone_of
from server.reports.finding import COUNTED, FoundLeads, counted, find_leads
from server.reports.rosters import rosters
from server.reports.selection import LeadSelection, Unanswerable
from server.store.fields import FieldColumn
from server.store.instants import from_micros
from server.web.kept_searches import KEPT_HOURS, KeptSearch, KeptSearches
from server.web.office import Office
from server.web.page import Access, Page
from server.web.people import called
from server.web.posted import Posted, posted

PATH = "/leads"
_LONGEST = 254
_LONGEST_NAME = 120
#: The columns of the table: these by themselves, others as one chooses.
_USUAL = ("courriel", "telephone", "ville", "pointage", "cree")
_MOST_COLUMNS = 10
_COOKIE = "relance_colonnes"
_YEAR = 366 * 86_400
#: All that an address may hold, once written as one: what relays and browsers take everywhere.
_LONGEST_ADDRESS = 1_500
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
#: Somebody's address or telephone: « (@gmail.com) » is nobody's.
_SOMEBODY = re.compile(r"[^\s(]@|(?:\d[ .()-]*){7}")
#: What may be asked of all leads found, or of those ticked.
GESTURES = {
    "etiqueter": "Poser l’étiquette",
    "oter-etiquette": "Ôter l’étiquette",
    "mettre-en-liste": "Mettre dans la liste",
    "oter-de-liste": "Retirer de la liste",
    "exporter": "Exporter en CSV",
}
EXAMPLES = (
    "Champ (ville) est égal à (Montréal)",
    "Champ lead (courriel) contient (gmail)",
    "Lead étiqueté (VIP) et Pointage lead au-dessus de (50)",
    "Page web (/prix) visitée dans les (30) derniers jours",
    "non Lead membre de la liste (Clients)",
)


@dataclass(frozen=True, slots=True)
class AskedLeads:
    """What is looked for: by what is known of them, or by a sentence; where a page begins."""

    sought: str = ""
    sentence: str = ""
    before: int | None = None
    #: Whether the address named a search that is kept no longer, or is somebody else’s.
    lost: bool = False

    @property
    def address(self) -> str:
        """Where one comes back to it; empty where it is too long, or names somebody: an address or a
        telephone is written in no history and in no log of a relay."""
        found = self._at(cherche=self.sought, filtre=self.sentence)
        text = _DAY.sub("", f"{self.sought} {self.sentence}")
        return "" if len(found) > _LONGEST_ADDRESS or _SOMEBODY.search(text) else found

    def kept_at(self, key: str) -> str:
        """The same, of a search that is kept under that key."""
        return self._at(recherche=key)

    def _at(self, **given: str) -> str:
        held = {name: value for name, value in given.items() if value}
        held |= {"avant": str(self.before)} if self.before else {}
        return PATH + (f"?{urlencode(held)}" if held else "")


@dataclass(frozen=True, slots=True)
class ChosenTogether:
    """What was chosen to be done to several, as the form is to show it again; what is `wrong` of it."""

    gesture: str = ""
    name: str = ""
    everybody: bool = False
    ticked: Sequence[int] = ()
    wrong: str = ""


def chosen_together(form: Posted, wrong: str = "") -> ChosenTogether:
    """The same, of a form that was sent; « tous » where nobody was ticked of a filter."""
    ticked = [
        int(one)
        for one in form.several("lead")
        if one.isascii() and one.isdecimal() and len(one) < 19
    ]
    sentence = str(form.data.get("filtre", "")).strip()
    everybody = form.text("qui") == "tous" or (
        bool(sentence) and not ticked and form.text("qui") != "coches"
    )
    name = " ".join(form.text("nom").split())[: _LONGEST_NAME + 1]
    return ChosenTogether(form.text("geste"), name, everybody, tuple(dict.fromkeys(ticked)), wrong)


@dataclass(frozen=True, slots=True)
class LeadSearches:
    """What a request looks for, and the address of that: its own, or where it is kept for who asks."""

    kept: KeptSearches

    async def asked(self, request: Request) -> AskedLeads:
        """What a form asks, or an address."""
        sent = request.method == "POST"
        given: Mapping[str, Any] = (await posted(request)).data if sent else request.query_params
        before = str(given.get("avant", ""))
        start = (
            int(before) if before.isascii() and before.isdecimal() and len(before) < 19 else None
        )
        if (key := str(given.get("recherche", ""))) and not sent:
            found = self.kept.find(_session(request), key)
            return (
                AskedLeads(lost=True)
                if found is None
                else AskedLeads(found.sought, found.sentence, start)
            )
        sentence = str(given.get("filtre", ""))[: conditions.LONGEST].strip()
        sought = "" if sentence else str(given.get("cherche", ""))[:_LONGEST].strip()
        return AskedLeads(sought, sentence, start)

    def address(self, request: Request, asked: AskedLeads) -> str:
        """Where one comes back to it, by itself or through what is kept."""
        if asked.address:
            return asked.address
        search = KeptSearch(asked.sought, asked.sentence)
        return asked.kept_at(self.kept.keep(_session(request), search))


def _session(request: Request) -> int:
    caller: Requester = request.state.caller
    if caller.session is None:
        raise ValueError("a page of people was asked for by a program")
    return caller.session.id


@dataclass(frozen=True, slots=True)
class LeadsPage:
    """Shows them. What is sought is posted, and led to its address, which names nobody."""

    office: Office
    draft: DraftLanguage
    searches: LeadSearches

    def pages(self) -> Iterator[Page]:
        """Where they are: all of it is personal."""
        yield Page(PATH, Access.PERSONAL, self.page, ("GET", "POST"))
        yield Page(f"{PATH}/colonnes", Access.PERSONAL, self.choose, ("POST",), form_at=PATH)

    async def page(self, request: Request) -> Response:
        """The latest; those that are sought, or for whom a sentence is true; those that follow."""
        asked = await self.searches.asked(request)
        if request.method == "POST":
            form = await posted(request)
            # What was chosen to be done is in no address.
            if not form.text("geste"):
                return RedirectResponse(self.searches.address(request, asked), 303)
            return await self.shown(request, asked, chosen_together(form))
        return await self.shown(request, asked)

    async def shown(
        self, request: Request, asked: AskedLeads, chosen: ChosenTogether = ChosenTogether()
    ) -> Response:
        """Those asked for, with what was `chosen` to be done to them."""
        read, refused = await self._read(asked.sentence), ""
        found = FoundLeads(())
        async with self.office.store.read() as conn:
            if read is not None and read.condition is not None:
                try:
                    found = await self._selection(read).page(conn, asked.before)
                except Unanswerable:
                    refused = UNANSWERABLE
            elif read is None:
                found = await find_leads(conn, asked.sought, asked.before)
            total = await counted(conn)
            columns = self._columns(request)
            people = await self._lines(conn, found, columns)
            lists = [one.name for one in await rosters(conn) if not one.dynamic]
        wrong = bool(refused) or (read is not None and read.condition is None)
        return self.office.frame.page(
            request,
            "leads.html",
            here="leads",
            title="Leads",
            status=404 if asked.lost else 422 if wrong or chosen.wrong else 200,
            asked=asked,
            chosen=chosen,
            read=read if wrong else None,
            refused=refused,
            total=total,
            most=COUNTED,
            people=people,
            found=found,
            columns=columns,
            offered=self._offered(),
            said=_said(found, asked),
            gestures=GESTURES,
            lists=lists,
            examples=EXAMPLES,
            kept_hours=KEPT_HOURS,
            longest=conditions.LONGEST,
            alone=(conditions.ALONE, conditions.BEFORE),
        )

    async def _read(self, sentence: str) -> TypedCondition | None:
        if not sentence:
            return None
        return await self.draft.ask(lambda draft: conditions.typed_condition(draft, sentence))

    def _selection(self, read: TypedCondition) -> LeadSelection:
        return selection_of(self.office, read)

    # --- The columns ------------------------------------------------------------------------

    async def choose(self, request: Request) -> Response:
        """Keep, in this browser, which columns are shown."""
        ticked = (await posted(request)).several("colonne")
        known = dict(self._offered())
        chosen = [one for one in ticked if one in known][:_MOST_COLUMNS]
        answer = RedirectResponse(PATH, 303)
        answer.set_cookie(
            _COOKIE, ".".join(chosen), max_age=_YEAR, path=PATH, httponly=True, samesite="lax"
        )
        return answer

    def _offered(self) -> Sequence[tuple[str, str]]:
        """Each column there may be, by its key and as people read it."""
        own = [(one.key, one.name) for one in self.office.store.fields if one.key not in _OF_NAME]
        return [*((key, _title(name)) for key, name in own), *_OWN.items()]

    def _columns(self, request: Request) -> Sequence[tuple[str, str]]:
        known = dict(self._offered())
        kept = request.cookies.get(_COOKIE)
        wanted = _USUAL if kept is None else kept.split(".")[:_MOST_COLUMNS]
        return [(key, known[key]) for key in wanted if key in known]

    async def _lines(
        self, conn: AsyncConnection, found: FoundLeads, columns: Sequence[tuple[str, str]]
    ) -> Sequence[Mapping[str, Any]]:
        fields = {one.key: one for one in self.office.store.fields}
        more = [fields[key] for key, _ in columns if key in fields]
        held = await self._held(conn, [row["id"] for row in found.rows], more)
        return [
            {
                "id": row["id"],
                "name": called(row),
                "cells": [
                    (
                        title,
                        self._cell(key, row, held.get(row["id"], {}), fields),
                        key if key in _OWN else "",
                    )
                    for key, title in columns
                ],
            }
            for row in found.rows
        ]

    async def _held(
        self, conn: AsyncConnection, leads: Sequence[int], more: Sequence[FieldColumn]
    ) -> Mapping[int, Mapping[str, Any]]:
        """What the chosen fields hold of these."""
        if not leads or not more:
            return {}
        table = self.office.store.fields.table
        query = select(table.c.id, *(one.column for one in more)).where(table.c.id.in_(leads))
        return {row["id"]: dict(row) for row in (await conn.execute(query)).mappings()}

    def _cell(
        self,
        key: str,
        row: Mapping[str, Any],
        held: Mapping[str, Any],
        fields: Mapping[str, FieldColumn],
    ) -> str:
        if key == "cree":
            created = from_micros(row["created_at"]).astimezone(self.office.settings.zone).date()
            return french.day(created)
        if key == "pointage":
            return french.number(row["score"])
        if key in ("telephone", "cellulaire"):
            return phone_of(row)
        value = held.get(fields[key].column.name)
        return "" if value in (None, "") else french.value(value)


UNANSWERABLE = (
    "La base ne connaît pas encore un champ que cette phrase nomme : il est dans le brouillon, et sera "
    "connu une fois publié."
)
_OF_NAME = ("prenom", "nom")
_OWN = {"pointage": "Pointage", "cree": "Venu le"}


def _title(name: str) -> str:
    return name[:1].upper() + name[1:]


def selection_of(office: Office, read: TypedCondition) -> LeadSelection:
    """The leads for whom a sentence that was read is true, as of now."""
    if read.condition is None:
        raise ValueError("it was not understood")
    fields, zone = office.store.fields, office.settings.zone
    return LeadSelection(read.condition, fields, office.clock.now(), zone)


def _said(found: FoundLeads, asked: AskedLeads) -> str:
    """What the list is, said to who does not see it change."""
    count = french.count(len(found.rows), "lead")
    more = " au moins" if found.then is not None else ""
    if asked.sentence:
        return f"{count}{more} pour qui c’est vrai"
    if not asked.sought:
        return "Les derniers venus" if asked.before is None else "Ceux d’avant"
    return f"{count}{more} pour «\u00a0{asked.sought}\u00a0»"
