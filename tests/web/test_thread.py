"""What the thread of a lead says of who did each thing."""

from datetime import UTC, datetime

import pytest

from relance.event_type import EventType
from server.reports.glossary import Glossary
from server.reports.timeline import TimelineLine
from server.web.thread import tone

DECLARED = (
    EventType("page_visited", "page visitée", "La personne a vu une page."),
    EventType("sms_sent", "SMS parti", "Un SMS est parti.", reported_by="sms"),
)


@pytest.mark.parametrize(
    ("code", "words"),
    [
        ("page_visited", "Fait par la personne"),
        ("sms_sent", "Message"),
        ("pigeon_lache", "Événement"),
    ],
)
def test_an_event_is_the_person_s_only_where_somebody_says_what_it_is(
    code: str, words: str
) -> None:
    line = TimelineLine(datetime(2026, 11, 30, tzinfo=UTC), "x", "", kind="event", code=code)
    assert tone(line, Glossary(events=DECLARED)).words == words
