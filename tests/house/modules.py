"""The modules of the house, for the tests that hold its rules."""

import ast
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[2]
PACKAGES = ("relance", "dsl", "server", "plugins")


def modules(*packages: str) -> list[Path]:
    found = [p for name in packages or PACKAGES for p in sorted((ROOT / name).rglob("*.py"))]
    assert found
    return found


@cache
def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


@cache
def nodes(path: Path) -> tuple[ast.AST, ...]:
    """All there is in its tree."""
    return tuple(ast.walk(tree(path)))


def name_of(path: Path) -> str:
    return str(path.relative_to(ROOT))


@cache
def imported(path: Path) -> frozenset[str]:
    """The dotted names a module imports, anywhere in it."""
    names: set[str] = set()
    for node in nodes(path):
        if isinstance(node, ast.Import):
            names.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{name_of(path)}: relative import"
            names.add(node.module or "")
            names.update(f"{node.module}.{alias.name}" for alias in node.names)
    return frozenset(names)


@cache
def imported_modules(path: Path) -> frozenset[Path]:
    """The modules of the house that one imports, anywhere in it: in functions, for types alone."""
    found: set[Path] = set()
    for node in nodes(path):
        if isinstance(node, ast.Import):
            found.update(filter(None, (_module(alias.name) for alias in node.names)))
        elif isinstance(node, ast.ImportFrom) and node.module:
            # A module named after its folder is not the folder's own.
            inside = [_module(f"{node.module}.{alias.name}") for alias in node.names]
            found.update(filter(None, (one or _module(node.module) for one in inside)))
    return frozenset(found - {path})


@cache
def _module(name: str) -> Path | None:
    place = ROOT.joinpath(*name.split("."))
    files = place.with_suffix(".py"), place / "__init__.py"
    return next((one for one in files if one.is_file()), None)
