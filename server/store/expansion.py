"""Which releases can use the tables that a migration leaves: the one before, if it only added.

Each migration says whether it *expands* (`EXPANDS`, from `DECLARED_SINCE` on). A base remembers the
oldest release that can still use it, since that one does not know what came after it.
"""

from collections.abc import Mapping, Sequence
from functools import cache

from sqlalchemy import Connection, inspect, text

from server.store.schema.server import server_settings

#: The first migration that says whether it expands.
DECLARED_SINCE = "0051"
#: The oldest release that can use the base, by its row in `server_settings`.
READABLE = "readable_from"


def version_of(connection: Connection) -> str | None:
    """The last migration that a base had; None: it has no table yet."""
    if not inspect(connection).has_table("alembic_version"):
        return None
    found: Sequence[str] = connection.scalars(text("SELECT version_num FROM alembic_version")).all()
    return found[0] if found else None


@cache
def numbered() -> Mapping[str, bool | None]:
    """Each migration of this release, in order, and whether it says that it expands."""
    from alembic.script import ScriptDirectory

    from server.store.migrate import config

    scripts = ScriptDirectory.from_config(config()).walk_revisions()
    found = {one.revision: getattr(one.module, "EXPANDS", None) for one in scripts}
    return dict(sorted(found.items()))


def expand_since(version: str | None) -> bool:
    """Whether all that came after that version only adds."""
    return all(expands for number, expands in numbered().items() if number > (version or ""))


def note_readers(connection: Connection) -> None:
    """Have a base at this release's version remember from which release on it can be used."""
    numbers = list(numbered())
    oldest = next(one for one in numbers if expand_since(one))
    connection.execute(
        text(
            "INSERT INTO server_settings (name, value) VALUES (:name, :value) "
            "ON CONFLICT (name) DO UPDATE SET value = excluded.value"
        ),
        {"name": READABLE, "value": oldest},
    )


def can_use(connection: Connection, release: str) -> bool:
    """Whether a release that knows migrations up to that one can use a base that had later ones."""
    asked = server_settings.select().where(server_settings.c.name == READABLE)
    row = connection.execute(asked).first()
    return row is not None and str(row.value) <= release
