"""What a version followed is handed over to the next one part by part, as it is noted anew."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0054"
down_revision: str | None = "0053"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None
#: The release before goes on beside it.
EXPANDS = True


def upgrade() -> None:
    """Bring the base forward."""
    op.add_column("notings", sa.Column("former_version", sa.BigInteger()))
    op.add_column("notings", sa.Column("former_trigger", sa.Integer()))
