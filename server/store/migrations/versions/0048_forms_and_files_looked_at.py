"""What came by each form found at once; the names of the columns of a file that was brought in."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0048"
down_revision: str | None = "0047"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    """Bring the base forward."""
    of_forms = sa.text("type = 'form_submitted'")
    op.create_index(
        "events_forms",
        "events",
        ["subject_key", "received_at"],
        sqlite_where=of_forms,
        postgresql_where=of_forms,
    )
    op.add_column("imports", sa.Column("heading", sa.Text()))
