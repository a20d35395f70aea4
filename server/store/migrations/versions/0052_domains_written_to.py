"""The domain each message went to, so that what became of them is counted by domain."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0052"
down_revision: str | None = "0051"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None
#: The release before goes on beside it.
EXPANDS = True


def upgrade() -> None:
    """Bring the base forward. What left before has none: it is counted in none."""
    for table in ("outbox", "message_marks"):
        op.add_column(table, sa.Column("domain", sa.String(255)))
