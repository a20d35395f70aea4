"""Who silenced an address, the person or a server, and what an operator undid."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0004"
down_revision: str | None = "0003"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    """Bring the schema forward."""
    op.add_column(
        "suppressions",
        sa.Column("asked", sa.Boolean(), nullable=False, server_default=sa.text("true")),
    )
    # What earlier versions wrote when a server, and not the person, had spoken.
    op.execute(
        "UPDATE suppressions SET asked = false WHERE reason LIKE 'rebond%' "
        "OR reason IN ('le fournisseur répond 30005', 'le fournisseur répond 30006')"
    )
    op.create_table(
        "lifted_suppressions",
        sa.Column(
            "id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            nullable=False,
        ),
        sa.Column("channel", sa.String(length=32), nullable=False),
        sa.Column("address_key", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("asked", sa.Boolean(), nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("lifted_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(
        "lifted_suppressions_by_address", "lifted_suppressions", ["channel", "address_key"]
    )
