"""Who else is there: the first process of a database counts with those that come to help it.

A helper does nothing before the first says that it counts with it: from then on the engine minds
that events are numbered by several clocks, and sends are shared. One that is gone is found by its
session, and ended before it is forgotten: what it was sending may be taken back then. While there
are any, what they leave is looked for, at once when they ring (`server.store.bell`).
"""

import asyncio
import logging
import os
import platform
from collections.abc import Awaitable, Callable, Sequence
from typing import TypeAlias

from relance.errors import ConfigurationError, StoreUnavailable
from relance.host import Clock
from server.engine.engine import Engine
from server.health.settings_apart import apart
from server.store import processes
from server.store.bell import Bell
from server.store.processes import ProcessRow
from server.store.store import Store
from server.timekeeping import keep_time

log = logging.getLogger("relance.server")

#: How often the others are looked for, and what they left while there are any, in seconds.
EVERY = 1.0


#: Has sends shared with others, or not.
HaveBeside: TypeAlias = Callable[[bool], Awaitable[None]]


def own_name() -> str:
    """What tells a process from others, to people."""
    return f"{platform.node()}:{os.getpid()}"


def refuse_skew(skew: int) -> None:
    """Raise `ConfigurationError` when the clock here is too far from the database's."""
    if abs(skew) > processes.MOST_SKEW:
        way = "avance" if skew > 0 else "retarde"
        raise ConfigurationError(
            f"L’horloge de cette machine {way} de {abs(skew) // 1_000_000} secondes sur celle de la "
            "base : plusieurs processus ne s’entendraient pas. Réglez-la (chrony, ntpd), puis relancez."
        )


class Attendance:
    """Watched by the first. `look`: has it look at what others left."""

    def __init__(
        self,
        store: Store,
        clock: Clock,
        engine: Engine,
        me: ProcessRow,
        look: Callable[[], None],
        beside: HaveBeside,
        bell: Bell,
    ) -> None:
        self._store, self._clock, self._engine = store, clock, engine
        self._me, self._look, self._beside = me, look, beside
        self._bell = bell
        bell.heard = look
        #: Those who help now, and whether any of them sends.
        self.helpers: Sequence[ProcessRow] = ()
        self._others_send = False

    async def begin(self) -> None:
        """Have all leads; say who is the first. Those who helped another one may be sending."""
        await self._engine.begin_sharing()
        if self._store.dialect == "postgresql":
            async with self._store.write() as conn:
                await processes.say(conn, self._me)
                rows, there = await processes.every(conn), await processes.there(conn)
            self._others_send = any(_sends(one) for one in rows if one.number in there - {0})
            await self._beside(self._others_send)

    async def run(self) -> None:
        """Count with who comes, and without who goes, until cancelled."""
        if self._store.dialect != "postgresql":
            await asyncio.Event().wait()
        ringing = asyncio.create_task(self._bell.run(), name="relance-réveil")
        try:
            await self._watch()
        finally:
            ringing.cancel()

    async def _watch(self) -> None:
        while True:
            try:
                await self.count()
            except StoreUnavailable as error:
                log.info("les autres processus ne peuvent pas être comptés (%s)", error)
            await asyncio.sleep(EVERY)
            if self.helpers:
                self._look()

    async def count(self) -> None:
        """Look once."""
        async with self._store.read() as conn:
            rows = [one for one in await processes.every(conn) if one.number]
            if not rows:
                if self.helpers or self._others_send:
                    await self._have(())
                return
            there = await processes.there(conn)
            skew = await keep_time(conn, self._clock)
        for one in rows:
            if one.number not in there:
                async with self._store.write() as conn:
                    await processes.remove(conn, one.number)
                log.warning("le processus %s n’est plus là", one.name)
        present = tuple(one for one in rows if one.number in there)
        if any(not one.known for one in present):
            try:
                refuse_skew(skew)
            except ConfigurationError as error:
                log.error("%s", error)
                return
        await self._have(present)

    async def _have(self, present: Sequence[ProcessRow]) -> None:
        new = [one for one in present if not one.known]
        senders = any(map(_sends, present))
        changed = [one.roles for one in present] != [one.roles for one in self.helpers]
        if new or changed or senders is not self._others_send:
            await self._engine.have_beside(sum(one.has("avancer") for one in present))
            await self._beside(senders)
            self._others_send = senders
        if new:
            async with self._store.write() as conn:
                await processes.count_with(conn, [one.number for one in new])
            for one in new:
                log.info("le processus %s aide celui-ci (%s)", one.name, one.roles)
                if said := apart(self._me, one):
                    log.warning("%s", said)
        self.helpers = present
        self._bell.have_others(bool(present))


def _sends(one: ProcessRow) -> bool:
    return one.has("envoyer")
