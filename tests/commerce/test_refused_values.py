"""Values that no sale and no conversation can have are refused, in French."""

import pytest

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
