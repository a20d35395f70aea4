"""A base of an earlier version, brought to the present one, keeps what it held."""

from typing import Any

from alembic import command
from sqlalchemy import text
from sqlalchemy.ext.asyncio import create_async_engine

from server.store.migrate import config, migrate

SCORED = "INSERT INTO leads (id, created_at, score) VALUES (1, 5, 40), (2, 6, 0)"


SILENCED = (
    "INSERT INTO suppressions (channel, address_key, reason, at) VALUES "
    "('email', 'a@exemple.ca', 'rebond : 550 user unknown', 5), "
    "('email', 'b@exemple.ca', 'désabonnement', 5), "
    "('sms', '+15145551234', 'le fournisseur répond 30005', 5), "
    "('sms', '+15145551235', 'le fournisseur répond 21610', 5)"
)


async def upgraded(empty_url: str, version: str, before: str, query: str) -> list[tuple[Any, ...]]:
    """What a base of that version, where `before` was done, answers once brought to the present."""
    url = empty_url.replace("sqlite://", "sqlite+aiosqlite://").replace(
        "postgresql://", "postgresql+asyncpg://"
    )
    engine = create_async_engine(url)
    async with engine.begin() as conn:
        await conn.run_sync(lambda sync: command.upgrade(config(sync), version))
        await conn.execute(text(before))
    async with engine.begin() as conn:
        await conn.run_sync(migrate)
        found = [tuple(row) for row in await conn.execute(text(query))]
    await engine.dispose()
    return found


async def test_the_points_leads_had_before_there_was_a_history_are_its_first_row(
    empty_url: str,
) -> None:
    query = "SELECT lead_id, at, delta, reason FROM points"
    found = await upgraded(empty_url, "0002", SCORED, query)
    assert found == [(1, 5, 40, "Avant l’historique")]


async def test_addresses_silenced_by_a_server_are_told_from_those_by_the_person(
    empty_url: str,
) -> None:
    query = "SELECT address_key FROM suppressions WHERE asked ORDER BY address_key"
    found = await upgraded(empty_url, "0003", SILENCED, query)
    assert found == [("+15145551235",), ("b@exemple.ca",)]
