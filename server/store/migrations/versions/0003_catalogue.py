"""What the whole catalogue of phrases rests on: amounts of events, owners, other recipients."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0003"
down_revision: str | None = "0002"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    """Bring the schema forward."""
    op.add_column("events", sa.Column("amount", sa.BigInteger(), nullable=True))
    op.add_column("events", sa.Column("currency", sa.String(length=3), nullable=True))
    op.add_column("leads", sa.Column("f_vendeur", sa.Text(), nullable=True))
    op.add_column("outbox", sa.Column("recipient", sa.Text(), nullable=True))
