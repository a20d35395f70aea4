"""Projects for the tests of the scenario runner: a folder of scripts, or one script."""

from functools import cache
from pathlib import Path

from dsl.project import Checked, check
from relance.testing import FakeHost
from server.plugins import Plugins, load_plugins
from server.publication.in_place import in_place
from server.publication.on_disk import on_disk

SECRET = "whsec_" + "a" * 40
SCENARIOS = Path(__file__).parents[1] / "scenarios"


@cache
def built_in() -> Plugins:
    return load_plugins()


@cache
def of_folder(folder: Path) -> Checked:
    sources = {
        path.name: path.read_text(encoding="utf-8") for path in sorted(folder.glob("*.relance"))
    }
    host = FakeHost({"appels": {"comptabilite": {"adresse": "https://a.ca", "secret": SECRET}}})
    files = on_disk(folder).keeping(in_place(sources, built_in().catalogue).files)
    references = built_in().references(files, host)
    return _sound(check(sources, built_in().catalogue, references))


def of_text(script: str) -> Checked:
    references = {"courriel": ("Tarifs",)}
    return _sound(check({"essai.relance": script}, built_in().catalogue, references))


def _sound(checked: Checked) -> Checked:
    assert checked.ok, [found.message for all_ in checked.diagnostics.values() for found in all_]
    return checked
