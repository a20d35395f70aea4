"""Bring a database to the present schema: Alembic for those that last, at once for those in memory.

A database that is there already is left to itself: most starts need no Alembic, nor load it.
"""

from collections.abc import Sequence

from sqlalchemy import Connection, text

from relance.errors import ConfigurationError
from server.store.counting import drop
from server.store.expansion import can_use, expand_since, note_readers
from server.store.schema.metadata import metadata
from server.store.versions import config, head, version_of

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


def migrate(connection: Connection) -> None:
    """Upgrade to head, within the caller's transaction. Raises `HalfDone` or `NewerTables`, nothing changed."""
    version = version_of(connection)
    if version == head():
        refuse_half_done(connection)
        return
    refuse_newer(version)
    from alembic import command

    if connection.dialect.name == "postgresql":
        connection.execute(text(f"SELECT pg_advisory_xact_lock({_LOCK})"))
    if not expand_since(version):
        # Tables are about to change under what counts their rows: it is made anew at the opening.
        drop(connection)
    command.upgrade(config(connection), "head")
    note_readers(connection)


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


class OlderTables(ConfigurationError):
    """The first process is to bring the base to this release; `empty`: to make its tables."""

    def __init__(self, *, empty: bool) -> None:
        self.empty = empty
        super().__init__(
            "Cette base est vide : lancez d’abord un serveur qui a le rôle «\u00a0envoyer\u00a0», qui en fait "
            "les tables."
            if empty
            else "Les tables de cette base sont d’une version d’avant celle de ce processus : le premier "
            "serveur les met à jour en démarrant, ou «\u00a0relance migrer-base\u00a0», serveurs arrêtés."
        )


class NewerTables(ConfigurationError):
    """A later release has brought the base to its own tables."""


def refuse_newer(version: str | None) -> None:
    """Raise `NewerTables` if that is of a later release."""
    if version is not None and version > head():
        raise NewerTables(
            f"Cette base est d’une version plus récente de Relance ({version}) que ce processus : "
            "mettez celle-là ici aussi, ou revenez à la sauvegarde d’avant la mise à jour."
        )


def make_sure(connection: Connection) -> None:
    """Leave the tables as they are. Raises `OlderTables` or `NewerTables` unless they can be used."""
    version = version_of(connection)
    if version is None or version < head():
        raise OlderTables(empty=version is None)
    if not can_use(connection, head()):
        refuse_newer(version)


def create(connection: Connection) -> None:
    """Make every table, in a database that is new and will not last."""
    metadata.create_all(connection)
