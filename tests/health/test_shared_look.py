"""How a server is: looked at once for all the strangers who ask, and anew for the team and its commands."""

import asyncio
from pathlib import Path

import httpx
import pytest
from sqlalchemy import text

from relance.errors import StoreUnavailable
from relance.testing import VirtualClock
from server.health.health import Health
from server.health.shared_look import SharedLook
from server.runtime import Runtime
from server.store.store import Store
from tests.signed import sign_in
from tests.whole import running, saving


async def test_a_thousand_strangers_have_one_look_and_the_next_second_another(
    clock: VirtualClock,
) -> None:
    looks, may_end = 0, asyncio.Event()

    async def look() -> Health:
        nonlocal looks
        looks += 1
        found = Health(backlog=looks)
        await may_end.wait()
        return found

    shared = SharedLook(look, clock)
    asking = [asyncio.create_task(shared.health()) for _ in range(1_000)]
    await asyncio.sleep(0)
    asking.pop().cancel()  # who leaves takes nothing from the others
    clock.advance(seconds=5)
    late = asyncio.create_task(shared.health())
    await asyncio.sleep(0)
    may_end.set()
    assert {one.backlog for one in await asyncio.gather(*asking, late)} == {1}
    for wanted in (2, 2, 3):
        assert (await shared.health()).backlog == wanted
        clock.advance(milliseconds=500)


async def test_strangers_learn_within_a_second_what_the_team_and_the_command_see_at_once(
    tmp_path: Path,
) -> None:
    clock = VirtualClock()
    server = Runtime(saving(tmp_path, {"RELANCE_PORT": "0"}), clock=clock)
    async with (
        running(server),
        httpx.AsyncClient(base_url=server.url) as stranger,
        httpx.AsyncClient(base_url=server.url) as member,
    ):
        await sign_in(server, member)
        assert (await stranger.get("/sante")).status_code == 200
        server.dispatch.cut = lambda: {"email": "il ne répond pas"}  # type: ignore[method-assign]
        assert (await stranger.get("/sante")).status_code == 200
        assert (await member.get("/sante")).status_code == 503
        assert '"canal.email"' in await server.checkup.answer()  # what `relance sante` says
        clock.advance(seconds=1)
        late = await stranger.get("/sante")
        assert (late.status_code, late.json()["constats"][0]["code"]) == (503, "canal.email")


async def test_to_ask_whether_a_base_can_be_written_writes_nothing_in_it(
    store: Store, clock: VirtualClock
) -> None:
    hidden = "" if store.dialect == "sqlite" else "xmin, xmax, "
    traces = f"SELECT {hidden}reserved_to FROM tenure"
    async with store.read() as conn:
        before = (await conn.execute(text(traces))).all()
    clock.advance(hours=1)  # a write would reserve ids as well
    assert await store.writable()
    async with store.read() as conn:
        assert (await conn.execute(text(traces))).all() == before


async def test_a_replica_or_another_s_base_is_told_from_one_that_can_be_written(
    store_url: str, clock: VirtualClock
) -> None:
    store = await Store.open(store_url, clock)
    tenure = store._tenure
    assert tenure is not None
    async with store.read() as conn:
        await tenure.see(conn)
    if store.dialect == "postgresql":
        async with store.read() as conn:
            await conn.execute(text("SET TRANSACTION READ ONLY"))
            with pytest.raises(StoreUnavailable, match="readonly"):
                await tenure.see(conn)
    other = await Store.open(store_url, clock)
    assert not await store.writable()
    assert await other.writable()
    await store.close()
    await other.close()
