"""Which process sends a message, and what the lanes of a channel have in common where several do."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0051"
down_revision: str | None = "0050"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None
#: The release before goes on beside it.
EXPANDS = True

_OWNED = sa.text("owner IS NOT NULL AND state = 'sending'")


def upgrade() -> None:
    """Bring the base forward."""
    op.add_column("outbox", sa.Column("owner", sa.BigInteger()))
    op.create_index(
        "outbox_owned", "outbox", ["channel"], sqlite_where=_OWNED, postgresql_where=_OWNED
    )
    op.create_table(
        "lanes",
        sa.Column("channel", sa.String(32), nullable=False),
        sa.Column("tokens", sa.Float(), nullable=False),
        sa.Column("filled_at", sa.BigInteger()),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("pause", sa.BigInteger(), nullable=False),
        sa.Column("until", sa.BigInteger()),
        sa.Column("probing_until", sa.BigInteger()),
        sa.Column("reason", sa.Text()),
        sa.PrimaryKeyConstraint("channel"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "domain_turns",
        sa.Column("key", sa.String(32), nullable=False),
        sa.Column("tokens", sa.Float(), nullable=False),
        sa.Column("filled_at", sa.BigInteger(), nullable=False),
        sa.Column("last", sa.BigInteger()),
        sa.PrimaryKeyConstraint("key"),
        sqlite_with_rowid=False,
    )
    op.create_index("domain_turns_filled", "domain_turns", ["filled_at"])
