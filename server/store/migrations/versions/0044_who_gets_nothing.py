"""Who is of the share of a campaign that gets nothing, to be compared with the others."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0044"
down_revision: str | None = "0043"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    """Bring the base forward."""
    op.add_column(
        "enrolments",
        sa.Column("held_out", sa.Boolean(), nullable=False, server_default=sa.text("false")),
    )
