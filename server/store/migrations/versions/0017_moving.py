"""Whose history is still to be handed over, of the leads found to be one; what waits, by kind."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0017"
down_revision: str | None = "0016"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    """Bring the schema forward."""
    op.create_table(
        "moving",
        sa.Column("source", sa.BigInteger(), primary_key=True, autoincrement=False),
        sa.Column("target", sa.BigInteger(), nullable=False),
        sqlite_with_rowid=False,
    )
    op.create_index(
        "events_pending_kinds",
        "events",
        ["type", "subject_key", "id"],
        sqlite_where=sa.text("pending"),
        postgresql_where=sa.text("pending"),
    )
