"""Putting a backup of SQLite in the place of the base, which is kept aside whole."""

import json
import os
import sqlite3
from collections.abc import Sequence
from contextlib import closing
from datetime import datetime
from pathlib import Path

from relance.errors import ConfigurationError

#: The setting that says whom a base brought back is to forget, and the one that tells bases apart.
TO_FORGET, _BEAT = "to_forget", "beat"
_FORGET = "INSERT OR REPLACE INTO server_settings (name, value) VALUES (?, ?)"
_SIDES = ("", "-wal", "-shm")
_MARK = (
    "INSERT INTO server_settings (name, value) VALUES ('restored', '1') "
    "ON CONFLICT (name) DO NOTHING"
)


def restore(backup: Path, base: Path, now: datetime) -> Sequence[Path]:
    """Make `backup` the base, marked as restored; where the former one is kept.

    Nobody may have the base open. ConfigurationError, and nothing changed, for what is no sound
    backup of ours.
    """
    base.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    coming = base.with_name(f"{base.name}.arrivee")
    coming.unlink(missing_ok=True)
    os.close(os.open(coming, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
    try:
        _copy(backup, coming)
        _remember_forgotten(base, coming)
    except sqlite3.Error as error:
        coming.unlink(missing_ok=True)
        raise ConfigurationError(
            f"«\u00a0{backup}\u00a0» n’est pas une sauvegarde de Relance, ou elle est abîmée ({error})."
        ) from error
    moved = []
    for side in _SIDES:
        former = base.with_name(base.name + side)
        if former.exists():
            kept = base.with_name(f"{base.name}.avant-{now:%Y%m%d-%H%M%S}{side}")
            former.rename(kept)
            moved.append(kept)
    coming.rename(base)
    return moved


def _copy(backup: Path, coming: Path) -> None:
    """A sound copy, alone in its file whatever stood beside the backup."""
    address = f"{backup.resolve().as_uri()}?mode=ro"
    with (
        closing(sqlite3.connect(address, uri=True)) as source,
        closing(sqlite3.connect(coming)) as target,
    ):
        source.backup(target)
        target.execute("PRAGMA journal_mode = DELETE")
        (sound,) = target.execute("PRAGMA integrity_check").fetchone()
        if sound != "ok":
            raise sqlite3.DatabaseError(str(sound))
        target.execute(_MARK)
        target.commit()


def _remember_forgotten(former: Path, coming: Path) -> None:
    """Have the base that comes forget again whoever the former one was asked to forget.

    Written for the first server that opens it (`server.rights.erasing`): the schema may be older.
    """
    if not former.exists():
        return
    with closing(sqlite3.connect(former)) as base, closing(sqlite3.connect(coming)) as target:
        if _setting(base, _BEAT) != _setting(target, _BEAT):
            return  # of another project: its numbers are other people's
        tables = "SELECT count(*) FROM sqlite_master WHERE name IN ('erasures', 'forgotten')"
        if base.execute(tables).fetchone() != (2,):
            return
        leads = [lead for (lead,) in base.execute("SELECT lead_id FROM erasures ORDER BY lead_id")]
        hashes = [one for (one,) in base.execute("SELECT hash FROM forgotten ORDER BY hash")]
        if leads or hashes:
            value = json.dumps({"leads": leads, "hashes": hashes})
            target.execute(_FORGET, (TO_FORGET, value))
            target.commit()


def _setting(connection: sqlite3.Connection, name: str) -> object:
    """Which base it is; None for one that no server ever ran on."""
    query = "SELECT value FROM server_settings WHERE name = ?"
    row = connection.execute(query, (name,)).fetchone()
    return None if row is None else json.loads(row[0]).get("base")
