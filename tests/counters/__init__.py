"""The counters of reports: what any test may ask of them."""

import sqlite3
from collections.abc import Collection
from pathlib import Path

from server.store.counters.agreement import compared, disagreements
from server.store.store import Store


async def counters_agree(store: Store, *, but: Collection[str] = ()) -> None:
    """Whatever happened, they say what the ledger says; `but` for these kinds."""
    async with store.read() as conn:
        assert [one for one in await disagreements(conn, 10) if one.kind not in but] == []


def counters_agree_in(database: Path) -> None:
    """The same of a file of SQLite that no server has."""
    connection = sqlite3.connect(f"file:{database}?mode=ro", uri=True)
    try:
        assert connection.execute(compared("sqlite"), {"most": 10}).fetchall() == []
        (moves,) = connection.execute("SELECT count(*) FROM journal").fetchone()
        (counted,) = connection.execute("SELECT count(*) FROM counters").fetchone()
        assert counted or not moves, "nothing was counted"
    finally:
        connection.close()
