"""A lead changed by programs in the name of the team: made, corrected, made one with another, forgotten."""

import json
from collections.abc import Iterator, Mapping
from functools import partial
from typing import Any

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from relance.errors import Problem
from relance.french import quoted
from relance.legible import in_json
from server.api.asking import Misasked, answered, body
from server.api.declining import misasked
from server.api.operation import ApiOperation, Parameter, Schema
from server.api.schemas import COUNT, FLAG, TEXT, several, shape
from server.http.exchange import JSON
from server.orders import leads as orders
from server.orders.declined import Declined
from server.reports.as_json import as_json
from server.reports.people import find_lead
from server.rights.dossier import dossier
from server.rights.erasing import ERASE
from server.rights.person import person_of
from server.store.fields import FieldColumn
from server.web.office import Office
from server.web.page import Access, number

_NUMBER = Parameter("lead", "path", {"type": "integer", "minimum": 1}, "Le numéro du lead.")
_FIELDS: Schema = {
    "type": "object",
    "additionalProperties": {"type": ["string", "number", "boolean", "null"]},
}
_SCALAR = ["string", "number", "boolean", "null"]
#: A cell of a part: a value, several, or some by their names.
_CELL: Schema = {
    "type": [*_SCALAR, "array", "object"],
    "items": {"type": _SCALAR},
    "additionalProperties": {"type": [*_SCALAR, "array"], "items": {"type": _SCALAR}},
}
#: A part of a person's file: its lines, each cell by the name of its column.
_PART: Schema = several({"type": "object", "additionalProperties": _CELL})
_DONE = shape({"fait": FLAG, "dit": TEXT})
_AGREED = "oublier"
_LONGEST = 1_000
_PROBLEMS = ("inconnu", "refuse", "json-attendu", "json-illisible")


class LeadChangeOperations:
    """What is done to one lead."""

    def __init__(self, office: Office) -> None:
        self._office, self._store = office, office.store

    def operations(self) -> Iterator[ApiOperation]:
        """All that may be asked."""
        yield ApiOperation(
            *("createLead", "POST", "/leads/create", Access.PERSONAL),
            "Créer un lead : «\u00a0champs\u00a0» par leur nom, dont un courriel ou un téléphone.",
            self._create,
            shape({"fait": FLAG, "dit": TEXT, "lead": COUNT}),
            body=shape({"champs": _FIELDS}),
            problems=_PROBLEMS[1:],
        )
        yield ApiOperation(
            *("correctLead", "POST", "/leads/{lead}/correct", Access.PERSONAL),
            "Écrire des champs d’un lead, comme l’équipe les dit ; null en vide un.",
            self._correct,
            _DONE,
            (_NUMBER,),
            shape({"champs": _FIELDS}),
            _PROBLEMS,
        )
        yield ApiOperation(
            *("mergeLeads", "POST", "/leads/{lead}/merge", Access.PERSONAL),
            "Réunir «\u00a0avec\u00a0» à ce lead, qui reste.",
            self._merge,
            _DONE,
            (_NUMBER,),
            shape({"avec": {"type": "integer", "minimum": 1}}),
            _PROBLEMS,
        )
        yield ApiOperation(
            *("separateLead", "POST", "/leads/{lead}/separate", Access.PERSONAL),
            "Séparer ce lead de celui auquel il a été réuni.",
            partial(self._order, orders.SEPARATE, {}),
            _DONE,
            (_NUMBER,),
            problems=("inconnu", "refuse"),
        )
        yield ApiOperation(
            *("eraseLead", "POST", "/leads/{lead}/erase", Access.PERSONAL),
            f"Oublier la personne, pour toujours ; «\u00a0mot\u00a0» est {quoted(_AGREED)}.",
            self._erase,
            _DONE,
            (_NUMBER,),
            shape({"mot": TEXT}),
            _PROBLEMS,
        )
        yield ApiOperation(
            *("getDossier", "GET", "/leads/{lead}/dossier", Access.PERSONAL),
            "Tout ce qui est connu de la personne, partie par partie.",
            self._dossier,
            {"type": "object", "additionalProperties": _PART},
            (_NUMBER,),
            problems=("inconnu",),
        )

    async def _known(self, request: Request) -> int:
        """The lead of that number, or who it became."""
        asked = request.path_params["lead"]
        try:
            wanted = number(request, "lead")
        except HTTPException as wrong:
            raise Misasked("inconnu", "/lead", "Un lead se désigne par son numéro.") from wrong
        async with self._store.read() as conn:
            found = await find_lead(conn, str(wanted))
        if found is None:
            raise Misasked("inconnu", "/lead", f"Aucun lead ne porte le numéro {asked}.")
        return found

    async def _create(self, request: Request) -> Response:
        values = self._values(await body(request, ("champs",)))
        said = await self._done(request, orders.CREATE, {"valeurs": json.dumps(values)})
        known = [values[key] for key in ("courriel", "cellulaire", "telephone") if values.get(key)]
        async with self._store.read() as conn:
            lead = await find_lead(conn, known[0])
        return Response(in_json({"fait": True, "dit": said, "lead": lead or 0}), media_type=JSON)

    async def _correct(self, request: Request) -> Response:
        lead = await self._known(request)
        values = self._values(await body(request, ("champs",)))
        given = {"lead": str(lead), "valeurs": json.dumps(values)}
        return _said(await self._done(request, orders.CORRECT, given))

    async def _merge(self, request: Request) -> Response:
        lead = await self._known(request)
        other = (await body(request, ("avec",))).get("avec")
        if type(other) is not int or not 0 < other < 2**63:
            raise Misasked("contenu-refuse", "/avec", "Il faut le numéro de l’autre lead.")
        given = {"lead": str(lead), "avec": str(other)}
        return _said(await self._done(request, orders.MERGE, given))

    async def _order(self, verb: str, given: Mapping[str, str], request: Request) -> Response:
        await self._known(request)
        order = {"lead": request.path_params["lead"], **given}
        return _said(await self._done(request, verb, order))

    async def _erase(self, request: Request) -> Response:
        lead = await self._known(request)
        if (await body(request, ("mot",))).get("mot") != _AGREED:
            why = f"Rien ne le défait : dites {quoted(_AGREED)}."
            raise Misasked("contenu-refuse", "/mot", why)
        return _said(await self._done(request, ERASE, {"lead": str(lead)}))

    async def _dossier(self, request: Request) -> Response:
        lead = await self._known(request)
        async with self._store.read() as conn:
            person = await person_of(conn, self._store.fields.table, lead)
            if person is None:
                raise Misasked("inconnu", "/lead", f"Aucun lead ne porte le numéro {lead}.")
            zone = self._office.settings.zone
            found = await dossier(conn, self._store.fields, self._office.glossary, person, zone)
        return answered(request, as_json(found))

    def _values(self, given: Mapping[str, Any]) -> Mapping[str, str]:
        """The text of each field by its key; all that is wrong is told at once."""
        fields = given.get("champs")
        if not isinstance(fields, dict):
            raise Misasked(
                "contenu-refuse", "/champs", "Il faut un objet : le nom de chaque champ, sa valeur."
            )
        found: dict[str, str] = {}
        wrong: list[Problem] = []
        for name, value in fields.items():
            column = self._store.fields.recognised(name)
            if column is None:
                wrong.append(Problem(f"/champs/{name}", "Ce champ n’existe pas."))
            else:
                found[column.key] = _text(value)
        wrong += [
            Problem(f"/champs/{self._name(key)}", why)
            for key, why in orders.faults(self._store, found).items()
        ]
        if wrong:
            refused = Misasked("contenu-refuse")
            refused.errors = tuple(wrong)
            raise refused
        return found

    def _name(self, key: str) -> str:
        known: Mapping[str, FieldColumn] = {one.key: one for one in self._store.fields}
        return known[key].name if key in known else key

    async def _done(self, request: Request, verb: str, given: Mapping[str, str]) -> str:
        actor = request.state.caller.actor
        try:
            return await self._office.desk.perform(verb, {"qui": actor.who, **given}, actor)
        except Declined as declined:
            raise misasked(declined) from declined


def _said(words: str) -> Response:
    return Response(in_json({"fait": True, "dit": words}), media_type=JSON)


def _text(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "oui" if value else "non"
    return str(value)[:_LONGEST]
