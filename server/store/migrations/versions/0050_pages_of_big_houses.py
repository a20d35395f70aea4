"""What the pages ask at once of a million leads: who was merged, who came and left last, who is late."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0050"
down_revision: str | None = "0049"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

_INDEXES = (
    ("leads_merged", "leads", ["merged_into"], "merged_into IS NOT NULL"),
    ("enrolments_entered", "enrolments", ["campaign_id", "entered_at"], "active"),
    ("enrolments_left", "enrolments", ["campaign_id", "left_at"], "NOT active"),
    ("enrolments_overdue", "enrolments", ["campaign_id"], "overdue_at IS NOT NULL"),
)


def upgrade() -> None:
    """Bring the base forward."""
    for name, table, columns, held in _INDEXES:
        where = sa.text(held)
        op.create_index(name, table, columns, sqlite_where=where, postgresql_where=where)
