"""The absences of the team: listed, noted and taken back by programs, as on its page."""

from collections.abc import Iterator

from starlette.requests import Request
from starlette.responses import Response

from relance.legible import in_json
from server.api.asking import Misasked, answered, body, text
from server.api.operation import ApiOperation, Parameter
from server.api.schemas import COUNT, DAY, FLAG, TEXT, or_null, several, shape
from server.http.exchange import JSON
from server.orders.absences import CANCEL, NOTE
from server.orders.declined import Declined
from server.store import absences
from server.store.instants import now_micros
from server.web.office import Office
from server.web.page import Access, number

_NUMBER = Parameter(
    "absence", "path", {"type": "integer", "minimum": 1}, "Le numéro que donne listAbsences."
)
_ABSENCE = shape(
    {
        **{"absence": COUNT, "name": TEXT, "from": DAY, "to": DAY},
        **{"reason": or_null(TEXT), "now": FLAG},
    }
)
_NOTED = {"name": TEXT, "from": DAY, "to": DAY, "reason": TEXT}
_SAID = shape({"dit": TEXT})
_MEMBERS = {"nom": "name", "du": "from", "au": "to", "raison": "reason", "numero": "absence"}


class AbsenceOperations:
    """Those of a server."""

    def __init__(self, office: Office) -> None:
        self._office = office

    def operations(self) -> Iterator[ApiOperation]:
        """All that may be asked of them."""
        yield ApiOperation(
            *("listAbsences", "GET", "/team/absences", Access.READ),
            "Les absences de l’équipe de vente qui ne sont pas finies ; «\u00a0now\u00a0» : elle a commencé.",
            self._listed,
            shape({"items": several(_ABSENCE)}),
        )
        yield ApiOperation(
            *("addAbsence", "POST", "/team/absences/add", Access.PUBLISH),
            "Noter une absence : entre ces deux jours, compris, le tour passe à la personne suivante.",
            self._add,
            _SAID,
            body=shape(_NOTED, "reason"),
            problems=("refuse", "json-attendu", "json-illisible"),
        )
        yield ApiOperation(
            *("removeAbsence", "POST", "/team/absences/{absence}/remove", Access.PUBLISH),
            "Ôter une absence.",
            self._remove,
            _SAID,
            (_NUMBER,),
            problems=("refuse",),
        )

    async def _listed(self, request: Request) -> Response:
        now = now_micros(self._office.clock)
        async with self._office.store.read() as conn:
            found = await absences.since(conn, now)
        items = [
            {
                **{"absence": one.id, "name": one.name, "from": one.first_day, "to": one.last_day},
                **{"reason": one.reason or None, "now": one.begins_at <= now},
            }
            for one in found
        ]
        return answered(request, {"items": items})

    async def _add(self, request: Request) -> Response:
        given = await body(request, _NOTED)
        said = {
            name: text(given, member, 300) for name, member in _MEMBERS.items() if member in _NOTED
        }
        return await self._order(request, NOTE, said)

    async def _remove(self, request: Request) -> Response:
        return await self._order(request, CANCEL, {"numero": str(number(request, "absence"))})

    async def _order(self, request: Request, verb: str, given: dict[str, str]) -> Response:
        actor = request.state.caller.actor
        try:
            said = await self._office.desk.perform(verb, {"qui": actor.who, **given}, actor)
        except Declined as declined:
            member = _MEMBERS.get(declined.about, "")
            raise Misasked("refuse", f"/{member}" if member else "", str(declined)) from declined
        return Response(in_json({"dit": said}), media_type=JSON)
