"""Which releases can use the tables that a migration leaves: the one before, if it only added.

Each migration says whether it *expands* (`EXPANDS`, from `DECLARED_SINCE` on). A base remembers the
oldest release that can still use it, since that one does not know what came after it.
"""

from sqlalchemy import Connection

from server.store.schema.server import KEEP_SETTING, server_settings
from server.store.versions import numbered

#: The first migration that says whether it expands.
DECLARED_SINCE = "0051"
#: The oldest release that can use the base, by its row in `server_settings`.
READABLE = "readable_from"


def expand_since(version: str | None) -> bool:
    """Whether all that came after that version only adds."""
    return all(expands for number, expands in numbered().items() if number > (version or ""))


def note_readers(connection: Connection) -> None:
    """Have a base at this release's version remember from which release on it can be used."""
    numbers = list(numbered())
    oldest = next(one for one in numbers if expand_since(one))
    connection.execute(KEEP_SETTING, {"name": READABLE, "value": oldest})


def can_use(connection: Connection, release: str) -> bool:
    """Whether a release that knows migrations up to that one can use a base that had later ones."""
    asked = server_settings.select().where(server_settings.c.name == READABLE)
    row = connection.execute(asked).first()
    return row is not None and str(row.value) <= release
