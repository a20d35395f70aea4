"""Faults: what is wrong in a file that a plugin reads, as values with a place."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Fault:
    """One mistake of an author. `file` is relative to the project's folder; lines count from 1.

    The message is French, says what was read and what to write instead. Columns count from 1, 0
    where only the line is known; `code` has a page in `docs/diagnostics/`, when it has one.
    """

    file: str
    line: int
    message: str
    column: int = 0
    code: str = ""
