"""The goals of campaigns, the events that may reach them, who did, and how many there are."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0030"
down_revision: str | None = "0029"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

_INSTANT = sa.BigInteger()
_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Bring the base forward: those who entered campaigns until now are counted."""
    op.create_table(
        "goals",
        sa.Column("id", _ID, nullable=False),
        sa.Column("campaign_id", sa.BigInteger(), nullable=False),
        sa.Column("key", sa.String(length=200), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("question", sa.BigInteger(), nullable=False),
        sa.Column("rule", sa.Text(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("time_window", sa.BigInteger(), nullable=False),
        sa.Column("ends_at", _INSTANT, nullable=True),
        sa.Column("present", sa.Boolean(), nullable=False),
        sa.Column("counted_to", sa.BigInteger(), nullable=True),
        sa.Column("unsearched", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("goals_named", "goals", ["campaign_id", "key"], unique=True)
    _counted("goal_events", ["lead_id", "question", "event_id"], ["at", "received_at"])
    _counted("goals_reached", ["lead_id", "goal_id"], ["event_id", "at"])
    _counted("goal_counts", ["goal_id"], ["reached"])
    _counted("campaign_leads", ["campaign_id"], ["entered"])
    op.execute(
        "INSERT INTO campaign_leads (campaign_id, entered) "
        "SELECT campaign_id, count(*) FROM enrolments WHERE entry = 1 GROUP BY campaign_id"
    )


def _counted(name: str, key: list[str], others: list[str]) -> None:
    op.create_table(
        name,
        *(sa.Column(one, sa.BigInteger(), autoincrement=False, nullable=False) for one in key),
        *(sa.Column(one, sa.BigInteger(), nullable=False) for one in others),
        sa.PrimaryKeyConstraint(*key),
        sqlite_with_rowid=False,
    )
