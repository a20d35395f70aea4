"""A file of the project written: whole at every instant, and on the disk when it is said so."""

import contextlib
import os
from pathlib import Path


def put_anew(path: Path, text: str) -> None:
    """Write a file where there is none, its folder too; FileExistsError where there is one."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("xb") as out:
        out.write(text.encode())
        out.flush()
        os.fsync(out.fileno())


def put_in_place(path: Path, text: str) -> None:
    """Write beside, then put in the place of the file that stands there, if one does, its rights kept.

    OSError when it cannot be; the file is then as it was, and nothing is left beside it.
    """
    beside = path.with_name(f".{path.name}.relance-neuf")
    try:
        with beside.open("wb") as out:
            out.write(text.encode())
            out.flush()
            os.fsync(out.fileno())
        with contextlib.suppress(FileNotFoundError):
            beside.chmod(path.stat().st_mode)
        os.replace(beside, path)
    finally:
        with contextlib.suppress(OSError):
            beside.unlink(missing_ok=True)
