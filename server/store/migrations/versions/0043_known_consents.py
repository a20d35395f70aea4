"""Whether anybody's consent is known: looked for once, so that messages are not asked about none."""

from collections.abc import Sequence

from alembic import op

revision: str = "0043"
down_revision: str | None = "0042"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    """Bring the base forward."""
    op.execute(
        "INSERT INTO server_settings (name, value) SELECT 'consents_known', '1' WHERE EXISTS "
        "(SELECT 1 FROM events WHERE type IN ('consent_given', 'consent_withdrawn'))"
    )
