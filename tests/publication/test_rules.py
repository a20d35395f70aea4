"""What runs is what was published: no file that is moved, emptied or broken for a moment is a decision."""

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import httpx
import pytest
from sqlalchemy import text

from relance.errors import StoreUnavailable
from server.publication import watcher
from server.publication.reading import DraftReader
from server.runtime import Runtime
from tests.email.conftest import TARIFS
from tests.email.sink import Sink
from tests.whole import eventually, running, saving

SCRIPT = """\
campagne « Accueil »
  réentrée : après la sortie
  entrée
    quand Formulaire (Essai) rempli
  Envoyer courriel (Tarifs)
fin
""".replace("« ", "«\u00a0").replace(" »", "\u00a0»")
RENAMED = SCRIPT.replace("«\u00a0Accueil\u00a0»", "«\u00a0Salut\u00a0»").replace(
    "  réentrée", "  anciennement : «\u00a0Accueil\u00a0»\n  réentrée"
)
INSIDE = "SELECT count(*) FROM outbox WHERE state = 'sent'"

Make = Callable[[], Runtime]


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / "courriels").mkdir()
    (tmp_path / "courriels" / "tarifs.md").write_text(TARIFS, encoding="utf-8")
    (tmp_path / "accueil.relance").write_text(SCRIPT, encoding="utf-8")
    return tmp_path


@pytest.fixture
def make(project: Path, sink: Sink) -> Make:
    return lambda: Runtime(saving(project, sink.environment))


@pytest.fixture
async def server(make: Make) -> AsyncIterator[Runtime]:
    async with running(make()) as runtime:
        yield runtime


def rules_of(server: Runtime) -> str:
    """What the state of the server says of the rules in its folder."""
    (found,) = [one.fact for one in server.concerns() if one.code == "regles"]
    return found


async def post(server: Runtime, address: str) -> None:
    async with httpx.AsyncClient(base_url=server.url) as visitor:
        answer = await visitor.post("/webhooks/forms/Essai", data={"courriel": address})
        assert answer.status_code < 300


async def numbers(server: Runtime) -> int:
    async with server.store.read() as conn:
        return int(await conn.scalar(text("SELECT count(*) FROM publications")) or 0)


async def test_a_message_replaced_by_delete_and_create_leaves_all_the_same(
    server: Runtime, project: Path
) -> None:
    message = project / "courriels" / "tarifs.md"
    message.unlink()
    await server.rules.refresh()
    await post(server, "aline@exemple.ca")
    await eventually(server, INSIDE, [(1,)])
    message.write_text(TARIFS.replace("Nos tarifs", "Nos prix"), encoding="utf-8")
    server.rules.reload()
    await server.rules.refresh()
    await post(server, "bob@exemple.ca")
    await eventually(server, INSIDE, [(2,)])


async def test_a_script_gone_for_a_moment_goes_on_and_is_told(
    server: Runtime, project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(watcher, "_QUIET_SECONDS", 0)
    script = project / "accueil.relance"
    script.unlink()
    await server.rules.refresh()
    (problem,) = server.rules.problems
    assert "accueil.relance" in problem
    assert "des fichiers qui tournent n’y sont plus" in rules_of(server)
    await post(server, "aline@exemple.ca")
    await eventually(server, INSIDE, [(1,)])
    script.write_text(SCRIPT, encoding="utf-8")
    server.rules.reload()
    await server.rules.refresh()
    assert server.rules.problems == ()


async def test_two_looks_at_once_publish_once(server: Runtime, project: Path) -> None:
    before = await numbers(server)
    (project / "accueil.relance").write_text(RENAMED, encoding="utf-8")
    server.rules.reload()
    looks = [server.rules.refresh()]
    server.rules.reload()
    await asyncio.gather(*looks, server.rules.refresh())
    assert server.rules.problems == ()
    assert await numbers(server) == before + 1


@pytest.mark.parametrize("content", [None, "", " \n"])
async def test_what_has_been_gone_a_while_or_is_asked_for_is_taken_out(
    server: Runtime, project: Path, monkeypatch: pytest.MonkeyPatch, content: str | None
) -> None:
    script = project / "accueil.relance"
    if content is None:
        script.unlink()
    else:
        script.write_text(content, encoding="utf-8")
    monkeypatch.setattr(watcher, "_QUIET_SECONDS", 0)
    await server.rules.refresh()
    assert server.rules.problems, "too early to believe it"
    monkeypatch.setattr(watcher, "SETTLED_SECONDS", 0)
    await server.rules.refresh()
    assert server.rules.problems == ()
    await eventually(server, "SELECT present FROM campaigns", [(0,)])


async def test_a_message_that_breaks_is_sent_as_it_last_was_also_after_a_restart(
    make: Make, project: Path, sink: Sink
) -> None:
    message = project / "courriels" / "tarifs.md"
    async with running(make()) as server:
        message.write_text(TARIFS + "\n{% if %}\n", encoding="utf-8")
        server.rules.reload()
        await server.rules.refresh()
        assert "tarifs.md" in server.rules.problems[0]
    runtime = make()
    await runtime.open()
    await runtime.rules.refresh()
    assert "tarifs.md" in runtime.rules.problems[0], "still told"
    await runtime.close()
    # Even a folder that lost everything since runs what was published.
    message.unlink()
    (project / "accueil.relance").unlink()
    runtime = make()
    await runtime.open()
    await runtime.rules.refresh()
    assert "disparu" in runtime.rules.problems[0]
    assert runtime.host.files.text("courriels/tarifs.md", 10_000) == TARIFS
    await runtime.close()


async def test_a_script_saved_while_the_base_cannot_be_written_is_published_later(
    server: Runtime, project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (project / "accueil.relance").write_text(RENAMED, encoding="utf-8")
    publish = server.rules._publish

    async def unavailable(*_: object) -> None:
        raise StoreUnavailable("disque plein")

    monkeypatch.setattr(server.rules, "_publish", unavailable)
    monkeypatch.setattr(watcher, "_QUIET_SECONDS", 0)
    await server.rules.refresh()
    assert "dès que la base le permettra" in server.rules.problems[0]
    assert "la base ne peut pas les garder" in rules_of(server)
    monkeypatch.setattr(server.rules, "_publish", publish)
    await server.rules.refresh()
    assert server.rules.problems == ()
    await eventually(server, "SELECT name FROM campaigns WHERE present", [("Salut",)])


async def test_an_unchanged_folder_is_neither_read_nor_published_again_at_start(
    make: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with running(make()) as server:
        assert await numbers(server) == 1

    def unread(*_: object) -> None:
        raise AssertionError("nothing changed")

    monkeypatch.setattr(DraftReader, "read", unread)
    async with running(make()) as server:
        assert await numbers(server) == 1
        await post(server, "aline@exemple.ca")
        await eventually(server, INSIDE, [(1,)])


async def test_another_edition_of_relance_reads_the_same_files_again(
    make: Make, project: Path
) -> None:
    async with running(make()):
        pass
    with sqlite3.connect(project / ".relance" / "relance.db") as base:
        base.execute("UPDATE publications SET edition = 'autre'")
    async with running(make()) as server:
        assert await numbers(server) == 1, "forms are taken first, by what was published"
        await server.rules.refresh()
        assert await numbers(server) == 2


async def test_files_that_did_not_change_are_kept_once(server: Runtime, project: Path) -> None:
    (project / "accueil.relance").write_text(RENAMED, encoding="utf-8")
    server.rules.reload()
    await server.rules.refresh()
    await eventually(server, "SELECT count(*) FROM publication_files", [(3,)])
