"""What somebody asked to have published, which waits for another person's agreement."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0056"
down_revision: str | None = "0055"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None
#: The release before goes on beside it.
EXPANDS = True

_WAITING = sa.text("state = 'waiting'")


def upgrade() -> None:
    """Bring the base forward."""
    number = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    op.create_table(
        "publication_requests",
        sa.Column("number", number, nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("who", sa.Text(), nullable=False),
        sa.Column("person", sa.String(320), nullable=False),
        sa.Column("wish", sa.Text(), nullable=False),
        sa.Column("over", sa.BigInteger(), nullable=False),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("changes", sa.Text(), nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("answered_at", sa.BigInteger()),
        sa.Column("answered_by", sa.Text()),
        sa.Column("why", sa.Text()),
        sa.Column("publication", sa.BigInteger()),
        sa.PrimaryKeyConstraint("number"),
    )
    op.create_index(
        "publication_requests_waiting",
        "publication_requests",
        ["number"],
        sqlite_where=_WAITING,
        postgresql_where=_WAITING,
    )
    op.create_index("publication_requests_made", "publication_requests", ["publication"])
