"""The file of refused rows: line, reason, then the cells as they were, to be corrected there."""

import filecmp
import json
from collections.abc import Iterable, Sequence
from itertools import count
from pathlib import Path

from server.imports.people import Reject
from server.spreadsheet import table

HEADING = ("ligne", "raison")


def write(path: Path, names: Sequence[str], rejects: Iterable[Reject]) -> None:
    """Write the rejects. Once corrected, the file can be brought in as it is."""
    with table(path) as file:
        file.row([*HEADING, *names])
        for one in rejects:
            file.row([one.line, one.reason, *json.loads(one.cells)])


def write_beside(source: Path, names: Sequence[str], rejects: Iterable[Reject]) -> Path:
    """Write them next to their file; where. An earlier one may hold corrections: it is kept."""
    made = source.with_name(f"{source.stem}-rejets.nouveau")
    write(made, names, rejects)
    for number in count(1):
        rank = f"-{number}" if number > 1 else ""
        place = source.with_name(f"{source.stem}-rejets{rank}.csv")
        if not place.exists() or filecmp.cmp(made, place, shallow=False):
            break
    return made.replace(place)
