"""In which binder a team keeps a campaign, and under which labels."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0058"
down_revision: str | None = "0057"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None
#: The release before goes on beside it.
EXPANDS = True


def upgrade() -> None:
    """Bring the base forward."""
    op.create_table(
        "campaign_binders",
        sa.Column("campaign_key", sa.String(200), nullable=False),
        sa.Column("binder_key", sa.String(200), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("campaign_key"),
        sqlite_with_rowid=False,
    )
    op.create_index("campaign_binders_of", "campaign_binders", ["binder_key", "campaign_key"])
    op.create_table(
        "campaign_labels",
        sa.Column("label_key", sa.String(200), nullable=False),
        sa.Column("campaign_key", sa.String(200), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("label_key", "campaign_key"),
        sqlite_with_rowid=False,
    )
    op.create_index("campaign_labels_of", "campaign_labels", ["campaign_key"])
