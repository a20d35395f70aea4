"""Forms: those of the project, what came and was refused, what an answer would bring."""

from collections.abc import Iterator, Mapping

from starlette.requests import Request
from starlette.responses import Response

from relance.errors import Unacceptable
from relance.fold import key_of
from server.api.asking import Misasked, answered, body
from server.api.operation import ApiOperation, Parameter
from server.api.schemas import COUNT, DAY, FLAG, INSTANT, TEXT, several, shape
from server.http.forms import Forms
from server.reports.forms import arrivals_by_day, last_answers
from server.store.instants import from_micros
from server.web.office import Office
from server.web.page import Access

_NAME = Parameter("name", "path", TEXT, "Le nom du formulaire.")
_DAYS, _ANSWERS = 14, 50
_VALUES = {"type": "object", "additionalProperties": TEXT}
_REFUSAL = shape({"at": INSTANT, "reason": TEXT, "fields": several(TEXT), "origin": TEXT})
_FORM = shape(
    {
        "name": TEXT,
        "signed": FLAG,
        "days": several(shape({"day": DAY, "count": COUNT})),
        "refusals": several(_REFUSAL),
    }
)
_ANSWER = shape({"lead": COUNT, "at": INSTANT, "values": _VALUES})
_TRIED = shape({"accepted": FLAG, "fields": _VALUES, "problems": several(TEXT)})


class FormOperations:
    """The forms of a server."""

    def __init__(self, office: Office, door: Forms) -> None:
        self._office, self._door = office, door

    def operations(self) -> Iterator[ApiOperation]:
        """All that may be asked of them."""
        yield ApiOperation(
            *("listForms", "GET", "/forms", Access.READ),
            "Les formulaires que les règles attendent ou que les réglages nomment.",
            self._list,
            shape({"items": several(shape({"name": TEXT, "signed": FLAG}))}),
        )
        yield ApiOperation(
            *("getForm", "GET", "/forms/{name}", Access.READ),
            "Les arrivées par jour d’un formulaire, et ses derniers refus.",
            self._get,
            _FORM,
            (_NAME,),
            problems=("inconnu",),
        )
        yield ApiOperation(
            *("listAnswers", "GET", "/forms/{name}/answers", Access.PERSONAL),
            "Les dernières réponses d’un formulaire.",
            self._answers,
            shape({"items": several(_ANSWER)}),
            (_NAME,),
            problems=("inconnu",),
        )
        yield ApiOperation(
            *("tryForm", "POST", "/forms/{name}/try", Access.WRITE),
            "Ce qu’une réponse apporterait : rien n’en est enregistré.",
            self._try,
            _TRIED,
            (_NAME,),
            body=shape({"values": _VALUES}),
            problems=("inconnu", "json-attendu", "json-illisible"),
        )

    async def _list(self, request: Request) -> Response:
        names = self._door.names
        items = [{"name": one, "signed": names.is_signed(one)} for one in names.known]
        return answered(request, {"items": items})

    async def _get(self, request: Request) -> Response:
        name, zone = self._known(request), self._office.settings.zone
        today = self._office.clock.now().astimezone(zone).date()
        async with self._office.store.read() as conn:
            days = (await arrivals_by_day(conn, (name,), today, _DAYS, zone))[name]
        return answered(
            request,
            {
                "name": name,
                "signed": self._door.names.is_signed(name),
                "days": [{"day": day.isoformat(), "count": n} for day, n in days],
                "refusals": [
                    {
                        "at": from_micros(one.at).isoformat(),
                        "reason": one.reason,
                        "fields": list(one.fields),
                        "origin": one.origin,
                    }
                    for one in self._door.refusals.latest(name)
                ],
            },
        )

    async def _answers(self, request: Request) -> Response:
        name = self._known(request)
        async with self._office.store.read() as conn:
            found = await last_answers(conn, name, _ANSWERS)
        items = [
            {
                "lead": one.lead,
                "at": from_micros(one.at).isoformat(),
                "values": dict(one.values),
            }
            for one in found
        ]
        return answered(request, {"items": items})

    async def _try(self, request: Request) -> Response:
        values = (await body(request, ("values",))).get("values", {})
        if not isinstance(values, Mapping) or not all(isinstance(x, str) for x in values.values()):
            raise Misasked(
                "contenu-refuse", "/values", "Il faut un objet dont les valeurs sont des textes."
            )
        name = self._known(request)
        try:
            found = self._door.tried(name, values)
        except Unacceptable as refused:
            problems = [one.message for one in refused.problems]
            return answered(request, {"accepted": False, "fields": {}, "problems": problems})
        fields = {
            one.name: str(found.fields[one.column.name])
            for one in self._office.store.fields
            if found.fields.get(one.column.name) is not None
        }
        return answered(request, {"accepted": True, "fields": fields, "problems": []})

    def _known(self, request: Request) -> str:
        name = self._door.names.meant(request.path_params["name"])
        for one in self._door.names.known:
            if key_of(one) == key_of(name):
                return one
        raise Misasked("inconnu", "/name", "Aucun formulaire du projet ne porte ce nom.")
