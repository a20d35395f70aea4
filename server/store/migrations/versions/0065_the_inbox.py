"""What waits for the engine is in a table of its own: an event is written once, and never again.

An event that waited was a row of `events` marked so: once handled, PostgreSQL wrote the row a second time,
and an entry more in each of its indexes.
"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0065"
down_revision: str | None = "0064"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None
#: The release before marks what waits on the event itself, where nobody looks any more.
EXPANDS = False


def upgrade() -> None:
    """Bring the base forward; what waits is found by its index, however many were handled."""
    op.create_table(
        "inbox",
        sa.Column("lead_id", sa.BigInteger(), primary_key=True, autoincrement=False),
        sa.Column("id", sa.BigInteger(), primary_key=True, autoincrement=False),
        sa.Column("type", sa.String(64), primary_key=True),
        sa.Column("subject_key", sa.Text()),
        sqlite_with_rowid=False,
        postgresql_with={"vacuum_truncate": "false"},
    )
    op.execute(
        "INSERT INTO inbox (lead_id, id, type, subject_key) "
        "SELECT lead_id, id, type, subject_key FROM events WHERE pending"
    )
    op.create_index("inbox_in_order", "inbox", ["id"])
    op.create_index("inbox_kinds", "inbox", ["type", "subject_key", "id"])
    for name in ("events_pending", "events_pending_of", "events_pending_kinds"):
        op.drop_index(name, "events")
    op.drop_column("events", "pending")
