"""Who made each publication and why, whose files it holds again, and what it changed."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0028"
down_revision: str | None = "0027"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    """Bring the schema forward."""
    for name in ("who", "note", "changes"):
        op.add_column("publications", sa.Column(name, sa.Text(), nullable=True))
    op.add_column("publications", sa.Column("again", sa.BigInteger(), nullable=True))
