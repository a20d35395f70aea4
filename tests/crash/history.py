"""What was done to the servers and asked of them, in order: kept when the verdict is bad.

One line of JSON an operation, written as it begins and again as it ends (`ok`, `failed`, or `unknown` where
no answer came), with the seconds since the first: what Jepsen calls a history. A run of chance is not
repeated by its seed alone: what the machine did meanwhile is only there.
"""

import json
import shutil
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.docs.test_documents import ROOT

#: Where those of failed runs are; git does not look at it.
KEPT = ROOT / "histoires"


class History:
    """Written to by any thread."""

    def __init__(self, place: Path) -> None:
        self._file = place.open("w", encoding="utf-8")
        self._writing, self._began = threading.Lock(), time.monotonic()

    def note(self, who: object, operation: str, on: object = "", outcome: str = "") -> None:
        """`who`: a visitor, a port, the base; `outcome`: none while it goes on."""
        with self._writing:
            at = round(time.monotonic() - self._began, 4)
            line = {"at": at, "who": str(who), "operation": operation, "on": str(on)}
            self._file.write(json.dumps(line | ({"outcome": outcome} if outcome else {})) + "\n")
            self._file.flush()

    def close(self) -> None:
        self._file.close()


@contextmanager
def kept_on_failure(folder: Path, name: str) -> Iterator[History]:
    """The history of what is done meanwhile; on failure it is kept with all that `folder` holds."""
    history = History(folder / "histoire.jsonl")
    try:
        yield history
    except BaseException:
        history.close()
        there = KEPT / f"{name}-{time.strftime('%Y%m%d-%H%M%S', time.gmtime())}"
        shutil.copytree(folder, there, ignore_dangling_symlinks=True)
        print(f"history, logs and base: {there.relative_to(ROOT)}")
        raise
    history.close()
