"""Deliverability: what left is counted by the domain it went to, and what calls for somebody is said."""

from dataclasses import replace
from datetime import date, timedelta
from zoneinfo import ZoneInfo

from plugins.email.deliverability import PAGE, REPORT, body, domains_report
from plugins.email.happenings import EVENT_TYPES
from relance.blocks import Notice
from relance.channel import Message, Refused, Sent
from relance.events import NewEvent
from relance.house import MessageCount, MessagesBy
from relance.message_mark import MessageMark
from relance.testing import FakeChannel, FakeHouse, VirtualClock
from server.dispatch.claim import Settled
from server.dispatch.settling import Settling, domain_of
from server.intake.intake import Intake
from server.reports.performance.house_view import CountedHouse
from server.reports.performance.reading import DaySpan
from server.store.counters import keeping
from server.store.store import Store
from tests.contract.test_documentation import MESSAGE
from tests.counters import counters_agree
from tests.dispatch.outbox import Outbox

HERE = ZoneInfo("America/Montreal")


def to(address: str, recipient: str | None = None) -> Message:
    return replace(MESSAGE, address=address, recipient=recipient)


def test_a_domain_is_that_of_a_lead_s_address_and_of_nothing_else() -> None:
    assert domain_of(to("Aline@Exemple.CA ")) == "exemple.ca"
    assert domain_of(to("aline@exemple.ca.")) == "exemple.ca"
    for other in ("+15145550134", "", "@exemple.ca", "aline@", "a@" + "x" * 300):
        assert domain_of(to(other)) is None, other
    assert domain_of(to("marc@exemple.ca", "Marc")) is None, "a message to the team"


async def test_what_left_is_counted_by_domain_on_both_stores_and_the_rest_together(
    store: Store, clock: VirtualClock
) -> None:
    await keeping.keep(store, HERE)
    outbox = Outbox(store, clock)
    await outbox.campaign()
    places = ("gmail.com", "GMAIL.com", "videotron.ca", "exemple.ca")
    for lead, domain in enumerate(places, 1):
        await outbox.lead(lead, f"l{lead}@{domain}")
        await outbox.put(lead)
    intake = Intake(store, clock)
    intake.marks = {one.type: one.mark for one in EVENT_TYPES if one.mark is not None}
    settling = Settling(FakeChannel(), intake.tell)
    async with store.write() as conn:
        claims = await outbox.claims().claim(conn, clock.now(), 9)
        found = []
        for one in claims:
            key, lead = one.message.key, one.message.lead_id
            said = {"message": key}
            bounced = Refused(
                "inconnu", (NewEvent("email_bounced", "Tarifs", properties=said),), unreachable=True
            )
            events = [NewEvent("email_sent", "Tarifs", properties=said)]
            if lead == 1:
                events += [NewEvent("email_opened", "Tarifs", properties=said)] * 2
            if lead == 2:
                events += [NewEvent("email_complained", "Tarifs", properties=said)]
            outcome = bounced if lead == 3 else Sent(events=tuple(events))
            found.append(Settled(one, outcome, clock.now()))
        await settling.settle(conn, found)
    today = clock.now().astimezone(HERE).date()

    def house(days: DaySpan) -> CountedHouse:
        return CountedHouse(store.read, days, clock.now(), HERE, "CAD", list)

    seen = house(DaySpan(today, today))
    first, *others = await seen.messages("email", MessagesBy.DOMAIN)
    assert (first.name, first.sent) == ("gmail.com", 2)
    assert first.marks == {MessageMark.READ: 1, MessageMark.COMPLAINED: 1}, "once a message"
    assert {
        one.name: (one.sent, one.unreachable, one.of(MessageMark.BOUNCED)) for one in others
    } == {
        "exemple.ca": (1, 0, 0),
        "videotron.ca": (0, 1, 1),
    }
    head, rest = await seen.messages("email", MessagesBy.DOMAIN, 1)
    assert (head.name, rest.name, rest.sent, rest.unreachable) == ("gmail.com", "", 1, 1)
    assert await seen.messages("sms", MessagesBy.DOMAIN) == []
    before = DaySpan(today - timedelta(days=9), today - timedelta(days=1))
    assert await house(before).messages("email", MessagesBy.DOMAIN) == []
    (by_message,) = await seen.messages("email", MessagesBy.MESSAGE)
    assert (by_message.name, by_message.sent, by_message.of(MessageMark.READ)) == ("Tarifs", 3, 1)
    report = await domains_report(seen)
    assert [row[0] for row in report.rows] == ["gmail.com", "exemple.ca", "videotron.ca"]
    await counters_agree(store)


async def test_a_domain_that_turns_mail_away_complains_or_does_not_read_is_pointed_at() -> None:
    def line(name: str, sent: int, **marks: int) -> MessageCount:
        return MessageCount(name, sent, marks={MessageMark[one]: n for one, n in marks.items()})

    lines = [
        line("bon.ca", 10_000, READ=5_000),
        line("plaintes.ca", 1_000, READ=500, COMPLAINED=4),
        line("rebonds.ca", 1_000, READ=500, BOUNCED=60),
        line("indesirables.ca", 1_000, READ=20),
        line("petit.ca", 99, BOUNCED=99),
        line("", 5_000, BOUNCED=4_000),
    ]
    house = FakeHouse(counted={("email", MessagesBy.DOMAIN): lines})
    notices = [one for one in await body(house) if isinstance(one, Notice)]
    assert [one.title.split("\u00a0")[1] for one in notices] == [
        "plaintes.ca",
        "rebonds.ca",
        "indesirables.ca",
    ]
    assert [one for one in await body(FakeHouse()) if isinstance(one, Notice)] == []
    assert REPORT.word in PAGE.path
    assert (await REPORT.read(FakeHouse(first=date(2026, 1, 1)))).rows == ()
