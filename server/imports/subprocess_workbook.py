"""A workbook read by a process of its own: what it takes of memory ends with it, and it can be killed.

A small archive may be made to keep its reader busy, or to fill the memory of whoever opens it.
"""

import pickle
import resource
import select
import struct
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from itertools import islice
from pathlib import Path
from typing import Any

from server.imports.sheet import BadFile, SheetHead, SheetRow
from server.imports.workbook import Workbook

#: How long its reader may say nothing, in seconds, and the memory it may take, in bytes.
MOST_SECONDS = 120.0
_MOST_MEMORY = 3 << 30
#: Rows handed over at once.
_BATCH = 500
_LENGTH = struct.Struct(">I")


class SubprocessWorkbook:
    """The rows of the first sheet of a workbook, as its own reader tells them."""

    def __init__(self, path: Path) -> None:
        self._name = path.name
        self._share = 0.0
        command = [sys.executable, "-P", "-m", "server.imports.subprocess_workbook", str(path)]
        self._process = subprocess.Popen(  # noqa: S603 — ourselves
            command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE
        )
        try:
            names, written = self._next()
        except BadFile:
            self.close()
            raise
        self.heading = SheetHead(names, written)

    def rows(self) -> Iterator[SheetRow]:
        """Every row below the heading but the blank ones."""
        while True:
            self._share, rows = self._next()
            if not rows:
                return
            for line, cells, fault in rows:
                yield SheetRow(line, cells, fault)

    def share(self) -> float:
        """How much of the sheet was read."""
        return self._share

    def close(self) -> None:
        """End its reader."""
        self._process.kill()
        if self._process.stdout is not None:
            with suppress(OSError):
                self._process.stdout.close()
        self._process.wait()

    def _next(self) -> Any:
        out = self._process.stdout
        if out is None:
            raise BadFile(f"« {self._name} » ne peut pas être lu.")
        ready, _, _ = select.select([out.fileno()], [], [], MOST_SECONDS)
        if not ready:
            self._process.kill()
            raise BadFile(
                f"« {self._name} » prend trop de temps à lire. Enregistrez-le en CSV : un fichier "
                "CSV peut avoir n’importe quelle longueur."
            )
        head = out.read(_LENGTH.size)
        pickled = out.read(_LENGTH.unpack(head)[0]) if len(head) == _LENGTH.size else b""
        if not pickled:
            raise BadFile(
                f"« {self._name} » demande trop de mémoire à lire. Enregistrez-le en CSV, qui ne "
                "garde que les valeurs."
            )
        sound, answer = pickle.loads(pickled)  # noqa: S301 — written by our own process
        if not sound:
            raise BadFile(answer)
        return answer


def _answer(sound: bool, answer: object) -> None:
    pickled = pickle.dumps((sound, answer))
    sys.stdout.buffer.write(_LENGTH.pack(len(pickled)) + pickled)
    sys.stdout.buffer.flush()


def main(path: Path) -> None:
    """Read the workbook, and tell its rows some at a time, an empty batch last."""
    resource.setrlimit(resource.RLIMIT_AS, (_MOST_MEMORY, _MOST_MEMORY))
    try:
        book = Workbook(path)
        _answer(True, (list(book.heading.names), book.heading.written))
        rows = book.rows()
        while True:
            some = [(row.line, list(row.cells), row.fault) for row in islice(rows, _BATCH)]
            _answer(True, (book.share(), some))
            if not some:
                return
    except BadFile as error:
        _answer(False, str(error))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
