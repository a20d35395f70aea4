"""How far a base is from the tables of this release: what is left to be done, and what was left half done.

A migration *expands* when it only adds what the release before can do without: that one still reads and
writes the tables it leaves (`server.store.expansion`).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Index, inspect, select

from server.store import measured, rekeying
from server.store.schema.metadata import metadata
from server.store.schema.server import server_settings
from server.store.versions import head, numbered, version_of

#: What an upgrade leaves to the first start after it, by its row in `server_settings`.
LEFT = (rekeying.PROGRESS, "identities")


@dataclass(frozen=True, slots=True)
class PendingMigration:
    """`expands`: None when it says nothing of it, being from before that was asked."""

    number: str
    expands: bool | None


@dataclass(frozen=True, slots=True)
class MigrationState:
    """`version`: where the base is; None: it has no table yet."""

    version: str | None
    #: Whether this release knows that version.
    known: bool
    pending: Sequence[PendingMigration]
    #: What a base of this version is to have, and this one has not.
    lacking: Sequence[str]
    #: Of `LEFT`, what is not done.
    unfinished: Sequence[str]

    @property
    def done(self) -> bool:
        """Whether nothing is left."""
        return self.version == head() and not (self.lacking or self.unfinished)

    @property
    def expands(self) -> bool:
        """Whether all that is left is known only to add."""
        return self.known and all(one.expands for one in self.pending)


def migration_state(connection: Connection) -> MigrationState:
    """Look at a base; nothing of it is changed."""
    tables = set(inspect(connection).get_table_names())
    version = version_of(connection)
    known = version is None or version in numbered()
    pending = [
        PendingMigration(number, expands)
        for number, expands in numbered().items()
        if known and number > (version or "")
    ]
    lacking = _lacking(connection) if version == head() else ()
    unfinished: Sequence[str] = ()
    if server_settings.name in tables:
        left = select(server_settings.c.name).where(server_settings.c.name.in_(LEFT))
        unfinished = connection.scalars(left).all()
    return MigrationState(version, known, pending, lacking, unfinished)


def _lacking(connection: Connection) -> Sequence[str]:
    """Tables, columns and indexes that the base is to have and has not: « leads.score »."""
    from alembic.autogenerate import compare_metadata
    from alembic.migration import MigrationContext

    def ours(item: Any, name: str | None, *_: object) -> bool:
        # What plugins count changes with them.
        only = item.info.get("only", connection.dialect.name)
        return name != measured.NAME and only == connection.dialect.name

    context = MigrationContext.configure(connection, opts={"include_object": ours})
    found = []
    for difference in compare_metadata(context, metadata):
        match difference:
            case ("add_table", table):
                found.append(str(table.name))
            case ("add_column", _, table, column):
                found.append(f"{table}.{column.name}")
            case ("add_index", Index() as index):
                found.append(str(index.name))
            case _:  # what is there beside: columns of the project's fields
                pass
    return sorted(found)
