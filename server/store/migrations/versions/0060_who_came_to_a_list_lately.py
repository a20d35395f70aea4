"""Who came last to a list, and how many between two days, without going through all that are on it."""

from collections.abc import Sequence

from alembic import op

revision: str = "0060"
down_revision: str | None = "0059"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None
#: The release before goes on beside it.
EXPANDS = True


def upgrade() -> None:
    """Bring the base forward."""
    op.create_index("list_members_lately", "list_members", ["list_key", "since"])
