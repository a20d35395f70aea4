"""What each campaign is to bring about in figures of the house."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0034"
down_revision: str | None = "0033"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    """Bring the base forward."""
    op.create_table(
        "campaign_objectives",
        sa.Column("campaign_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("objective", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("campaign_id"),
        sqlite_with_rowid=False,
    )
