"""What reports count, kept with what is counted; what became of each message."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0032"
down_revision: str | None = "0031"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def _counter() -> list[sa.Column[object]]:
    return [
        sa.Column("campaign_id", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("day", sa.Integer(), nullable=False),
        sa.Column("version_id", sa.BigInteger(), nullable=False),
        sa.Column("place", sa.BigInteger(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.Column("n", sa.BigInteger(), nullable=False),
        sa.Column("total", sa.BigInteger(), nullable=False),
    ]


def upgrade() -> None:
    """Bring the base forward. What is counted is counted at the next opening (`keeping`)."""
    key = [column.name for column in _counter()[:-2]]
    op.create_table("counters", *_counter(), sa.PrimaryKeyConstraint(*key), sqlite_with_rowid=False)
    op.create_table("counter_changes", *_counter())
    op.create_table(
        "zone_shifts",
        sa.Column("since", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("shift", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("since"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "message_marks",
        sa.Column("key", sa.String(length=200), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("campaign_id", sa.BigInteger(), nullable=False),
        sa.Column("channel", sa.String(length=32), nullable=False),
        sa.Column("message", sa.Text(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("key", "kind"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "counting",
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("by_row", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("number"),
    )
