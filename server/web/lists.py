"""« Listes »: all of them, how far each is built and what uses it; one of them; a new one."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncConnection
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from relance.errors import RelanceError
from relance.fold import key_of
from server.daemon_thread import in_daemon_thread
from server.engine.publication.named import ListUser, users_of_lists
from server.language import conditions
from server.language.conditions import LISTS_SCRIPT, TypedCondition, WrittenList
from server.language.draft import DraftLanguage
from server.orders import memberships
from server.orders.declined import Declined
from server.orders.naming import well_named
from server.publication.drafting import DraftTexts
from server.reports import french
from server.reports.rosters import COUNTED, Roster, latest_members, roster, rosters
from server.store.instants import from_micros
from server.store.schema.rules import publications
from server.web.frame import Flash, done, viewer_of
from server.web.live import Live
from server.web.office import Office, posted
from server.web.page import Access, Page
from server.web.people import called

PATH = "/listes"
_LATEST = 6
#: What a new dynamic list begins with: to be changed, and right as it is.
EXAMPLE = "Page web (/prix) visitée dans les (30) derniers jours"
_LONGEST = 120


@dataclass(slots=True)
class ListUses:
    """What uses each list; read again once something was published."""

    _at: int = -1
    _found: Mapping[str, Sequence[ListUser]] = field(default_factory=dict)

    async def read(self, conn: AsyncConnection) -> Mapping[str, Sequence[ListUser]]:
        """By the key of each list."""
        last = await conn.scalar(select(func.max(publications.c.number))) or 0
        if last != self._at:
            self._found, self._at = await users_of_lists(conn), last
        return self._found


@dataclass(slots=True)
class ListPages:
    """Shows them, and makes new ones."""

    office: Office
    draft: DraftLanguage
    scripts: DraftTexts
    live: Live
    uses: ListUses = field(default_factory=ListUses)

    def pages(self) -> Iterator[Page]:
        """Where they are; who is on them is personal, and elsewhere (`list_members`)."""
        yield Page(PATH, Access.READ, self.page)
        yield Page(f"{PATH}/tableau", Access.READ, self.part)
        yield Page(f"{PATH}/nouvelle", self.office.writing, self.new, ("GET", "POST"))
        yield Page(PATH + "/{liste}", Access.READ, self.one)

    # --- All of them ------------------------------------------------------------------------

    async def page(self, request: Request) -> Response:
        """Each list, and those the draft adds."""
        return self.office.frame.page(
            request, "lists.html", here="listes", title="Listes", **await self._values()
        )

    async def part(self, request: Request) -> Response:
        """What of it changes by itself."""
        values = await self.live.shared("listes", self._values)
        return self.office.frame.part(request, "_lists.html", **values)

    async def _values(self) -> dict[str, Any]:
        async with self.office.store.read() as conn:
            found = await rosters(conn)
            uses = await self.uses.read(conn)
        written = await self._written()
        known = {one.key for one in found if one.dynamic}
        return {
            "lists": [(one, uses.get(one.key, ())) for one in found],
            "waiting": [one for one in written if key_of(one.name) not in known],
            "counted": COUNTED,
        }

    async def _written(self) -> Sequence[WrittenList]:
        """The lists of the draft; none when it cannot be read, which is said elsewhere."""
        try:
            return await self.draft.ask(conditions.written_lists)
        except (OSError, RelanceError):
            return ()

    # --- One of them ------------------------------------------------------------------------

    async def one(self, request: Request) -> Response:
        """One list: its condition, what uses it, who came last where that is cheap to know."""
        zone = self.office.settings.zone
        async with self.office.store.read() as conn:
            found = await list_of(conn, request)
            uses = (await self.uses.read(conn)).get(found.key, ())
            personal = Access.PERSONAL in viewer_of(request).may
            few = personal and found.members is not None
            latest = await latest_members(conn, found.key, _LATEST) if few else ()
        written = await self._written() if found.dynamic else ()
        return self.office.frame.page(
            request,
            "list.html",
            here="listes",
            title=found.name,
            trail=(("Listes", PATH),),
            roster=found,
            tab="liste",
            uses=uses,
            written=conditions.known_list(written, found.name),
            latest=[
                (row["id"], called(row), french.instant(from_micros(row["since"]), zone))
                for row in latest
            ],
            counted=COUNTED,
        )

    # --- A new one --------------------------------------------------------------------------

    async def new(self, request: Request) -> Response:
        """The form of a new list; then it is made: at once, or in the draft."""
        asked = {"name": "", "kind": "statique", "condition": EXAMPLE}
        if request.method != "POST":
            return self._form(request, asked)
        fields = await posted(request)
        asked = {
            "name": fields.get("nom", "")[: _LONGEST + 1],
            "kind": "dynamique" if fields.get("sorte") == "dynamique" else "statique",
            "condition": fields.get("condition", "")[: conditions.LONGEST],
        }
        if "montrer" in fields:  # a sentence typed elsewhere, to be given a name
            return self._form(request, asked)
        if asked["kind"] == "statique":
            return await self._create(request, asked)
        return await self._write(request, asked)

    async def _create(self, request: Request, asked: Mapping[str, str]) -> Response:
        try:
            said = await self.office.order(request, memberships.CREATE, {"liste": asked["name"]})
        except Declined as declined:
            return self._form(request, asked, wrong=str(declined))
        return done(PATH, Flash(said))

    async def _write(self, request: Request, asked: Mapping[str, str]) -> Response:
        """Write its line in the draft, once it is right."""
        try:
            name = well_named(asked["name"], "nom")
        except Declined as declined:
            return self._form(request, asked, wrong=str(declined))
        lists = await self._written()
        known = conditions.known_list(lists, name)
        if known is not None:
            why = f"Il y a déjà une liste de ce nom dans le brouillon : {known.file}, ligne {known.line}."
            return self._form(request, asked, wrong=why)
        read = await self.draft.ask(
            lambda draft: conditions.typed_condition(draft, asked["condition"])
        )
        if read.condition is None:
            return self._form(request, {**asked, "condition": read.text}, read)
        file = LISTS_SCRIPT
        line = conditions.list_line(name, read.text)
        place = await in_daemon_thread(self.scripts.add, file, line)
        said = (
            f"La liste «\u00a0{name}\u00a0» est dans le brouillon ({file}, ligne {place}). Publiez, et elle "
            "sera construite."
        )
        return done(PATH, Flash(said))

    def _form(
        self,
        request: Request,
        asked: Mapping[str, str],
        read: TypedCondition | None = None,
        wrong: str = "",
    ) -> Response:
        return self.office.frame.page(
            request,
            "list_new.html",
            here="listes",
            title="Créer une liste",
            trail=(("Listes", PATH),),
            status=422 if read is not None or wrong else 200,
            asked=asked,
            read=read,
            wrong=wrong,
            longest=_LONGEST,
            most=conditions.LONGEST,
            alone=(conditions.ALONE, conditions.BEFORE),
            script=LISTS_SCRIPT,
        )


async def list_of(conn: AsyncConnection, request: Request) -> Roster:
    """The list that the address names; not found (404) when there is none."""
    found = await roster(conn, request.path_params["liste"])
    if found is None:
        raise HTTPException(404)
    return found
