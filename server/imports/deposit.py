"""Files received by a page, kept until somebody says what to do of them: then they are handed over.

A deposit is a folder beside what is handed over (`spool`), for the server's own account alone. One
that nobody came back for is thrown away after a day: it holds people's data.
"""

import shutil
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from secrets import token_hex
from typing import BinaryIO

from server import private
from server.imports import spool
from server.imports.order import ImportOrder, mark_of

_FILE, _ORDER, _SUFFIX = "fichier", "ordre.json", ".recu"
_LONGEST = 100
_DAY = 24 * 3_600


@dataclass(frozen=True, slots=True)
class Deposit:
    """A file that was received. `token`: by what its pages name it."""

    project: Path
    token: str

    @property
    def folder(self) -> Path:
        """Where it stands."""
        return self.project / spool.FOLDER / f"{self.token}{_SUFFIX}"

    @property
    def path(self) -> Path:
        """The file, under the name it came with."""
        return next((self.folder / _FILE).iterdir())

    @property
    def order(self) -> ImportOrder:
        """What was said of it so far."""
        try:
            return ImportOrder.read((self.folder / _ORDER).read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return ImportOrder()

    def say(self, order: ImportOrder) -> None:
        """Keep what is to be done of it."""
        private.file(self.folder / _ORDER).write_text(order.written(), encoding="utf-8")

    def hand_over(self, *, anew: bool) -> str:
        """Leave it for the server; the mark of its import."""
        order = self.order
        mark = mark_of(self.path, order)
        spool.leave(self.project, self.path, order, mark, anew=anew)
        self.throw_away()
        return mark

    def throw_away(self) -> None:
        """It is needed no more."""
        shutil.rmtree(self.folder, ignore_errors=True)


def receive(project: Path, name: str, content: BinaryIO) -> Deposit:
    """Keep a file that came under that name; OSError when it cannot be."""
    for one in _old(project):
        shutil.rmtree(one, ignore_errors=True)
    kept = Deposit(project, token_hex(16))
    sober = "".join(sign for sign in Path(name.replace("\\", "/")).name if sign.isprintable())
    path = private.file(kept.folder / _FILE / (sober.strip(". ")[-_LONGEST:] or "fichier.csv"))
    with path.open("wb") as out:
        shutil.copyfileobj(content, out, 1 << 20)
    return kept


def find(project: Path, token: str) -> Deposit | None:
    """The one of that token; None once it is no more."""
    if len(token) != 32 or not set(token) <= set("0123456789abcdef"):
        return None
    found = Deposit(project, token)
    return found if (found.folder / _FILE).is_dir() else None


def _old(project: Path) -> Iterator[Path]:
    inside = project / spool.FOLDER
    for one in inside.glob(f"*{_SUFFIX}") if inside.is_dir() else ():
        if one.stat().st_mtime < time.time() - _DAY:
            yield one
