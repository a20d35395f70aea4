"""A file as rows of text, whatever it is written in."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

from relance.errors import RelanceError
from server.imports import mojibake

#: What a cell may hold, as everything else that enters.
MAX_CELL = 4_096
#: Columns a file may have, and how long the name of one may be.
MAX_COLUMNS, MAX_HEADING = 500, 1_000
#: A mark left where bytes could not be read as text.
UNREADABLE = "\ufffd"


class BadFile(RelanceError):
    """A file that cannot be read as a table at all; the message is French."""


@dataclass(slots=True)
class SheetRow:
    """A row: the line it begins at, its cells, or why it cannot be read."""

    line: int
    cells: Sequence[str]
    fault: str | None = None


@dataclass(slots=True)
class SheetHead:
    """What stands above the rows."""

    names: Sequence[str]
    #: How the file is written, for the person: « CSV, UTF-8, séparateur « ; » ».
    written: str


class Sheet(Protocol):
    """A table read from its first row to its last."""

    heading: SheetHead

    def rows(self) -> Iterator[SheetRow]:
        """Every row below the heading but the blank ones."""

    def share(self) -> float:
        """How much of the file was read, from 0 to 1."""

    def close(self) -> None:
        """Let go of the file."""


@dataclass(slots=True)
class SheetShape:
    """What rows are held against: as many cells as there are columns."""

    width: int

    def plain(self, lines: Sequence[str], rows: Sequence[Sequence[str]]) -> bool:
        """Whether nothing is to be said of any of those rows, `lines` being how they are written."""
        text = "".join(lines)
        return (
            {self.width}.issuperset(map(len, rows))
            and max(map(len, lines), default=0) <= MAX_CELL
            and not ("\0" in text or UNREADABLE in text or mojibake.suspected(lines))
            and _writable(text)
        )

    def fitted(self, row: SheetRow) -> SheetRow | None:
        """The row with as many cells as columns; None for a blank one."""
        cells = row.cells
        if len(cells) > self.width and any(cells[self.width :]):
            row.fault = row.fault or (
                f"il y a {len(cells)} cellules pour {self.width} colonnes "
                "(un séparateur dans une valeur sans guillemets ?)"
            )
        elif len(cells) != self.width:
            row.cells = [*cells[: self.width], *("" for _ in range(self.width - len(cells)))]
        if row.fault is None:
            if not any(map(str.strip, row.cells)):
                return None
            if mojibake.found("".join(row.cells)):
                row.cells = [mojibake.repaired(cell) for cell in row.cells]
            row.fault = _unsound(row.cells)
        return row


def _unsound(cells: Sequence[str]) -> str | None:
    """Why these texts cannot be stored, most rows looked at once."""
    together = "".join(cells)
    if len(together) > MAX_CELL and max(map(len, cells)) > MAX_CELL:
        return f"une cellule dépasse {MAX_CELL} caractères"
    if "\0" in together:
        return "une cellule contient un caractère interdit (nul)"
    if UNREADABLE in together or not _writable(together):
        return "des caractères ne peuvent pas être lus : le fichier est-il bien enregistré ?"
    return None


def _writable(text: str) -> bool:
    """Whether a text holds no half of a character."""
    try:
        text.isascii() or text.encode()
    except UnicodeEncodeError:
        return False
    return True


def named(names: Sequence[str], file: str) -> Sequence[str]:
    """The names of the columns, told apart; `BadFile` when they cannot be."""
    kept = [" ".join(mojibake.repaired(name).split()) for name in names]
    while kept and not kept[-1]:
        kept.pop()
    if not kept:
        raise BadFile(f"« {file} » : la première ligne doit donner le nom des colonnes.")
    if max(map(len, kept)) > MAX_HEADING:
        raise BadFile(
            f"« {file} » : la première ligne ne donne pas le nom des colonnes (l’un aurait "
            f"plus de {MAX_HEADING} caractères)."
        )
    if len(kept) > MAX_COLUMNS:
        raise BadFile(f"« {file} » a plus de {MAX_COLUMNS} colonnes.")
    return kept
