"""How much each recipient was written to, what is held because of it, and whose words events hold."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0018"
down_revision: str | None = "0017"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    """Bring the schema forward. Nothing is counted of what was sent before."""
    op.create_table(
        "recipient_counts",
        sa.Column("key", sa.String(length=32), nullable=False),
        sa.Column("hour", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("key", "hour"),
        sqlite_with_rowid=False,
    )
    op.create_index("recipient_counts_hour", "recipient_counts", ["hour"])
    op.add_column("events", sa.Column("proof", sa.SmallInteger(), nullable=True))
    op.add_column("outbox", sa.Column("released_at", sa.BigInteger(), nullable=True))
    limited = sa.text("state = 'limited'")
    op.create_index(
        "outbox_limited", "outbox", ["channel"], sqlite_where=limited, postgresql_where=limited
    )
