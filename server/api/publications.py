"""Publishing: what the project's folder holds becomes what runs."""

import asyncio
import json
from collections.abc import Awaitable, Callable, Iterator, Mapping
from dataclasses import asdict
from functools import partial
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from relance.legible import in_json
from server.access.actor import Actor
from server.api import once
from server.api.asking import Misasked, answered, body, count, flag, text
from server.api.declining import WORDS, misasked
from server.api.once import AnsweredOnce
from server.api.operation import PATH, ApiOperation, Parameter, Schema
from server.api.schemas import COUNT, FLAG, TEXT, or_null, several, shape
from server.engine.life.journal import LONGEST_WHY
from server.engine.transfer.fate import Fate, FateOf
from server.http.deadline import TooLong, in_time
from server.http.exchange import JSON
from server.orders.agreement import ASK
from server.orders.declined import Declined
from server.orders.desk import Desk
from server.orders.publishing import PUBLISH, PublishAnswer, Publishing, PublishOrder
from server.publication import deferred
from server.publication.deferred import DeferralState, DeferredPublication
from server.store.store import Store
from server.web.page import Access, number

#: How long, in seconds, a request waits for scenarios to be played; they are played on behind, and
#: who asks again finds them where they are.
_PATIENCE = 60.0

_MEMBERS: Mapping[str, Schema] = {
    "note": {"type": "string", "maxLength": LONGEST_WHY},
    "activer": {"type": ["array", "null"], "items": TEXT},
    "autoriser": COUNT,
    "sur": COUNT,
    "sorts": {
        "type": "object",
        "additionalProperties": {"type": "string", "enum": [one.value for one in Fate]},
    },
    "trial": FLAG,
    "sans_accord": FLAG,
    "malgre_scenarios": FLAG,
    "ensuite": FLAG,
}
CHANGE = shape({"kind": TEXT, "name": TEXT, "change": TEXT, "words": TEXT, "count": or_null(COUNT)})
PUBLISHED = shape(
    {
        "publication": or_null({"type": "integer"}),
        "demande": or_null({"type": "integer"}),
        "remplace": or_null(TEXT),
        "problemes": several(TEXT),
        "changements": several(CHANGE),
        "refus": or_null(TEXT),
        "scenarios_joues": COUNT,
        "scenarios_inchanges": COUNT,
        "scenarios_en_echec": several(
            shape(
                {
                    **{"fichier": TEXT, "scenario": TEXT, "ligne": COUNT},
                    **{"attendu": TEXT, "message": TEXT, "trouve": several(TEXT)},
                }
            )
        ),
    }
)


#: One that was confirmed, and follows once its scenarios have passed.
CONFIRMED = shape(
    {
        "confirmee": COUNT,
        "par": TEXT,
        "etat": {"type": "string", "enum": [one.value for one in DeferralState]},
        "dit": TEXT,
    }
)
_CONFIRMED = "/confirmed-publications"
_WHICH = Parameter("confirmed", "path", COUNT, "Le numéro de la publication confirmée.")


class PublicationOperations:
    """The publications of a server."""

    def __init__(
        self, store: Store, desk: Desk, publishing: Publishing, once: AnsweredOnce
    ) -> None:
        self._store, self._desk = store, desk
        self._publishing, self._once = publishing, once

    def operations(self) -> Iterator[ApiOperation]:
        """All that may be asked."""
        yield ApiOperation(
            *("publish", "POST", "/publications", Access.PUBLISH),
            "Publier le brouillon ; «\u00a0publication\u00a0» est nul si rien n’a changé. Un brouillon qui a des "
            "fautes est refusé, et chacune dite. «\u00a0trial\u00a0» dit ce qui changerait, les fautes dans "
            "«\u00a0problemes\u00a0», et dans «\u00a0refus\u00a0» ce qui l’empêche, sans rien publier. Où "
            "l’accord d’une autre personne est demandé, «\u00a0demande\u00a0» est le numéro sous lequel elle "
            "attend ; «\u00a0sans_accord\u00a0» la fait tout de suite, par qui administre, avec une «\u00a0note\u00a0». "
            "Les scénarios du brouillon sont joués d’abord\u00a0: un seul qui échoue l’empêche, à moins que "
            "qui administre demande «\u00a0malgre_scenarios\u00a0» par une session (nul jeton n’a ce rôle), avec "
            "une «\u00a0note\u00a0». Ceux qui passaient, et que rien de changé ne touche, ne sont pas rejoués : "
            "«\u00a0scenarios_inchanges\u00a0» les compte, parmi «\u00a0scenarios_joues\u00a0». Si les jouer dure "
            "plus d’une minute, la réponse est 503\u00a0: ils continuent, redemandez. Avec «\u00a0ensuite\u00a0», "
            "rien n’est attendu\u00a0: la réponse est 202, la publication suit d’elle-même dès qu’ils ont "
            "passé, et «\u00a0Location\u00a0» dit où regarder ce qu’il en advient.",
            partial(self._publish, PUBLISH, _MEMBERS),
            PUBLISHED,
            body=shape(_MEMBERS, *_MEMBERS),
            parameters=(once.KEY,),
            problems=(*once.PROBLEMS, "json-attendu", "json-illisible"),
            plays=True,
            accepted=CONFIRMED,
        )
        yield ApiOperation(
            *("getConfirmedPublication", "GET", f"{_CONFIRMED}/{{confirmed}}", Access.READ),
            "Ce qu’il advient d’une publication confirmée avec «\u00a0ensuite\u00a0»\u00a0: «\u00a0dit\u00a0» est ce "
            "qu’elle a fait, ou pourquoi elle n’est pas faite.",
            self._confirmed,
            CONFIRMED,
            (_WHICH,),
            problems=("inconnu",),
        )
        asked = {name: one for name, one in _MEMBERS.items() if name != "sans_accord"}
        yield ApiOperation(
            *("askForPublication", "POST", "/asked-publications", Access.WRITE),
            "Demander que le brouillon soit publié : «\u00a0demande\u00a0» est son numéro, et rien n’est "
            "publié avant l’accord d’une autre personne.",
            partial(self._publish, ASK, asked),
            PUBLISHED,
            body=shape(asked, *asked),
            parameters=(once.KEY,),
            problems=(*once.PROBLEMS, "json-attendu", "json-illisible"),
            plays=True,
            accepted=CONFIRMED,
        )

    async def _publish(
        self, verb: str, members: Mapping[str, Schema], request: Request
    ) -> Response:
        given = await body(request, members)
        actor = request.state.caller.actor
        order = PublishOrder(
            actor.who,
            text(given, "note", LONGEST_WHY),
            _names(given),
            allowed=count(given, "autoriser"),
            based_on=count(given, "sur"),
            fates=_fates(given),
            alone=flag(given, "sans_accord"),
            despite=flag(given, "malgre_scenarios"),
        )
        if flag(given, "trial"):
            tried = await written(lambda: self._tried(verb, order))
            return Response(tried, media_type=JSON)

        if flag(given, "ensuite"):
            return await self._defer(request, verb, order, given)

        async def publish() -> PublishAnswer:
            answer = PublishAnswer.of(await rehearsed(self._desk, verb, order.arguments(), actor))
            if answer.problems:
                raise Misasked("refuse", "", *answer.problems)
            return answer

        found = await self._once.answer(request, given, lambda: written(publish))
        return Response(found, media_type=JSON)

    async def _defer(
        self, request: Request, verb: str, order: PublishOrder, given: Mapping[str, Any]
    ) -> Response:
        """Have it done once its scenarios have passed, and say where that is looked at."""
        deferring, actor = self._desk.deferring, request.state.caller.actor
        if deferring is None:
            raise Misasked("refuse", "", "Ce serveur ne publie rien.")

        async def confirm() -> str:
            try:
                kept = await in_time(deferring.begin(verb, order.arguments(), actor))
            except Declined as declined:
                raise misasked(declined) from declined
            return in_json(_state(kept))

        found = await self._once.answer(request, given, confirm)
        where = f"{PATH}{_CONFIRMED}/{json.loads(found)['confirmee']}"
        return Response(found, 202, {"location": where}, JSON)

    async def _confirmed(self, request: Request) -> Response:
        found = None
        if (asked := number(request, "confirmed")) is not None:
            async with self._store.read() as conn:
                found = await deferred.find(conn, asked)
        if found is None:
            raise Misasked("inconnu", "/confirmed", "Aucune publication confirmée n’a ce numéro.")
        return answered(request, _state(found))

    async def _tried(self, verb: str, order: PublishOrder) -> PublishAnswer:
        answer = await in_time(self._publishing.attempt(order, WORDS))
        if not answer.changes:
            return answer
        await _played(self._desk, verb, order.arguments())
        return answer.rehearsed(order, await self._publishing.rehearsed(order), WORDS)


def _state(one: DeferredPublication) -> Mapping[str, object]:
    return {"confirmee": one.number, "par": one.who, "etat": one.state.value, "dit": one.said}


async def rehearsed(desk: Desk, verb: str, given: Mapping[str, str], actor: Actor) -> str:
    """What is said of that order, once the scenarios were played that it depends upon."""
    await _played(desk, verb, given)
    return await in_time(desk.perform(verb, given, actor))


async def _played(desk: Desk, verb: str, given: Mapping[str, str]) -> None:
    try:
        async with asyncio.timeout(_PATIENCE):
            await desk.rehearse(verb, given)
    except TimeoutError as error:
        raise TooLong from error


async def written(done: Callable[[], Awaitable[PublishAnswer]]) -> str:
    """What became of a publication, as it is answered."""
    try:
        answer = await done()
    except Declined as declined:
        raise misasked(declined) from declined
    return in_json(
        {
            "publication": answer.number,
            "demande": answer.request,
            "remplace": answer.replaces or None,
            "problemes": list(answer.problems),
            "changements": [asdict(one) for one in answer.changes],
            "refus": answer.refusal or None,
            "scenarios_joues": answer.rehearsal.played,
            "scenarios_inchanges": answer.rehearsal.lasting,
            "scenarios_en_echec": [
                {
                    **{"fichier": one.file, "scenario": one.name, "ligne": one.line},
                    **{"attendu": one.expected, "message": one.message, "trouve": list(one.found)},
                }
                for one in answer.rehearsal.failed
            ],
        }
    )


def _fates(given: Mapping[str, Any]) -> tuple[FateOf, ...]:
    """What becomes of those inside, by « Campagne » or « Campagne / étape »."""
    said = given.get("sorts", {})
    known = [one.value for one in Fate]
    if not isinstance(said, dict) or any(one not in known for one in said.values()):
        why = (
            "Un objet : à chaque «\u00a0Campagne\u00a0» ou «\u00a0Campagne / étape\u00a0», "
            "«\u00a0keep\u00a0», «\u00a0migrate\u00a0» ou «\u00a0leave\u00a0»."
        )
        raise Misasked("contenu-refuse", "/sorts", why)
    return tuple(said.items())


def _names(given: Mapping[str, Any]) -> tuple[str, ...] | None:
    names = given.get("activer", ())
    if names is None:
        return None
    if not isinstance(names, list | tuple) or not all(isinstance(one, str) for one in names):
        why = "Une liste de noms de campagnes ; null pour toutes les nouvelles."
        raise Misasked("contenu-refuse", "/activer", why)
    return tuple(names)
