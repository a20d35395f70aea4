"""A project's folder on disk: which of its files are the project's."""

from collections.abc import Collection
from pathlib import Path

#: How the name of a script ends.
SCRIPT = ".relance"
#: A folder whose files are no part of the project (the server keeps its data in one).
_HIDDEN = "."


def files(folder: Path, suffixes: Collection[str]) -> list[Path]:
    """The project's files whose names end so, in order."""
    return sorted(
        path
        for path in folder.rglob("*")
        if path.suffix in suffixes
        and path.is_file()
        and not any(part.startswith(_HIDDEN) for part in path.relative_to(folder).parts)
    )


def scripts(folder: Path) -> list[Path]:
    """The project's scripts."""
    return files(folder, (SCRIPT,))
