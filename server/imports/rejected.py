"""The file of refused rows: line, reason, then the cells as they were, to be corrected there."""

import json
from collections.abc import Iterable, Sequence
from pathlib import Path

from server.exports.table import table
from server.imports.people import Reject

HEADING = ("ligne", "raison")


def write(path: Path, names: Sequence[str], rejects: Iterable[Reject]) -> int:
    """Write the rejects; how many. Once corrected, the file can be brought in as it is."""
    count = 0
    with table(path) as file:
        file.row([*HEADING, *names])
        for one in rejects:
            file.row([one.line, one.reason, *json.loads(one.cells)])
            count += 1
    return count
