"""Values that no sale and no conversation can have are refused, in French."""

from decimal import Decimal

import pytest

from relance.event_type import EventType
from relance.values import Amount
from server.store.amounts import stated_amount
from tests.commerce.commerce_meanings import REFUSED
from tests.plugins.catalogue import meaning


@pytest.mark.parametrize(("sentence", "said"), REFUSED)
def test_what_cannot_be_is_refused(sentence: str, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        meaning(sentence)


@pytest.mark.parametrize(
    "sentence", ["Montant dépensé est (au moins) (5 zorkmids)", "Contact manqué (partis)"]
)
def test_what_cannot_be_read_is_no_value(sentence: str) -> None:
    with pytest.raises(AssertionError, match="Unreadable"):
        meaning(sentence)


@pytest.mark.parametrize("worth", [1, -1])
@pytest.mark.parametrize(
    "amount", ["9e9999999", "9e999999", "-1e9999999999999999999", "NaN", "sNaN", [], {}]
)
def test_an_event_is_worth_nothing_when_it_says_no_sum_there_can_be(
    amount: object, worth: int
) -> None:
    assert stated_amount(EventType("x", "x", "", worth=worth), {"montant": amount}) is None


def test_an_event_is_worth_what_it_says_and_no_decimal_more() -> None:
    kind = EventType("x", "x", "", worth=-1)
    amount = stated_amount(kind, {"montant": "49.90", "devise": "cad"})
    assert amount == Amount(-Decimal("49.90"), "CAD")
    assert stated_amount(kind, {"montant": "0.00001"}) is None
