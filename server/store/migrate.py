"""Bring a database to the present schema: Alembic for those that last, at once for those in memory."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, text

from server.store.schema.metadata import metadata

#: Any number will do; two servers starting together must not migrate together.
_LOCK = 7_253_526_233


def config(connection: Connection | None = None) -> Config:
    """Alembic's configuration, without a file."""
    found = Config()
    found.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    found.attributes["connection"] = connection
    return found


def migrate(connection: Connection) -> None:
    """Upgrade to head, within the caller's transaction."""
    if connection.dialect.name == "postgresql":
        connection.execute(text(f"SELECT pg_advisory_xact_lock({_LOCK})"))
    command.upgrade(config(connection), "head")


def create(connection: Connection) -> None:
    """Make every table, in a database that is new and will not last."""
    metadata.create_all(connection)
