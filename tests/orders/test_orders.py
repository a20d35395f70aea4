"""Orders left for a server: taken once it can, done again if it died before answering."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from relance.testing import VirtualClock
from server.access.register import AccessRegister
from server.engine.engine import Engine
from server.orders import ask as asking
from server.orders import spool
from server.orders.declined import Declined
from server.orders.desk import Desk
from server.orders.spool import Order
from server.orders.team import TeamOrders
from server.settings import Settings, load_settings
from server.store import suppressions
from server.store.sole import alone
from server.store.store import Store
from server.tokens import Signer

LIFT = Order("retablir", {"canal": "email", "adresse": "aline@exemple.ca", "raison": "essai"})


@pytest.fixture
async def desk(tmp_path: Path) -> AsyncIterator[Desk]:
    store = await Store.open(f"sqlite:///{tmp_path / 'base.db'}", VirtualClock())
    async with store.write() as conn:
        await suppressions.suppress(conn, "email", "aline@exemple.ca", "rebond", 1, asked=False)
    clock = VirtualClock()
    team = TeamOrders(AccessRegister.of(store, clock, Signer(b"s" * 32)), "")
    yield Desk(store, clock, lambda: None, Engine(store, clock), {}, team, Settings(tmp_path))
    await store.close()


async def settled(desk: Desk, project: Path, file: Path) -> tuple[bool, str]:
    """Let the desk work until that order is answered."""
    running = asyncio.create_task(desk.run(project))
    async with asyncio.timeout(60):
        while (answer := spool.answered(file)) is None:
            await asyncio.sleep(0.01)
    running.cancel()
    return answer


async def test_an_order_done_twice_comes_to_the_same(desk: Desk, tmp_path: Path) -> None:
    file = spool.leave(tmp_path, LIFT)
    done = await settled(desk, tmp_path, file)
    assert done == (True, "On peut de nouveau écrire à aline@exemple.ca (email).")
    file.with_name(file.name.replace(".ordre.", ".reponse.")).unlink()  # killed just before
    assert await settled(desk, tmp_path, file) == done


async def test_what_is_no_order_stops_none_of_those_behind(desk: Desk, tmp_path: Path) -> None:
    first = spool.leave(tmp_path, LIFT)
    first.write_text('{"verbe": 3, "arguments": []}', encoding="utf-8")
    unknown = spool.leave(tmp_path, Order("danser", {}))
    done, said = await settled(desk, tmp_path, unknown)
    assert not done
    assert "autre version" in said
    assert not first.exists()


async def test_an_order_whose_server_dies_in_the_midst_is_done_by_the_command(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(asking, "_WATCHED", 0.05)
    (tmp_path / "relance.toml").write_text("", encoding="utf-8")
    settings, clock = load_settings(tmp_path), VirtualClock()
    server = await alone(settings.database)
    asked = asyncio.create_task(asking.ask(settings, clock, LIFT))
    async with asyncio.timeout(60):
        while not (left := list(spool.left(tmp_path))):
            await asyncio.sleep(0.01)
        spool.take(left[0][0])
        await asyncio.sleep(0.2)
        assert not asked.done(), "it lives"
        await server.release()
        with pytest.raises(Declined, match="n’est pas écartée"):  # as the base itself answers
            await asked


def test_an_order_is_for_the_eyes_of_its_owner(tmp_path: Path) -> None:
    file = spool.leave(tmp_path, LIFT)
    assert (file.stat().st_mode & 0o777, file.parent.stat().st_mode & 0o777) == (0o600, 0o700)


def test_an_answer_to_a_command_that_went_away_is_dropped(tmp_path: Path) -> None:
    file = spool.leave(tmp_path, LIFT)
    spool.take_away(file)
    spool.answer(file, "Fait.", done=True)
    assert list(file.parent.iterdir()) == []
