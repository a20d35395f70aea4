"""A later release takes the place of this one, process by process: visitors are answered all along."""

import asyncio
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import asyncpg
import pytest

from bench.ports import free_port
from tests.crash.load import Visitors, numbers
from tests.crash.project import write_project
from tests.crash.releases import LaterProcess, later_release
from tests.crash.several import Process, at_rest, copied, wait_until
from tests.crash.sink import Sink
from tests.crash.verdict import assert_nothing_lost_nothing_twice
from tests.processes import command as relance

ROLES = "recevoir,avancer,envoyer"


def rows(address: str) -> dict[int, str]:
    """What each process says that it does."""

    async def asked() -> dict[int, str]:
        conn = await asyncpg.connect(address)
        found = await conn.fetch("SELECT number, roles FROM processes")
        await conn.close()
        return {row["number"]: row["roles"] for row in found}

    return asyncio.run(asked())


def column_is_there(address: str) -> bool:
    """Whether the base was brought to the later release."""

    async def asked() -> bool:
        conn = await asyncpg.connect(address)
        there = await conn.fetchval(
            "SELECT count(*) FROM pg_attribute WHERE attrelid = 'leads'::regclass AND attname = 'later'"
        )
        await conn.close()
        return bool(there)

    return asyncio.run(asked())


@pytest.mark.timeout(300)
def test_a_release_takes_the_place_of_another_and_every_visitor_is_answered(
    tmp_path: Path, new_postgresql: Any
) -> None:
    address, people = new_postgresql(), numbers()
    packages = later_release(tmp_path / "suivante")
    first_port, other_port, new_port = (free_port() for _ in range(3))
    with Sink() as sink, ExitStack() as stack:
        folder = write_project(tmp_path / "projet", port=first_port, smtp=sink.port)
        written = (folder / "relance.toml").read_text("utf-8")
        (folder / "relance.toml").write_text(f'base = "{address}"\n{written}', "utf-8")
        first = stack.enter_context(Process(folder, first_port, ROLES))
        assert first.wait_ready()
        other = stack.enter_context(Process(folder, other_port, ROLES))
        assert other.wait_ready()
        waiting = stack.enter_context(LaterProcess(packages, folder, new_port, ROLES))
        wait_until(lambda: "attendre" in rows(address).values(), 60)
        said = relance("etat", folder, variables={"COLUMNS": "200"}).out
        assert "Deux versions de Relance se côtoient" in said
        assert "attendre" in said
        assert not column_is_there(address), "the base is the first's for as long as it is there"
        visitors = stack.enter_context(
            Visitors(other.url, people, threads=2, rest=0.2, patience=20)
        )
        visitors.wait_answered(10)
        first.stop()
        assert waiting.wait_ready()
        wait_until(lambda: "recevoir" in rows(address).values(), 30)
        assert column_is_there(address)
        before = len(visitors.acknowledged)
        wait_until(lambda: len(visitors.acknowledged) > before + 5, 10)
        again = stack.enter_context(LaterProcess(packages, folder, first_port, ROLES))
        assert again.wait_ready()
        visitors.__exit__()
        assert visitors.refused == [], "the other process answers all along"
        assert other.stop() < 12
        assert "avancer,envoyer,recevoir" in rows(address).values(), "the next helps in everything"
        place = tmp_path / "copie.db"
        wait_until(lambda: at_rest(address), 120)
        waiting.stop()
        wait_until(lambda: "recevoir,avancer,envoyer" in rows(address).values(), 30)
        again.stop()
        assert_nothing_lost_nothing_twice(copied(address, place), visitors.acknowledged, sink)
        with Process(folder, other_port, ROLES) as left_behind:
            assert not left_behind.wait_ready()
        said = (folder / f"serveur-{other_port}.log").read_text("utf-8")
        assert "Cette base est d’une version plus récente de Relance (9000)" in said
