"""The team that sells, as the draft has it, changed by programs as on its page."""

import asyncio
from collections.abc import Iterator, Mapping

from starlette.requests import Request
from starlette.responses import Response

from relance.legible import in_json
from relance.person import Person
from server.api.asking import Misasked, answered, body, flag, text
from server.api.declining import misasked
from server.api.operation import ApiOperation
from server.api.schemas import FLAG, TEXT, or_null, several, shape
from server.http.exchange import JSON
from server.orders.declined import Declined
from server.orders.sales import SELLER
from server.publication.on_disk import on_disk
from server.publication.unusable import reading_draft
from server.web.office import Office
from server.web.page import Access

_PERSON = shape({"name": TEXT, "email": or_null(TEXT), "phone": or_null(TEXT), "absent": FLAG})
_SAVED = {"former": TEXT, "name": TEXT, "email": TEXT, "phone": TEXT, "absent": FLAG}
_SAID = shape({"dit": TEXT})
_READABLE = ("refuse", "json-attendu", "json-illisible")


class TeamOperations:
    """The team of a server's project."""

    def __init__(self, office: Office) -> None:
        self._office = office

    def operations(self) -> Iterator[ApiOperation]:
        """All that may be asked of them."""
        yield ApiOperation(
            *("listPeople", "GET", "/team", Access.READ),
            "L’équipe de vente du brouillon ; celle qui tourne est dans reportTeam.",
            self._people,
            shape({"items": several(_PERSON)}),
            problems=("refuse",),
        )
        yield ApiOperation(
            *("savePerson", "POST", "/team/save", Access.WRITE),
            "Ajouter quelqu’un à l’équipe du brouillon, ou le changer s’il y est sous le nom «\u00a0former\u00a0».",
            self._save,
            _SAID,
            body=shape(_SAVED, "former", "phone", "absent"),
            problems=_READABLE,
        )
        yield ApiOperation(
            *("removePerson", "POST", "/team/remove", Access.WRITE),
            "Ôter quelqu’un de l’équipe du brouillon.",
            self._remove,
            _SAID,
            body=shape({"name": TEXT}),
            problems=_READABLE,
        )

    async def _people(self, request: Request) -> Response:
        def read() -> tuple[Person, ...]:
            with reading_draft():
                return self._office.plugins.people(on_disk(self._office.settings.folder))

        found = await asyncio.to_thread(read)
        items = [
            {"name": one.name, "email": one.email, "phone": one.phone, "absent": one.absent}
            for one in found
        ]
        return answered(request, {"items": items})

    async def _save(self, request: Request) -> Response:
        given = await body(request, _SAVED)
        name, email = text(given, "name", 200), text(given, "email", 200)
        for member, value in (("name", name), ("email", email)):
            if not value:
                raise Misasked("contenu-refuse", f"/{member}", "Il faut un nom et un courriel.")
        absent = "oui" if flag(given, "absent") else ""
        who = {"nom": name, "courriel": email, "telephone": text(given, "phone", 200)}
        former = text(given, "former", 200)
        return await self._done(request, {"ancien": former, **who, "absent": absent})

    async def _remove(self, request: Request) -> Response:
        given = await body(request, ("name",))
        name = text(given, "name", 200)
        if not name:
            raise Misasked("contenu-refuse", "/name", "Dites qui.")
        nobody = dict.fromkeys(("nom", "courriel", "telephone", "absent"), "")
        return await self._done(request, {"ancien": name, **nobody})

    async def _done(self, request: Request, given: Mapping[str, str]) -> Response:
        actor = request.state.caller.actor
        try:
            said = await self._office.desk.perform(SELLER, {"qui": actor.who, **given}, actor)
        except Declined as declined:
            raise misasked(declined) from declined
        return Response(in_json({"dit": said}), media_type=JSON)
