"""The lines of a source as they stand in the file, before anything is read of them."""

import re
from collections.abc import Iterator

_PHYSICAL = re.compile(r"[^\r\n]*")


def physical(source: str) -> Iterator[tuple[int, int]]:
    """The stretches of the source's lines, their ends excluded."""
    position = 1 if source.startswith("\ufeff") else 0
    length = len(source)
    while position <= length:
        found = _PHYSICAL.match(source, position)
        end = found.end() if found else length
        yield position, end
        position = end + (2 if source.startswith("\r\n", end) else 1)


def width(margin: str) -> int:
    """The width of an indentation; a tab counts for four."""
    return len(margin.replace("\t", "    "))


def column(source: str, start: int, end: int) -> int:
    """How far in a line begins."""
    line = source[start:end]
    return width(line[: len(line) - len(line.lstrip())])
