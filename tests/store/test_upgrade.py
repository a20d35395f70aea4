"""A base of an earlier version, brought to the present one, keeps what it held."""

from alembic import command
from sqlalchemy import text
from sqlalchemy.ext.asyncio import create_async_engine

from server.store.migrate import config, migrate

SCORED = "INSERT INTO leads (id, created_at, score) VALUES (1, 5, 40), (2, 6, 0)"


async def test_the_points_leads_had_before_there_was_a_history_are_its_first_row(
    empty_url: str,
) -> None:
    url = empty_url.replace("sqlite://", "sqlite+aiosqlite://").replace(
        "postgresql://", "postgresql+asyncpg://"
    )
    engine = create_async_engine(url)
    async with engine.begin() as conn:
        await conn.run_sync(lambda sync: command.upgrade(config(sync), "0002"))
        await conn.execute(text(SCORED))
    async with engine.begin() as conn:
        await conn.run_sync(migrate)
        rows = await conn.execute(text("SELECT lead_id, at, delta, reason FROM points"))
        found = [tuple(row) for row in rows]
    await engine.dispose()
    assert found == [(1, 5, 40, "Avant l’historique")]
