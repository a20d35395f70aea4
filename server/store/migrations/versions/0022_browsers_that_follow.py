"""In which browser an attached address was brought, for it to follow that browser's owner."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0022"
down_revision: str | None = "0021"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

#: A lead that is known by one browser alone brought it there.
_ONLY = """
UPDATE attached SET told = 'push_subscribed', visitor = (
    SELECT i.value FROM identities i WHERE i.kind = 'visitor' AND i.lead_id = attached.lead_id
) WHERE channel = 'push' AND 1 = (
    SELECT count(*) FROM identities i WHERE i.kind = 'visitor' AND i.lead_id = attached.lead_id
)
"""


def upgrade() -> None:
    """Bring the schema forward; where nobody can tell which browser it was, it follows none."""
    op.add_column("attached", sa.Column("visitor", sa.String(length=128), nullable=True))
    op.add_column("attached", sa.Column("told", sa.String(length=64), nullable=True))
    known = sa.text("visitor IS NOT NULL")
    op.create_index(
        "attached_visitor", "attached", ["visitor"], sqlite_where=known, postgresql_where=known
    )
    op.execute(_ONLY)
