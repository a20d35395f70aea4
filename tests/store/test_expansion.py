"""The release before goes on using a base that a later one only added to, and no other does."""

from collections.abc import Awaitable, Callable
from typing import TypeVar

import pytest
from sqlalchemy import Connection, text
from sqlalchemy.ext.asyncio import create_async_engine

from relance.testing import VirtualClock
from server.store import expansion
from server.store.expansion import READABLE, can_use, note_readers
from server.store.migrate import NewerTables, OlderTables, make_sure
from server.store.store import Store
from server.store.versions import head
from tests.store.test_upgrade import asynchronous

T = TypeVar("T")
Done = Callable[[Callable[[Connection], T]], Awaitable[T]]


@pytest.fixture
async def base(empty_url: str) -> Done[object]:
    """What does something with a base of this release."""
    store = await Store.open(empty_url, VirtualClock())
    await store.close()
    engine = create_async_engine(asynchronous(empty_url))

    async def done(work: Callable[[Connection], object]) -> object:
        async with engine.begin() as conn:
            return await conn.run_sync(work)

    return done


def at(version: str, readable_from: str) -> Callable[[Connection], None]:
    """Have a base be of that version."""

    def set_it(connection: Connection) -> None:
        connection.execute(
            text("UPDATE alembic_version SET version_num = :version"), {"version": version}
        )
        given = {"value": readable_from, "name": READABLE}
        connection.execute(
            text("UPDATE server_settings SET value = :value WHERE name = :name"), given
        )

    return set_it


async def test_a_base_remembers_the_oldest_release_that_can_still_use_it(
    base: Done[object], monkeypatch: pytest.MonkeyPatch
) -> None:
    migrations = {"0050": None, "0051": True, "0052": False, "0053": True, "0054": True}
    monkeypatch.setattr(expansion, "numbered", lambda: migrations)
    await base(note_readers)
    assert await base(lambda conn: can_use(conn, "0052"))
    assert not await base(lambda conn: can_use(conn, "0051")), "0052 takes something from it"


async def test_a_process_uses_what_a_later_release_only_added_to(base: Done[object]) -> None:
    await base(make_sure)
    await base(at("9000", head()))
    await base(make_sure)
    await base(at("9000", "8000"))
    with pytest.raises(NewerTables, match=r"d’une version plus récente de Relance \(9000\)"):
        await base(make_sure)
    await base(at("0049", "0049"))
    with pytest.raises(OlderTables, match="le premier serveur les met à jour en démarrant"):
        await base(make_sure)


async def test_a_release_that_the_base_has_left_behind_is_not_the_first_again(
    base: Done[object], empty_url: str
) -> None:
    await base(at("9000", head()))
    with pytest.raises(NewerTables, match="revenez à la sauvegarde d’avant la mise à jour"):
        await Store.open(empty_url, VirtualClock())
