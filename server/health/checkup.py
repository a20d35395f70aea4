"""Looks at a running server as a whole: its store, its own tasks, its plugins."""

import asyncio
from collections.abc import Callable, Iterable

from relance.concern import Concern, Gravity
from relance.errors import StoreUnavailable
from relance.french import quoted
from relance.host import Clock
from relance.legible import in_json
from server.health import recorded
from server.health.answer import health_answer
from server.health.health import Health, health_of
from server.reports.glossary import Glossary
from server.store.instants import now_micros
from server.store.store import Store

UNREACHABLE = Concern(
    "base.injoignable",
    Gravity.DOWN,
    "La base de données ne répond pas.",
    f"Vérifiez qu’elle tourne, et le réglage {quoted('base')} de relance.toml ; le journal du "
    "serveur dit ce qu’elle a répondu. Les formulaires reçoivent 503 d’ici là.",
)
SLOW = Concern(
    "base.lente",
    Gravity.DOWN,
    "La base de données met trop de temps à répondre.",
    "Un autre programme la tient peut-être (une sauvegarde, un outil resté ouvert), ou son disque "
    "est trop lent. Les formulaires reçoivent 503 d’ici là ; tout reprendra de soi-même.",
)
FULL = Concern(
    "base.pleine",
    Gravity.DOWN,
    "Rien ne peut être enregistré : le disque est plein, ou la base refuse d’écrire.",
    "Libérez de la place sur le disque de la base. Les formulaires reçoivent 503 d’ici là ; tout "
    "reprendra de soi-même.",
)


#: How long whoever watches is made to wait, in seconds.
PATIENCE = 2.0


class Checkup:
    """Makes the health of a server, anew each time it is asked.

    `running` tells what the server knows of itself, at once; `plugins` what theirs lack, from a
    thread, since they read files.
    """

    def __init__(
        self,
        store: Store,
        clock: Clock,
        glossary: Glossary,
        running: Callable[[], Iterable[Concern]],
        plugins: Callable[[], Iterable[Concern]],
    ) -> None:
        self._store = store
        self._clock = clock
        self._glossary = glossary
        self._running = running
        self._plugins = plugins

    async def health(self) -> Health:
        """What is wrong now; a store that does not answer, or not in time, is the first thing."""
        looking = asyncio.create_task(self._looked())
        try:
            done, _ = await asyncio.wait({looking}, timeout=PATIENCE)
        finally:
            if not looking.done():
                looking.cancel()  # a thread may hold it a while yet: nobody waits for that
        return looking.result() if done else health_of([SLOW, *self._running()])

    async def answer(self) -> str:
        """The same, whole, as JSON."""
        return in_json(health_answer(await self.health(), full=True))

    async def _looked(self) -> Health:
        found = [*self._running(), *await asyncio.to_thread(self._of_plugins)]
        try:
            if not await self._store.writable():
                found.append(FULL)
            async with self._store.read() as conn:
                now = now_micros(self._clock)
                found += await recorded.recorded(conn, now, self._glossary)
                backlog = await recorded.backlog(conn)
                overdue = await recorded.overdue(conn, now)
        except StoreUnavailable:
            return health_of([UNREACHABLE, *found])
        return health_of(found, backlog=backlog, overdue=overdue)

    def _of_plugins(self) -> list[Concern]:
        return list(self._plugins())
