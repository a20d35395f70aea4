"""What each message is, and when the policy put it off."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0033"
down_revision: str | None = "0032"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

_PUT_OFF = sa.text("held_at IS NOT NULL AND state = 'pending'")


def upgrade() -> None:
    """Bring the base forward; what was sent to leads before counts as marketing."""
    op.add_column("outbox", sa.Column("nature", sa.String(length=16), nullable=True))
    op.add_column("outbox", sa.Column("held_at", sa.BigInteger(), nullable=True))
    op.add_column("outbox", sa.Column("holds", sa.Text(), nullable=True))
    op.execute(
        "UPDATE outbox SET nature = 'marketing' "
        "WHERE recipient IS NULL AND channel IN ('email', 'sms', 'push') AND state <> 'pending'"
    )
    op.create_index(
        "outbox_put_off",
        "outbox",
        ["channel", "held_at"],
        sqlite_where=_PUT_OFF,
        postgresql_where=_PUT_OFF,
    )
