"""The priority of each campaign in its exclusive group, beside the group: merges decide by it."""

import json
from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0046"
down_revision: str | None = "0045"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    """Bring the base forward."""
    op.add_column(
        "campaigns", sa.Column("priority", sa.Integer(), nullable=False, server_default="0")
    )
    conn = op.get_bind()
    grouped = sa.text(
        "SELECT c.id, v.program FROM campaigns c JOIN versions v ON v.id = c.version_id "
        "WHERE c.exclusive_group IS NOT NULL"
    )
    for row in conn.execute(grouped).all():
        written = json.loads(row.program)
        # Programs of the first format knew no groups.
        fields = written.get("value", {}) if isinstance(written, dict) else {}
        conn.execute(
            sa.text("UPDATE campaigns SET priority = :priority WHERE id = :id"),
            {"priority": int(fields.get("priority", 0)), "id": row.id},
        )
