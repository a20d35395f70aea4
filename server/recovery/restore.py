"""Putting a backup of SQLite in the place of the base, which is kept aside whole."""

import os
import sqlite3
from collections.abc import Sequence
from contextlib import closing
from datetime import datetime
from pathlib import Path

from relance.errors import ConfigurationError

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
