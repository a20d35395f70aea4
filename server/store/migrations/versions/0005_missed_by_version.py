"""What versions set aside missed is reached by version: there may be a million of it."""

from collections.abc import Sequence

from alembic import op

revision: str = "0005"
down_revision: str | None = "0004"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    """Bring the schema forward."""
    op.create_index(
        "missed_by_version", "missed", ["version_id", "entering", "lead_id", "event_id"]
    )
