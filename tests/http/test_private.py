"""Files that other accounts of the machine cannot read, and the secret that left the base."""

import logging
import os
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import text

from relance.errors import ConfigurationError
from relance.testing import VirtualClock
from server import private
from server.imports.order import ImportOrder
from server.imports.spool import leave
from server.private import close_to_others
from server.runtime import Runtime
from server.secret import signing_secret
from server.settings import Settings
from server.store.store import Store
from tests.http.conftest import Start

OTHERS = 0o077


def open_to_others(under: Path) -> list[str]:
    inside = [path for path in (under, *under.rglob("*")) if not path.is_symlink()]
    return [str(path) for path in inside if path.stat().st_mode & OTHERS]


def bytes_under(folder: Path) -> bytes:
    return b"".join(path.read_bytes() for path in folder.iterdir() if path.is_file())


@pytest.fixture
def lax_umask() -> Iterator[None]:
    former = os.umask(0o000)
    yield
    os.umask(former)


@pytest.mark.usefixtures("lax_umask")
async def test_all_a_server_writes_is_its_own_whatever_the_umask(
    start: Start, tmp_path: Path
) -> None:
    async with start() as site:
        await site.post(data={"courriel": "a@b.ca"})
        csv = tmp_path / "leads.csv"
        csv.write_text("courriel\na@b.ca\n", encoding="utf-8")
        leave(tmp_path, csv, ImportOrder("leads"), "abc", anew=False)
        kept = tmp_path / ".relance"
        assert {"relance.db", "relance.db-wal", "relance.db-shm", "secret", "imports"} <= {
            path.name for path in kept.iterdir()
        }
        assert open_to_others(kept) == []


@pytest.mark.usefixtures("lax_umask")
async def test_what_was_left_open_is_closed_at_the_next_start(
    start: Start, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async with start():
        pass
    kept = tmp_path / ".relance"
    for path in (kept, *kept.rglob("*")):
        path.chmod(0o755 if path.is_dir() else 0o644)
    with caplog.at_level(logging.INFO):
        async with start():
            assert open_to_others(kept) == []
    assert "n’est plus lisible par les autres comptes" in caplog.text


async def test_a_server_refused_beside_another_touches_nothing_of_its_folder(
    start: Start, tmp_path: Path
) -> None:
    async with start() as site:
        kept = tmp_path / ".relance"
        left = kept / "a-lire.txt"
        left.touch()
        left.chmod(0o644)
        with pytest.raises(ConfigurationError, match="déjà"):
            await Runtime(site.runtime.settings).begin()
        assert stat.S_IMODE(left.stat().st_mode) == 0o644


def test_a_base_kept_elsewhere_is_closed_and_its_neighbours_left(tmp_path: Path) -> None:
    base, other = tmp_path / "donnees.db", tmp_path / "voisin.txt"
    for path in (base, tmp_path / "donnees.db-wal", other):
        path.touch()
        path.chmod(0o644)
    close_to_others(tmp_path / "projet", f"sqlite:///{base}")
    assert stat.S_IMODE(base.stat().st_mode) == 0o600
    assert stat.S_IMODE((tmp_path / "donnees.db-wal").stat().st_mode) == 0o600
    assert stat.S_IMODE(other.stat().st_mode) == 0o644


def test_what_cannot_be_closed_is_refused_in_a_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    base = tmp_path / "b.db"
    base.touch()
    base.chmod(0o644)

    def refused(self: Path, mode: int) -> None:
        raise PermissionError(1, "Operation not permitted", str(self))

    monkeypatch.setattr(Path, "chmod", refused)
    with pytest.raises(ConfigurationError, match=r"chmod 600 '.*b\.db'"):
        close_to_others(tmp_path, f"sqlite:///{base}")


def test_a_link_is_not_followed(tmp_path: Path) -> None:
    outside = tmp_path / "ailleurs.txt"
    outside.touch()
    outside.chmod(0o644)
    private.folder(tmp_path / ".relance")
    (tmp_path / ".relance" / "lien").symlink_to(outside)
    close_to_others(tmp_path, "sqlite://")
    assert stat.S_IMODE(outside.stat().st_mode) == 0o644


@pytest.mark.parametrize(("mode", "warned"), [(0o644, True), (0o640, False)])
def test_settings_that_hold_a_secret_and_that_all_can_read_are_told(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, mode: int, warned: bool
) -> None:
    settings = tmp_path / "relance.toml"
    settings.write_text('[email]\nmot_de_passe = "canari"\n', encoding="utf-8")
    settings.chmod(mode)
    close_to_others(tmp_path, "sqlite://")
    assert ("chmod 640 relance.toml" in caplog.text) is warned
    assert "canari" not in caplog.text


async def test_the_secret_leaves_the_base_for_a_file_and_stays_the_same(
    store: Store, tmp_path: Path
) -> None:
    former = "ab" * 32
    async with store.write() as conn:
        await conn.execute(
            text("INSERT INTO server_settings (name, value) VALUES ('signing_secret', :value)"),
            {"value": former},
        )
    settings = Settings(folder=tmp_path)
    assert await signing_secret(store, settings) == bytes.fromhex(former)
    assert (tmp_path / ".relance" / "secret").read_text(encoding="ascii").strip() == former
    async with store.read() as conn:
        left = await conn.scalar(
            text("SELECT count(*) FROM server_settings WHERE name = 'signing_secret'")
        )
    assert left == 0
    assert await signing_secret(store, settings) == bytes.fromhex(former)


async def test_no_byte_of_the_secret_stays_in_a_base_that_held_it(
    tmp_path: Path, clock: VirtualClock
) -> None:
    former = "0123456789abcdef" * 4
    url = f"sqlite:///{tmp_path}/b.db"
    opened = await Store.open(url, clock)
    async with opened.write() as conn:
        await conn.execute(
            text("INSERT INTO server_settings (name, value) VALUES ('signing_secret', :value)"),
            {"value": former},
        )
    await opened.close()
    opened = await Store.open(url, clock)
    await signing_secret(opened, Settings(folder=tmp_path))
    await opened.close()
    assert former.encode() not in bytes_under(tmp_path)


async def test_a_secret_given_by_the_operator_makes_no_file(store: Store, tmp_path: Path) -> None:
    given = b"x" * 40
    assert await signing_secret(store, Settings(folder=tmp_path, secret=given)) == given
    assert not (tmp_path / ".relance").exists()


async def test_a_damaged_secret_is_refused_rather_than_replaced(
    store: Store, tmp_path: Path
) -> None:
    place = private.file(tmp_path / ".relance" / "secret")
    for damaged in ("", "abc", "zz" * 32, "ab" * 8):
        place.write_text(damaged, encoding="ascii")
        with pytest.raises(ConfigurationError, match="sauvegarde"):
            await signing_secret(store, Settings(folder=tmp_path))
