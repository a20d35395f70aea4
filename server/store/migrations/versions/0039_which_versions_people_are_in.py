"""Which versions people are in, read off the index of who is inside."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0039"
down_revision: str | None = "0038"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    """Bring the base forward."""
    op.drop_index("enrolments_inside", "enrolments")
    active = sa.text("active")
    op.create_index(
        "enrolments_inside",
        "enrolments",
        ["campaign_id", "lead_id", "version_id"],
        sqlite_where=active,
        postgresql_where=active,
    )
