"""Those who asked to be forgotten, and the texts that were for one lead alone."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0031"
down_revision: str | None = "0030"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    """Bring the base forward."""
    op.create_table(
        "forgotten",
        sa.Column("hash", sa.String(length=32), primary_key=True),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "erasures",
        sa.Column("lead_id", sa.BigInteger(), primary_key=True, autoincrement=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("who", sa.Text(), nullable=True),
        sa.Column("counts", sa.Text(), nullable=False),
        sa.Column("finished_at", sa.BigInteger(), nullable=True),
    )
    op.add_column("kept_texts", sa.Column("lead_id", sa.BigInteger(), nullable=True))
    owned = sa.text("lead_id IS NOT NULL")
    op.create_index(
        "kept_texts_lead",
        "kept_texts",
        ["lead_id"],
        sqlite_where=owned,
        postgresql_where=owned,
    )
