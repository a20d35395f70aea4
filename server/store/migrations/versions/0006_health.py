"""What health asks is found by key: messages lost or in doubt, and who is inside a campaign."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0006"
down_revision: str | None = "0005"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

_LOST = sa.text("state IN ('refused', 'failed', 'unreachable')")
_DOUBTED = sa.text("doubted_at IS NOT NULL")
_ACTIVE = sa.text("active")


def upgrade() -> None:
    """Bring the schema forward."""
    op.create_index(
        "outbox_lost", "outbox", ["settled_at"], sqlite_where=_LOST, postgresql_where=_LOST
    )
    op.create_index(
        "outbox_doubted", "outbox", ["doubted_at"], sqlite_where=_DOUBTED, postgresql_where=_DOUBTED
    )
    op.create_index(
        "enrolments_inside",
        "enrolments",
        ["campaign_id"],
        sqlite_where=_ACTIVE,
        postgresql_where=_ACTIVE,
    )
    if op.get_bind().dialect.name == "postgresql":
        op.create_index("events_lately", "events", ["received_at"], postgresql_using="brin")
