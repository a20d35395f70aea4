"""Publications that were asked for, by programs: listed, agreed to, declined, withdrawn."""

from collections.abc import Iterator, Mapping
from dataclasses import asdict
from functools import partial
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from relance.legible import in_json
from server.api.asking import Misasked, answered, body, cursor, in_part, limit, text
from server.api.declining import misasked
from server.api.operation import CURSOR, LIMIT, ApiOperation, Parameter, Schema
from server.api.publications import CHANGE, PUBLISHED, rehearsed, written
from server.api.schemas import FLAG, INSTANT, TEXT, or_null, part, several, shape
from server.engine.life.journal import LONGEST_WHY
from server.http.exchange import JSON
from server.orders.agreement import AGREE, DECLINE, WITHDRAW, who_may_agree
from server.orders.declined import Declined
from server.orders.desk import Desk
from server.orders.publishing import PublishAnswer
from server.publication import requests
from server.publication.requests import PublicationRequest, RequestState, figures_of
from server.store.instants import from_micros
from server.store.store import Store
from server.web.page import Access, number

_NUMBER = {"type": "integer"}
REQUEST = shape(
    {
        "demande": _NUMBER,
        "le": INSTANT,
        "par": TEXT,
        "note": TEXT,
        "malgre_scenarios": or_null(TEXT),
        "etat": {"type": "string", "enum": [one.value for one in RequestState]},
        "attend": several(TEXT),
        "publication": or_null(_NUMBER),
        "repondu_le": or_null(INSTANT),
        "repondu_par": or_null(TEXT),
        "pourquoi": or_null(TEXT),
        "empreinte": TEXT,
        "vu": TEXT,
        "changements": several(CHANGE),
    }
)
_WHICH = Parameter("request", "path", _NUMBER, "Le numéro de la demande.")
_WHY: Mapping[str, Schema] = {"pourquoi": {"type": "string", "maxLength": LONGEST_WHY}}
_SEEN: Mapping[str, Schema] = {"vu": TEXT, **_WHY}


class PublicationRequestOperations:
    """The requests of a server."""

    def __init__(self, store: Store, desk: Desk) -> None:
        self._store, self._desk = store, desk

    def operations(self) -> Iterator[ApiOperation]:
        """All that may be asked of them."""
        where, refusals = (
            "/publication-requests",
            ("inconnu", "refuse", "json-attendu", "json-illisible"),
        )
        yield ApiOperation(
            *("listPublicationRequests", "GET", where, Access.READ),
            "Les publications demandées, la dernière d’abord, et qui peut y répondre.",
            self._list,
            part(REQUEST),
            (LIMIT, CURSOR),
        )
        one = f"{where}/{{request}}"
        yield ApiOperation(
            *("agreeToPublication", "POST", f"{one}/agree", Access.PUBLISH),
            "Donner son accord, et publier. «\u00a0vu\u00a0» est celui de la demande qu’on a lue : si ce que la "
            "publication ferait a changé depuis, rien n’est publié.",
            partial(self._answer, AGREE, frozenset(_SEEN)),
            PUBLISHED,
            (_WHICH,),
            shape(_SEEN, *_SEEN),
            refusals,
            plays=True,
        )
        done = shape({"fait": FLAG, "dit": TEXT})
        yield ApiOperation(
            *("declinePublication", "POST", f"{one}/decline", Access.PUBLISH),
            "Décliner, et dire pourquoi : rien n’est publié.",
            partial(self._answer, DECLINE, frozenset(_WHY)),
            done,
            (_WHICH,),
            shape(_WHY),
            refusals,
        )
        yield ApiOperation(
            *("withdrawPublicationRequest", "POST", f"{one}/withdraw", Access.WRITE),
            "Retirer sa propre demande.",
            partial(self._answer, WITHDRAW, frozenset()),
            done,
            (_WHICH,),
            shape({}),
            refusals,
        )

    async def _list(self, request: Request) -> Response:
        most, begun = limit(request), cursor(request)
        if begun and not begun.isdecimal():
            raise Misasked(
                "contenu-refuse", "/cursor", "Prenez celui que disait «\u00a0next\u00a0»."
            )
        async with self._store.read() as conn:
            found = await requests.latest(conn, most + 1, int(begun[:18]) if begun else None)
            agreeing = {
                one.number: await who_may_agree(conn, one.wished.person)
                for one in found
                if one.state is RequestState.WAITING
            }
        last = str(found[min(most, len(found)) - 1].number) if found else ""
        items = [_said(one, agreeing.get(one.number, ())) for one in found]
        return answered(request, in_part(items, most, last))

    async def _answer(self, verb: str, members: frozenset[str], request: Request) -> Response:
        given, which = await body(request, members), number(request, "request") or 0
        async with self._store.read() as conn:
            if await requests.find(conn, which) is None:
                why = "Aucune publication demandée ne porte ce numéro."
                raise Misasked("inconnu", "/request", why)
        order = {"numero": str(which), "vu": text(given, "vu")}
        order["pourquoi"] = text(given, "pourquoi", LONGEST_WHY)

        actor = request.state.caller.actor

        async def published() -> PublishAnswer:
            return PublishAnswer.of(await rehearsed(self._desk, verb, order, actor))

        if verb == AGREE:
            return Response(await written(published), media_type=JSON)
        try:
            said = await self._desk.perform(verb, order, actor)
        except Declined as declined:
            raise misasked(declined) from declined
        return Response(in_json({"fait": True, "dit": said}), media_type=JSON)


def _said(one: PublicationRequest, agreeing: Any) -> Mapping[str, Any]:
    answered_at = one.answered_at
    return {
        "demande": one.number,
        "le": from_micros(one.at).isoformat(),
        "par": one.wished.who,
        "note": one.note,
        "malgre_scenarios": one.overlooked or None,
        "etat": one.state.value,
        "attend": list(agreeing),
        "publication": one.publication,
        "repondu_le": None if answered_at is None else from_micros(answered_at).isoformat(),
        "repondu_par": one.answered_by,
        "pourquoi": one.why,
        "empreinte": one.wished.digest,
        "vu": figures_of(one.wished.changes),
        "changements": [asdict(each) for each in one.wished.changes],
    }
