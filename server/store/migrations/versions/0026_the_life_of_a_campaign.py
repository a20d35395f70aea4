"""The states of campaigns, what was done to them, and what came due while they did not run.

Until now a campaign of the project was active, and everybody left when its period ended. They stay:
whoever was to leave then, and at no other time, waits for what they waited for.
"""

import json
from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0026"
down_revision: str | None = "0025"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_INSTANT = sa.BigInteger()
#: Of the array that programs of the first format are, where the period’s end and the limit stand.
_ENDS, _TIMEOUT = 5, 8

_STAYS = sa.text(
    "UPDATE enrolments SET expires_at = NULL, "
    "wake_at = CASE WHEN wake_at = expires_at THEN coalesce(deadline, wake_at) ELSE wake_at END "
    "WHERE active AND version_id = :version AND expires_at IS NOT NULL"
)


def upgrade() -> None:
    """Bring the schema forward."""
    _campaigns()
    _journal()
    op.add_column("enrolments", sa.Column("overdue_at", _INSTANT, nullable=True))
    op.drop_index("enrolments_inside", "enrolments")
    _partial("enrolments_inside", "enrolments", "active")
    op.add_column("outbox", sa.Column("overdue_at", _INSTANT, nullable=True))
    _partial("outbox_overdue", "outbox", "overdue_at IS NOT NULL")
    op.add_column(
        "notings",
        sa.Column("tells", sa.Boolean(), nullable=False, server_default=sa.text("false")),
    )
    conn = op.get_bind()
    for version, program in conn.execute(sa.text("SELECT id, program FROM versions")).all():
        if _left_by_its_period_alone(json.loads(program)):
            conn.execute(_STAYS, {"version": version})


def _campaigns() -> None:
    op.execute("ALTER TABLE campaigns RENAME COLUMN active TO present")
    state = sa.Column("state", sa.String(16), nullable=False, server_default="active")
    op.add_column("campaigns", state)
    at = sa.Column("state_at", _INSTANT, nullable=False, server_default="0")
    op.add_column("campaigns", at)
    runs: sa.Column[bool] = sa.Column(
        "runs", sa.Boolean(), nullable=False, server_default=sa.text("true")
    )
    op.add_column("campaigns", runs)
    op.add_column("campaigns", sa.Column("followed_to", sa.BigInteger(), nullable=True))
    op.execute(
        "UPDATE campaigns SET state_at = coalesce((SELECT min(versions.published_at) "
        "FROM versions WHERE versions.campaign_id = campaigns.id), 0)"
    )


def _journal() -> None:
    op.create_table(
        "campaign_changes",
        sa.Column("id", _ID, primary_key=True),
        sa.Column("campaign_id", sa.BigInteger(), nullable=False),
        sa.Column("at", _INSTANT, nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("who", sa.Text(), nullable=True),
        sa.Column("why", sa.Text(), nullable=True),
        sa.Column("publication", sa.BigInteger(), nullable=True),
        sa.Column("details", sa.Text(), nullable=True),
    )
    op.create_index("campaign_changes_of", "campaign_changes", ["campaign_id", "id"])
    op.create_table(
        "transitions",
        sa.Column("campaign_id", sa.BigInteger(), primary_key=True, autoincrement=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("plan", sa.Text(), nullable=False),
        sa.Column("phase", sa.String(16), nullable=False),
        sa.Column("after_lead", sa.BigInteger(), nullable=False),
        sa.Column("counts", sa.Text(), nullable=False),
        sa.Column("begun_at", _INSTANT, nullable=False),
        sa.Column("who", sa.Text(), nullable=True),
        sa.Column("why", sa.Text(), nullable=True),
    )


def _partial(name: str, table: str, where: str) -> None:
    rows = sa.text(where)
    columns = ["campaign_id", "lead_id"]
    op.create_index(name, table, columns, sqlite_where=rows, postgresql_where=rows)


def _left_by_its_period_alone(program: object) -> bool:
    """Whether nothing but the end of its period made people leave that version in time."""
    if isinstance(program, list):
        return program[_ENDS] is not None and program[_TIMEOUT] is None
    value = program["value"] if isinstance(program, dict) else {}
    return value.get("ends") is not None and value.get("timeout") is None
