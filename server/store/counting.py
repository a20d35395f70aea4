"""Whether a base counts, and taking that away from it, whatever release gave it."""

from sqlalchemy import Connection, delete, inspect, select
from sqlalchemy.ext.asyncio import AsyncConnection

from server.store.schema.server import server_settings

#: What the names of its triggers begin with, and the query that tells those that are there.
PREFIX = "counting_"
#: The setting that says what the base counts by.
SETTING = "counted_by"
PRESENT = {
    "sqlite": "SELECT name FROM sqlite_master WHERE type = 'trigger' AND name GLOB 'counting_*'",
    "postgresql": "SELECT tgname FROM pg_trigger JOIN pg_class ON pg_class.oid = tgrelid "
    "WHERE relnamespace = current_schema()::regnamespace AND NOT tgisinternal "
    "AND starts_with(tgname, 'counting_')",
}


async def counted_by(conn: AsyncConnection) -> str | None:
    """What the base counts by; None when it does not."""
    setting = select(server_settings.c.value).where(server_settings.c.name == SETTING)
    found: str | None = await conn.scalar(setting)
    return found


def drop(connection: Connection) -> None:
    """Stop counting: before the tables change, say. The next opening counts everything again."""
    dialect = connection.dialect.name
    if not inspect(connection).has_table("server_settings"):
        return  # a new base, or one whose first migration is yet to come
    for name in connection.exec_driver_sql(PRESENT[dialect]).scalars().all():
        if dialect == "sqlite":
            connection.exec_driver_sql(f'DROP TRIGGER "{name}"')
        else:
            connection.exec_driver_sql(f'DROP FUNCTION "{name}"() CASCADE')
    connection.execute(delete(server_settings).where(server_settings.c.name == SETTING))
