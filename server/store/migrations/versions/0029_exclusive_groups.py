"""Groups of campaigns of which a lead is in one at most."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0029"
down_revision: str | None = "0028"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    """Bring the base forward."""
    op.add_column("campaigns", sa.Column("exclusive_group", sa.String(length=200), nullable=True))
    op.add_column("refusals", sa.Column("held_by", sa.BigInteger(), nullable=True))
    place = sa.Column("place", sa.Integer(), server_default="0", nullable=False)
    op.add_column("takings", place)
