"""Lists: how many are on each and how far it is built, their members, and what is done by hand."""

from collections.abc import Iterator, Mapping
from functools import partial
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from dsl.check.naming import LONGEST
from relance.fold import key_of
from relance.french import quoted
from relance.legible import in_json
from relance.slip import slip_of
from server.api.asking import Misasked, answered, body, cursor, in_part, limit, text
from server.api.campaigns import Perform
from server.api.declining import misasked
from server.api.operation import CURSOR, LIMIT, ApiOperation, Parameter, Schema
from server.api.schemas import COUNT, FLAG, INSTANT, TEXT, or_null, part, several, shape
from server.http.exchange import JSON
from server.orders import memberships
from server.orders.declined import Declined
from server.reports.rosters import Roster, members_of, roster_named, rosters
from server.store.instants import from_micros
from server.store.store import Store
from server.web.page import Access

_MOST = 10_000
_LIST = shape(
    {
        "liste": TEXT,
        "dynamique": FLAG,
        "membres": or_null(COUNT),
        "construction": or_null(COUNT),
        "mise_de_cote": or_null(TEXT),
    }
)
_MEMBER = shape({"lead": COUNT, "since": INSTANT})
_DONE = shape({"fait": FLAG, "dit": TEXT})
_NAME = Parameter("name", "path", TEXT, "Le nom de la liste.")
_LEADS: Mapping[str, Schema] = {
    "leads": {**several({"type": "integer", "minimum": 1}), "maxItems": _MOST}
}
#: Each gesture: its address, its order, who may give it, whether it says of whom, and what it does.
_GESTURES = (
    ("add", memberships.JOIN, Access.PERSONAL, True, "Mettre des leads dans une liste statique."),
    ("remove", memberships.LEAVE, Access.PERSONAL, True, "En retirer des leads."),
    ("empty", memberships.EMPTY, Access.PERSONAL, False, "En retirer tout le monde."),
    (
        *("delete", "supprimer-liste", Access.PUBLISH, False),
        "Supprimer une liste statique dont rien ne se sert.",
    ),
)


class ListOperations:
    """The lists of a server."""

    def __init__(self, store: Store, perform: Perform) -> None:
        self._store, self._perform = store, perform

    def operations(self) -> Iterator[ApiOperation]:
        """All that may be asked of them."""
        yield ApiOperation(
            *("listLists", "GET", "/lists", Access.READ),
            "Les listes, par leur nom. «\u00a0membres\u00a0» est nul au delà de 10 000, «\u00a0construction\u00a0» "
            "aussi une fois finie.",
            self._list,
            part(_LIST),
            (LIMIT, CURSOR),
        )
        yield ApiOperation(
            *("getList", "GET", "/lists/{name}", Access.READ, "Une liste."),
            self._one,
            _LIST,
            (_NAME,),
            problems=("inconnu",),
        )
        yield ApiOperation(
            *("listMembers", "GET", "/lists/{name}/members", Access.PERSONAL),
            "Les membres d’une liste, les leads les plus récents d’abord.",
            self._members,
            part(_MEMBER),
            (_NAME, LIMIT, CURSOR),
            problems=("inconnu",),
        )
        yield ApiOperation(
            *("createList", "POST", "/static-lists", Access.WRITE),
            "Créer une liste statique, vide.",
            self._create,
            _DONE,
            body=shape({"liste": {"type": "string", "maxLength": LONGEST}}),
            problems=("refuse", "json-attendu", "json-illisible"),
        )
        for way, verb, access, whom, summary in _GESTURES:
            members = _LEADS if whom else {}
            yield ApiOperation(
                *(f"{way}List", "POST", f"/lists/{{name}}/{way}", access, summary),
                partial(self._gesture, verb, whom),
                _DONE,
                (_NAME,),
                shape(members),
                ("inconnu", "refuse", "json-attendu", "json-illisible"),
            )

    async def _list(self, request: Request) -> Response:
        most, begun = limit(request), cursor(request)
        async with self._store.read() as conn:
            found = await rosters(conn)
        left = [one for one in found if one.key > begun]
        last = left[min(most, len(left)) - 1].key if left else ""
        return answered(request, in_part([_said(one) for one in left[: most + 1]], most, last))

    async def _one(self, request: Request) -> Response:
        return answered(request, _said(await self._known(request)))

    async def _known(self, request: Request) -> Roster:
        name = request.path_params["name"]
        async with self._store.read() as conn:
            found = await roster_named(conn, key_of(name))
            if found is not None:
                return found
            near = slip_of(name, [one.name for one in await rosters(conn)])
        instead = "«\u00a0GET …/lists\u00a0» les donne toutes."
        if near is not None:
            instead = f"Vouliez-vous dire {quoted(near)}\u00a0?"
        why = f"Aucune liste ne s’appelle {quoted(name)}. {instead}"
        raise Misasked("inconnu", "/name", why)

    async def _members(self, request: Request) -> Response:
        known, most, place = await self._known(request), limit(request), cursor(request)
        if place and not (place.isascii() and place.isdecimal() and len(place) < 19):
            why = "Prenez celui que disait «\u00a0next\u00a0» de la partie d’avant."
            raise Misasked("contenu-refuse", "/cursor", why)
        async with self._store.read() as conn:
            page = await members_of(conn, known.key, int(place) if place else None, most + 1)
        items = [
            {"lead": row["id"], "since": from_micros(row["since"]).isoformat()} for row in page.rows
        ]
        last = str(items[min(most, len(items)) - 1]["lead"]) if items else ""
        return answered(request, in_part(items, most, last))

    async def _create(self, request: Request) -> Response:
        given = await body(request, ("liste",))
        return await self._done(request, memberships.CREATE, {"liste": text(given, "liste")})

    async def _gesture(self, verb: str, whom: bool, request: Request) -> Response:
        given = await body(request, _LEADS if whom else ())
        order = {"liste": (await self._known(request)).name}
        if whom:
            order["leads"] = " ".join(map(str, leads_of(given)))
        return await self._done(request, verb, order)

    async def _done(self, request: Request, verb: str, order: Mapping[str, str]) -> Response:
        actor = request.state.caller.actor
        try:
            said = await self._perform(verb, {**order, "qui": actor.who}, actor)
        except Declined as declined:
            raise misasked(declined) from declined
        return Response(in_json({"fait": True, "dit": said}), media_type=JSON)


def leads_of(given: Mapping[str, Any]) -> list[int]:
    """The numbers of leads that a body holds."""
    leads = given.get("leads")
    fit = isinstance(leads, list) and 1 <= len(leads) <= _MOST
    if not fit or not all(type(one) is int and 0 < one < 2**63 for one in leads or ()):
        why = f"Il faut de 1 à {_MOST} numéros de leads."
        raise Misasked("contenu-refuse", "/leads", why)
    return list(leads or ())


def _said(one: Roster) -> Mapping[str, Any]:
    return {
        "liste": one.name,
        "dynamique": one.dynamic,
        "membres": one.members,
        "construction": one.built,
        "mise_de_cote": one.reason,
    }
