"""What waits of one lead's events is reached by lead: a crowd's may wait beside."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0014"
down_revision: str | None = "0013"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    """Bring the schema forward."""
    op.create_index(
        "events_pending_of",
        "events",
        ["lead_id", "id"],
        sqlite_where=sa.text("pending"),
        postgresql_where=sa.text("pending"),
    )
