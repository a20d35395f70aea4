"""Files handed to a running server: it alone writes to the base, so the command leaves them here.

A hand-over is a folder that appears whole, by one rename, and goes once its file is settled.
"""

import json
import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from server import private
from server.imports.order import ImportOrder

FOLDER = ".relance/imports"
_FILE, _ORDER = "fichier", "ordre.json"
_READY = ".pret"


@dataclass(frozen=True, slots=True)
class Left:
    """A file left for the server."""

    folder: Path
    name: str
    mark: str
    order: ImportOrder
    #: Take it from its beginning, whatever was settled of it before.
    anew: bool

    @property
    def path(self) -> Path:
        """The file itself, under the name it came with: what is said of it says that name."""
        return self.folder / _FILE / self.name


def leave(project: Path, path: Path, order: ImportOrder, mark: str, *, anew: bool) -> Path:
    """Leave a copy of the file for the server; the folder it stands in."""
    spool = project / FOLDER
    private.folder(spool)
    ready = spool / f"{mark}{_READY}"
    if ready.exists():
        return ready
    making = spool / f"{mark}.{os.getpid()}"
    shutil.rmtree(making, ignore_errors=True)
    private.folder(making / _FILE)
    shutil.copyfile(path, private.file(making / _FILE / path.name))
    stored = {"nom": path.name, "ordre": order.written(), "mark": mark, "anew": anew}
    private.file(making / _ORDER).write_text(
        json.dumps(stored, ensure_ascii=False), encoding="utf-8"
    )
    try:
        making.rename(ready)
    except OSError:  # another command left the same file meanwhile
        shutil.rmtree(making, ignore_errors=True)
    return ready


def left(project: Path) -> Iterator[Left]:
    """What was left for the server, the oldest first."""
    spool = project / FOLDER
    folders = [one for one in spool.glob(f"*{_READY}") if one.is_dir()] if spool.is_dir() else []
    for folder in sorted(folders, key=lambda one: one.stat().st_mtime_ns):
        try:
            stored = json.loads((folder / _ORDER).read_text(encoding="utf-8"))
            order = ImportOrder.read(stored["ordre"])
            name = Path(stored["nom"]).name
            yield Left(folder, name, stored["mark"], order, bool(stored["anew"]))
        except (OSError, ValueError, KeyError, TypeError):
            settle(folder)


def settle(folder: Path) -> None:
    """The file is settled: take it away."""
    shutil.rmtree(folder, ignore_errors=True)


def started_over(one: Left) -> None:
    """Its beginning was forgotten, as asked: a server that starts again goes on from where it is."""
    stored = json.loads((one.folder / _ORDER).read_text(encoding="utf-8"))
    partial = one.folder / f"{_ORDER}.partiel"
    private.file(partial).write_text(
        json.dumps({**stored, "anew": False}, ensure_ascii=False), encoding="utf-8"
    )
    partial.replace(one.folder / _ORDER)
