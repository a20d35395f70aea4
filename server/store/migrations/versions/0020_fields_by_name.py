"""Programs, rules and the conditions of lists are stored by the names of their fields.

Each version is known by what it does, whatever its words: its hash is made anew, so that a script
that did not change publishes nothing.
"""

import logging
from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

from dsl.program_codec import codec, content_hash

revision: str = "0020"
down_revision: str | None = "0019"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

log = logging.getLogger("relance.store")

#: Where they are: the table, its key, the column.
_STORED = (
    ("versions", "id", "program"),
    ("standing_rules", "position", "rule"),
    ("dynamic_lists", "number", "condition"),
)
_HASH = sa.text("UPDATE versions SET hash = :hash WHERE id = :key")


def upgrade() -> None:
    """Bring the base forward: the schema stays."""
    for table, key, column in _STORED:
        _rewrite(op.get_bind(), table, key, column)


def _rewrite(conn: sa.Connection, table: str, key: str, column: str) -> None:
    read = sa.text(f"SELECT {column} FROM {table} WHERE {key} = :key")  # noqa: S608 — named above
    write = sa.text(f"UPDATE {table} SET {column} = :text WHERE {key} = :key")  # noqa: S608 — same
    # One at a time: a base may hold thousands of versions.
    for number in conn.scalars(sa.text(f"SELECT {key} FROM {table}")).all():  # noqa: S608 — same
        try:
            found = codec.from_json(conn.scalar(read, {"key": number}))
        except ValueError:
            # Of a vendor's release that is gone: it was no more readable before.
            log.warning(
                "%s %s : ce qui est gardé là ne se lit pas, et reste tel quel", table, number
            )
            continue
        conn.execute(write, {"key": number, "text": codec.to_json(found)})
        if table == "versions":
            conn.execute(_HASH, {"key": number, "hash": content_hash(found)})
