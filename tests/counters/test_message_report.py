"""The report of messages reads those of its days, of thousands of campaigns as of one."""

from datetime import date, timedelta

import pytest
from sqlalchemy import event, text

from relance.testing import VirtualClock
from server.reports.glossary import Glossary
from server.reports.performance.messages import (
    channel_lines,
    found_messages,
    message_names,
    messages_report,
)
from server.reports.performance.reading import DaySpan, number_of
from server.store.counters import keeping
from server.store.counters.triggers import COLUMNS
from server.store.instants import to_micros
from server.store.store import Store
from tests.counters import counters_agree
from tests.counters.test_counters import MONTREAL

TODAY = date(2026, 11, 30)
DAYS = DaySpan(TODAY - timedelta(days=6), TODAY)


@pytest.fixture
async def counted(store: Store) -> Store:
    """Thirty messages, the last the most sent; the day before those days, another."""
    rows = [(f"Message {n:02}", "sent", number_of(TODAY) - n % 7, n) for n in range(1, 31)]
    rows += [("Message 07", "clicked", number_of(TODAY), 3), ("Été", "held", number_of(TODAY), 1)]
    rows += [("Avant", "sent", number_of(TODAY) - 7, 900), ("Message 09", "read", 5, 5)]
    kept = text(
        f"INSERT INTO counters ({COLUMNS}) VALUES (0, :kind, :day, 0, 0, :name, 'email', :n, 0)"
    )
    async with store.write() as conn:
        for name, fate, day, n in rows:
            given = {"kind": f"each message {fate}", "day": day, "name": name, "n": n}
            await conn.execute(kept, given)
    return store


async def test_the_most_sent_come_first_and_what_is_read_is_bounded(counted: Store) -> None:
    statements: list[str] = []
    async with counted.read() as conn:
        event.listen(
            conn.sync_connection,
            "before_cursor_execute",
            lambda *given: statements.append(given[2]),
        )
        lines = await found_messages(conn, DAYS, 11)
        assert len(statements) == 2
        assert not any("campaigns" in one for one in statements), "no campaign is asked about"
    assert [(one.message, one.sent) for one in lines[:2]] == [
        ("Message 30", 30),
        ("Message 29", 29),
    ]
    shown = messages_report(lines, Glossary(), each=True, most=10)
    assert (len(shown.rows), bool(shown.cut)) == (10, True)


async def test_one_is_found_by_its_name_or_by_words_of_it(counted: Store) -> None:
    async with counted.read() as conn:
        (named,) = await found_messages(conn, DAYS, 10, name="MESSAGE 07")
        assert named.counts == {"sent": 7, "clicked": 3}
        sought = await found_messages(conn, DAYS, 50, search="ete")
        assert [(one.message, one.counts) for one in sought] == [("Été", {"held": 1})]
        assert len(await found_messages(conn, DAYS, 50, search="mess 2")) == 12
        assert await found_messages(conn, DAYS, 50, channel="sms") == []
        assert await message_names(conn, DAYS, 2) == ["Message 01", "Message 02"]


async def test_a_message_is_counted_whatever_campaigns_sent_it(
    store: Store, clock: VirtualClock
) -> None:
    await keeping.keep(store, MONTREAL)
    now = to_micros(clock.now())
    sent = text(
        "INSERT INTO outbox (lead_id, campaign_id, entry, move, ordinal, channel, message, state, "
        "created_at, settled_at, nature) VALUES (:lead, :campaign, 1, 1, 0, 'email', 'Bonjour', "
        "'sent', :now, :now, 'marketing')"
    )
    async with store.write() as conn:
        rows = [{"lead": lead, "campaign": 1 + lead % 2, "now": now} for lead in range(1, 6)]
        await conn.execute(sent, rows)
        await conn.execute(text("UPDATE outbox SET state = 'failed' WHERE lead_id = 5"))
    day = clock.now().astimezone(MONTREAL).date()
    async with store.read() as conn:
        (line,) = await found_messages(conn, DaySpan(day, day), 10)
        (channel,) = await channel_lines(conn, DaySpan(day, day))
    assert line.counts == channel.counts == {"sent": 4, "failed": 1}
    await counters_agree(store)
