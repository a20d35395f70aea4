"""A base brought back to an earlier day sends nothing that may have left, until somebody says so."""

import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest
from sqlalchemy import text

from server.runtime import Runtime
from tests.cli.test_explain import relance
from tests.email.conftest import TARIFS
from tests.email.sink import Sink
from tests.whole import eventually, running, saving

SCRIPT = """\
campagne « Accueil »
  entrée
    quand Formulaire (Essai) rempli
  Attendre pendant 1 jour
  Envoyer courriel (Tarifs)
fin
""".replace("« ", "«\u00a0").replace(" »", "\u00a0»")
SENT = "SELECT state, count(*) FROM outbox GROUP BY state"

Make = Callable[[timedelta], Runtime]


class Later:
    """The real time, so much later."""

    def __init__(self, by: timedelta) -> None:
        self._by = by

    def now(self) -> datetime:
        return datetime.now(UTC) + self._by


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / "courriels").mkdir()
    (tmp_path / "courriels" / "tarifs.md").write_text(TARIFS, encoding="utf-8")
    (tmp_path / "accueil.relance").write_text(SCRIPT, encoding="utf-8")
    (tmp_path / "relance.toml").write_text("", encoding="utf-8")
    return tmp_path


@pytest.fixture
def make(project: Path, sink: Sink) -> Make:
    settings = saving(project, sink.environment)
    return lambda by: Runtime(settings, clock=Later(by))


def base(project: Path) -> Path:
    return project / ".relance" / "relance.db"


def back_up(project: Path) -> Path:
    place = project / "sauvegarde.db"
    with closing(sqlite3.connect(base(project))) as one, closing(sqlite3.connect(place)) as other:
        one.backup(other)
    return place


async def a_day_with_a_backup_at_noon(make: Make, project: Path, sink: Sink) -> Path:
    """Aline is inside when the backup is made; her message leaves after it."""
    async with running(make(timedelta())) as server:
        async with httpx.AsyncClient(base_url=server.url) as visitor:
            await visitor.post("/webhooks/forms/Essai", data={"courriel": "aline@exemple.ca"})
        await eventually(server, "SELECT count(*) FROM enrolments", [(1,)])
    backup = back_up(project)
    async with running(make(timedelta(days=2))) as server:
        await eventually(server, SENT, [("sent", 1)])
    assert len(sink.messages) == 1
    return backup


def put_back_by_hand(backup: Path, project: Path) -> None:
    for side in ("-wal", "-shm"):
        base(project).with_name(f"relance.db{side}").unlink(missing_ok=True)
    shutil.copyfile(backup, base(project))


@pytest.mark.parametrize("by_hand", [True, False])
async def test_what_left_since_the_backup_does_not_leave_again_by_itself(
    make: Make, project: Path, sink: Sink, by_hand: bool
) -> None:
    backup = await a_day_with_a_backup_at_noon(make, project, sink)
    if by_hand:
        put_back_by_hand(backup, project)
    else:
        done = await relance("restaurer-base", str(backup), "--dossier", str(project))
        assert (done.code, done.err) == (0, "")
        assert list(base(project).parent.glob("relance.db.avant-*"))
    async with running(make(timedelta(days=2, minutes=1))) as server:
        await eventually(server, SENT, [("held", 1)])
        health = (await httpx.AsyncClient().get(f"{server.url}/sante")).json()
        assert "envois.retenus" in [one["code"] for one in health["constats"]]
        shown = await relance("retenus", str(project))
        assert "Tarifs" in shown.out
        dropped = await relance("retenus", str(project), "--abandonner")
        assert dropped.code == 0
        await eventually(server, SENT, [("cancelled", 1)])
    assert len(sink.messages) == 1, "she was not written to twice"


async def test_what_the_operator_says_never_left_is_sent_and_the_rest_goes_on(
    make: Make, project: Path, sink: Sink
) -> None:
    backup = await a_day_with_a_backup_at_noon(make, project, sink)
    put_back_by_hand(backup, project)
    async with running(make(timedelta(days=2, minutes=1))) as server:
        await eventually(server, SENT, [("held", 1)])
        async with httpx.AsyncClient(base_url=server.url) as visitor:
            await visitor.post("/webhooks/forms/Essai", data={"courriel": "bob@exemple.ca"})
        await eventually(server, "SELECT count(*) FROM enrolments", [(2,)])
        assert (await relance("retenus", str(project), "--envoyer", "--canal", "sms")).code == 0
        await eventually(server, SENT, [("held", 1)])
        assert (await relance("retenus", str(project), "--envoyer")).code == 0
        await eventually(server, SENT, [("sent", 1)])
    async with running(make(timedelta(days=5))) as server:
        await eventually(server, SENT, [("sent", 2)])
    assert len(sink.messages) == 3, "once before the backup was put back, once on demand, and Bob's"


async def test_an_ordinary_start_holds_nothing(make: Make, project: Path, sink: Sink) -> None:
    await a_day_with_a_backup_at_noon(make, project, sink)
    for _ in range(2):
        runtime = make(timedelta(days=3))
        await runtime.open()
        assert not runtime.restoration.lasts
        await runtime.close()


async def test_a_server_killed_while_it_makes_up_for_lost_time_still_holds_all(
    make: Make, project: Path, sink: Sink
) -> None:
    backup = await a_day_with_a_backup_at_noon(make, project, sink)
    put_back_by_hand(backup, project)
    runtime = make(timedelta(days=2, minutes=1))
    await runtime.open()
    while await runtime.engine.tick():
        pass
    await runtime.close()  # before a single message was looked at
    async with running(make(timedelta(days=2, minutes=2))) as server:
        await eventually(server, SENT, [("held", 1)])
    assert len(sink.messages) == 1


@pytest.mark.parametrize("content", [b"", b"SQLite format 3\x00 not quite", b"bonjour"])
async def test_what_is_no_backup_changes_nothing(
    make: Make, project: Path, sink: Sink, content: bytes
) -> None:
    await a_day_with_a_backup_at_noon(make, project, sink)
    before = base(project).read_bytes()
    wrong = project / "rien.db"
    wrong.write_bytes(content)
    said = await relance("restaurer-base", str(wrong), "--dossier", str(project))
    assert said.code == 2
    assert "n’est pas une sauvegarde de Relance" in said.err
    assert base(project).read_bytes() == before
    assert [one.name for one in base(project).parent.glob("*.arrivee*")] == []


async def test_a_running_server_is_not_pulled_from_under(
    make: Make, project: Path, sink: Sink
) -> None:
    async with running(make(timedelta())) as server:
        backup = back_up(project)
        said = await relance("restaurer-base", str(backup), "--dossier", str(project))
        assert said.code == 2
        async with server.store.read() as conn:
            assert await conn.scalar(text("SELECT 1")) == 1
