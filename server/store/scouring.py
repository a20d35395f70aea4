"""Taking out of SQLite's file what was deleted from its tables: a page given back keeps what it held.

Each page is written over as its rows go (`secure_delete`); what was copied from page to page before
may still stand somewhere. So the file is made anew, unless it is too large to be in one breath: then
its free pages are filled and given back, and it is looked through.
"""

import sqlite3
import time
from collections.abc import Collection
from pathlib import Path

#: A file that is made anew at once: a second or two, during which nobody else writes.
_SMALL = 256 * 1024 * 1024
#: How much of it is looked through at a time, and how long what is looked for may be.
_PIECE, _LONGEST = 4 * 1024 * 1024, 4_096
#: How long, in seconds, those who read are waited for.
_PATIENCE = 20.0
_EVERY = 0.05


def scour(connection: sqlite3.Connection, path: Path, words: Collection[bytes]) -> bool:
    """Leave nothing in the file of what is in no table; False when one of the words still is.

    To be called outside of any transaction, by the one connection that writes.
    """
    if path.stat().st_size <= _SMALL:
        connection.execute("VACUUM")
    else:
        _fill(connection)
    emptied = _checkpoint(connection)
    return emptied and not _holds(path, words)


def _fill(connection: sqlite3.Connection) -> None:
    """Fill the free pages with nothing, and give them back."""
    (pages,) = connection.execute("PRAGMA freelist_count").fetchone()
    (size,) = connection.execute("PRAGMA page_size").fetchone()
    connection.execute("BEGIN IMMEDIATE")
    connection.execute("CREATE TABLE scoured (nothing BLOB)")
    for _ in range(pages // 1_000 + 1):
        connection.execute("INSERT INTO scoured VALUES (zeroblob(?))", (size * 1_000,))
    connection.execute("DROP TABLE scoured")
    connection.execute("COMMIT")


def _checkpoint(connection: sqlite3.Connection) -> bool:
    """Copy the journal to the file and empty it, once nobody reads it any more."""
    until = time.monotonic() + _PATIENCE
    while True:
        (busy, _, _) = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
        if not busy or time.monotonic() > until:
            return not busy
        time.sleep(_EVERY)


def _holds(path: Path, words: Collection[bytes]) -> bool:
    if not words:
        return False
    with path.open("rb") as file:
        before = b""
        while piece := file.read(_PIECE):
            held = before + piece
            if any(word in held for word in words):
                return True
            before = held[-_LONGEST:]
    return False
