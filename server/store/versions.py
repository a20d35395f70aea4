"""The migrations of this release, in the order of their numbers; and which one a base has had last."""

from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import Connection, inspect, text

if TYPE_CHECKING:
    from alembic.config import Config

_MIGRATIONS = Path(__file__).parent / "migrations"


def config(connection: Connection | None = None) -> "Config":
    """Alembic's configuration, without a file."""
    from alembic.config import Config

    found = Config()
    found.set_main_option("script_location", str(_MIGRATIONS))
    found.attributes["connection"] = connection
    return found


@cache
def head() -> str:
    """The last migration: their files are named by their numbers."""
    return max(path.name[:4] for path in (_MIGRATIONS / "versions").glob("[0-9]*.py"))


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

    scripts = ScriptDirectory.from_config(config()).walk_revisions()
    found = {one.revision: getattr(one.module, "EXPANDS", None) for one in scripts}
    return dict(sorted(found.items()))
