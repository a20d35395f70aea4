"""`relance listes`, on the database of a project."""

import asyncio
import json
from contextlib import suppress
from pathlib import Path

import pytest
from sqlalchemy import insert, update

from relance.facts import Compare, Literal, Score
from relance.testing import VirtualClock
from relance.values import Comparator
from server.cli.main import main
from server.engine.engine import Engine
from server.engine.publication.project import Project
from server.store.schema.leads import leads
from server.store.schema.rules import dynamic_lists
from server.store.store import Store

RICH = Compare(Score(), Comparator.AT_LEAST, Literal(50))


async def _made(path: Path) -> None:
    clock = VirtualClock()
    store = await Store.open(f"sqlite:///{path}", clock)
    async with store.write() as conn:
        await conn.execute(insert(leads), [{"created_at": 0, "score": n * 20} for n in range(5)])
    engine = Engine(store, clock)
    await engine.publish(Project(lists={"Riches": RICH, "En cours": RICH, "Cassée": RICH}))
    while await engine.tick():
        pass
    async with store.write() as conn:
        for name, values in (("En cours", {"built_to": 2}), ("Cassée", {"reason": "Oups"})):
            mine = dynamic_lists.c.name == name
            await conn.execute(update(dynamic_lists).where(mine).values(**values))
    await store.close()


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / "relance.toml").write_text("", encoding="utf-8")
    asyncio.run(_made(tmp_path / ".relance" / "relance.db"))
    return tmp_path


def test_lists_are_shown_with_their_members_and_their_state(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with suppress(SystemExit):
        main(["listes", str(project), "--json"])
    by_name = {each["nom"]: each for each in json.loads(capsys.readouterr().out)}
    assert (by_name["Riches"]["membres"], by_name["Riches"]["construction"]) == (2, 100)
    assert by_name["En cours"]["construction"] == 40
    assert by_name["Cassée"]["mise_de_cote"] == "Oups"
    with suppress(SystemExit):
        main(["listes", str(project)])
    assert "en construction" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("name", "said"),
    [("riches", "se tient à jour d’elle-même"), ("Pauvres", "Il n’y a pas de liste")],
)
def test_a_list_that_cannot_be_removed_says_why(
    project: Path, capsys: pytest.CaptureFixture[str], name: str, said: str
) -> None:
    with pytest.raises(SystemExit) as stopped:
        main(["supprimer-liste", name, "--dossier", str(project)])
    assert stopped.value.code == 1
    assert said in " ".join(capsys.readouterr().err.split())
