"""Which Relance read the rules: another one may make other programs of the same text."""

import hashlib
from collections.abc import Iterable
from functools import cache
from importlib.metadata import Distribution, distributions
from pathlib import Path

import dsl
import relance


def edition(plugins: Iterable[Path], context: Iterable[str]) -> str:
    """A name for this code and its plugins' (their files), and what else of the project counts."""
    packages = (Path(str(package.__file__)).parent for package in (relance, dsl))
    found = hashlib.sha256(_code(tuple(sorted({*packages, *plugins}))).encode())
    for part in context:
        found.update(f"\0{part}".encode())
    return found.hexdigest()


@cache
def _code(places: tuple[Path, ...]) -> str:
    found = hashlib.sha256()
    for root in places:
        inside = (*root.rglob("*.py"), *root.rglob("*.lark")) if root.is_dir() else (root,)
        for path in sorted(inside):
            found.update(f"{root.name}/{path.relative_to(root).as_posix()}".encode())
            found.update(path.read_bytes())
    # A vendor's plugin counts as what it is installed as.
    found.update("\n".join(sorted({_heading(one) for one in distributions()})).encode())
    return found.hexdigest()


def _heading(installed: Distribution) -> str:
    """What says its name and version; not parsed, which took a tenth of a start."""
    text = installed.read_text("METADATA") or installed.read_text("PKG-INFO") or ""
    return text.partition("\n\n")[0]
