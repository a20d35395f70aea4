"""The server's own import: no file left for it keeps the others waiting, none is lost."""

import os
from collections.abc import Sequence
from pathlib import Path

import pytest

from relance.errors import StoreUnavailable
from relance.testing import VirtualClock
from server.imports import ledger, spool, worker
from server.imports.order import ImportOrder, mark_of
from server.imports.people import People
from server.imports.sheet import SheetRow
from server.imports.worker import Imports
from server.store.store import Store

LEADS = "Courriel\n" + "".join(f"lead{n}@exemple.ca\n" for n in range(1_200))


async def _nothing() -> None:
    pass


@pytest.fixture
def imports(store: Store, clock: VirtualClock) -> Imports:
    return Imports(store, clock, "CA", settled=_nothing, wake=lambda: None)


def leave(project: Path, name: str, content: str = LEADS) -> spool.Left:
    path = project / name
    path.write_text(content, encoding="utf-8")
    order = ImportOrder()
    folder = spool.leave(project, path, order, mark_of(path, order), anew=False)
    return next(one for one in spool.left(project) if one.folder == folder)


async def take(imports: Imports, project: Path) -> None:
    for one in list(spool.left(project)):
        await imports._take(one)


async def progress_of(store: Store, one: spool.Left) -> ledger.ImportProgress:
    async with store.read() as conn:
        found = await ledger.find(conn, one.mark)
    assert found is not None
    return found


async def test_a_file_that_breaks_its_reader_is_told_and_the_next_one_taken(
    imports: Imports, store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken, sound = leave(tmp_path, "a.csv"), leave(tmp_path, "b.csv", LEADS + "fin@exemple.ca\n")
    opened = worker.open_sheet

    def breaking(path: Path) -> object:
        if path.is_relative_to(broken.folder):
            raise IndexError("a reader's own fault")
        return opened(path)

    monkeypatch.setattr(worker, "open_sheet", breaking)
    await take(imports, tmp_path)
    assert (await progress_of(store, sound)).tally.created == 1_201
    import_row = await progress_of(store, broken)
    assert import_row.state == ledger.FAILED
    assert "erreur imprévue" in str(import_row.problem)
    assert list(spool.left(tmp_path)) == []


async def test_what_is_no_file_is_told_and_never_waited_for(
    imports: Imports, store: Store, tmp_path: Path
) -> None:
    pipe, link = leave(tmp_path, "a.csv"), leave(tmp_path, "b.csv", LEADS + "x@exemple.ca\n")
    pipe.path.unlink()
    os.mkfifo(pipe.path)
    link.path.unlink()
    link.path.symlink_to(tmp_path / "parti.csv")
    await take(imports, tmp_path)
    for one in (pipe, link):
        import_row = await progress_of(store, one)
        assert (import_row.state, import_row.tally.created) == (ledger.FAILED, 0)
        assert "n’est pas un fichier" in str(import_row.problem)


async def test_a_full_disk_stops_an_import_that_goes_on_once_there_is_room(
    imports: Imports, store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    one = leave(tmp_path, "a.csv")
    transact, done = store.transact, 0

    async def until_full(work):  # type: ignore[no-untyped-def]
        nonlocal done
        done += 1
        if done > 1:
            raise StoreUnavailable("database or disk is full")
        return await transact(work)

    monkeypatch.setattr(store, "transact", until_full)
    with pytest.raises(StoreUnavailable):
        await take(imports, tmp_path)
    assert (await progress_of(store, one)).tally.created == 500
    monkeypatch.setattr(store, "transact", transact)
    await take(imports, tmp_path)
    import_row = await progress_of(store, one)
    assert (import_row.state, import_row.tally.created) == (ledger.DONE, 1_200)
    assert list(spool.left(tmp_path)) == []


async def test_what_a_file_brought_in_before_it_broke_is_taken_stock_of(
    store: Store, clock: VirtualClock, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Lists and state triggers learn of those leads, though the file failed."""
    created_then: list[int] = []

    async def settled() -> None:
        created_then.append((await progress_of(store, one)).tally.created)

    imports = Imports(store, clock, "CA", settled=settled, wake=lambda: None)
    one, read, taken = leave(tmp_path, "a.csv"), People.read, 0

    def breaking(self: People, rows: Sequence[SheetRow]) -> object:
        nonlocal taken
        taken += len(rows)
        if taken > 1_100:
            raise IndexError("a reader's own fault")
        return read(self, rows)

    monkeypatch.setattr(People, "read", breaking)
    await take(imports, tmp_path)
    assert (await progress_of(store, one)).state == ledger.FAILED
    assert created_then == [1_000]


async def test_a_refusal_that_names_every_column_stays_short(
    imports: Imports, store: Store, tmp_path: Path
) -> None:
    one = leave(tmp_path, "a.csv", ";".join(f"colonne {n} {'x' * 500}" for n in range(400)))
    await take(imports, tmp_path)
    import_row = await progress_of(store, one)
    assert "Aucune colonne" in str(import_row.problem)
    assert len(str(import_row.problem)) <= 4_000
