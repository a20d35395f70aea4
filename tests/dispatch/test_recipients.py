"""How much any one recipient is written to, counted where messages are taken."""

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from relance.channel import Limits, Retry
from relance.proof import Proof
from relance.testing import FakeChannel, VirtualClock
from server.dispatch import held
from server.dispatch.allowance import ORDINARY, Allowance
from server.dispatch.claim import Claim, Settled
from server.dispatch.dispatch import Dispatch
from server.dispatch.limits import REASONS, CountedMessage, LimitScope, within
from server.dispatch.mailbox import domain, mailbox, suffixes
from server.dispatch.sayable import LONGEST, sayable
from server.intake.intake import Intake
from server.store import attached, hourly
from server.store.instants import HOUR, to_micros
from server.store.store import Store
from tests.dispatch.outbox import Outbox

STATED, CONFIRMED, TEAM = int(Proof.STATED), int(Proof.CONFIRMED), int(Proof.TEAM)


class Post:
    """Takes what is due, over and over."""

    def __init__(self, outbox: Outbox) -> None:
        self.outbox = outbox
        self._leads = 10

    async def newcomer(self, address: str | None, proof: int = STATED, **values: Any) -> int:
        self._leads += 1
        known = {"created_at": to_micros(self.outbox.clock.now()), "proof": proof}
        await self.outbox.lead(self._leads, address, **(known | values))
        return self._leads

    async def take(
        self, allowance: Allowance = ORDINARY, channel: FakeChannel | None = None
    ) -> Sequence[Claim]:
        claims = self.outbox.claims(channel, allowance)
        async with self.outbox.store.write() as conn:
            return await claims.claim(conn, self.outbox.clock.now(), 100)

    async def reasons(self) -> list[str]:
        rows = await self.outbox.rows()
        return [row["reason"] or "" for row in rows if row["state"] == "limited"]


@pytest.fixture
def post(outbox: Outbox) -> Post:
    return Post(outbox)


@pytest.mark.parametrize(
    ("proof", "most"), [(STATED, 5), (CONFIRMED, 12), (int(Proof.SIGNED), 12), (TEAM, 12)]
)
async def test_thirty_messages_to_one_inbox_are_a_few(post: Post, proof: int, most: int) -> None:
    lead = await post.newcomer("aline@exemple.ca", proof)
    for _ in range(30):
        await post.outbox.put(lead)
    assert len(await post.take()) == most
    assert await post.reasons() == [REASONS[LimitScope.ADDRESS]] * (30 - most)


async def test_thirty_aliases_are_one_inbox(post: Post) -> None:
    for number in range(30):
        await post.outbox.put(await post.newcomer(f"A.li.ne+{number}@GoogleMail.com"))
    assert len(await post.take()) == 5


async def test_twenty_addresses_do_not_make_twenty_texts_to_one_number(post: Post) -> None:
    for number in range(20):
        who = await post.newcomer(f"{number}@exemple{number}.ca", f_cellulaire="+15145550142")
        await post.outbox.put(who, channel="sms")
    sms = FakeChannel("sms", address_field="cellulaire")
    assert len(await post.take(channel=sms)) == 5


def push() -> FakeChannel:
    """A channel as that of notifications: it writes to browsers, and counts."""
    return FakeChannel("push", address_field=None, limits=Limits(concurrency=100, counted=True))


@pytest.mark.parametrize(("proof", "most"), [(STATED, 5), (CONFIRMED, 12)])
async def test_thirty_notifications_to_one_lead_are_a_few(
    post: Post, proof: int, most: int
) -> None:
    lead = await post.newcomer(None, proof)
    for _ in range(30):
        await post.outbox.put(lead, channel="push")
    assert len(await post.take(channel=push())) == most
    assert await post.reasons() == [REASONS[LimitScope.ADDRESS]] * (30 - most)


async def test_a_browser_that_goes_from_lead_to_lead_is_one_recipient(post: Post) -> None:
    taken = 0
    for _ in range(20):
        lead = await post.newcomer(None)
        async with post.outbox.store.write() as conn:
            await attached.attach(conn, "push", "le même navigateur", lead, "{}", 1)
        await post.outbox.put(lead, channel="push")
        taken += len(await post.take(channel=push()))
    assert taken == 5


async def test_newcomers_by_the_thousand_are_not_notified_by_one_campaign(post: Post) -> None:
    for _ in range(20):
        await post.outbox.put(await post.newcomer(None), channel="push")
    assert len(await post.take(Allowance(campaign=8), push())) == 8


async def test_a_channel_that_writes_to_a_program_counts_nobody(post: Post) -> None:
    lead = await post.newcomer("aline@exemple.ca")
    for _ in range(30):
        await post.outbox.put(lead, channel="crm")
    assert len(await post.take(channel=FakeChannel("crm", address_field=None))) == 30


async def test_counting_costs_as_much_behind_years_of_counts(post: Post) -> None:
    """Steps of SQLite's machine, in tens: a clock would tell the machine's mood."""
    store = post.outbox.store
    if store.dialect != "sqlite":
        pytest.skip("PostgreSQL's plans are tried beside a crowd")
    asked = [CountedMessage("email", f"n{n}@exemple.ca", "1", STATED, 0, False) for n in range(20)]
    now = post.outbox.clock.now()
    steps: list[int] = []
    async with store.write() as conn:
        raw: Any = (await conn.get_raw_connection()).driver_connection
        await within(conn, Allowance(unproven=0), asked, now)  # this hour is there
        for years in (0, 1):
            for one in asked:
                key = hourly.key_of("email", LimitScope.ADDRESS, one.address)
                for hour in range(100, 600 * years):
                    await hourly.add(conn, {key: 1}, to_micros(now) - hour * HOUR)
            seen = [0]

            def step(seen: list[int] = seen) -> int:
                seen[0] += 1
                return 0

            await raw.set_progress_handler(step, 10)
            await within(conn, Allowance(unproven=0), asked, now)
            await raw.set_progress_handler(None, 0)
            steps += seen
    assert steps[1] <= 1.2 * steps[0], steps


async def test_what_is_counted_outlives_the_process_and_leaves_with_the_day(
    post: Post, clock: VirtualClock
) -> None:
    lead = await post.newcomer("aline@exemple.ca")
    taken = 0
    for _ in range(10):
        await post.outbox.put(lead)
        taken += len(await post.take())  # each time by claims that know nothing of the last
        clock.advance(hours=1)
    assert taken == 5
    clock.advance(hours=24)
    await post.outbox.put(lead)
    assert len(await post.take()) == 1


async def test_a_message_tried_again_counts_once(post: Post, clock: VirtualClock) -> None:
    lead = await post.newcomer("aline@exemple.ca")
    await post.outbox.put(lead)
    for _ in range(6):
        (claim,) = await post.take()
        async with post.outbox.store.write() as conn:
            later = Settled(claim, Retry("occupé"), clock.now())
            await post.outbox.settling().settle(conn, [later])
        clock.advance(minutes=30)
    for _ in range(4):
        await post.outbox.put(lead)
    assert len(await post.take()) == 5


async def test_a_transaction_that_fails_counts_nothing(post: Post) -> None:
    lead = await post.newcomer("aline@exemple.ca")
    for _ in range(5):
        await post.outbox.put(lead)
    store, clock = post.outbox.store, post.outbox.clock

    async def cut() -> None:
        async with store.write() as conn:
            assert len(await post.outbox.claims().claim(conn, clock.now(), 100)) == 5
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await cut()
    assert len(await post.take()) == 5


async def test_one_domain_is_not_flooded_by_names_made_up(post: Post) -> None:
    for number in range(12):
        await post.outbox.put(await post.newcomer(f"n{number}@bureau{number % 3}.victime.co.uk"))
        await post.outbox.put(await post.newcomer(f"n{number}@gmail.com"))
    taken = await post.take(replace(ORDINARY, domain=4))
    assert sum(one.message.address.endswith(".victime.co.uk") for one in taken) == 4
    assert sum(one.message.address.endswith("@gmail.com") for one in taken) == 12
    assert await post.reasons() == [REASONS[LimitScope.DOMAIN]] * 8


async def test_a_country_and_a_campaign_have_their_share_of_newcomers(post: Post) -> None:
    for number in range(10):
        who = await post.newcomer(None, f_cellulaire=f"+1514555{1000 + number}")
        await post.outbox.put(who, channel="sms")
    sms = FakeChannel("sms", address_field="cellulaire")
    assert len(await post.take(replace(ORDINARY, country=3), sms)) == 3
    assert await post.reasons() == [REASONS[LimitScope.COUNTRY]] * 7
    for number in range(10):
        await post.outbox.put(await post.newcomer(f"n@exemple{number}.ca"))
    assert len(await post.take(replace(ORDINARY, campaign=6))) == 6
    assert (await post.reasons())[7:] == [REASONS[LimitScope.CAMPAIGN]] * 4


@pytest.mark.parametrize(
    ("proof", "since"), [(CONFIRMED, timedelta()), (TEAM, timedelta()), (STATED, timedelta(days=8))]
)
async def test_a_shop_writes_to_all_it_knows(post: Post, proof: int, since: timedelta) -> None:
    """Domains, countries and campaigns count newcomers that nobody proved, and nobody else."""
    known = to_micros(post.outbox.clock.now() - since)
    for number in range(20):
        who = await post.newcomer(f"n{number}@client.ca", proof, created_at=known)
        await post.outbox.put(who)
    assert len(await post.take(replace(ORDINARY, domain=1, campaign=1))) == 20


async def test_the_team_is_told_as_often_as_there_is_something_to_tell(post: Post) -> None:
    lead = await post.newcomer("aline@exemple.ca")
    for _ in range(20):
        await post.outbox.put(lead, recipient="ventes@boutique.ca")
    assert len(await post.take()) == 20


async def test_the_operator_lets_them_pass_or_gives_them_up(post: Post) -> None:
    lead = await post.newcomer("aline@exemple.ca")
    for name in ("Tarifs", "Rappel"):
        for _ in range(6):
            await post.outbox.put(lead, name)
    assert len(await post.take()) == 5
    now = to_micros(post.outbox.clock.now())
    async with post.outbox.store.write() as conn:
        shown = await held.by_message(conn, held.OVER_LIMITS)
        assert {(row.message, row.count, row.leads) for row in shown} == {
            ("Rappel", 6, 1),
            ("Tarifs", 1, 1),
        }
        assert await held.count(conn, held.RESTORED) == 0
        assert await held.abandon(conn, held.OVER_LIMITS, None, "Tarifs", now) == 1
        assert await held.release(conn, held.OVER_LIMITS, "email", None, now) == 6
    assert len(await post.take()) == 6
    assert (await post.outbox.states()).count("cancelled") == 1


async def test_nothing_is_bounded_by_zero(post: Post) -> None:
    lead = await post.newcomer("aline@exemple.ca")
    for _ in range(30):
        await post.outbox.put(lead)
    assert len(await post.take(Allowance(unproven=0, domain=0, campaign=0))) == 30


async def test_counts_are_forgotten_once_no_window_reaches_them(
    post: Post, clock: VirtualClock
) -> None:
    await post.outbox.put(await post.newcomer("aline@exemple.ca"))
    await post.take()
    store = post.outbox.store
    for hours, gone in ((47, 0), (3, 3), (0, 0)):
        clock.advance(hours=hours)
        async with store.write() as conn:
            assert await hourly.forget(conn, to_micros(clock.now()), 1_000) == gone


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("aline@gmail.com", "A.L.I.N.E+x@googlemail.com"),
        ("aline@exemple.ca", "Aline+boutique@EXEMPLE.CA"),
        ("aline@été.ca", "aline+1@xn--t-9fab.ca"),
        ("aline@proton.me", "a.l-i_ne@protonmail.com"),
        ("aline@fastmail.com", "boutique@aline.fastmail.com"),
        ("a.line@yandex.ru", "a-line@ya.ru"),
        ("aline@yahoo.fr", "aline-boutique@yahoo.fr"),
        ("aline@icloud.com", "aline@me.com"),
        ("aline@exemple.ca", "ａline@exemple.ca"),
    ],
)
def test_spellings_of_one_inbox_are_one(one: str, other: str) -> None:
    assert mailbox(one) == mailbox(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("a.line@exemple.ca", "aline@exemple.ca"),
        ("aline-boutique@exemple.ca", "aline@exemple.ca"),
        ("aline@gmail.com", "aline@exemple.ca"),
    ],
)
def test_what_may_be_two_people_is_two(one: str, other: str) -> None:
    assert mailbox(one) != mailbox(other)


@given(st.emails())
@example("a+b+c@gmail.com")
def test_an_inbox_is_its_own(address: str) -> None:
    assert mailbox(mailbox(address)) == mailbox(address)


def test_a_domain_is_whoever_owns_it() -> None:
    assert domain("a@x.y.victime.co.uk") == domain("b@victime.co.uk") == "victime.co.uk"
    assert domain("a@gmail.com") is None
    assert domain("a@videotron.ca") is None


@pytest.mark.parametrize(
    "text",
    [
        *("Aline", "Marie-Ève", "L’Haÿ-les-Roses", "J.-P. Dupont", "M. Tremblay", "Zoé 👩\u200d👧"),
        *("Saint-Louis-du-Ha! Ha!", "北京", "75001", "H2X 1Y4", "12345, rue X"),
        "Saint-Remy-en-Bouzemont-Saint-Genest-et-Isson",
    ],
)
def test_names_of_people_and_places_may_be_said(text: str) -> None:
    assert sayable(text)


@pytest.mark.parametrize(
    "text",
    [
        "x" * (LONGEST + 1),
        *("voir exemple.net", "EXEMPLE。NET", "exemple．net", "exemple｡net", "exem\u200dple.net"),
        *(
            "https://x",
            "ｈｔｔｐ：//x",
            "//x.y",
            "www exemple",
            "a@b",
            "<b>",
            "[ici](x)",
            "{{ nom }}",
        ),
        *(
            "514 555-0142",
            "５１４ ５５５ ０１４２",
            "ten\u202egro.live",
            "Aline\nCliquez ici",
            "a\u2028b",
        ),
        "exem\u200bple.net",
    ],
)
def test_what_leads_somewhere_or_is_no_name_is_not_said(text: str) -> None:
    assert not sayable(text)


async def test_a_stranger_s_words_are_not_said_before_somebody_vouches_for_them(
    post: Post,
) -> None:
    threat = "Votre compte est bloqué : exemple.net"
    for proof in (STATED, TEAM):
        lead = await post.newcomer(
            f"{proof}@exemple.ca",
            proof,
            f_prenom=threat,
            f_ville="Lévis",
            f_telephone="514 555-0142",
        )
        await post.outbox.put(lead)
        await post.outbox.put(lead, recipient="ventes@boutique.ca")
    stated, alert, vouched, other = [one.message for one in await post.take()]
    assert "prénom" not in stated.fields
    assert (stated.fields["ville"], stated.fields["téléphone"]) == ("Lévis", "514 555-0142")
    assert stated.record["prénom"] == threat, "what is no message to the lead has it whole"
    assert alert.fields["prénom"] == vouched.fields["prénom"] == other.fields["prénom"] == threat


async def test_the_list_of_domains_is_read_before_the_first_message(
    store: Store, clock: VirtualClock
) -> None:
    """Read in the transaction that takes it, it keeps every form waiting for half a second."""
    suffixes.cache_clear()
    running = asyncio.create_task(Dispatch(store, clock, [], Intake(store, clock)).run())
    async with asyncio.timeout(20):
        while not suffixes.cache_info().currsize:
            await asyncio.sleep(0.01)
    running.cancel()
    with suppress(asyncio.CancelledError):
        await running
