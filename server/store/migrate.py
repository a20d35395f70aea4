"""Bring a database to the present schema: Alembic for those that last, at once for those in memory.

A database that is there already is left to itself: most starts need no Alembic, nor load it.
"""

from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import Connection, inspect, text

from relance.errors import ConfigurationError
from server.store.counting import drop
from server.store.schema.metadata import metadata

if TYPE_CHECKING:
    from alembic.config import Config

#: Any number will do; two servers starting together must not migrate together.
_LOCK = 7_253_526_233
#: What a base has, asked at once.
_COLUMNS = {
    "sqlite": "SELECT m.name, c.name FROM sqlite_master m, pragma_table_info(m.name) c "
    "WHERE m.type = 'table'",
    "postgresql": "SELECT t.relname, a.attname FROM pg_attribute a JOIN pg_class t "
    "ON t.oid = a.attrelid WHERE t.relnamespace = current_schema()::regnamespace "
    "AND t.relkind IN ('r', 'p') AND a.attnum > 0 AND NOT a.attisdropped",
}
#: So many of what lacks are named.
_SHOWN = 5
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


def _present(connection: Connection) -> bool:
    if not inspect(connection).has_table("alembic_version"):
        return False
    return connection.scalars(text("SELECT version_num FROM alembic_version")).all() == [head()]


def migrate(connection: Connection) -> None:
    """Upgrade to head, within the caller's transaction. Raises `HalfDone`, nothing changed."""
    if _present(connection):
        refuse_half_done(connection)
        return
    from alembic import command

    if connection.dialect.name == "postgresql":
        connection.execute(text(f"SELECT pg_advisory_xact_lock({_LOCK})"))
    # Tables are about to change under what counts their rows: it is made anew at the opening.
    drop(connection)
    command.upgrade(config(connection), "head")


class HalfDone(ConfigurationError):
    """The base says that it is at head, and it lacks some of what it then has."""


def half_done(lacking: Sequence[str]) -> str:
    """The sentence; `lacking`: « leads.score »."""
    what = ", ".join(lacking[:_SHOWN]) + (", …" if len(lacking) > _SHOWN else "")
    return (
        f"La base se dit à jour, et il y manque {what}\u00a0: une migration s’est arrêtée à moitié, ou "
        "quelqu’un a changé les tables. Remettez la sauvegarde d’avant la mise à jour "
        "(«\u00a0relance restaurer-base\u00a0»), puis recommencez."
    )


def refuse_half_done(connection: Connection) -> None:
    """Raise `HalfDone` unless every column of every table is there, in a base that is at head."""
    rows = connection.execute(text(_COLUMNS[connection.dialect.name]))
    found = {(table, column) for table, column in rows}
    lacking = [
        f"{table.name}.{column.name}"
        for table in metadata.sorted_tables
        for column in table.columns
        if (table.name, column.name) not in found
    ]
    if lacking:
        raise HalfDone(half_done(lacking))


class OtherVersion(ConfigurationError):
    """The tables are not those of this release."""


def make_sure(connection: Connection) -> None:
    """Leave the tables as they are. Raises `OtherVersion` unless they are at head."""
    if not _present(connection):
        raise OtherVersion(
            "Les tables de cette base sont d’une autre version de Relance que ce processus\u00a0: "
            "mettez la même version partout, puis relancez d’abord celui qui tient la base."
        )


def create(connection: Connection) -> None:
    """Make every table, in a database that is new and will not last."""
    metadata.create_all(connection)
