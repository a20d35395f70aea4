"""What a lead spent is the exact sum of what was told, in whatever order, however often."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text

from plugins.commerce.phrases import count, spent, spent_since
from relance.errors import Unacceptable
from relance.events import PURCHASE_CORRECTED, PURCHASED, REFUNDED, NewEvent
from relance.facts import Compare, Condition, Leaf, Literal, Total, timed, wakes
from relance.host import Identities, Incoming
from relance.proof import Proof
from relance.said import Said
from relance.testing import VirtualClock
from relance.values import Amount, Comparator, Duration
from server.intake.intake import Intake
from server.reports.glossary import BARE
from server.reports.verdict import verify
from server.store.store import Store

HERE = ZoneInfo("America/Montreal")
EQUAL, GREATER, AT_LEAST = Comparator.EQUAL, Comparator.GREATER, Comparator.AT_LEAST


@dataclass(frozen=True)
class Purchase:
    """A transaction, or a refund, as a shop tells it."""

    number: int
    cents: int
    currency: str | None
    ago: int

    @property
    def event(self) -> NewEvent:
        amount = Amount(Decimal(self.cents) / 10_000, self.currency)
        at = datetime(2026, 12, 1, tzinfo=UTC) - timedelta(days=self.ago)
        type_ = PURCHASED if self.cents >= 0 else REFUNDED
        return NewEvent(type_, str(self.number), occurred_at=at, amount=amount)


class Till:
    """A lead, what it buys, and questions about it."""

    def __init__(self, store: Store, clock: VirtualClock) -> None:
        clock.set(datetime(2026, 12, 1, tzinfo=UTC))
        self.store, self.clock = store, clock
        self.intake = Intake(store, clock)
        self.email = "aline@exemple.ca"
        self.lead = 0

    async def tell(self, *purchases: Purchase) -> None:
        who = Identities(email=self.email)
        facts = [
            Incoming("caisse", who, {}, (one.event,), f"{self.email}/{one}") for one in purchases
        ]
        for receipt in await self.intake.record(facts):
            self.lead = receipt.lead_id

    async def holds(self, condition: Condition) -> bool:
        now = self.clock.now()
        return (await verify(self.store, condition, self.lead, now, HERE, BARE)).holds


@pytest.fixture
def till(store: Store, clock: VirtualClock) -> Till:
    return Till(store, clock)


_leads = iter(range(1, 1_000_000))
tellings = st.lists(
    st.builds(
        Purchase,
        st.integers(1, 6),
        st.sampled_from([0, 1, -1, 999_900, -333_333, 10**13, -(10**13)])
        | st.integers(-(10**9), 10**9),
        st.sampled_from([None, "CAD", "EUR"]),
        st.integers(0, 60),
    ),
    min_size=1,
    max_size=12,
)


@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(tellings)
async def test_sums_are_those_of_decimals(till: Till, purchases: Sequence[Purchase]) -> None:
    till.email = f"lead{next(_leads)}@exemple.ca"
    await till.tell(*purchases, *purchases[:2])
    known = set(purchases)
    for currency in (None, "EUR"):
        own = {"CAD", None} if currency is None else {currency}
        mine = [one for one in known if one.currency in own]
        sum_ = sum((Decimal(one.cents) / 10_000 for one in mine), Decimal())
        assert await till.holds(spent(EQUAL, Amount(sum_, currency)))
        assert not await till.holds(spent(GREATER, Amount(sum_, currency)))
        assert await till.holds(spent(AT_LEAST, Amount(sum_, currency)))
        just_below = Amount(sum_ - Decimal("0.00001"), currency)
        assert await till.holds(spent(GREATER, just_below))
        assert not await till.holds(spent(EQUAL, just_below))
        lately = sum((Decimal(one.cents) / 10_000 for one in mine if one.ago <= 30), Decimal())
        assert await till.holds(spent_since(Duration(days=30), EQUAL, Amount(lately, currency)))
    bought = Decimal(sum(one.cents >= 0 for one in known))
    assert await till.holds(count(EQUAL, bought))


async def test_who_bought_nothing_spent_nothing(till: Till) -> None:
    (receipt,) = await till.intake.record([Incoming("essai", Identities(email="b@exemple.ca"))])
    till.lead = receipt.lead_id
    assert await till.holds(spent(EQUAL, Amount(Decimal(0))))
    assert await till.holds(spent(Comparator.LESS, Amount(Decimal("0.01"))))


@pytest.mark.parametrize("comparator", [Comparator.LESS, Comparator.AT_MOST, Comparator.DIFFERENT])
async def test_an_amount_no_store_holds_is_compared_all_the_same(
    till: Till, comparator: Comparator
) -> None:
    await till.tell(Purchase(1, 5, None, 0))
    assert await till.holds(spent(comparator, Amount(Decimal("999999999999999"))))
    assert not await till.holds(spent(comparator, Amount(Decimal("0.0005")))) or comparator is not (
        Comparator.DIFFERENT
    )


@pytest.mark.parametrize(
    ("amount", "said"),
    [
        (Amount(Decimal("NaN")), "pas un montant"),
        (Amount(Decimal("Infinity")), "pas un montant"),
        (Amount(Decimal("1e999999")), "trop grand"),
        (Amount(Decimal("-1000000000.0001")), "trop grand"),
        (Amount(Decimal("0.00001")), "quatre décimales"),
        (Amount(Decimal(1), "XYZ"), "n’est pas connue"),
    ],
)
async def test_an_amount_that_cannot_be_kept_exactly_is_refused(
    till: Till, amount: Amount, said: str
) -> None:
    event = NewEvent(PURCHASED, "1", amount=amount)
    with pytest.raises(Unacceptable) as refused:
        await till.intake.record([Incoming("caisse", Identities(email="a@b.ca"), {}, (event,))])
    assert said in str(refused.value)


async def test_the_same_key_worth_something_else_is_a_conflict(till: Till) -> None:
    who = Identities(email="a@b.ca")
    events = [NewEvent(PURCHASED, "1", amount=Amount(Decimal(of))) for of in ("5", "5.00", "6")]
    facts = [Incoming("caisse", who, {}, (event,), "1") for event in events]
    receipts = [(await till.intake.record([fact]))[0] for fact in facts]
    assert [(one.duplicate, one.conflict) for one in receipts] == [
        (False, False),
        (True, False),
        (True, True),
    ]


async def test_amounts_follow_a_lead_that_is_merged_into_another(till: Till) -> None:
    await till.tell(Purchase(1, 10_000, None, 0))
    mark = "visiteur-" + "a" * 16
    bought = NewEvent(PURCHASED, "2", amount=Amount(Decimal(5)))
    await till.intake.record([Incoming("site", Identities(visitor=mark), {}, (bought,))])
    both = Identities(email=till.email, visitor=mark)
    await till.intake.record([Incoming("site", both, proof=Proof.SIGNED)])
    assert await till.holds(spent(EQUAL, Amount(Decimal(6))))


async def test_the_journal_tells_the_sum_in_its_currency(till: Till) -> None:
    await till.tell(Purchase(1, 1_234_500, "EUR", 0))
    condition = Leaf(Said("Montant dépensé"), spent(GREATER, Amount(Decimal(500), "EUR")))
    verdict = await verify(till.store, condition, till.lead, till.clock.now(), HERE, BARE)
    assert verdict.found[0].replace("\u00a0", " ") == "Montant dépensé : faux (123,45 EUR)"


async def test_another_currency_of_the_servers_own_is_remembered(till: Till) -> None:
    await till.store.declare_currency("EUR")
    await till.tell(Purchase(1, 10_000, None, 0), Purchase(2, 20_000, "CAD", 0))
    assert await till.holds(spent(EQUAL, Amount(Decimal(1))))
    assert await till.holds(Compare(Total((), "CAD"), EQUAL, Literal(Decimal(0))))
    async with till.store.read() as conn:
        named = "SELECT value FROM server_settings WHERE name = 'currency'"
        assert await conn.scalar(text(named)) == "EUR"


def test_each_event_that_changes_the_sum_wakes_those_who_wait_for_it() -> None:
    woken = {one.type for one in wakes(spent(EQUAL, Amount(Decimal(1))))}
    assert woken == {PURCHASED, REFUNDED, PURCHASE_CORRECTED}
    assert not timed(spent(EQUAL, Amount(Decimal(1))))
    assert timed(spent_since(Duration(days=1), EQUAL, Amount(Decimal(1))))
