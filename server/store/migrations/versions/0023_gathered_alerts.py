"""Which message stands for others of its kind to the same recipient."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0023"
down_revision: str | None = "0022"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

_ALIKE = ["recipient", "message", "channel", "settled_at"]


def upgrade() -> None:
    """Bring the schema forward; what was sent before went by itself."""
    op.add_column("outbox", sa.Column("gathering", sa.Text(), nullable=True))
    for name, columns, where in (
        ("outbox_alike", _ALIKE, "recipient IS NOT NULL"),
        ("outbox_gathered", ["gathering"], "gathering IS NOT NULL"),
    ):
        known = sa.text(where)
        op.create_index(name, "outbox", columns, sqlite_where=known, postgresql_where=known)
