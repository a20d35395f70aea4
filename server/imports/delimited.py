"""A CSV file as a table, however it was written.

The standard reader does the parsing. A block of lines that are a sound row each, as most are, is one
call of it; of any other block it is handed lines one at a time, so that a quote that is never closed
costs the row it stands in and not the rest of the file.
"""

import csv
import io
import os
from collections import deque
from collections.abc import Iterator, Sequence
from pathlib import Path

from server.imports import mojibake
from server.imports.encoding import SAMPLE, SHOWN, declared_separator, encoding_of, separator_of
from server.imports.sheet import BadFile, SheetHead, SheetRow, SheetShape, named

#: A row of more lines or characters than this is a quote that was never closed.
_MOST_LINES, _MOST_SIGNS = 2_000, 16 << 20
#: How much is read at once: what is wrong with a row has a few hundred looked at one by one.
_BLOCK = 32_768
_UNCLOSED = "un guillemet ouvert à cette ligne n’est jamais refermé"
_TOO_LONG = "cette ligne est démesurée"
#: Our own bound comes first: a cell that is too long is refused with its row, and told.
csv.field_size_limit(4 * _MOST_SIGNS)


class _Runaway(Exception):
    """A row that does not end."""


class _Lines:
    """The lines of a file, those of the present row remembered so that they can be read again."""

    def __init__(self, file: "os.PathLike[str]", encoding: str) -> None:
        # Read as it comes: what cannot be decoded leaves a mark, and its row is refused.
        self._file = open(file, encoding=encoding, errors="replace", newline="")  # noqa: SIM115
        self._again: deque[str] = deque()
        self.taken: list[str] = []
        self._signs = 0
        self.number = 0

    def __iter__(self) -> "_Lines":
        return self

    def __next__(self) -> str:
        line = self._again.popleft() if self._again else self._file.readline(_MOST_SIGNS)
        if not line:
            raise StopIteration
        self.number += 1
        self.taken.append(line)
        self._signs += len(line)
        if len(self.taken) > _MOST_LINES or self._signs >= _MOST_SIGNS:
            raise _Runaway
        return line

    @property
    def waiting(self) -> bool:
        """Whether some are to be read again."""
        return bool(self._again)

    def block(self) -> Sequence[str]:
        """The next ones, whole, none waiting; none at the end of the file."""
        text = self._file.read(_BLOCK)
        text += self._file.readline(_MOST_SIGNS)
        lines = list(io.StringIO(text, newline=""))
        self.number += len(lines)
        return lines

    def give_back(self, lines: Sequence[str]) -> None:
        """Have the last lines read again."""
        self._again.extendleft(reversed(lines))
        self.number -= len(lines)

    def row_begins(self) -> None:
        """Forget the lines of the row before."""
        self.taken.clear()
        self._signs = 0

    def back_to_second(self) -> None:
        """Have the lines of this row, but the first, read again."""
        first, *others = self.taken
        self.give_back(others)
        self.row_begins()
        if not first.endswith(("\n", "\r")):
            self._skip_line()

    def _skip_line(self) -> None:
        while not self._again:
            part = self._file.readline(_MOST_SIGNS)
            if not part or part.endswith(("\n", "\r")):
                return

    def place(self) -> int:
        """How far the file was read, in bytes."""
        return os.lseek(self._file.fileno(), 0, os.SEEK_CUR)

    def close(self) -> None:
        self._file.close()


class Delimited:
    """The rows of a CSV file."""

    def __init__(self, path: Path) -> None:
        with path.open("rb") as file:
            sample = file.read(SAMPLE)
        self._size = max(path.stat().st_size, 1)
        encoding = encoding_of(sample, len(sample) >= self._size)
        text = sample.decode(encoding.name, errors="replace")
        if "\0" in text[:1_000] and text[:1_000].count("\0") > 20:
            raise BadFile(f"« {path.name} » n’est ni un fichier CSV ni un classeur Excel (.xlsx).")
        declared = declared_separator(text)
        self._separator = declared or separator_of(text)
        self._lines = _Lines(path, encoding.name)
        if declared:
            next(self._lines)
        names: Sequence[str] = ()
        for row in self._read():
            if any(map(str.strip, row.cells)):
                names = row.cells
                break
        twice = " encodé deux fois, réparé" if mojibake.found(text) else ""
        shown = f"CSV, {encoding.shown}{twice}, séparateur {SHOWN[self._separator]}"
        self.heading = SheetHead(named(names, path.name), shown)

    def rows(self) -> Iterator[SheetRow]:
        """Every row below the heading but the blank ones."""
        shape = SheetShape(len(self.heading.names))
        while True:
            yield from self._one_by_one(shape)
            block = self._lines.block()
            if not block:
                return
            plain = self._at_once(block, shape)
            if plain is None:
                self._lines.give_back(block)
            else:
                yield from plain

    def share(self) -> float:
        """How much of the file was read."""
        return min(1.0, self._lines.place() / self._size)

    def close(self) -> None:
        """Let go of the file."""
        self._lines.close()

    def _at_once(self, block: Sequence[str], shape: SheetShape) -> Sequence[SheetRow] | None:
        """The rows of a block of which nothing is to be said, a line each; None for any other."""
        try:
            # A quote still open at the end would take in the line that is added.
            *rows, _ = csv.reader([*block, "\n"], delimiter=self._separator)
        except csv.Error:
            return None
        if len(rows) != len(block) or not shape.plain(block, rows):
            return None
        first = self._lines.number - len(block) + 1
        numbered = enumerate(rows, first)
        return [SheetRow(line, cells) for line, cells in numbered if any(map(str.strip, cells))]

    def _one_by_one(self, shape: SheetShape) -> Iterator[SheetRow]:
        """The rows of the lines that wait to be read again, each looked at."""
        rows = self._read()
        while self._lines.waiting and (row := next(rows, None)) is not None:
            if (fitted := shape.fitted(row)) is not None:
                yield fitted

    def _read(self) -> Iterator[SheetRow]:
        lines = self._lines
        while True:
            reader = csv.reader(lines, delimiter=self._separator)
            try:
                while True:
                    lines.row_begins()
                    line = lines.number + 1
                    cells = next(reader)
                    if len(lines.taken) > 1 and _still_open(lines.taken):
                        raise _Runaway
                    yield SheetRow(line, cells)
            except StopIteration:
                return
            except (_Runaway, csv.Error):
                yield self._refused(line)

    def _refused(self, line: int) -> SheetRow:
        """The first line of a row that does not end, and the reading taken up after it."""
        taken = self._lines.taken
        first = taken[0] if taken else ""
        self._lines.back_to_second()
        reason = _UNCLOSED if '"' in first else _TOO_LONG
        return SheetRow(line, [first[:1_000].rstrip("\r\n")], reason)


def _still_open(taken: list[str]) -> bool:
    """Whether a row of several lines ended with the file, a quote still open."""
    return sum(line.count('"') for line in taken) % 2 == 1
