"""Whose the database is, and up to where it may number events: a server that takes it ends the others."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0009"
down_revision: str | None = "0008"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    """Bring the schema forward. Who takes the database first fills the row."""
    op.create_table(
        "tenure",
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("epoch", sa.BigInteger(), nullable=False),
        sa.Column("reserved_to", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("number"),
    )
