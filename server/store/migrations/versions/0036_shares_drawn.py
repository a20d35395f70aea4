"""An index of the shares that leads drew."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0036"
down_revision: str | None = "0035"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

_DRAWN = sa.text("kind = 'split'")


def upgrade() -> None:
    """Bring the base forward."""
    op.create_index(
        "journal_splits",
        "journal",
        ["version_id", "statement", "lead_id", "branch", "at"],
        sqlite_where=_DRAWN,
        postgresql_where=_DRAWN,
    )
