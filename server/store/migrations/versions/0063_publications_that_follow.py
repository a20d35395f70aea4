"""What somebody confirmed, which is published by itself once its scenarios have passed."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0063"
down_revision: str | None = "0062"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None
#: The release before goes on beside it.
EXPANDS = True

_WHERES = {
    "waiting": sa.text("state = 'waiting'"),
    "unseen": sa.text("seen = false AND state <> 'waiting'"),
}


def upgrade() -> None:
    """Bring the base forward."""
    number = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    op.create_table(
        "deferred_publications",
        sa.Column("number", number, nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("who", sa.Text(), nullable=False),
        sa.Column("person", sa.String(320), nullable=False),
        sa.Column("origin", sa.Text(), nullable=False),
        sa.Column("verb", sa.String(32), nullable=False),
        sa.Column("given", sa.Text(), nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("ended_at", sa.BigInteger()),
        sa.Column("said", sa.Text(), nullable=False),
        sa.Column("seen", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("number"),
    )
    for name, where in _WHERES.items():
        op.create_index(
            f"deferred_publications_{name}",
            "deferred_publications",
            ["number"],
            sqlite_where=where,
            postgresql_where=where,
        )
