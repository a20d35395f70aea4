"""What each process says of its settings, so that those that differ are told of."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0064"
down_revision: str | None = "0063"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None
#: The release before goes on beside it.
EXPANDS = True


def upgrade() -> None:
    """Bring the base forward."""
    op.add_column("processes", sa.Column("settings", sa.Text()))
