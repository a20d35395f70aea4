"""Addresses attached to leads: one lead's at a time, bounded in number, following a merge."""

from sqlalchemy import insert

from server.store import attached
from server.store.merges import merge
from server.store.store import Store


async def test_an_address_is_the_lead_s_who_brought_it_last(store: Store) -> None:
    async with store.write() as conn:
        await attached.attach(conn, "push", "navigateur", 1, "avant", 10)
        await attached.attach(conn, "push", "navigateur", 2, "après", 20)
        await attached.attach(conn, "autre", "navigateur", 1, "ailleurs", 20)
        assert await attached.of_lead(conn, "push", 1) == {}
        assert await attached.of_lead(conn, "push", 2) == {"navigateur": "après"}
        assert await attached.detach(conn, "push", "navigateur") == 2
        assert await attached.detach(conn, "push", "navigateur") is None
        assert await attached.of_lead(conn, "autre", 1) == {"navigateur": "ailleurs"}


async def test_a_lead_keeps_its_latest_twenty(store: Store) -> None:
    async with store.write() as conn:
        for at in range(attached.MOST + 5):
            await attached.attach(conn, "push", f"n{at}", 1, "x", at)
        kept = list(await attached.of_lead(conn, "push", 1))
    assert kept == [f"n{at}" for at in range(5, attached.MOST + 5)]


async def test_the_addresses_of_a_merged_lead_are_those_of_who_it_became(store: Store) -> None:
    async with store.write() as conn:
        table = store.fields.table
        await conn.execute(insert(table).values([{"id": i, "created_at": 1} for i in (1, 2)]))
        await attached.attach(conn, "push", "téléphone", 1, "a", 1)
        await attached.attach(conn, "push", "bureau", 2, "b", 2)
        await merge(conn, table, [(1, 2)], 3)
        assert await attached.of_lead(conn, "push", 2) == {"téléphone": "a", "bureau": "b"}
