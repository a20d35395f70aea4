"""The policy at the door: what it holds, until when, in which order it lets go, and what it gives up."""

import json
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from dsl.program_codec import to_json
from relance.channel import Refused, Retry
from relance.nature import Nature
from relance.testing import FakeChannel
from server.dispatch.dispatch import Dispatch
from server.dispatch.policy import quiet
from server.dispatch.terms import Terms
from server.reports.glossary import Glossary
from server.reports.ledger import read_ledger
from server.reports.policy import held_by_term, policy_report
from server.reports.timeline import timeline_of
from server.store import policies
from server.store.counters import keeping
from server.store.instants import from_micros, local, to_micros
from server.store.schema.campaigns import enrolments, versions
from server.store.schema.messages import outbox as table
from tests.dispatch.outbox import Noticed, Outbox, at
from tests.engine.world import program
from tests.policies import policy

#: 1 December 2026 at noon: a Tuesday, 7 in the morning in Montréal, 13 h in Paris.
MONTREAL, PARIS = ZoneInfo("America/Montreal"), ZoneInfo("Europe/Paris")


class House:
    """A project with a policy, and its channels."""

    def __init__(self, outbox: Outbox, intake: Noticed) -> None:
        self.outbox, self.clock = outbox, outbox.clock
        self.email, self.sms = FakeChannel(), FakeChannel("sms", "courriel")
        self.alert = FakeChannel("alert", None)
        terms = Terms(nature=self._nature, zone=MONTREAL)
        channels = [self.email, self.sms, self.alert]
        self.dispatch = Dispatch(outbox.store, self.clock, channels, intake, terms)

    @staticmethod
    def _nature(_channel: str, message: str) -> Nature:
        return Nature.SERVICE if message == "Reçu" else Nature.MARKETING

    async def publish(self, *lines: str) -> None:
        async with self.outbox.store.write() as conn:
            await policies.publish(conn, policy(*lines), to_micros(self.clock.now()))

    async def go(self, **later: float) -> None:
        """Time passes, each lane waking when it is due."""
        until = self.clock.now() + timedelta(**later)
        await self.dispatch.drain()
        while (due := await self.dispatch.next_due()) is not None and due <= until:
            self.clock.set(max(due, self.clock.now()))
            assert await self.dispatch.drain() or await self.dispatch.next_due() != due
        self.clock.set(until)

    def sent(self, channel: FakeChannel | None = None) -> list[str]:
        return [one.template for one in (channel or self.email).attempts]


@pytest.fixture
def house(outbox: Outbox, intake: Noticed) -> House:
    outbox.clock.set(datetime(2026, 12, 1, 12, tzinfo=MONTREAL))
    return House(outbox, intake)


async def put_all(house: House, *names: str, lead: int = 1, channel: str = "email") -> None:
    for name in names:
        await house.outbox.put(lead, name, channel)
        house.clock.advance(seconds=1)


# --- How many ------------------------------------------------------------------------------------


async def test_a_cap_holds_what_is_one_too_many_until_the_oldest_is_old(house: House) -> None:
    await house.publish("au plus 2 courriels par 7 jours")
    await put_all(house, "A", "B", "C", "D")
    first = house.clock.now()
    await house.go(days=6, hours=23)
    assert house.sent() == ["A", "B"]
    row = await house.outbox.row(3)
    assert (row["state"], at(row, "due_at")) == ("pending", first + timedelta(days=7))
    assert row["reason"] == "règle d’envoi : «\u00a0au plus 2 courriels par 7 jours\u00a0»"
    await house.go(hours=2)
    assert house.sent() == ["A", "B", "C", "D"]


async def test_a_cap_is_of_any_stretch_of_time_not_of_a_week(house: House) -> None:
    await house.publish("au plus 2 courriels par 7 jours")
    times: list[datetime] = []
    for number in range(12):
        await put_all(house, f"M{number}")
        await house.go(hours=50)
    await house.go(days=60)
    for one in house.email.attempts:
        times.append(one.at)
    assert len(times) == 12
    assert all(
        later - first >= timedelta(days=7) for first, later in zip(times, times[2:], strict=False)
    )


async def test_one_lead_s_messages_do_not_count_against_another_s(house: House) -> None:
    await house.publish("au plus 1 courriel par jour")
    await put_all(house, "A", "B")
    await put_all(house, "C", lead=2)
    await house.go(minutes=1)
    assert sorted(house.sent()) == ["A", "C"]


async def test_what_was_decided_first_leaves_first_across_channels(house: House) -> None:
    await house.publish("au plus 1 message par jour", "jamais de SMS de 11 h à 15 h")
    await put_all(house, "Vieux", channel="sms")
    await house.go(minutes=1)
    await put_all(house, "Neuf")
    await house.go(hours=2)
    # The text waits for its hour: the mail decided after it waits for it, a day later.
    assert house.sent() == []
    assert at(await house.outbox.row(2), "due_at") == datetime(2026, 12, 2, 15, tzinfo=MONTREAL)
    await house.go(days=2)
    assert (house.sent(house.sms), house.sent()) == (["Vieux"], ["Neuf"])


async def test_only_what_left_or_is_leaving_takes_a_place(house: House) -> None:
    await house.publish("au plus 1 courriel par jour")
    house.email.script(Refused("non"), Retry("plus tard", after=7_200))
    await put_all(house, "Refusé", "Retardé", "Suivant")
    await house.go(minutes=1)
    assert house.sent() == ["Refusé", "Retardé"]
    # What is tried again has taken its place.
    assert (await house.outbox.row(3))["held_at"] is not None
    await house.go(hours=3)
    assert house.sent() == ["Refusé", "Retardé", "Retardé"]
    await house.go(days=2)
    assert house.sent()[-1] == "Suivant"


async def test_skipping_gives_up_what_is_one_too_many(house: House) -> None:
    await house.publish("au plus 1 courriel par jour, sauter")
    await put_all(house, "A", "B")
    await house.go(days=3)
    assert house.sent() == ["A"]
    row = await house.outbox.row(2)
    assert (row["state"], row["due_at"]) == ("skipped", None)
    assert "au plus 1 courriel par jour, sauter" in row["reason"]


# --- When ----------------------------------------------------------------------------------------


async def zoned(house: House, lead: int, zone: str | None, campaign: str | None = None) -> None:
    await house.outbox.lead(lead, f"lead{lead}@exemple.ca", f_fuseau=zone)
    if campaign is not None:
        async with house.outbox.store.write() as conn:
            text = to_json(program(zone=campaign))
            made = {"id": lead, "campaign_id": 1, "hash": "x", "program": text, "source": ""}
            await conn.execute(versions.insert().values(**made, published_at=0))
            inside = {"lead_id": lead, "campaign_id": 1, "entry": 1, "version_id": lead}
            inside |= {"active": True, "statement": 0, "moves": 1, "entered_at": 0}
            await conn.execute(enrolments.insert().values(**inside, since_at=0, since_event=0))


@pytest.mark.parametrize(
    ("own", "campaign", "zone"),
    [
        (None, None, MONTREAL),
        (None, "Europe/Paris", PARIS),
        ("Europe/Paris", None, PARIS),
        ("Asia/Tokyo", "Europe/Paris", ZoneInfo("Asia/Tokyo")),
        ("nulle part", "Europe/Paris", PARIS),
    ],
)
async def test_hours_are_those_of_the_lead_else_of_the_campaign_else_of_the_server(
    house: House, own: str | None, campaign: str | None, zone: ZoneInfo
) -> None:
    await zoned(house, 7, own, campaign)
    await house.publish("jamais de courriels avant 15 h, ni après 16 h")
    await put_all(house, "A", lead=7)
    await house.go(days=2)
    (one,) = house.email.attempts
    assert one.at.astimezone(zone).hour == 15


async def test_service_messages_and_those_to_the_team_leave_at_any_hour(house: House) -> None:
    await house.publish("jamais de messages de 9 h à 17 h")
    await put_all(house, "Reçu", "Offre")
    await house.outbox.put(1, "Chaud", "alert", recipient="Marc")
    await house.go(minutes=1)
    assert house.sent() == ["Reçu"]
    assert house.sent(house.alert) == ["Chaud"]
    await house.publish("jamais de messages de 9 h à 17 h, tous les messages")
    await put_all(house, "Reçu")
    await house.go(minutes=1)
    assert house.sent() == ["Reçu"]
    await house.go(hours=6)
    assert sorted(house.sent()) == ["Offre", "Reçu", "Reçu"]


async def test_what_is_tried_again_waits_for_its_hour_too(house: House) -> None:
    await house.publish("jamais de courriels de 13 h à 9 h")
    house.email.script(Retry("panne", after=7_200))
    await put_all(house, "A")
    await house.go(days=1)
    assert [one.at.astimezone(MONTREAL).hour for one in house.email.attempts] == [12, 9]


async def test_a_day_without_sends_is_skipped_whole_with_the_nights_beside_it(house: House) -> None:
    house.clock.set(datetime(2026, 12, 23, 22, tzinfo=MONTREAL))
    await house.publish(
        "jamais de courriels de 21 h à 9 h, ni les jours fériés (Québec), ni le 24 décembre, ni le dimanche"
    )
    await put_all(house, "A")
    await house.go(days=9)
    (one,) = house.email.attempts
    # The 24th is closed, the 25th a holiday, the 27th a Sunday.
    assert one.at.astimezone(MONTREAL) == datetime(2026, 12, 26, 9, tzinfo=MONTREAL)


# --- Until when ----------------------------------------------------------------------------------


async def test_a_message_past_its_time_never_leaves_and_says_so(house: House) -> None:
    await house.publish("au plus 1 courriel par 7 jours", "courriels valables 2 jours")
    await put_all(house, "A", "B")
    await house.go(days=30)
    assert house.sent() == ["A"]
    row = await house.outbox.row(2)
    assert row["state"] == "expired"
    assert row["reason"] == "périmé : «\u00a0courriels valables 2 jours\u00a0»"
    assert at(row, "settled_at") - at(row, "created_at") == timedelta(days=2)


async def test_each_time_a_message_is_put_off_is_kept(house: House) -> None:
    await house.publish("au plus 1 courriel par jour", "jamais de courriels de 12 h à 18 h")
    house.clock.set(datetime(2026, 12, 1, 19, tzinfo=MONTREAL))
    await put_all(house, "A")
    await house.go(hours=18)
    await put_all(house, "B")
    await house.go(days=2)
    held = json.loads((await house.outbox.row(2))["holds"])
    assert [from_micros(until).astimezone(MONTREAL).hour for _, until, _ in held] == [18, 19]
    assert ["12 h à 18 h" in why for _, _, why in held] == [True, False]
    assert (await house.outbox.row(1))["holds"] is None


async def test_a_lead_s_story_says_what_held_each_message_and_what_gave_it_up(house: House) -> None:
    await house.publish("au plus 1 courriel par 7 jours", "courriels valables 8 jours")
    await put_all(house, "A", "B", "C")
    await house.go(minutes=1)
    ledger = await read_ledger(house.outbox.store, 1, Glossary())
    lines = {line.text: line for line in timeline_of(ledger, MONTREAL)}
    waiting = lines["Message «\u00a0B\u00a0» : en attente d’envoi"]
    assert waiting.reason == "règle d’envoi : «\u00a0au plus 1 courriel par 7 jours\u00a0»"
    (held,) = waiting.details
    held = held.replace("\u00a0", " ")
    assert held.startswith("retenu le 1er déc. 2026 à 12 h jusqu’au 8 déc. 2026 à 12 h (règle")
    await house.go(days=20)
    ledger = await read_ledger(house.outbox.store, 1, Glossary())
    reasons = {line.text: line.reason for line in timeline_of(ledger, MONTREAL)}
    assert reasons["Message «\u00a0B\u00a0» : envoyé"] == ""
    given_up = "Message «\u00a0C\u00a0» : non envoyé : il était trop tard"
    assert reasons[given_up] == "périmé : «\u00a0courriels valables 8 jours\u00a0»"


async def test_the_team_is_shown_what_each_line_holds_back_now(house: House) -> None:
    await house.publish("au plus 1 courriel par 7 jours", "jamais de SMS de 21 h à 9 h, sauter")
    await put_all(house, "A", "B", "C")
    await house.go(minutes=1)
    async with house.outbox.store.read() as conn:
        cap, quiet_time = await held_by_term(conn)
    assert (cap.term.said, cap.messages, cap.leads) == ("au plus 1 courriel par 7 jours", 2, 1)
    assert cap.first is not None
    assert cap.last is not None
    assert cap.last - cap.first == timedelta(days=7)
    assert (quiet_time.messages, quiet_time.first) == (0, None)
    (first, second) = policy_report([cap, quiet_time]).rows
    assert "reporté" in first
    assert "sauté" in second


async def test_what_a_line_has_had_given_up_is_totalled_beside_it(house: House) -> None:
    await keeping.keep(house.outbox.store, MONTREAL)
    await house.publish("au plus 1 courriel par 7 jours", "courriels valables 8 jours")
    await put_all(house, "A", "B", "C")
    await house.go(days=20)
    await house.publish("au plus 1 courriel par 7 jours, sauter", "courriels valables 8 jours")
    await put_all(house, "D", "E", "F")
    await house.go(minutes=1)
    async with house.outbox.store.read() as conn:
        given_up = {one.term.said: one.given_up for one in await held_by_term(conn)}
    assert given_up == {
        "au plus 1 courriel par 7 jours, sauter": 2,
        "courriels valables 8 jours": 1,
    }


# --- A crowd, and another policy -----------------------------------------------------------------


async def test_a_crowd_that_may_not_leave_is_put_off_by_few_turns(house: House) -> None:
    for lead in range(100, 400):
        await house.outbox.lead(lead, f"lead{lead}@exemple.ca")
        await house.outbox.put(lead, "A")
    await house.publish("jamais de courriels de 9 h à 17 h")
    claims = house.outbox.claims()
    turns = 0
    async with house.outbox.store.write() as conn:
        now = house.clock.now()
        while (due := await claims.next_due(conn)) is not None and due <= now:
            assert not await claims.claim(conn, now, 8)
            turns += 1
    assert turns == 1
    assert {row["state"] for row in await house.outbox.rows()} == {"pending"}


async def test_another_policy_is_asked_of_what_the_former_put_off(house: House) -> None:
    await house.publish("au plus 1 courriel par 30 jours")
    await put_all(house, "A", "B", "C")
    await house.go(minutes=1)
    assert house.sent() == ["A"]
    await house.publish("au plus 2 courriels par 30 jours")
    await house.go(minutes=1)
    assert house.sent() == ["A", "B"]
    await house.publish()
    await house.go(minutes=1)
    assert house.sent() == ["A", "B", "C"]


async def test_what_left_before_there_was_a_policy_counts(house: House) -> None:
    await put_all(house, "A")
    await house.go(minutes=1)
    await house.publish("au plus 1 courriel par jour")
    await put_all(house, "B")
    await house.go(minutes=1)
    assert house.sent() == ["A"]


async def test_no_policy_costs_a_turn_no_look_at_what_was_sent(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def never(*_: object) -> None:
        raise AssertionError("it counts")

    monkeypatch.setattr("server.dispatch.policy.check.sent_lately", never)
    await put_all(house, "A", "B")
    await house.go(minutes=1)
    assert house.sent() == ["A", "B"]


# --- Hours, wherever clocks change ---------------------------------------------------------------

ZONES = ["America/Montreal", "Europe/Paris", "Australia/Lord_Howe", "Pacific/Apia", "UTC"]


@given(
    st.datetimes(datetime(2026, 1, 1), datetime(2027, 12, 31)),
    st.sampled_from(ZONES),
    st.integers(0, 23),
    st.integers(1, 23),
    st.sampled_from(
        ["", ", ni le dimanche", ", ni la fin de semaine", ", ni les jours fériés (FR)"]
    ),
)
def test_sending_opens_at_the_first_instant_that_no_closure_covers(
    naive: datetime, name: str, starts: int, hours: int, days: str
) -> None:
    zone = ZoneInfo(name)
    ends = (starts + hours) % 24
    terms = policy(f"jamais de courriels de {starts} h à {ends} h{days}").quiet
    now = to_micros(naive.replace(tzinfo=ZoneInfo("UTC")))
    opens = quiet.opening(terms, now, zone)
    assert quiet.closing(terms, opens, zone) is None
    closed = quiet.closing(terms, now, zone) is not None
    assert (opens > now) is closed
    if closed:
        assert quiet.closing(terms, opens - 1, zone) is not None
        # It opens where the window ends, or at a midnight after a day that was closed.
        there = local(opens, zone)
        assert there.hour in {ends, 0} or there.utcoffset() != local(now, zone).utcoffset()


async def test_the_store_keeps_what_each_message_is(house: House) -> None:
    await put_all(house, "Reçu", "Offre")
    await house.outbox.put(1, "Chaud", "alert", recipient="Marc")
    await house.go(minutes=1)
    async with house.outbox.store.read() as conn:
        found = (await conn.execute(select(table.c.message, table.c.nature))).all()
    assert {tuple(row) for row in found} == {
        ("Reçu", "service"),
        ("Offre", "marketing"),
        ("Chaud", None),
    }
