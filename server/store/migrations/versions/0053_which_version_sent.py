"""Which version of its campaign decided each message: its move in the journal knows, where it still is."""

from collections.abc import Iterator, Sequence
from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy import text

revision: str = "0053"
down_revision: str | None = "0052"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None
#: The release before goes on beside it: what it writes is of no known version.
EXPANDS = True

_OF_MESSAGES = text(
    "UPDATE outbox SET version_id = (SELECT j.version_id FROM journal j "
    "WHERE j.lead_id = outbox.lead_id AND j.campaign_id = outbox.campaign_id "
    "AND j.entry = outbox.entry AND j.move = outbox.move)"
)
#: The message of a mark is found where it is now: its lead may have become another.
_OF_MARKS = text(
    "UPDATE message_marks SET version_id = (SELECT o.version_id FROM outbox o "
    "WHERE (o.lead_id = :of OR o.lead_id = (SELECT merged_into FROM leads WHERE id = :of)) "
    "AND o.campaign_id = :campaign AND o.move = :move AND o.ordinal = :ordinal "
    "AND o.created_at = :created LIMIT 1) WHERE key = :key"
)
_NEXT = text("SELECT DISTINCT key FROM message_marks WHERE key > :after ORDER BY key LIMIT :most")
_PARTS = ("of", "campaign", "entry", "move", "ordinal", "created")
_AT_ONCE = 10_000


def upgrade() -> None:
    """Bring the base forward. What is counted is counted anew at the next opening (`keeping`)."""
    for table in ("outbox", "message_marks"):
        op.add_column(table, sa.Column("version_id", sa.BigInteger()))
    connection = op.get_bind()
    connection.execute(_OF_MESSAGES)
    after = ""
    while keys := connection.scalars(_NEXT, {"after": after, "most": _AT_ONCE}).all():
        after = keys[-1]
        rows = list(_parsed(keys))
        if rows:
            connection.execute(_OF_MARKS, rows)


def _parsed(keys: Sequence[str]) -> Iterator[dict[str, Any]]:
    for key in keys:
        parts = key.split(".")
        if len(parts) == len(_PARTS) and all(part.isdecimal() and len(part) < 19 for part in parts):
            asked = dict(zip(_PARTS, map(int, parts), strict=True))
            del asked["entry"]  # a merge numbers it anew
            yield {**asked, "key": key}
