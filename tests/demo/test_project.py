"""The demonstration's folder: made whole, kept from one time to the next, nobody else's."""

import tomllib
from fnmatch import fnmatch
from pathlib import Path

import pytest

from relance.errors import ConfigurationError
from server.campaign_library.place import library
from server.demo.project import SHOP, make_project
from server.settings import load_settings

ROOT = Path(__file__).parents[2]


def make(folder: Path, shop: str = "http://127.0.0.1:8081") -> None:
    make_project(folder, server_url="http://127.0.0.1:8080", shop_url=shop, smtp_port=2525)


def texts(folder: Path) -> str:
    return "".join(path.read_text("utf-8", "replace") for path in sorted(folder.rglob("*.*")))


def test_the_whole_library_is_there_its_shop_made_local(tmp_path: Path) -> None:
    make(tmp_path / "démo à moi")
    made = {path.relative_to(tmp_path / "démo à moi") for path in tmp_path.rglob("*.*")}
    kept = (path.relative_to(library()) for path in library().rglob("*.*"))
    assert {one for one in kept if one.parent.name in {"", "courriels"}} <= made
    assert SHOP not in texts(tmp_path)
    assert load_settings(tmp_path / "démo à moi", {}).port == 8080


def test_a_rule_edited_in_a_kept_demonstration_stays(tmp_path: Path) -> None:
    make(tmp_path)
    script = tmp_path / "bienvenue.relance"
    edited = script.read_text(encoding="utf-8") + "# à moi\n"
    script.write_text(edited, encoding="utf-8")
    make(tmp_path, shop="http://127.0.0.1:9081")
    assert "# à moi" in script.read_text(encoding="utf-8")
    assert "127.0.0.1:8081" not in texts(tmp_path)
    assert "127.0.0.1:9081" in texts(tmp_path)


@pytest.mark.parametrize("name", ["relance.toml", "bienvenue.relance", "photo.jpg"])
def test_a_folder_that_holds_something_else_is_not_touched(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_text('adresse = "https://exemple.ca"\n', encoding="utf-8")
    with pytest.raises(ConfigurationError, match="autre chose"):
        make(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == [name]


def test_a_wheel_carries_the_library() -> None:
    given = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    patterns = [one for some in given["tool"]["setuptools"]["data-files"].values() for one in some]
    for path in (ROOT / "rules").rglob("*.*"):
        if (
            path.suffix in {".relance", ".md", ".png", ".toml", ".txt"}
            and path.name != "relance.toml"
            and ".relance" not in path.parent.parts
        ):
            name = path.relative_to(ROOT)
            assert any(
                name.parent == Path(one).parent and fnmatch(name.name, Path(one).name)
                for one in patterns
            ), name
