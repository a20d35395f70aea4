"""What wakes the other processes of a database, on PostgreSQL: something is stored that they may do.

A ring is a NOTIFY of its own, on a session apart: what stores is held up by none, and those that come
together are one. Nobody rings while nobody else is there. Who hears it late, or never, since its
session was cut or something between it and the database keeps none, looks once a second all the same.
"""

import asyncio
import logging
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from sqlalchemy.exc import DBAPIError

from server.store import connect
from server.store.store import of_driver

log = logging.getLogger("relance.server")

_CHANNEL = "relance"
#: Rings are so far apart, a session that was cut is begun again after that, and one that says nothing
#: is asked for that long, in seconds.
_APART, _AGAIN, _PATIENCE = 0.25, 1.0, 5.0


def _nothing() -> None:
    """Nobody to tell."""


class Bell:
    """That of one process. `heard`: called when another one rings."""

    def __init__(self, url: str, process: int) -> None:
        self._url, self._process = url, str(process)
        self._others, self._rung = asyncio.Event(), asyncio.Event()
        self.heard: Callable[[], None] = _nothing

    @property
    def others(self) -> bool:
        """Whether other processes are there, as far as this one knows."""
        return self._others.is_set()

    def have_others(self, there: bool) -> None:
        """Know whether anybody else is there to hear it."""
        if there:
            self._others.set()
        else:
            self._others.clear()

    def ring(self) -> None:
        """Wake the others, if there are any."""
        if self.others:
            self._rung.set()

    async def run(self) -> None:
        """Ring and listen while there are others, until cancelled."""
        while True:
            await self._others.wait()
            try:
                await self._listen()
            except (DBAPIError, OSError, TimeoutError) as error:
                log.info("le réveil entre processus reprendra (%s)", type(error).__name__)
            except Exception as error:
                if not of_driver(error):
                    raise
                log.info("le réveil entre processus reprendra (%s)", type(error).__name__)
            await asyncio.sleep(_AGAIN)

    async def _listen(self) -> None:
        engine = connect.postgresql_session(self._url)
        try:
            async with engine.connect() as session:
                driver: Any = (await session.get_raw_connection()).driver_connection
                async with asyncio.timeout(_PATIENCE):
                    await driver.add_listener(_CHANNEL, self._hear)
                driver.add_termination_listener(lambda _: self._rung.set())
                self.heard()  # whatever was rung before
                while self._others.is_set() and not driver.is_closed():
                    with suppress(TimeoutError):
                        await asyncio.wait_for(self._rung.wait(), _PATIENCE)
                    await self._say(driver)
        finally:
            await engine.dispose()

    async def _say(self, driver: Any) -> None:
        """Ring, if it is to be; else make sure that it could be."""
        rung = self._rung.is_set()
        self._rung.clear()
        async with asyncio.timeout(_PATIENCE):
            if rung:
                await driver.execute("SELECT pg_notify($1, $2)", _CHANNEL, self._process)
            else:
                await driver.execute("SELECT 1")
        await asyncio.sleep(_APART)

    def _hear(self, _driver: Any, _pid: int, _channel: str, process: str) -> None:
        if process != self._process:
            self.heard()
