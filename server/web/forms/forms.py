"""« Formulaires »: those of the project; of one, what came, what was refused and why, how to hold it."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from relance.errors import Problem, Unacceptable
from relance.fold import key_of, names_something
from server.http.forms import Forms
from server.reports import french
from server.reports.forms import FormAnswer, arrivals_by_day, last_answers
from server.store.instants import from_micros
from server.web.drawing import spark
from server.web.forms.embedding import codes
from server.web.frame import viewer_of
from server.web.live import Live
from server.web.office import Office
from server.web.page import Access, Page
from server.web.posted import posted

PATH = "/formulaires"
_DAYS, _ANSWERS, _REFUSALS, _MOST_FIELDS = 14, 20, 20, 30
_LONGEST = 150
#: The number of its watch (`Live.watching`).
_WATCH = -2


@dataclass(frozen=True, slots=True)
class FormField:
    """A field as the last answers had it. `field`: that of the lead it fills; empty: none."""

    name: str
    field: str


@dataclass(frozen=True, slots=True)
class FormPages:
    """Shows them. `door`: what takes them."""

    office: Office
    door: Forms
    live: Live

    def pages(self) -> Iterator[Page]:
        """The list, each form, and what changes of it; answers are personal."""
        stream = self.live.watching(_WATCH, self._stamp)
        yield Page("/vif/formulaires", Access.READ, stream, in_time=False)
        yield Page(PATH, Access.READ, self.list)
        yield Page(PATH + "/{nom}", Access.READ, self.page)
        yield Page(PATH + "/{nom}/arrivees", Access.READ, self.arrived)
        yield Page(PATH + "/{nom}/essayer", Access.WRITE, self.attempt, ("POST",))

    async def _stamp(self, _conn: AsyncConnection) -> object:
        """What is other once a form was taken or refused."""
        return self.door.taken, self.door.refusals.noted

    async def list(self, request: Request) -> Response:
        """Those that the rules hear, or the settings name."""
        names = self.door.names.known
        async with self.office.store.read() as conn:
            days = await self._days(conn, names[:60])
        lines = [
            {
                "name": name,
                "today": found[-1][1],
                "total": sum(n for _, n in found),
                "spark": spark([n for _, n in found]),
                "refused": len(self.door.refusals.latest(name)),
                "signed": self.door.names.is_signed(name),
            }
            for name, found in days.items()
        ]
        return self.office.frame.page(
            request, "forms.html", here="formulaires", title="Formulaires", lines=lines, days=_DAYS
        )

    async def page(self, request: Request) -> Response:
        """What came by one of them, what was refused, and how a site holds it."""
        return await self._page(request, self._name(request))

    async def arrived(self, request: Request) -> Response:
        """The part of it that lives."""
        name = self._name(request)
        found = await self.live.shared(("form", key_of(name)), lambda: self._arrivals(name))
        return self.office.frame.part(request, "_arrivals.html", **self._shown(request, found))

    async def attempt(self, request: Request) -> Response:
        """What such an answer would bring: nothing of it is recorded."""
        name, form = self._name(request), await posted(request)
        given = {
            key.removeprefix("champ:"): str(value)[:1_000]
            for key, value in form.data.items()
            if key.startswith("champ:") and isinstance(value, str)
        }
        try:
            found = self.door.tried(name, given)
        except Unacceptable as refused:
            return await self._page(request, name, given, refused.problems, status=422)
        taught = {
            "fields": [
                (one.name, found.fields[one.column.name])
                for one in self.office.store.fields
                if one.column.name in found.fields
            ],
            "left": [(one.field, one.value) for one in found.leftovers],
            "heard": name in self.door.names.known,
        }
        return await self._page(request, name, given, taught=taught)

    # ----------------------------------------------------------------------------------------

    def _name(self, request: Request) -> str:
        """The form that the address names; not found for what no form may be called."""
        name = request.path_params["nom"]
        if len(name) > _LONGEST or not name.isprintable() or not names_something(name):
            raise HTTPException(404)
        meant = self.door.names.meant(name)
        if key_of(meant) not in map(key_of, self.door.names.known):
            raise HTTPException(404)
        return meant

    async def _days(
        self, conn: AsyncConnection, names: Sequence[str]
    ) -> Mapping[str, Sequence[tuple[Any, int]]]:
        zone = self.office.settings.zone
        today = self.office.clock.now().astimezone(zone).date()
        return await arrivals_by_day(conn, names, today, _DAYS, zone)

    async def _arrivals(self, name: str) -> tuple[Sequence[tuple[Any, int]], Sequence[FormAnswer]]:
        """What is read of the base: the same for whoever looks."""
        async with self.office.store.read() as conn:
            days = await self._days(conn, (name,))
            return days[name], await last_answers(conn, name, _ANSWERS)

    def _shown(
        self, request: Request, found: tuple[Sequence[tuple[Any, int]], Sequence[FormAnswer]]
    ) -> Mapping[str, Any]:
        days, answers = found
        zone, personal = self.office.settings.zone, Access.PERSONAL in viewer_of(request).may
        return {
            "days": [(french.day(day), n) for day, n in days],
            "total": sum(n for _, n in days),
            "today": days[-1][1],
            "spark": spark([n for _, n in days]),
            "personal": personal,
            "answers": [
                {
                    "lead": one.lead,
                    "at": french.instant(from_micros(one.at), zone),
                    "values": list(one.values.items())[:_MOST_FIELDS],
                }
                for one in answers
            ]
            if personal
            else [],
        }

    def _fields(self, answers: Sequence[FormAnswer]) -> Sequence[FormField]:
        """Those that the last answers hold."""
        names = dict.fromkeys(name for one in answers for name in one.values)
        meant = self.office.store.fields.meant
        return [
            FormField(name, known.name if (known := meant(name)) is not None else "")
            for name in list(names)[:_MOST_FIELDS]
        ]

    async def _page(
        self,
        request: Request,
        name: str,
        given: Mapping[str, str] | None = None,
        problems: Sequence[Problem] = (),
        taught: Mapping[str, Any] | None = None,
        status: int = 200,
    ) -> Response:
        found = await self._arrivals(name)
        fields, zone, settings = (
            self._fields(found[1]),
            self.office.settings.zone,
            self.office.settings,
        )
        words = {one.name: one.field or one.name for one in fields}
        tried = list(words) or ["prénom", "courriel"]
        signed = self.door.names.is_signed(name)
        return self.office.frame.page(
            request,
            "form.html",
            here="formulaires",
            title=name,
            trail=(("Formulaires", PATH),),
            status=status,
            name=name,
            fields=fields,
            sites=sorted(settings.forms.origins),
            signed=signed,
            codes=codes(settings.public_url, name, words, settings.forms.honeypot, signed=signed),
            refusals=[
                (french.instant(from_micros(one.at), zone), one)
                for one in self.door.refusals.latest(name)[:_REFUSALS]
            ],
            given=given if given is not None else dict.fromkeys(tried, ""),
            problems=[one.message for one in problems],
            taught=taught,
            **self._shown(request, found),
        )
