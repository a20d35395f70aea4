"""The shape of the code: small modules that say why they exist, no drawer for odds and ends."""

import ast
import re
import subprocess
import tomllib
from pathlib import Path

from tests.each import of_each
from tests.house.modules import ROOT, imported, modules, name_of, nodes, tree

LONGEST = 500
DRAWERS = {"utils", "util", "helpers", "helper", "common", "misc", "manager", "managers"}


@of_each(modules(), name_of)
def test_a_module_opens_with_why_it_exists(path: Path) -> None:
    source = path.read_text(encoding="utf-8")
    if source.strip() or path.name != "__init__.py":
        assert ast.get_docstring(tree(path))


@of_each(modules(), name_of)
def test_no_module_is_too_long_to_read_in_one_sitting(path: Path) -> None:
    assert len(path.read_text(encoding="utf-8").splitlines()) <= LONGEST


@of_each(modules(), name_of)
def test_a_module_is_named_for_one_thing(path: Path) -> None:
    assert not {path.stem, *path.parts} & DRAWERS


@of_each(modules(), name_of)
def test_nothing_is_evaluated_as_code(path: Path) -> None:
    called = {
        node.func.id
        for node in nodes(path)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)
    }
    assert not called & {"eval", "exec", "compile", "__import__"}


def tracked() -> list[Path]:
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True)
    if listed.returncode:
        return [p for p in ROOT.rglob("*") if p.is_file() and ".venv" not in p.parts]
    return [ROOT / name for name in listed.stdout.split("\0") if name]


def test_the_tree_tells_nothing_of_the_machine_it_was_made_on() -> None:
    # Written in two halves, so that this file does not hold them itself.
    secrets = ["/wor" + "k/", "/ro" + "ot/", "/tm" + "p/v/", ".libr" + "ary/"]
    found = []
    for path in tracked():
        if not path.is_file() or path.suffix in {".png", ".ico"}:
            continue
        text = path.read_text(encoding="utf-8", errors="replace")
        found += [f"{name_of(path)}: {word}" for word in secrets if word in text]
    assert not found


def test_the_locks_name_no_registry_and_carry_hashes() -> None:
    for name in ("requirements.lock", "requirements-dev.lock"):
        text = (ROOT / name).read_text(encoding="utf-8")
        assert "--index-url" not in text
        assert "--find-links" not in text
        assert "file:" not in text
        pinned = [line for line in text.splitlines() if "==" in line]
        assert len(pinned) > 20
        assert all(line.rstrip().endswith("\\") for line in pinned)
        assert text.count("--hash=sha256:") >= len(pinned)


def wanted(*lists: list[str]) -> set[str]:
    names = {re.split(r"[\[<>=!~; ]", one)[0] for several in lists for one in several}
    return {name.lower().replace("_", "-") for name in names}


def test_the_locks_hold_everything_the_project_asks_for() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    extras = project["project"]["optional-dependencies"]
    runtime = wanted(project["project"]["dependencies"], *extras.values())
    development = wanted(project["dependency-groups"]["dev"])
    for name, asked in (
        ("requirements.lock", runtime),
        ("requirements-dev.lock", runtime | development),
    ):
        lines = (ROOT / name).read_text(encoding="utf-8").splitlines()
        pinned = {line.split("==")[0] for line in lines if "==" in line}
        assert asked <= pinned, name


def test_no_two_test_modules_are_called_the_same() -> None:
    """pytest imports those of folders that are no packages by their bare names."""
    found: dict[str, Path] = {}
    for path in sorted((ROOT / "tests").rglob("*.py")):
        if (path.parent / "__init__.py").exists() or path.name == "conftest.py":
            continue
        assert found.setdefault(path.name, path) == path, (path, found[path.name])


@of_each(modules(), name_of)
def test_guillemets_are_kept_to_their_words_by_no_break_spaces(path: Path) -> None:
    """Docstrings aside: the terminal or the page may break a line at any ordinary space."""
    owners = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
    docstrings = {id(node.body[0]) for node in nodes(path) if isinstance(node, owners)}
    shown = [
        text.value
        for node in nodes(path)
        if not (isinstance(node, ast.Expr) and id(node) in docstrings)
        for text in ast.iter_child_nodes(node)
        if isinstance(text, ast.Constant) and isinstance(text.value, str)
    ]
    assert [text for text in shown if "« " in text or " »" in text] == []


#: Names a library keeps to itself, used where it offers nothing else; each place says why.
REACHED = {
    "server/store/handover.py": {"_conn", "_execute"},
}
#: Public in spite of their underscore.
PUBLIC = {"_exit", "_fields", "_make", "_replace"}


@of_each(modules(), name_of)
def test_nobody_reaches_for_what_another_keeps_to_itself(path: Path) -> None:
    own = {
        node.name
        for node in nodes(path)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    }
    reached = {
        node.attr
        for node in nodes(path)
        if isinstance(node, ast.Attribute) and re.match("_[a-z]", node.attr)
        if not (isinstance(node.value, ast.Name) and node.value.id in {"self", "cls"})
    }
    assert reached - own - PUBLIC == REACHED.get(name_of(path), set())


@of_each(modules("server"), name_of)
def test_events_are_written_in_two_places_alone(path: Path) -> None:
    """From rows at hand, and about each row of a selection: nobody else spells their columns."""
    if name_of(path) in ("server/store/arrivals.py", "server/engine/event_insertion.py"):
        return
    inserted = r"(insert|insert_new|insert_or|insert_from)\((dialect, )?events\b|events\.insert\("
    assert not re.search(inserted, path.read_text())


#: What lays rows out and puts values in JSON in a command: the renderer of reports, and what is no
#: report: the help, the columns of a file before it is taken, the verdict of `check`, and the health
#: as `/sante` answers it.
LAID_OUT = {
    "rich.table": {"report.py", "french.py", "import_report.py"},
    "say_json": {"report.py", "terminal.py", "check.py", "health.py"},
    "in_json": {"terminal.py"},
    "dumps": set(),
    "csv": set(),
}


@of_each(LAID_OUT)
def test_a_command_says_what_it_found_as_a_report(way: str) -> None:
    """Its rows are laid out and put in JSON by the one renderer of each form, never by hand."""
    names = {path.name: imported(path) | words_of(path) for path in modules("server/cli")}
    assert {name for name, used in names.items() if way in used} == LAID_OUT[way]


def words_of(path: Path) -> set[str]:
    """The names a module uses or defines, and those it takes from others."""
    found = set()
    for node in nodes(path):
        for field in ("id", "attr", "name"):
            found.add(getattr(node, field, None))
    return {word for word in found if isinstance(word, str)}
