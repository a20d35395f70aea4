"""Who people of the team are at an identity provider."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0059"
down_revision: str | None = "0058"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None
#: The release before goes on beside it.
EXPANDS = True


def upgrade() -> None:
    """Bring the base forward."""
    op.create_table(
        "provider_identities",
        sa.Column("issuer", sa.String(400), nullable=False),
        sa.Column("subject", sa.String(255), nullable=False),
        sa.Column("account_id", sa.BigInteger(), nullable=False),
        sa.Column("email", sa.String(254), nullable=False),
        sa.Column("bound_at", sa.BigInteger(), nullable=False),
        sa.Column("used_at", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("issuer", "subject"),
        sa.UniqueConstraint("account_id", "issuer"),
        sqlite_with_rowid=False,
    )
