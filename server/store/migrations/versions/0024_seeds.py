"""Statements, draws and rules are known by what they say, no longer by their words.

What was drawn, and the numbers rules have, rest on the former names: each becomes the digest that it
was worth, so that nobody is drawn again. What those stand for now is found once what is published can
be compiled: when the server next opens (`server.engine.publication.adoption`).
"""

import json
from collections import Counter
from collections.abc import Callable, Sequence
from hashlib import blake2b, sha256
from typing import Any

import sqlalchemy as sa
from alembic import op

revision: str = "0024"
down_revision: str | None = "0023"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

_STORED = (("versions", "id", "program"), ("dynamic_lists", "number", "condition"))
_DRAWN = ("Draw", "WaitUpTo", "Split")


def upgrade() -> None:
    """Bring the base forward."""
    op.create_table(
        "seeds",
        sa.Column("identity", sa.String(length=64), nullable=False),
        sa.Column("seed", sa.String(length=65), nullable=False),
        sa.PrimaryKeyConstraint("identity"),
        sqlite_with_rowid=False,
    )
    conn = op.get_bind()
    found = sum(_each(conn, *place, _unnamed) for place in _STORED)
    alike: Counter[str] = Counter()
    found += _each(conn, "standing_rules", "position", "rule", lambda rule: _rule(rule, alike))
    if found:
        mark = sa.text("INSERT INTO server_settings (name, value) VALUES ('identities', '')")
        conn.execute(mark)


def _each(
    conn: sa.Connection, table: str, key: str, column: str, change: Callable[[Any], Any]
) -> int:
    """Change what is stored, one at a time: a base may hold thousands of versions; how many."""
    read = sa.text(f"SELECT {column} FROM {table} WHERE {key} = :key")  # noqa: S608 — named above
    write = sa.text(f"UPDATE {table} SET {column} = :text WHERE {key} = :key")  # noqa: S608 — same
    numbers = conn.scalars(sa.text(f"SELECT {key} FROM {table} ORDER BY {key}")).all()  # noqa: S608
    for number in numbers:
        stored = change(json.loads(conn.scalar(read, {"key": number})))
        text = json.dumps(stored, ensure_ascii=False, separators=(",", ":"), sort_keys=True)
        conn.execute(write, {"key": number, "text": text})
    return len(numbers)


def _unnamed(data: Any) -> Any:
    """Its draws by the digests of their places, its statements by those of their keys."""
    if isinstance(data, list):
        return [_unnamed(each) for each in data]
    if not isinstance(data, dict):
        return data
    changed = {name: _unnamed(part) for name, part in data.items()}
    if data.get("@") in _DRAWN and data.get("salt"):
        changed["salt"] = f"~{blake2b(data['salt'].encode(), digest_size=32).hexdigest()}"
    if isinstance(data.get("key"), str):
        changed["key"] = _digest(data["key"])
    return changed


def _rule(data: Any, alike: Counter[str]) -> Any:
    """A rule by the digest its number is made of, its trigger too."""
    value = data.get("value") if isinstance(data, dict) else None
    if not isinstance(value, dict) or "trigger" not in value:
        return data
    key = value.get("key") or f"conversion {value.get('name')}"
    alike[key] += 1
    changed = _unnamed(data)
    changed["value"]["trigger"]["key"] = _digest(f"{key} {alike[key]}")
    return changed


def _digest(text: str) -> str:
    return f"~{sha256(text.encode()).hexdigest()}"
