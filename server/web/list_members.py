"""The members of a list: shown by parts, put on it and taken off, handed out as a file."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from server.access.register import AccessRegister
from server.exports import leads as exports
from server.exports.stream import csv_parts
from server.orders import memberships
from server.orders.declined import Declined
from server.reports import french
from server.reports.card import phone_of
from server.reports.rosters import COUNTED, Roster, members_of
from server.store.instants import from_micros
from server.web.frame import Flash, done
from server.web.lists import PATH, list_of
from server.web.office import Office, actor_of
from server.web.page import Access, Page
from server.web.people import MOST, called, typed_people
from server.web.posted import posted

_LONGEST = 20_000


@dataclass(frozen=True, slots=True)
class ListMembersPages:
    """Shows them, and has them changed: who is on a list is personal."""

    office: Office
    register: AccessRegister

    def pages(self) -> Iterator[Page]:
        """Where they are; a list goes by who publishes, as what rests on it does."""
        one, members = PATH + "/{liste}", PATH + "/{liste}/membres"
        yield Page(members, Access.PERSONAL, self.page, ("GET", "POST"))
        yield Page(f"{members}/ajouter", Access.PERSONAL, self.add, ("POST",), form_at=members)
        yield Page(f"{members}/retirer", Access.PERSONAL, self.take, ("POST",), form_at=members)
        yield Page(f"{members}.csv", Access.PERSONAL, self.sheet, recent=True, in_time=False)
        yield Page(f"{one}/vider", Access.PERSONAL, self.empty, ("GET", "POST"), in_time=False)
        yield Page(f"{one}/supprimer", Access.PUBLISH, self.remove, ("GET", "POST"))

    async def page(self, request: Request) -> Response:
        """Some of them, the latest leads first."""
        return await self._shown(request)

    async def _shown(self, request: Request, typed: str = "", faults: Any = ()) -> Response:
        asked = request.query_params.get("avant", "")
        before = int(asked) if asked.isascii() and asked.isdecimal() and len(asked) < 19 else None
        zone = self.office.settings.zone
        async with self.office.store.read() as conn:
            found = await list_of(conn, request)
            members = await members_of(conn, found.key, before)
        return self.office.frame.page(
            request,
            "list_members.html",
            here="listes",
            title=found.name,
            trail=(("Listes", PATH),),
            status=422 if faults else 200,
            roster=found,
            tab="membres",
            people=[
                {
                    "id": row["id"],
                    "name": called(row),
                    "email": row["f_courriel"] or "",
                    "phone": phone_of(row),
                    "since": french.instant(from_micros(row["since"]), zone),
                }
                for row in members.rows
            ],
            then=members.then,
            before=before,
            typed=typed,
            faults=faults,
            counted=COUNTED,
            most=MOST,
        )

    async def _list(self, request: Request) -> Roster:
        async with self.office.store.read() as conn:
            return await list_of(conn, request)

    async def add(self, request: Request) -> Response:
        """Put on it those who are typed: all of them, or nobody when one is not known."""
        found = await self._list(request)
        async with request.form() as form:
            typed = str(form.get("qui", ""))[:_LONGEST]
        async with self.office.store.read() as conn:
            read = await typed_people(conn, typed)
        if read.faults:
            return await self._shown(request, typed, read.faults)
        return await self._change(request, found, memberships.JOIN, read.leads)

    async def take(self, request: Request) -> Response:
        """Take off it those who were ticked."""
        found = await self._list(request)
        ticked = (await posted(request)).several("lead")
        leads = [int(one) for one in ticked if one.isascii() and one.isdecimal() and len(one) < 19]
        if not leads:
            words = "Cochez d’abord les personnes à retirer : personne ne l’a été."
            return done(f"{PATH}/{found.code}/membres", Flash(words, refused=True))
        return await self._change(request, found, memberships.LEAVE, leads)

    async def _change(self, request: Request, found: Roster, verb: str, leads: Any) -> Response:
        given = {"liste": found.name, "leads": " ".join(map(str, leads))}
        try:
            flash = Flash(await self.office.order(request, verb, given))
        except Declined as declined:
            flash = Flash(str(declined), refused=True)
        return done(f"{PATH}/{found.code}/membres", flash)

    # --- The whole of it --------------------------------------------------------------------

    async def sheet(self, request: Request) -> Response:
        """Its members as the command exports them, a part at a time; the log says who took them."""
        found = await self._list(request)
        store, zone = self.office.store, self.office.settings.zone
        wish = exports.members(store, zone, self.office.glossary.channels, found.key)
        if request.method == "GET":
            async with self.office.store.write() as conn:
                audit = self.register.audit
                await audit.note(conn, actor_of(request), "liste.exportee", found.name)
        name = f'attachment; filename="liste-{found.code}.csv"'
        headers = {"content-disposition": name, "cache-control": "no-store"}
        return StreamingResponse(csv_parts(store, wish), 200, headers, "text/csv; charset=utf-8")

    async def empty(self, request: Request) -> Response:
        """Asked first, with the number of people; then done."""
        return await self._gone(request, memberships.EMPTY, "vider")

    async def remove(self, request: Request) -> Response:
        """Asked first; refused while something rests on it."""
        return await self._gone(request, "supprimer-liste", "supprimer")

    async def _gone(self, request: Request, verb: str, way: str) -> Response:
        found = await self._list(request)
        refused = ""
        if request.method == "POST":
            try:
                said = await self.office.order(request, verb, {"liste": found.name})
                return done(PATH if way == "supprimer" else f"{PATH}/{found.code}", Flash(said))
            except Declined as declined:
                refused = str(declined)
        return self.office.frame.page(
            request,
            "list_gone.html",
            here="listes",
            title="Vider" if way == "vider" else "Supprimer",
            trail=(("Listes", PATH), (found.name, f"{PATH}/{found.code}")),
            status=409 if refused else 200,
            roster=found,
            way=way,
            refused=refused,
            counted=COUNTED,
        )
