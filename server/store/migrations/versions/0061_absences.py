"""Absences of the team between two days, and the place of each in its file, to which one comes back."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0061"
down_revision: str | None = "0060"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None
#: The release before goes on beside it.
EXPANDS = True


def upgrade() -> None:
    """Bring the base forward: who is away by the file comes after the others, as far as one knows."""
    op.create_table(
        "team_absences",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), primary_key=True),
        sa.Column("key", sa.String(200), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("first_day", sa.String(10), nullable=False),
        sa.Column("last_day", sa.String(10), nullable=False),
        sa.Column("begins_at", sa.BigInteger(), nullable=False),
        sa.Column("ends_at", sa.BigInteger(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
    )
    op.create_index("team_absences_key", "team_absences", ["key", "ends_at"])
    op.add_column("team", sa.Column("rank", sa.Integer()))
    op.add_column("team", sa.Column("absent", sa.Boolean()))
    op.execute("UPDATE team SET absent = position < 0")
    op.execute(
        "UPDATE team SET rank = CASE WHEN position < 0 THEN 10000 - position ELSE position END"
    )
