"""What became of messages, written as the events that tell it are: the first time of each kind."""

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from relance.message_mark import MessageMark
from server.store.arrivals import EventRow

#: The message is found where it is now: what became another lead's went with it, but what its
#: channel had in hand.
_KEEP = text(
    "INSERT INTO message_marks (key, kind, campaign_id, channel, message, at, domain, version_id) "
    "SELECT CAST(:key AS TEXT), CAST(:kind AS TEXT), o.campaign_id, o.channel, o.message, "
    "CAST(:at AS BIGINT), o.domain, o.version_id FROM outbox o WHERE o.lead_id IN (:lead, :of) "
    "AND o.campaign_id = :campaign AND o.move = :move AND o.ordinal = :ordinal "
    "AND o.created_at = :created LIMIT 1 ON CONFLICT (key, kind) DO NOTHING"
)
_PARTS = ("of", "campaign", "entry", "move", "ordinal", "created")


async def keep(
    conn: AsyncConnection, events: Sequence[EventRow], marks: Mapping[str, MessageMark]
) -> None:
    """Write what these tell of messages. `marks`: by type of event, what it tells."""
    rows = list(_marked(events, marks))
    if rows:
        await conn.execute(_KEEP, rows)


def _marked(
    events: Sequence[EventRow], marks: Mapping[str, MessageMark]
) -> Iterator[dict[str, Any]]:
    for event in events:
        mark = marks.get(event.type)
        if mark is None or not event.properties:
            continue
        key = json.loads(event.properties).get("message")
        parts = str(key).split(".")
        if len(parts) == len(_PARTS) and all(part.isdecimal() and len(part) < 19 for part in parts):
            asked = dict(zip(_PARTS, map(int, parts), strict=True))
            del asked["entry"]  # a merge numbers it anew
            yield {**asked, "key": key, "kind": mark.value, "lead": event.lead_id} | {
                "at": event.occurred_at
            }
