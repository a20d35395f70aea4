"""Reports that somebody saved, and the mails of them."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0057"
down_revision: str | None = "0056"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None
#: The release before goes on beside it.
EXPANDS = True

_UNSETTLED = "state IN ('pending', 'sending')"


def upgrade() -> None:
    """Bring the base forward."""
    op.create_table(
        "saved_reports",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), primary_key=True),
        sa.Column("name", sa.String(120), nullable=False),
        sa.Column("name_key", sa.String(120), nullable=False, unique=True),
        sa.Column("account_id", sa.BigInteger(), nullable=False),
        sa.Column("report", sa.String(64), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("campaign", sa.Text(), nullable=False),
        sa.Column("pace", sa.String(16), nullable=False),
        sa.Column("days", sa.String(32), nullable=False),
        sa.Column("compared", sa.Boolean(), nullable=False),
        sa.Column("saved_at", sa.BigInteger(), nullable=False),
        sa.Column("cron", sa.String(40)),
        sa.Column("attached", sa.String(8), nullable=False),
        sa.Column("due_at", sa.BigInteger()),
        sa.Column("fault", sa.Text()),
    )
    due = sa.text("due_at IS NOT NULL")
    _partial("saved_reports_due", "saved_reports", "due_at", due)
    op.create_table(
        "saved_report_readers",
        sa.Column("report_id", sa.BigInteger(), primary_key=True, autoincrement=False),
        sa.Column("account_id", sa.BigInteger(), primary_key=True, autoincrement=False),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "report_mails",
        sa.Column("report_id", sa.BigInteger(), primary_key=True, autoincrement=False),
        sa.Column("due_at", sa.BigInteger(), primary_key=True, autoincrement=False),
        sa.Column("account_id", sa.BigInteger(), primary_key=True, autoincrement=False),
        sa.Column("missed", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("next_at", sa.BigInteger()),
        sa.Column("settled_at", sa.BigInteger()),
        sa.Column("reason", sa.Text()),
        sa.Column("fault", sa.Text()),
        sqlite_with_rowid=False,
    )
    _partial("report_mails_unsettled", "report_mails", "next_at", sa.text(_UNSETTLED))
    op.create_index("report_mails_settled", "report_mails", ["settled_at"])


def _partial(name: str, table: str, column: str, where: sa.TextClause) -> None:
    op.create_index(name, table, [column], sqlite_where=where, postgresql_where=where)
