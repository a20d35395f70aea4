"""Those who rest until the date of a field hear of its changes from now on."""

import json
from collections.abc import Iterator, Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0015"
down_revision: str | None = "0014"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

_LISTEN = sa.text(
    "INSERT INTO waits (lead_id, topic, campaign_id, entry) "
    "SELECT lead_id, 'lead_updated', campaign_id, entry FROM enrolments "
    "WHERE active AND version_id = :version AND statement = :statement ON CONFLICT DO NOTHING"
)


def upgrade() -> None:
    """Bring the base forward: the schema stays."""
    conn = op.get_bind()
    for version, program in conn.execute(sa.text("SELECT id, program FROM versions")).all():
        for statement in _rests(program):
            conn.execute(_LISTEN, {"version": version, "statement": statement})


def _rests(program: str) -> Iterator[int]:
    """The statements of a program, as it is stored, that wait until the date of a field."""
    if '["WaitUntil",["Field",' not in program:
        return
    # The statements are the last list of a program; each list begins with « () ».
    *_, statements = (part for part in json.loads(program) if part and isinstance(part, list))
    for number, (name, *parts) in enumerate(statements[1:]):
        if name == "Pause" and parts[2][0] == "WaitUntil" and parts[2][1][0] == "Field":
            yield number
