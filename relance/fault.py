"""Faults: what is wrong in a file that a plugin reads, as values with a place."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Fault:
    """One mistake of an author. `file` is relative to the project's folder; lines count from 1.

    The message is French, says what was read and what to write instead.
    """

    file: str
    line: int
    message: str
