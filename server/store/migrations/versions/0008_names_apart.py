"""Names that only their signs or their script tell apart are several: their keys are to be rewritten.

The rewriting itself may last, and is done part by part (`server.store.rekeying`).
"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0008"
down_revision: str | None = "0007"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    """Bring the schema forward."""
    if op.get_bind().scalar(sa.text("SELECT count(*) FROM leads")):
        op.execute("INSERT INTO server_settings (name, value) VALUES ('rekeying', '{}')")
    # The properties of what was received until now keep keys of the former kind.
    op.execute(
        "INSERT INTO server_settings (name, value) "
        "SELECT 'former_keys_until', CAST(max(id) AS TEXT) FROM events HAVING max(id) IS NOT NULL"
    )
