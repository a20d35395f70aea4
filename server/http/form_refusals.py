"""What was refused at the door of forms, and why: the latest, few, and no word of what was sent.

A stranger chooses what is posted, so little is kept: the form, the reason, the names of the fields at
fault. It is written down now and then, never at each refusal: a flood of them would cost the base.
"""

import asyncio
import contextlib
import json
from collections import deque
from collections.abc import Collection, Sequence
from dataclasses import asdict, dataclass

from sqlalchemy import delete, insert, select
from starlette.responses import Response

from relance.errors import StoreUnavailable
from relance.fold import key_of
from relance.host import Clock
from server.http.problems import KINDS
from server.store.instants import Micros, now_micros
from server.store.schema.server import server_settings
from server.store.store import Store

_NAME = "form_refusals"
_EVERY_SECONDS = 30.0
_MOST, _MOST_FIELDS, _LONGEST = 200, 8, 100
#: A robot that filled in what people do not see: answered like anybody, kept nowhere.
TRAPPED = "piege"


@dataclass(frozen=True, slots=True)
class FormRefusal:
    """One: of which form, why (`server.http.problems`), the fields at fault, from which site."""

    form: str
    at: Micros
    reason: str
    fields: tuple[str, ...] = ()
    origin: str = ""

    @property
    def words(self) -> str:
        """Why, in a sentence."""
        if self.reason == TRAPPED:
            return "Un robot a rempli le champ caché : il a été remercié, et rien n’est gardé."
        known = KINDS.get(self.reason)
        return known.title if known is not None else self.reason


class FormRefusals:
    """The latest, whatever their form."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._kept: deque[FormRefusal] = deque(maxlen=_MOST)
        self._fresh = False
        #: How many were noted since the start.
        self.noted = 0

    def note(self, form: str, reply: Response, origin: str) -> None:
        """What that refusal says."""
        said = json.loads(bytes(reply.body))
        pointers = [str(one.get("pointer", "")) for one in said.get("errors", ())]
        fields = [one.strip("/") for one in pointers if one.strip("/")]
        self._add(form, str(said.get("type", "")).rpartition("/")[2], fields, origin)

    def trapped(self, form: str, origin: str) -> None:
        """A robot was let down gently."""
        self._add(form, TRAPPED, (), origin)

    def latest(self, form: str) -> Sequence[FormRefusal]:
        """Those of that form, the last first."""
        return [one for one in reversed(self._kept) if key_of(one.form) == key_of(form)]

    def _add(self, form: str, reason: str, fields: Collection[str], origin: str) -> None:
        sober = [one[:_LONGEST] for one in fields if one.isprintable()][:_MOST_FIELDS]
        site = origin[:_LONGEST] if origin.isprintable() else ""
        now = now_micros(self._clock)
        self._kept.append(FormRefusal(form[:_LONGEST], now, reason, tuple(sober), site))
        self._fresh = True
        self.noted += 1

    async def run(self, store: Store) -> None:
        """Know again what was written down, then write down what is new, until cancelled."""
        await self.recall(store)
        try:
            while True:
                await asyncio.sleep(_EVERY_SECONDS)
                with contextlib.suppress(StoreUnavailable):
                    await self.keep(store)
        finally:
            await self.keep(store)

    async def recall(self, store: Store) -> None:
        """Know again what was written down."""
        async with store.read() as conn:
            query = select(server_settings.c.value).where(server_settings.c.name == _NAME)
            found = await conn.scalar(query)
        for one in json.loads(found or "[]"):
            self._kept.append(FormRefusal(**{**one, "fields": tuple(one["fields"])}))

    async def keep(self, store: Store) -> None:
        """Write it down, when there is something new."""
        if not self._fresh:
            return
        self._fresh = False
        value = json.dumps([asdict(one) for one in self._kept], ensure_ascii=False)
        async with store.write() as conn:
            await conn.execute(delete(server_settings).where(server_settings.c.name == _NAME))
            await conn.execute(insert(server_settings).values(name=_NAME, value=value))
