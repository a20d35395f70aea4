"""How surely each identity and field is known, since when, and what was said without proof."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0012"
down_revision: str | None = "0011"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    """Bring the schema forward. What nothing vouches for was stated, at the lead's creation."""
    for table in ("leads", "identities"):
        proof = sa.Column("proof", sa.SmallInteger(), nullable=False, server_default="1")
        op.add_column(table, proof)
    op.add_column("leads", sa.Column("told_at", sa.BigInteger(), nullable=True))
    op.create_table(
        "field_proofs",
        sa.Column("lead_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("field", sa.String(length=80), nullable=False),
        sa.Column("proof", sa.SmallInteger(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("lead_id", "field"),
        sqlite_with_rowid=False,
    )
    # Only a CRM said since when what it told was so, and a CRM holds a secret of the project.
    op.execute(
        "INSERT INTO field_proofs (lead_id, field, proof, at) "
        "SELECT lead_id, field, 3, max(at) FROM learned GROUP BY lead_id, field"
    )
    # A number is not written to when more is known of its lead than of it. Those who were written to
    # until now still are: nothing tells a number of the team's own file from a stranger's.
    for number in ("f_telephone", "f_cellulaire"):
        op.execute(
            "INSERT INTO field_proofs (lead_id, field, proof, at) "  # noqa: S608 — names of ours
            f"SELECT DISTINCT l.id, '{number}', 2, l.created_at FROM leads l "
            f"JOIN learned k ON k.lead_id = l.id WHERE l.{number} IS NOT NULL AND NOT EXISTS "
            f"(SELECT 1 FROM field_proofs p WHERE p.lead_id = l.id AND p.field = '{number}')"
        )
    op.execute(
        "UPDATE identities SET proof = 3 WHERE kind = 'email' "
        "AND lead_id IN (SELECT lead_id FROM learned)"
    )
    op.drop_table("learned")
    op.create_table(
        "declarations",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("lead_id", sa.BigInteger(), nullable=False),
        sa.Column("field", sa.String(length=80), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.Column("proof", sa.SmallInteger(), nullable=False),
        sa.Column("source", sa.String(length=200), nullable=False),
        sa.Column("visitor", sa.String(length=128), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("received_at", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("settled_at", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(
        "declarations_once", "declarations", ["lead_id", "field", "hash", "visitor"], unique=True
    )
    op.create_index(
        "declarations_pending",
        "declarations",
        ["received_at"],
        sqlite_where=sa.text("state = 'pending'"),
        postgresql_where=sa.text("state = 'pending'"),
    )
    op.create_table(
        "pledges",
        sa.Column("lead_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("visitor", sa.String(length=128), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("lead_id", "visitor"),
        sqlite_with_rowid=False,
    )
    op.add_column("events", sa.Column("origin", sa.BigInteger(), nullable=True))
    op.create_table(
        "merges",
        sa.Column("source", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("target", sa.BigInteger(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("score", sa.Integer(), nullable=False),
        sa.Column("taken", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("source"),
    )
    op.create_index("ix_merges_target", "merges", ["target"])
    op.create_table(
        "merged_rows",
        sa.Column("source", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("key", sa.String(length=400), nullable=False),
        sa.Column("row", sa.Text(), nullable=False),
        sa.Column("extra", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("source", "kind", "key"),
        sqlite_with_rowid=False,
    )
