"""The audit log: who did what, to what, before and after, from where; each row chained to the last.

`mark` is the SHA-256 of the mark before and of all the row says: to change a row, or take one out,
breaks every mark after it. Whoever writes to the base may chain it all anew: the last mark, noted
elsewhere, tells that too. What is personal is masked by a keyed digest: two rows about one person
are seen to be, and she is found in none.
"""

import hashlib
import json
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

from sqlalchemy import insert, select, text
from sqlalchemy.ext.asyncio import AsyncConnection

from server.access.actor import Actor
from server.store.instants import HasNow, Micros, now_micros
from server.store.schema.access import audit_log

Details: TypeAlias = Mapping[str, object]

#: One row after the other, on PostgreSQL too.
_LOCK = "SELECT pg_advisory_xact_lock(7236521)"
#: Rows read at once.
_PART = 2_000
_LONGEST = 400
_NOTHING: Details = {}


@dataclass(frozen=True, slots=True)
class AuditEntry:
    """A row of the log."""

    number: int
    at: Micros
    who: str
    origin: str
    action: str
    object: str
    before: Details
    after: Details
    mark: str


class AuditLog:
    """Adds rows; nothing else ever writes to the table. `digest`: of a personal value, keyed."""

    def __init__(self, clock: HasNow, digest: Callable[[str], str]) -> None:
        self._clock, self._digest = clock, digest

    def masked(self, value: str) -> str:
        """What stands for a personal value: the same for the same one."""
        return f"masqué ({self._digest(value)[:8]})"

    async def note(
        self,
        conn: AsyncConnection,
        actor: Actor,
        action: str,
        about: str,
        *,
        before: Details = _NOTHING,
        after: Details = _NOTHING,
    ) -> None:
        """Add a row, in the transaction that does what it says. `about`: what it was done to."""
        if conn.dialect.name == "postgresql":
            await conn.execute(text(_LOCK))
        last = select(audit_log.c.number, audit_log.c.mark).order_by(audit_log.c.number.desc())
        found = (await conn.execute(last.limit(1))).first()
        number, mark = (found.number + 1, found.mark) if found is not None else (1, "")
        row = {
            "number": number,
            "at": now_micros(self._clock),
            "who": actor.who[:_LONGEST],
            "origin": actor.origin[:120],
            "action": action,
            "object": about[:_LONGEST],
            "before": _json(before),
            "after": _json(after),
        }
        await conn.execute(insert(audit_log), {**row, "mark": _chained(mark, row)})


async def latest(
    conn: AsyncConnection, most: int, *, action: str = "", before: int | None = None
) -> Sequence[AuditEntry]:
    """The last rows, the last first. `action`: of those alone, or of those it begins, « compte. »."""
    query = select(audit_log).order_by(audit_log.c.number.desc()).limit(most)
    if action.endswith("."):
        query = query.where(audit_log.c.action >= action, audit_log.c.action < f"{action[:-1]}/")
    elif action:
        query = query.where(audit_log.c.action == action)
    if before is not None:
        query = query.where(audit_log.c.number < before)
    return [_deed(dict(row)) for row in (await conn.execute(query)).mappings()]


@dataclass(frozen=True, slots=True)
class Verification:
    """What going through the log found: how many rows, the last mark, the first that is wrong."""

    rows: int
    mark: str
    broken: int | None


async def verify(conn: AsyncConnection) -> Verification:
    """Whether no row was changed or taken out, of all of them."""
    mark, number = "", 0
    async for row in _rows(conn):
        if row["number"] != number + 1 or row["mark"] != _chained(mark, row):
            return Verification(number, mark, number + 1)
        mark, number = str(row["mark"]), number + 1
    return Verification(number, mark, None)


async def _rows(conn: AsyncConnection) -> AsyncIterator[Mapping[str, object]]:
    after = 0
    while True:
        query = select(audit_log).where(audit_log.c.number > after)
        found = (
            (await conn.execute(query.order_by(audit_log.c.number).limit(_PART))).mappings().all()
        )
        for row in found:
            yield {str(name): value for name, value in row.items()}
        if len(found) < _PART:
            return
        after = found[-1]["number"]


def _chained(mark: str, row: Mapping[str, object]) -> str:
    said = [
        row[name]
        for name in ("number", "at", "who", "origin", "action", "object", "before", "after")
    ]
    return hashlib.sha256(f"{mark}\n{_json(said)}".encode(errors="replace")).hexdigest()


def _json(data: object) -> str:
    return json.dumps(data, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def _deed(values: Mapping[str, Any]) -> AuditEntry:
    before, after = json.loads(values["before"]), json.loads(values["after"])
    return AuditEntry(**{**values, "before": before, "after": after})
