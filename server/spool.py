"""A small file of what could not be stored: a JSON object a line, appended, read back in order.

A line is on the disk when `append` returns. What a kill or a full disk left of one is passed over;
the file is emptied once all of it was dealt with, so that it only ever grows while the base refuses.
"""

import json
import logging
import os
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from threading import Lock
from typing import Any

from server import private

log = logging.getLogger("relance.server")

MOST_BYTES = 16 * 1024 * 1024
#: What is read at once; no line is longer.
_READ_BYTES = 256 * 1024


class Full(Exception):
    """The file holds all that it may."""


class Spool:
    """One such file, of one process; its methods may be called from any thread."""

    def __init__(self, path: Path, most: int = MOST_BYTES) -> None:
        self._path, self._most = path, most
        self._lock = Lock()
        self._size = path.stat().st_size if path.exists() else 0
        #: Up to where it was dealt with; a restart begins again, lines know their keys.
        self._at = 0
        self._cut = self._size > 0 and not path.read_bytes().endswith(b"\n")

    @property
    def waiting(self) -> bool:
        """Whether there is something to read."""
        return self._at < self._size

    def append(self, entries: Sequence[Mapping[str, Any]]) -> None:
        """Add lines, all or none; raises `Full`, or `OSError` when the disk refuses."""
        lines = [json.dumps(one, ensure_ascii=True).encode() + b"\n" for one in entries]
        if any(len(line) > _READ_BYTES for line in lines):
            raise Full
        with self._lock:
            # A cut line ends where the next begins.
            data = (b"\n" if self._cut else b"") + b"".join(lines)
            if self._size + len(data) > self._most:
                raise Full
            new = not self._path.exists()
            file = os.open(private.file(self._path), os.O_WRONLY | os.O_APPEND | os.O_CLOEXEC)
            try:
                self._write(file, data)
            finally:
                os.close(file)
            if new:
                _sync_folder(self._path.parent)

    def _write(self, file: int, data: bytes) -> None:
        try:
            left = memoryview(data)
            while left:
                left = left[os.write(file, left) :]
            os.fsync(file)
        except OSError:
            with suppress(OSError):
                os.ftruncate(file, self._size)
            raise
        self._size += len(data)
        self._cut = False

    def read(self) -> tuple[list[Mapping[str, Any]], int]:
        """The next lines, and where they end, for `forget`."""
        with self._lock, self._path.open("rb") as file:
            file.seek(self._at)
            data = file.read(min(_READ_BYTES, self._size - self._at))
            last = self._at + len(data) >= self._size
            # At the end of the file, a line that was cut goes with the rest.
            whole = data if last else data[: data.rfind(b"\n") + 1] or data
            end = self._at + len(whole)
        return [entry for line in whole.splitlines() if (entry := _read(line))], end

    def forget(self, end: int) -> None:
        """All that stands before `end` was dealt with."""
        with self._lock:
            self._at = end
            if end >= self._size:
                os.truncate(self._path, 0)
                self._at = self._size = 0
                self._cut = False

    def drop(self, unwanted: Callable[[str], bool]) -> None:
        """Write the file anew without those lines; what was dealt with goes too."""
        with self._lock:
            if not self._path.exists():
                return
            lines = self._path.read_bytes()[self._at :].splitlines(keepends=True)
            kept = b"".join(one for one in lines if not unwanted(_decoded(one)))
            new = private.file(self._path.with_suffix(".nouveau"))
            with new.open("wb") as file:
                file.write(kept)
                file.flush()
                os.fsync(file.fileno())
            new.replace(self._path)
            _sync_folder(self._path.parent)
            self._at, self._size = 0, len(kept)
            self._cut = bool(kept) and not kept.endswith(b"\n")


def _decoded(line: bytes) -> str:
    """What a line says, its letters as they are."""
    entry = _read(line)
    return (
        line.decode("utf-8", "replace") if entry is None else json.dumps(entry, ensure_ascii=False)
    )


def _read(line: bytes) -> Mapping[str, Any] | None:
    if not line.strip():
        return None
    try:
        entry = json.loads(line)
    except (ValueError, RecursionError):
        entry = None
    if isinstance(entry, dict):
        return entry
    log.warning("une ligne de ce qui était mis de côté est coupée : elle est passée")
    return None


def _sync_folder(path: Path) -> None:
    with suppress(OSError):  # not every system can
        file = os.open(path, os.O_RDONLY)
        try:
            os.fsync(file)
        finally:
            os.close(file)
