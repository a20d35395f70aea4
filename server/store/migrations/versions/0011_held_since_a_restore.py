"""Messages held since the base was restored are found without reading those sent."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0011"
down_revision: str | None = "0010"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    """Bring the schema forward."""
    held = sa.text("state = 'held'")
    op.create_index("outbox_held", "outbox", ["channel"], sqlite_where=held, postgresql_where=held)
