"""Publishing: what the project's folder holds becomes what runs."""

from collections.abc import Awaitable, Callable, Iterator, Mapping
from dataclasses import asdict
from functools import partial
from typing import Any, TypeAlias

from starlette.requests import Request
from starlette.responses import Response

from relance.legible import in_json
from server.api import once
from server.api.asking import Misasked, body, count, flag, text
from server.api.campaigns import Perform
from server.api.declining import WORDS, misasked
from server.api.once import AnsweredOnce
from server.api.operation import ApiOperation, Schema
from server.api.schemas import COUNT, FLAG, TEXT, or_null, several, shape
from server.engine.life.journal import LONGEST_WHY
from server.engine.transfer.fate import Fate, FateOf
from server.http.exchange import JSON
from server.orders.agreement import ASK
from server.orders.declined import Declined, Words
from server.orders.publishing import PUBLISH, PublishAnswer, PublishOrder
from server.web.page import Access

#: What an order would do, were it given now; what keeps it from being done, in these words.
Attempt: TypeAlias = Callable[[PublishOrder, Words], Awaitable[PublishAnswer]]

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
    }
)


class PublicationOperations:
    """The publications of a server."""

    def __init__(self, perform: Perform, attempt: Attempt, once: AnsweredOnce) -> None:
        self._perform, self._attempt, self._once = perform, attempt, once

    def operations(self) -> Iterator[ApiOperation]:
        """All that may be asked."""
        yield ApiOperation(
            *("publish", "POST", "/publications", Access.PUBLISH),
            "Publier le brouillon ; «\u00a0publication\u00a0» est nul si rien n’a changé. Un brouillon qui a des "
            "fautes est refusé, et chacune dite. «\u00a0trial\u00a0» dit ce qui changerait, les fautes dans "
            "«\u00a0problemes\u00a0», et dans «\u00a0refus\u00a0» ce qui l’empêche, sans rien publier. Où "
            "l’accord d’une autre personne est demandé, «\u00a0demande\u00a0» est le numéro sous lequel elle "
            "attend ; «\u00a0sans_accord\u00a0» la fait tout de suite, par qui administre, avec une «\u00a0note\u00a0».",
            partial(self._publish, PUBLISH, _MEMBERS),
            PUBLISHED,
            body=shape(_MEMBERS, *_MEMBERS),
            parameters=(once.KEY,),
            problems=(*once.PROBLEMS, "json-attendu", "json-illisible"),
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
        )
        if flag(given, "trial"):
            tried = await written(lambda: self._attempt(order, WORDS))
            return Response(tried, media_type=JSON)

        async def publish() -> PublishAnswer:
            answer = PublishAnswer.of(await self._perform(verb, order.arguments(), actor))
            if answer.problems:
                raise Misasked("refuse", "", *answer.problems)
            return answer

        found = await self._once.answer(request, given, lambda: written(publish))
        return Response(found, media_type=JSON)


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
