"""What creates is done once a key: who asks again by the same one is answered the same.

A program that lost the answer cannot know whether it was done; it asks again by its key
(`Idempotency-Key`, draft-ietf-httpapi-idempotency-key-header). A refusal is not kept: it did
nothing, and what it asks to be changed may be changed under the same key.
"""

import hashlib
import json
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from starlette.requests import Request

from relance.host import Clock
from server.api.asking import Misasked
from server.api.operation import Parameter
from server.store import api_answers
from server.store.instants import now_micros
from server.store.store import Store

_LONGEST = 255
KEY = Parameter(
    "Idempotency-Key",
    "header",
    {"type": "string", "minLength": 1, "maxLength": _LONGEST},
    "Redemandé sous la même clé dans les 24 heures, rien n’est refait, et la réponse est la même.",
)
#: The refusals it adds to those of an operation.
PROBLEMS = ("cle-reutilisee", "refuse", "contenu-refuse")


class AnsweredOnce:
    """Answers kept by the key of who asked."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store, self._clock = store, clock
        self._under_way: set[str] = set()

    async def answer(
        self, request: Request, given: Mapping[str, Any], do: Callable[[], Awaitable[str]]
    ) -> str:
        """What `do` answers, or answered; `given`: what is asked, read."""
        key = request.headers.get("idempotency-key")
        if key is None:
            return await do()
        if not 1 <= len(key) <= _LONGEST:
            why = f"L’en-tête «\u00a0Idempotency-Key\u00a0» a de 1 à {_LONGEST} caractères."
            raise Misasked("contenu-refuse", "", why)
        who = request.state.caller.actor.who
        mark = _digest([who, request.method, request.url.path, key])
        if mark in self._under_way:
            why = "La même demande est en train d’être faite\u00a0: redemandez dans un instant."
            raise Misasked("refuse", "", why)
        self._under_way.add(mark)
        try:
            return await self._once(mark, _digest(given), do)
        finally:
            self._under_way.remove(mark)

    async def _once(self, mark: str, asked: str, do: Callable[[], Awaitable[str]]) -> str:
        async with self._store.read() as conn:
            kept = await api_answers.find(conn, mark, now_micros(self._clock))
        if kept is not None:
            if kept.asked != asked:
                raise Misasked("cle-reutilisee")
            return kept.answer
        found = await do()
        async with self._store.write() as conn:
            one = api_answers.KeptAnswer(mark, asked, found)
            await api_answers.keep(conn, one, now_micros(self._clock))
        return found


def _digest(said: object) -> str:
    return hashlib.sha256(json.dumps(said, sort_keys=True).encode()).hexdigest()
