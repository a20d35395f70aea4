"""Who hears of what happens: those who stand somewhere are subscribed to topics, until they go on."""

from collections.abc import Sequence

from sqlalchemy import ColumnElement, Text, delete, literal, select, tuple_

from server.engine.batch import batch, insert_new
from server.engine.tick import Prepared
from server.store.schema.campaigns import waits


def subscribe(dialect: str, topic: str, those: ColumnElement[bool]) -> Prepared:
    """Have those rows of the batch hear of a topic."""
    values = {
        "lead_id": batch.c.lead_id,
        "topic": literal(topic, Text),
        "campaign_id": batch.c.campaign_id,
        "entry": batch.c.entry,
    }
    return Prepared(insert_new(dialect, waits, values, select(batch.c.lead_id).where(those)))


def unsubscribe(topics: Sequence[str], those: ColumnElement[bool]) -> Prepared:
    """Have those rows of the batch hear of these topics no more."""
    leads = select(batch.c.lead_id).where(those)
    journeys = select(batch.c.lead_id, batch.c.campaign_id, batch.c.entry).where(those)
    return Prepared(
        delete(waits).where(
            waits.c.topic.in_(topics),
            waits.c.lead_id.in_(leads),
            tuple_(waits.c.lead_id, waits.c.campaign_id, waits.c.entry).in_(journeys),
        )
    )
