"""Noticing that the base is an older one than this server last ran on.

The base and a file beside it count the same beats, the base first: a file that is ahead can only
have seen a later state of the base, so a backup was put in its place.
"""

import asyncio
import json
import os
import secrets
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncConnection

from server.store.schema.server import KEEP_SETTING, server_settings
from server.store.store import Store

EVERY_SECONDS = 30.0
_FILE = ".relance/temoin.json"
_BEAT, _RESTORED = "beat", "restored"


@dataclass(frozen=True, slots=True)
class Beat:
    """How far a base has come; `base` tells bases apart."""

    base: str
    count: int

    @classmethod
    def read(cls, written: str | None) -> "Beat | None":
        """The beat in a text; None where there is none."""
        try:
            stored = json.loads(written or "")
            return cls(str(stored["base"]), int(stored["count"]))
        except (ValueError, KeyError, TypeError):
            return None

    def written(self) -> str:
        """The text of a beat."""
        return json.dumps({"base": self.base, "count": self.count})


class Witness:
    """Counts along with the base of a project."""

    def __init__(self, store: Store, project: Path) -> None:
        self._store, self._file = store, project / _FILE

    async def look(self) -> bool:
        """Whether the base was restored and what may have left since is not held yet."""
        async with self._store.write() as conn:
            known = Beat.read(await _value(conn, _BEAT))
            seen = Beat.read(await asyncio.to_thread(self._read))
            if known and seen and seen.base == known.base and seen.count > known.count:
                await mark(conn)
            # From the later of the two on, or the file would stay ahead for ever.
            count = max(known.count, seen.count if seen else 0) if known else 0
            beat = Beat(known.base if known else secrets.token_hex(8), count + 1)
            await conn.execute(KEEP_SETTING, {"name": _BEAT, "value": beat.written()})
            restored = await _value(conn, _RESTORED) is not None
        await asyncio.to_thread(self._write, beat.written())
        return restored

    async def run(self) -> None:
        """Beat, until cancelled."""
        while True:
            await asyncio.sleep(EVERY_SECONDS)
            async with self._store.write() as conn:
                known = Beat.read(await _value(conn, _BEAT))
                if known is None:
                    continue
                beat = Beat(known.base, known.count + 1)
                await conn.execute(KEEP_SETTING, {"name": _BEAT, "value": beat.written()})
            await asyncio.to_thread(self._write, beat.written())

    def _read(self) -> str | None:
        try:
            return self._file.read_text(encoding="utf-8")
        except OSError:
            return None

    def _write(self, text: str) -> None:
        self._file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        making = self._file.with_suffix(f".{os.getpid()}")
        with open(os.open(making, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        making.replace(self._file)


async def mark(conn: AsyncConnection) -> None:
    """Note that this base was restored: its sends are held at the next start."""
    await conn.execute(KEEP_SETTING, {"name": _RESTORED, "value": "1"})


async def unmark(conn: AsyncConnection) -> None:
    """All that may have left is held."""
    await conn.execute(text("DELETE FROM server_settings WHERE name = :name"), {"name": _RESTORED})


async def _value(conn: AsyncConnection, name: str) -> str | None:
    query = select(server_settings.c.value).where(server_settings.c.name == name)
    found: str | None = await conn.scalar(query)
    return found
