"""Which files of a folder are the project's: told of one as of all, and seen to change by each look."""

import os
from pathlib import Path

import pytest

from server.folder import SCRIPT, files, holds
from server.plugins import load_plugins
from server.preview.messages import files_of, is_message
from server.publication.on_disk import Folder, on_disk


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A project: its scripts, its texts, its pictures, and what is none of it."""
    for name in (
        *("a.relance", "sous/b.relance", "courriels/c.md", "relance.toml", "sous/relance.toml"),
        *("images/logo.png", "logo.png", "catalogue/produits.csv", "sous/produits.csv"),
        *(".cachés/d.relance", "node_modules/e.relance", ".f.relance", "sous/catalogue/g.csv"),
    ):
        path = tmp_path / "projet" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("1", encoding="utf-8")
    (tmp_path / "ailleurs").mkdir()
    (tmp_path / "ailleurs" / "h.relance").write_text("1", encoding="utf-8")
    (tmp_path / "projet" / "lien").symlink_to(tmp_path / "ailleurs")
    (tmp_path / "projet" / "i.relance").symlink_to(tmp_path / "ailleurs" / "h.relance")
    return tmp_path / "projet"


async def test_a_look_sees_the_files_of_the_project_and_those_alone(folder: Path) -> None:
    mine = {"a.relance", "sous/b.relance", "courriels/c.md", "sous/relance.toml", "i.relance"}
    mine |= {"images/logo.png", "catalogue/produits.csv"}
    assert set(on_disk(folder).contents) == mine
    for name in (*mine, "relance.toml", "logo.png", ".f.relance", "sous/produits.csv", "rien.md"):
        assert (on_disk(folder).text(name, 9) == "1") is (name in mine), "asked for by its name"
    source = Folder(folder)
    first = await source.stamp()
    assert {Path(path).relative_to(folder).as_posix() for path, _, _ in first} == mine
    assert await source.stamp() is first, "as long as nothing changes, it is the same"
    os.utime(folder / "a.relance", ns=(5, 5))
    second = await source.stamp()
    assert second != first
    assert source.lately is not None
    assert source.lately.stamp is second


def test_a_file_is_known_without_looking_at_the_others(folder: Path) -> None:
    every = {path.relative_to(folder).as_posix() for path in files(folder, (SCRIPT,))}
    asked = {*every, "lien/h.relance", ".f.relance", "node_modules/e.relance", "rien.relance", ""}
    asked |= {"../ailleurs/h.relance", "sous", "./a.relance", str(folder / "a.relance"), "a.md"}
    asked |= {"sous//b.relance", "x" * 300 + ".relance", "a\x00.relance", ".cachés/d.relance"}
    assert {one for one in asked if holds(folder, one, (SCRIPT,))} == every


def test_a_message_is_known_without_looking_at_the_others(folder: Path) -> None:
    plugins = load_plugins()
    (folder / "notes.md").write_text("1", encoding="utf-8")
    every = {path.relative_to(folder).as_posix() for path in files_of(plugins, folder)}
    asked = (*every, "notes.md", "courriels/rien.md", "a.relance", "courriels/../courriels/c.md")
    assert every == {"courriels/c.md"}
    assert {one for one in asked if is_message(plugins, folder, one)} == every
