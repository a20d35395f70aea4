"""A stay in a campaign for each value of what lets into it, beside those for others."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0042"
down_revision: str | None = "0041"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    """Bring the base forward."""
    op.add_column(
        "enrolments",
        sa.Column("stay_value", sa.String(200), nullable=False, server_default=""),
    )
    op.drop_index("enrolments_active", "enrolments")
    active = sa.text("active")
    op.create_index(
        "enrolments_active",
        "enrolments",
        ["lead_id", "campaign_id", "stay_value"],
        unique=True,
        sqlite_where=active,
        postgresql_where=active,
    )
