"""All the figures, in one table: `python -m bench`, or `make bench`."""

import platform
import sqlite3
import sys
import time

from bench import (
    behind,
    filling,
    goals,
    groups,
    imports,
    intake,
    journeys,
    journeys_postgresql,
    language,
    latency,
    lists,
    lives,
    mails,
    pages,
    policies,
    reports,
    sizes,
    starting,
    ticks,
    transfers,
    watched,
)
from bench.figures import table


def main() -> int:
    """Measure everything; 1 if a goal is not reached."""
    began = time.monotonic()
    figures = []
    for module in (
        journeys,
        journeys_postgresql,
        sizes,
        ticks,
        lists,
        lives,
        transfers,
        groups,
        language,
        intake,
        latency,
        starting,
        behind,
        filling,
        mails,
        policies,
        imports,
        reports,
        goals,
        pages,
        watched,
    ):
        print(f"{module.__name__}…", file=sys.stderr, flush=True)
        figures += module.measure()
    print(table(figures))
    version = f"Python {platform.python_version()}, SQLite {sqlite3.sqlite_version}"
    print(f"\n{version} ; {time.monotonic() - began:.0f} s.")
    return 0 if all(figure.reached for figure in figures) else 1


if __name__ == "__main__":
    sys.exit(main())
