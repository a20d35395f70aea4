"""Places and phrases are stored by what they say, no longer by their words.

The words stand for it until what is published is compiled again, when the server next opens
(`server.engine.publication.adoption`).
"""

import json
from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0025"
down_revision: str | None = "0024"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

_STORE = sa.text("UPDATE notings SET said = :stored WHERE said = :said")


def upgrade() -> None:
    """Bring the base forward."""
    op.execute("ALTER TABLE notings RENAME COLUMN name TO said")
    conn = op.get_bind()
    for said in conn.scalars(sa.text("SELECT DISTINCT said FROM notings")).all():
        row = json.dumps({"format": 3, "value": {"@": "Said", "what": said}}, ensure_ascii=False)
        conn.execute(_STORE, {"said": said, "stored": row})
    stored = sa.text(
        "SELECT (SELECT count(*) FROM versions) + (SELECT count(*) FROM standing_rules) "
        "+ (SELECT count(*) FROM dynamic_lists)"
    )
    known = sa.text("SELECT count(*) FROM server_settings WHERE name = 'identities'")
    if conn.scalar(stored) and not conn.scalar(known):
        conn.execute(sa.text("INSERT INTO server_settings (name, value) VALUES ('identities', '')"))
