"""How long the windows of goals last by the calendar: those of before are counted anew when published."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0041"
down_revision: str | None = "0040"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    """Bring the base forward."""
    op.add_column("goals", sa.Column("zone", sa.Text(), nullable=True))
    op.create_table(
        "goal_windows",
        sa.Column("goal_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("since", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("length", sa.BigInteger(), nullable=False),
        sa.Column("until", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("goal_id", "since"),
        sqlite_with_rowid=False,
    )
