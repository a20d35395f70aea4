"""What became of messages until now, told by the events that told it."""

import json
from collections.abc import Iterator, Sequence
from typing import Any

from alembic import op
from sqlalchemy import text

revision: str = "0037"
down_revision: str | None = "0036"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

#: As the events of this release tell it.
_MARKS = {
    "email_delivered": "delivered",
    "email_opened": "read",
    "email_bounced": "bounced",
    "email_unsubscribed": "unsubscribed",
    "email_complained": "complained",
    "link_clicked": "clicked",
    "sms_delivered": "delivered",
    "sms_undelivered": "bounced",
    "push_clicked": "clicked",
}
_KEEP = text(
    "INSERT INTO message_marks (key, kind, campaign_id, channel, message, at) "
    "SELECT CAST(:key AS TEXT), CAST(:kind AS TEXT), o.campaign_id, o.channel, o.message, "
    "CAST(:at AS BIGINT) FROM outbox o WHERE o.lead_id IN (:lead, :of) "
    "AND o.campaign_id = :campaign AND o.move = :move AND o.ordinal = :ordinal "
    "AND o.created_at = :created LIMIT 1 ON CONFLICT (key, kind) DO NOTHING"
)
_PARTS = ("of", "campaign", "entry", "move", "ordinal", "created")
_AT_ONCE = 10_000


def upgrade() -> None:
    """Bring the base forward, a part of the events at a time."""
    connection = op.get_bind()
    types = ", ".join(f"'{one}'" for one in _MARKS)
    events = connection.execute(
        text(
            f"SELECT lead_id, type, properties, occurred_at FROM events WHERE type IN ({types}) "  # noqa: S608
            "AND properties IS NOT NULL ORDER BY id"
        )
    )
    # All read first: on SQLite, what is written is not to be read by the same question.
    for part in list(events.partitions(_AT_ONCE)):
        rows = list(_marked(part))
        if rows:
            connection.execute(_KEEP, rows)


def _marked(events: Sequence[Any]) -> Iterator[dict[str, Any]]:
    for event in events:
        key = json.loads(event.properties).get("message")
        parts = str(key).split(".")
        if len(parts) == len(_PARTS) and all(part.isdecimal() and len(part) < 19 for part in parts):
            asked = dict(zip(_PARTS, map(int, parts), strict=True))
            del asked["entry"]
            yield {**asked, "key": key, "kind": _MARKS[event.type], "lead": event.lead_id} | {
                "at": event.occurred_at
            }
