"""The store opened for reading alone, beside a running server.

On SQLite one connection alone may write and checkpoint, and it is the server's: a report opens
the file read-only, migrates nothing and creates nothing.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from sqlalchemy import make_url
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from relance.errors import ConfigurationError, StoreUnavailable
from server.store import connect
from server.store.fields import FieldCatalogue
from server.store.store import in_french
from server.store.uncut import transaction
from server.system_words import os_reason


class StoreReader:
    """A read-only view of a store."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine
        self.fields = FieldCatalogue()

    @property
    def dialect(self) -> str:
        """« sqlite » or « postgresql »."""
        return self._engine.dialect.name

    @asynccontextmanager
    async def read(self) -> AsyncIterator[AsyncConnection]:
        """A reading transaction: one snapshot."""
        try:
            async with transaction(self._engine) as conn:
                yield conn
        except DBAPIError as error:
            why = in_french(error.orig or error)
            if "readonly" in str(error.orig):  # SQLite writes its index of pages even to read
                why = "lancez la commande sous le compte du serveur"
            raise StoreUnavailable(f"La base ne peut pas être lue : {why}") from error
        except OSError as error:
            raise StoreUnavailable(f"La base ne répond pas : {os_reason(error)}") from error


@asynccontextmanager
async def reading(url: str) -> AsyncIterator[StoreReader]:
    """The store at that address; ConfigurationError when there is none yet."""
    async with reading_as_it_is(url) as reader:
        async with reader.read() as conn:
            await reader.fields.load(conn)
        yield reader


@asynccontextmanager
async def reading_as_it_is(url: str) -> AsyncIterator[StoreReader]:
    """The same, whatever release its tables are of: nothing of them is read."""
    given = make_url(url)
    if given.get_backend_name() == "postgresql":
        engine = connect.postgresql(url)
    else:
        engine = connect.sqlite_readers(_existing(given.database or ""))
    try:
        yield StoreReader(engine)
    finally:
        await engine.dispose()


def _existing(path: str) -> str:
    if not Path(path).is_file():
        raise ConfigurationError(
            f"Il n’y a pas encore de base ici ({path}). "
            "Elle naît au premier démarrage : « relance serve »."
        )
    return path
