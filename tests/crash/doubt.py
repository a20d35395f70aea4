"""How many mails each abrupt stop leaves in doubt, and how many people then get one twice.

    python -m tests.crash.doubt [kills] [seconds the mail server takes to answer]

The real server is killed while people fill a form and a real SMTP server takes what it sends.
"""

import asyncio
import sqlite3
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from bench.ports import free_port
from tests.crash.load import Visitors, numbers
from tests.crash.project import write_project
from tests.crash.server import Server
from tests.crash.sink import Sink
from tests.crash.verdict import settled

KILLS = 30
UNDER_LOAD = 1.0


class Slow(Sink):
    """A mail server that thinks before it answers, as filters make them."""

    def __init__(self, seconds: float) -> None:
        super().__init__()
        self._seconds = seconds

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802
        """Take the message, then say so."""
        said = await super().handle_DATA(server, session, envelope)
        await asyncio.sleep(self._seconds)
        return said


def main() -> None:
    """Print the figures of one trial."""
    kills = int(sys.argv[1]) if len(sys.argv) > 1 else KILLS
    answer_after = float(sys.argv[2]) if len(sys.argv) > 2 else 0.0
    port, people = free_port(), numbers()
    spent = 0.0
    with tempfile.TemporaryDirectory() as folder, Slow(answer_after) as sink:
        project = write_project(Path(folder) / "projet", port=port, smtp=sink.port)
        database = project / ".relance" / "relance.db"
        for _ in range(kills):
            with Server(project, port) as server:
                server.wait_ready()
                began = time.monotonic()
                with Visitors(server.url, people):
                    time.sleep(UNDER_LOAD)
                    server.kill()
                spent += time.monotonic() - began
        under_load = sum(sink.copies.values())
        with Server(project, port) as server:
            server.wait_ready()
            while not settled(database):
                time.sleep(0.2)
            server.stop()
        doubted = _doubted(database)
        twice = sum(copies - 1 for copies in sink.copies.values())
    print(
        f"{kills} kills, answers after {answer_after:.2f} s: {under_load / spent:.0f} mails a second; "
        f"{doubted / kills:.2f} in doubt and {twice / kills:.2f} received twice for each kill"
    )


def _doubted(database: Path) -> int:
    connection = sqlite3.connect(f"file:{database}?mode=ro", uri=True)
    try:
        (count,) = connection.execute(
            "SELECT count(*) FROM outbox WHERE doubted_at IS NOT NULL"
        ).fetchone()
    finally:
        connection.close()
    return int(count)


if __name__ == "__main__":
    main()
