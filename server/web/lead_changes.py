"""A lead as the team changes it: made, corrected, tagged, put on lists, made one with another, forgotten.

Each is an order: an event of the lead that says who, and a row of the audit log.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from dsl.field_types import AMOUNT, CHOICE, DATE, NUMBER, YES_NO
from relance.fold import fold
from server.orders import leads as orders
from server.orders import memberships
from server.orders.declined import Declined
from server.reports import french
from server.reports.card import PHONES, phone_in_words
from server.reports.people import find_lead
from server.reports.screen import screen
from server.rights.erasing import ERASE
from server.rights.outlook import held_rows, outlook_report
from server.rights.person import person_of
from server.store import leads as rows
from server.store.fields import FieldColumn
from server.web.frame import Flash, done
from server.web.leads import PATH
from server.web.office import Office, posted
from server.web.page import Access, Page, number
from server.web.people import called

_LONGEST = 1_000
#: What is typed to forget somebody for good.
AGREED = "oublier"
_ONE = PATH + "/{lead}"
Lead = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class TypedField:
    """A field of the form: its kind tells how it is asked."""

    key: str
    title: str
    kind: str
    text: str
    choices: Sequence[str] = ()
    fault: str = ""
    #: What it held when the form was opened.
    seen: str = ""


@dataclass(frozen=True, slots=True)
class LeadChanges:
    """Asks, and does."""

    office: Office

    def pages(self) -> Iterator[Page]:
        """All of it is personal; what cannot be taken back asks for the password again."""
        both = ("GET", "POST")
        yield Page(f"{PATH}/nouveau", Access.PERSONAL, self.new, both)
        yield Page(f"{_ONE}/modifier", Access.PERSONAL, self.edit, both)
        yield Page(f"{_ONE}/etiquettes", Access.PERSONAL, self.tag, ("POST",), form_at=_ONE)
        yield Page(f"{_ONE}/listes", Access.PERSONAL, self.enlist, ("POST",), form_at=_ONE)
        yield Page(f"{_ONE}/reunir", Access.PERSONAL, self.merge, both, recent=True)
        yield Page(f"{_ONE}/separer", Access.PERSONAL, self.separate, ("POST",), form_at=_ONE)
        yield Page(f"{_ONE}/oublier", Access.PERSONAL, self.erase, both, recent=True)

    async def _row(self, conn: AsyncConnection, lead: int | None) -> Lead:
        """What is known of that lead; not found (404) for nobody, and for who became another."""
        table = self.office.store.fields.table
        wanted = ["merged_into", *(one.column.name for one in self.office.store.fields)]
        found = (await rows.read(conn, table, [lead], wanted)).get(lead) if lead else None
        if found is None or found["merged_into"] is not None:
            raise HTTPException(404)
        return {**found, "id": lead}

    async def _lead(self, request: Request) -> Lead:
        async with self.office.store.read() as conn:
            return await self._row(conn, number(request, "lead"))

    # --- What is known of it ----------------------------------------------------------------

    async def new(self, request: Request) -> Response:
        """The form of a new lead; then it is made."""
        fields = await posted(request) if request.method == "POST" else {}
        if request.method != "POST" or "montrer" in fields:
            sought = fields.get("montrer", "").strip()[:_LONGEST]
            return self._form(request, None, _guessed(sought))
        typed = self._typed(fields)
        return await self._write(request, None, typed, orders.CREATE)

    async def edit(self, request: Request) -> Response:
        """Every field of a lead, to be corrected; then it is."""
        lead = await self._lead(request)
        if request.method != "POST":
            return self._form(request, lead, self._texts(lead))
        fields, now = await posted(request), self._texts(lead)
        typed = self._typed(fields)
        # As it was when the form was opened: what somebody else wrote since, and these left, stays.
        seen = {key: fields.get(f"o-{key}", now[key]) for key in typed}
        changed = {key: text for key, text in typed.items() if text.strip() != seen[key].strip()}
        contested = {
            key: _contested(now[key], text)
            for key, text in changed.items()
            if _plain(now[key]) not in (_plain(seen[key]), _plain(text))
        }
        if contested:  # said once: sent again, it is a choice
            return self._form(request, lead, {**now, **typed}, contested, {**seen, **now})
        return await self._write(request, lead, {**now, **typed}, orders.CORRECT, changed, seen)

    async def _write(
        self,
        request: Request,
        lead: Lead | None,
        typed: Mapping[str, str],
        verb: str,
        changed: Mapping[str, str] | None = None,
        seen: Mapping[str, str] | None = None,
    ) -> Response:
        values = typed if changed is None else changed
        wrong = dict(orders.faults(self.office.store, values))
        if wrong:
            return self._form(request, lead, typed, wrong, seen)
        given = {"valeurs": json.dumps(values)} | ({"lead": str(lead["id"])} if lead else {})
        try:
            said = await self.office.order(request, verb, given)
        except Declined as declined:
            return self._form(request, lead, typed, {declined.about: str(declined)}, seen)
        return done(await self._place(lead, values), Flash(said))

    async def _place(self, lead: Lead | None, values: Mapping[str, str]) -> str:
        """Where the page goes on: that of the lead, also of one that was just made."""
        if lead is not None:
            return f"{PATH}/{lead['id']}"
        for key in ("courriel", "cellulaire", "telephone"):
            if values.get(key):
                async with self.office.store.read() as conn:
                    found = await find_lead(conn, values[key])
                if found is not None:
                    return f"{PATH}/{found}"
        return PATH

    def _typed(self, fields: Mapping[str, str]) -> Mapping[str, str]:
        known = (one.key for one in self.office.store.fields)
        return {key: fields[f"c-{key}"][:_LONGEST] for key in known if f"c-{key}" in fields}

    def _texts(self, lead: Lead) -> Mapping[str, str]:
        return {one.key: _text(lead[one.column.name]) for one in self.office.store.fields}

    def _form(
        self,
        request: Request,
        lead: Lead | None,
        typed: Mapping[str, str],
        wrong: Mapping[str, str] | None = None,
        seen: Mapping[str, str] | None = None,
    ) -> Response:
        wrong, seen = wrong or {}, typed if seen is None else seen
        title = "Créer un lead" if lead is None else "Modifier"
        trail = [("Leads", PATH)]
        if lead is not None:
            trail.append((called(lead), f"{PATH}/{lead['id']}"))
        return self.office.frame.page(
            request,
            "lead_form.html",
            here="leads",
            title=title,
            trail=trail,
            status=422 if wrong else 200,
            lead=lead,
            name=called(lead) if lead else "",
            fields=[
                _asked(one, typed.get(one.key, ""), wrong.get(one.key, ""), seen.get(one.key, ""))
                for one in self.office.store.fields
            ],
            whole=wrong.get("", ""),
            longest=_LONGEST,
        )

    # --- Tags and lists ---------------------------------------------------------------------

    async def tag(self, request: Request) -> Response:
        """Put that tag on the lead, or take it away."""
        return await self._belong(request, "etiquette", memberships.TAG, memberships.UNTAG)

    async def enlist(self, request: Request) -> Response:
        """Put the lead on that list, or take it off."""
        return await self._belong(request, "liste", memberships.JOIN, memberships.LEAVE)

    async def _belong(self, request: Request, what: str, on: str, off: str) -> Response:
        lead, fields = await self._lead(request), await posted(request)
        verb, name = (off, fields["oter"]) if "oter" in fields else (on, fields.get("nom", ""))
        try:
            given = {what: name[:_LONGEST], "leads": str(lead["id"])}
            flash = Flash(await self.office.order(request, verb, given))
        except Declined as declined:
            flash = Flash(str(declined), refused=True)
        return done(f"{PATH}/{lead['id']}", flash)

    # --- Two that are one -------------------------------------------------------------------

    async def merge(self, request: Request) -> Response:
        """Who the other is; then both side by side; then they are one."""
        lead = await self._lead(request)
        fields = await posted(request) if request.method == "POST" else {}
        words = fields.get("avec", "").strip()[:254]
        other, wrong = None, ""
        if words:
            other, wrong = await self._other(lead, words)
        if other is not None and "reste" in fields:
            return await self._join(request, lead, other, fields)
        return self._side_by_side(request, lead, other, words, wrong)

    async def _other(self, lead: Lead, words: str) -> tuple[Lead | None, str]:
        async with self.office.store.read() as conn:
            found = await find_lead(conn, words)
            if found is None:
                return None, f"Personne ne répond à «\u00a0{words}\u00a0»."
            if found == lead["id"]:
                return None, "C’est ce lead même : dites un autre."
            return await self._row(conn, found), ""

    async def _join(
        self, request: Request, lead: Lead, other: Lead, fields: Mapping[str, str]
    ) -> Response:
        left, gone = (other, lead) if fields["reste"] == "autre" else (lead, other)
        chosen = {}
        for one in self._conflicts(lead, other):
            from_ = other if fields.get(f"c-{one.key}") == "autre" else lead
            chosen[one.key] = _text(from_[one.column.name])
        given = {
            "lead": str(left["id"]),
            "avec": str(gone["id"]),
            "valeurs": json.dumps(chosen),
        }
        try:
            said = await self.office.order(request, orders.MERGE, given)
        except Declined as declined:
            return self._side_by_side(request, lead, other, str(other["id"]), str(declined))
        place = f"{PATH}/{left['id']}"
        return done(place, Flash(said, undo=f"{PATH}/{gone['id']}/separer"))

    def _conflicts(self, lead: Lead, other: Lead) -> Sequence[FieldColumn]:
        """The fields that both have, and have not alike."""
        return [
            one
            for one in self.office.store.fields
            if lead[one.column.name] not in (None, "", other[one.column.name])
            and other[one.column.name] not in (None, "")
        ]

    def _side_by_side(
        self, request: Request, lead: Lead, other: Lead | None, words: str, wrong: str
    ) -> Response:
        conflicts = {one.key for one in self._conflicts(lead, other)} if other else set()
        lines = [
            (one, _shown(one, lead[one.column.name]), _shown(one, (other or lead)[one.column.name]))
            for one in self.office.store.fields
        ]
        return self.office.frame.page(
            request,
            "lead_merge.html",
            here="leads",
            title="Réunir",
            trail=(("Leads", PATH), (called(lead), f"{PATH}/{lead['id']}")),
            status=422 if wrong else 200,
            lead=lead,
            name=called(lead),
            other=other,
            other_name=called(other) if other else "",
            lines=[
                (one.key, one.name, mine, theirs, one.key in conflicts)
                for one, mine, theirs in lines
                if mine or theirs
            ],
            typed=words,
            wrong=wrong,
        )

    async def separate(self, request: Request) -> Response:
        """Make two again of those that were found to be one: asked of the one that was taken in."""
        lead = number(request, "lead")
        try:
            flash = Flash(await self.office.order(request, orders.SEPARATE, {"lead": str(lead)}))
        except Declined as declined:
            flash = Flash(str(declined), refused=True)
        return done(f"{PATH}/{lead}", flash)

    # --- For good ---------------------------------------------------------------------------

    async def erase(self, request: Request) -> Response:
        """What would go and what would stay; once the word is typed, it is done."""
        lead = await self._lead(request)
        fault, typed = "", ""
        if request.method == "POST":
            typed = (await posted(request)).get("mot", "")[:_LONGEST]
            if fold(typed.strip()) == AGREED:
                said = await self.office.order(request, ERASE, {"lead": str(lead["id"])})
                return done(PATH, Flash(said))
            fault = f"Tapez «\u00a0{AGREED}\u00a0», en toutes lettres : rien n’a été fait."
        async with self.office.store.read() as conn:
            person = await person_of(conn, self.office.store.fields.table, lead["id"])
            if person is None:
                raise HTTPException(404)
            held = await held_rows(conn, person)
        table = screen(outlook_report(lead["id"], held, ()), self.office.settings.zone)
        return self.office.frame.page(
            request,
            "lead_erase.html",
            here="leads",
            title="Oublier",
            trail=(("Leads", PATH), (called(lead), f"{PATH}/{lead['id']}")),
            status=422 if fault else 200,
            lead=lead,
            name=called(lead),
            held=table,
            fault=fault,
            typed=typed,
            agreed=AGREED,
        )


def _asked(one: FieldColumn, text: str, fault: str, seen: str) -> TypedField:
    kinds = {DATE: "date", NUMBER: "number", AMOUNT: "number", CHOICE: "choice", YES_NO: "choice"}
    kind = {"courriel": "email", "telephone": "tel", "cellulaire": "tel"}.get(one.key)
    choices = ("oui", "non") if one.type == YES_NO else tuple(one.choices)
    title = one.name[:1].upper() + one.name[1:]
    return TypedField(
        one.key, title, kind or kinds.get(one.type, "text"), text, choices, fault, seen
    )


def _plain(text: str) -> str:
    """As a form gives it back, whatever a browser did to its blanks."""
    return " ".join(text[:_LONGEST].split())


def _contested(now: str, typed: str) -> str:
    written = f"est maintenant «\u00a0{now}\u00a0»" if now else "est maintenant vide"
    wanted = f"écrire «\u00a0{typed.strip()}\u00a0»" if typed.strip() else "le vider"
    return (
        f"Quelqu’un l’a changé depuis que vous avez ouvert cette page : ce champ {written}. Remettez "
        f"cette valeur pour la garder, ou enregistrez de nouveau pour {wanted}."
    )


def _text(value: object) -> str:
    """A value as the form that corrects it holds it."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "oui" if value else "non"
    if isinstance(value, date):
        return value.isoformat()
    return str(value).replace(".", ",") if isinstance(value, Decimal) else str(value)


def _shown(one: FieldColumn, value: object) -> str:
    """A value as people read it; nothing of none."""
    if value in (None, ""):
        return ""
    return phone_in_words(str(value)) if one.key in PHONES else french.value(value)


def _guessed(sought: str) -> Mapping[str, str]:
    """What was sought, in the field that it seems to be of."""
    if "@" in sought:
        return {"courriel": sought}
    if sum(sign.isdigit() for sign in sought) > len(sought) // 2:
        return {"telephone": sought}
    first, _, last = sought.partition(" ")
    return {"prenom": first, "nom": last}
