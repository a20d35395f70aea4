"""How much each sender had kept in a day, across restarts."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0019"
down_revision: str | None = "0018"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    """Bring the schema forward. Nothing is counted of what was kept before."""
    op.create_table(
        "sender_shares",
        sa.Column("sender", sa.String(length=16), nullable=False),
        sa.Column("spent", sa.BigInteger(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("sender"),
        sqlite_with_rowid=False,
    )
    op.create_index("sender_shares_at", "sender_shares", ["at"])
