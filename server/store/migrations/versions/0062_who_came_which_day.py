"""Who was on the site which day, so that the visitors of a period are counted without their pages."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0062"
down_revision: str | None = "0061"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None
#: The release before goes on beside it.
EXPANDS = True


def upgrade() -> None:
    """Bring the base forward: what is counted is filled, as all counters are, when it is next opened."""
    op.create_table(
        "visitor_days",
        sa.Column("lead_id", sa.BigInteger(), primary_key=True, autoincrement=False),
        sa.Column("day", sa.Integer(), primary_key=True, autoincrement=False),
        sa.Column("n", sa.Integer(), nullable=False),
        sa.Column("previous", sa.Integer()),
        sqlite_with_rowid=False,
    )
    op.create_index("visitor_days_of_day", "visitor_days", ["day", "lead_id"])
